"""Checking articles: the public function ``check`` and what it returns."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import attrs

from torchtex.document import github
from torchtex.document.diagnostics import Diagnostic
from torchtex.document.file_report import COUNTED, FileReport, Holding
from torchtex.document.limits import Limits
from torchtex.document.linking import Compare, Plan, RunBlock, Silence, plan
from torchtex.document.markdown import parse
from torchtex.document.outcomes import Checked, Done, Judged
from torchtex.document.position import Text
from torchtex.document.rules import RULES
from torchtex.document.runner import NotStarted, run
from torchtex.document.source import Unreadable, find_articles, read_text, without_repetition
from torchtex.document.syntax import not_python
from torchtex.document.text import Line, closing_lines, file_lines

SEVEREST_FIRST = ("differs", "refused", "agrees_up_to", "agrees", "proved")
HOLDS, DIFFERS, REFUSED = 0, 1, 2


@attrs.frozen
class Report:
    """What ``check`` found: one entry per article, and the paths that could not be read."""

    files: tuple[FileReport, ...]
    unreadable: tuple[str, ...] = ()

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        return tuple(found for file in self.files for found in file.diagnostics)

    @property
    def formulas(self) -> dict[str, int]:
        """How many formulas ended how, over all files."""
        return {word: sum(file.formulas[word] for file in self.files) for word in COUNTED}

    @property
    def exit_code(self) -> int:
        """0 if all holds; 2 if a path was unreadable; 1 if a formula differs; 2 if a directive
        was refused; 1 if only code fails."""
        errors = [found for found in self.diagnostics if found.severity == "error"]
        if self.unreadable:
            return REFUSED
        if any(found.status == "differs" for found in errors):
            return DIFFERS
        if any(found.status == "refused" or found.code.startswith("D") for found in errors):
            return REFUSED
        return DIFFERS if errors else HOLDS

    @property
    def ok(self) -> bool:
        return self.exit_code == HOLDS

    def to_dict(self) -> dict[str, Any]:
        """The contract of ``check --json``; see docs/reference/cli.md."""
        return {"version": 1, "files": [file.to_dict() for file in self.files]}

    def to_json(self) -> str:
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2)

    def lines(self) -> Iterator[Line]:
        """Every finding, every formula that holds, and the summary."""
        if not self.files:
            return
        for file in self.files:
            yield from file_lines(file)
        not_compared = sum(file.not_compared for file in self.files)
        yield from closing_lines(self.formulas, not_compared)

    def commands(self) -> Iterator[str]:
        """The findings as workflow commands for GitHub."""
        for file in self.files:
            yield from github.commands(file)
        for problem in self.unreadable:
            yield github.command("error", problem)

    def __str__(self) -> str:
        problems = (f"error: {problem}" for problem in self.unreadable)
        return "\n".join([*(line.text for line in self.lines()), *problems])


def silent(_message: str) -> None:
    """Progress for nobody."""


def check(
    *paths: str,
    run_code: bool = True,
    limits: Limits | None = None,
    progress: Callable[[str], None] = silent,
) -> Report:
    """Checks articles: runs their Python blocks and compares their formulas with code.

    ``paths`` are Markdown files and folders of such files; nothing is ever written to them.
    The code of each article runs in a process of its own, within ``limits``; with
    ``run_code=False`` nothing is executed and formulas with a directive count as unlinked.
    Files that cannot be read are named in the report's ``unreadable``.  Raises ValueError if no
    path is given.
    """
    if not paths:
        raise ValueError("check needs at least one file or folder")
    files: list[FileReport] = []
    unreadable: list[str] = []
    articles = tuple(_articles(paths, unreadable))
    allowed = limits if limits is not None else Limits()
    for path in without_repetition(articles):
        try:
            if run_code:
                files.append(_checked(path, allowed, progress))
            else:
                files.append(_looked_at(path))
        except Unreadable as problem:
            unreadable.append(str(problem))
        except NotStarted as problem:
            unreadable.append(f"{path}: the process for its code did not start: {problem}")
    return Report(tuple(files), tuple(unreadable))


def _articles(paths: Iterable[str], unreadable: list[str]) -> Iterator[str]:
    for path in paths:
        try:
            yield from find_articles(str(path))
        except Unreadable as problem:
            unreadable.append(str(problem))


def _read(path: str) -> tuple[Text, Plan]:
    source = read_text(path)
    return Text.of(source), plan(parse(source))


def _checked(path: str, limits: Limits, progress: Callable[[str], None]) -> FileReport:
    text, found = _read(path)
    steps = tuple(
        step
        for step in found.steps
        if not (isinstance(step, RunBlock) and not_python(step.block) is not None)
    )
    done = run(path, steps, limits, lambda doing: progress(f"{path}: {doing}"))
    return _report(Checked(path, text, found, done))


def _looked_at(path: str) -> FileReport:
    """What can be said of an article without executing any of it."""
    text, found = _read(path)
    compared = {step.formula for step in found.steps if isinstance(step, Compare)}
    report = _report(Checked(path, text, found, ()))
    return attrs.evolve(report, not_compared=len(compared))


def _report(checked: Checked) -> FileReport:
    found = [diagnostic for rule in RULES for diagnostic in rule.find(checked)]
    kept = [one for one in found if not _is_silenced(one, checked.plan.silences)]
    return FileReport(
        path=checked.path,
        diagnostics=tuple(sorted(kept, key=lambda one: (one.range, one.code))),
        formulas=_count(checked),
        held=tuple(_held(checked.done)),
    )


def _is_silenced(diagnostic: Diagnostic, silences: Iterable[Silence]) -> bool:
    return any(
        diagnostic.code in silence.codes
        and (silence.range is None or silence.range.holds(diagnostic.range.start))
        for silence in silences
    )


def _held(done: Iterable[Done]) -> Iterator[Holding]:
    """The comparisons that agree without any step: the others are diagnostics."""
    for each in done:
        if isinstance(each.step, Compare) and isinstance(each.outcome, Judged):
            verdict = each.outcome.verdict
            if verdict.status in ("proved", "agrees"):
                yield Holding(each.step, verdict)


def _count(checked: Checked) -> dict[str, int]:
    """How many formulas ended how; one that is compared more than once counts as its worst."""
    words: dict[object, set[str]] = {}
    for each in checked.done:
        if isinstance(each.step, Compare):
            word = each.outcome.verdict.status if isinstance(each.outcome, Judged) else "refused"
            words.setdefault(each.step.formula, set()).add(word)
    worst = Counter(
        next(word for word in SEVEREST_FIRST if word in found) for found in words.values()
    )
    unlinked = len(checked.plan.formulas) - len(words)
    return {word: worst[word] for word in COUNTED[:-1]} | {"unlinked": unlinked}
