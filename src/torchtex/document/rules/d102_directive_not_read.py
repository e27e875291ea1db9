"""D102: a directive whose words make no sense."""

from __future__ import annotations

from collections.abc import Iterator

from torchtex.document.diagnostics import Diagnostic, Rule
from torchtex.document.outcomes import Checked


def find(checked: Checked) -> Iterator[Diagnostic]:
    for problem in checked.plan.problems:
        if problem.kind == "unreadable":
            yield Diagnostic("D102", "error", problem.range, problem.message)


RULE = Rule("D102", "directive not read", find)
