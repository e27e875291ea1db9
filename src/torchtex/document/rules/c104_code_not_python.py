"""C104: a Python block is not Python."""

from __future__ import annotations

from collections.abc import Iterator

from torchtex.document.diagnostics import Diagnostic, Rule
from torchtex.document.outcomes import Checked
from torchtex.document.syntax import not_python


def find(checked: Checked) -> Iterator[Diagnostic]:
    for block in checked.plan.runnable:
        wrong = not_python(block)
        if wrong is not None:
            place = wrong.range or checked.text.line_range(block.line)
            yield Diagnostic("C104", "error", place, f"code is not Python: {wrong.reason}")


RULE = Rule("C104", "code is not Python", find)
