"""D101: a directive that nobody knows."""

from __future__ import annotations

from collections.abc import Iterator

from torchtex.document.diagnostics import Diagnostic, Rule
from torchtex.document.outcomes import Checked


def find(checked: Checked) -> Iterator[Diagnostic]:
    for problem in checked.plan.problems:
        if problem.kind == "unknown":
            yield Diagnostic("D101", "error", problem.range, problem.message)


RULE = Rule("D101", "unknown directive", find)
