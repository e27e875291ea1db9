"""C103: a Python block ended its process, or was ended: exit, a signal, no memory left."""

from __future__ import annotations

from collections.abc import Iterator

from torchtex.document.diagnostics import Diagnostic, Rule
from torchtex.document.outcomes import Checked
from torchtex.document.rules import executions


def find(checked: Checked) -> Iterator[Diagnostic]:
    for step, outcome in executions.stopped(checked, "out of memory", "exited", "killed"):
        message = f"code did not run to its end: {outcome.reason}"
        yield Diagnostic("C103", "error", executions.place(checked, step), message)


RULE = Rule("C103", "code ended its process", find)
