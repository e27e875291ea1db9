"""D103: a directive that belongs to nothing."""

from __future__ import annotations

from collections.abc import Iterator

from torchtex.document.diagnostics import Diagnostic, Rule
from torchtex.document.outcomes import Checked


def find(checked: Checked) -> Iterator[Diagnostic]:
    for problem in checked.plan.problems:
        if problem.kind == "misplaced":
            yield Diagnostic("D103", "error", problem.range, problem.message)


RULE = Rule("D103", "directive without effect", find)
