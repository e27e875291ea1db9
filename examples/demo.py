"""Checks the article on cross entropy, then its twin with planted errors: ``make demo``.

In the twin, a comment stands on the line before each formula that no longer agrees with its code.
The demo ends with 0 when the article holds and exactly the planted errors of the twin are caught.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import torchtex
from torchtex.document import terminal

FOLDER = Path(__file__).parent
ARTICLES = ("cross_entropy.md", "cross_entropy.zh-CN.md")
PLANTED = re.compile(r"<!-- planted: (.*) -->")


def twin_of(article: str) -> str:
    """The name of the article's copy with planted errors."""
    return article.replace("cross_entropy", "cross_entropy_with_errors")


def planted_errors(text: str) -> dict[int, str]:
    """What is wrong with which formula, by the line where the formula starts."""
    marks = ((line, PLANTED.fullmatch(mark)) for line, mark in enumerate(text.splitlines(), 1))
    return {line + 1: mark[1] for line, mark in marks if mark}


def shown_check(name: str) -> torchtex.Report:
    """The report of an article, which is also printed."""
    path = os.path.relpath(FOLDER / name)
    print(f"\n$ torchtex check {path}", flush=True)
    with terminal.progress() as progress:
        report = torchtex.check(path, progress=progress)
    terminal.write(report.lines())
    return report


def article_holds(name: str) -> bool:
    """Checks an article that should be right, and says whether it is."""
    holds = shown_check(name).ok
    print("\n  the article holds" if holds else "\n  the article does NOT hold")
    return holds


def errors_are_caught(name: str) -> bool:
    """Checks a twin, and says of each planted error whether it is caught."""
    planted = planted_errors((FOLDER / name).read_text(encoding="utf-8"))
    errors = [found for found in shown_check(name).diagnostics if found.severity == "error"]
    caught = {found.range.start.line for found in errors if found.status == "differs"}
    alarms = [found for found in errors if found.range.start.line not in planted]
    print()
    for line, what in planted.items():
        print(f"  {'caught' if line in caught else 'MISSED'}  line {line}: {what}")
    for found in alarms:
        print(f"  FALSE ALARM  line {found.range.start.line}")
    count = len(caught & planted.keys())
    print(f"  {count} of {len(planted)} planted errors caught, {len(alarms)} false alarms")
    return caught == planted.keys() and not alarms


def main() -> int:
    """0 when all is as it should be, else 1."""
    outcomes = []
    for article in ARTICLES:
        outcomes.append(article_holds(article))
        outcomes.append(errors_are_caught(twin_of(article)))
    return 0 if all(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
