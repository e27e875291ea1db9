"""What rules about code share: walking over blocks and definitions, and their places."""

from __future__ import annotations

from collections.abc import Iterator

from torchtex.document.linking import Define, RunBlock
from torchtex.document.outcomes import Checked, Outcome, Stop, Stopped
from torchtex.document.position import Range


def outcomes(checked: Checked) -> Iterator[tuple[RunBlock | Define, Outcome]]:
    """Every block and every ``let`` of the article that was executed, with what became of it."""
    for done in checked.done:
        if isinstance(done.step, (RunBlock, Define)):
            yield done.step, done.outcome


def stopped(checked: Checked, *how: Stop) -> Iterator[tuple[RunBlock | Define, Stopped]]:
    """Those that were ended, or that ended the process, in one of the ways ``how``."""
    for step, outcome in outcomes(checked):
        if isinstance(outcome, Stopped) and outcome.how in how:
            yield step, outcome


def place(checked: Checked, step: RunBlock | Define) -> Range:
    """The first line of a block that is not blank, or the directive."""
    if isinstance(step, Define):
        return step.let.range
    lines = step.block.source.split("\n")
    first = next((index for index, line in enumerate(lines) if line.strip()), 0)
    return checked.text.line_range(step.block.line + first)
