"""C102: a Python block did not end in time."""

from __future__ import annotations

from collections.abc import Iterator

from torchtex.document.diagnostics import Diagnostic, Rule
from torchtex.document.outcomes import Checked
from torchtex.document.rules import executions


def find(checked: Checked) -> Iterator[Diagnostic]:
    for step, outcome in executions.stopped(checked, "timed out"):
        message = f"code timed out: {outcome.reason}"
        yield Diagnostic("C102", "error", executions.place(checked, step), message)


RULE = Rule("C102", "code timed out", find)
