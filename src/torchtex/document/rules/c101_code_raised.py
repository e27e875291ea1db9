"""C101: a Python block, or a ``let``, raised an exception."""

from __future__ import annotations

from collections.abc import Iterator

from torchtex.document.diagnostics import Diagnostic, Rule
from torchtex.document.linking import Define, RunBlock
from torchtex.document.outcomes import Checked, Frame, Raised
from torchtex.document.position import Range
from torchtex.document.rules import executions


def find(checked: Checked) -> Iterator[Diagnostic]:
    for step, outcome in executions.outcomes(checked):
        if isinstance(outcome, Raised):
            place, trail = _place(checked, step, outcome.frames)
            message = f"code raised {outcome.error}{trail}"
            yield Diagnostic("C101", "error", place, message)


def _place(
    checked: Checked, step: RunBlock | Define, frames: tuple[Frame, ...]
) -> tuple[Range, str]:
    """The innermost line of the block itself, and the lines of other blocks that it called."""
    if isinstance(step, Define):
        return step.let.range, ""
    lines = range(step.block.line, step.block.line + len(step.block.indents))
    inside = [index for index, frame in enumerate(frames) if frame.line in lines]
    if not inside:
        return executions.place(checked, step), ""
    called = frames[inside[-1] + 1 :]
    trail = "".join(f", in {frame.function} (line {frame.line})" for frame in called)
    return checked.text.line_range(frames[inside[-1]].line), trail


RULE = Rule("C101", "code raised an exception", find)
