"""Axes whose length the formula gives only as one more or less than a size.

``\\sum_{j=1}^{C-1}`` over a whole axis says that the axis has C - 1 elements.  By the letter that
may be right, and more often it is a slip, so the verdict says it.
"""

from __future__ import annotations

from collections.abc import Iterator

from torchtex.index.terms import Size
from torchtex.notation.declare import declared
from torchtex.notation.extents import show
from torchtex.verify.attempts import Layout
from torchtex.verify.question import Question
from torchtex.verify.slots import Slot


def odd_lengths(question: Question, layout: Layout | None) -> Iterator[str]:
    """A step for each such axis that no declaration states."""
    if layout is None:
        return
    slots = _undeclared(question, layout)
    owners = {extent: slot.name for slot in slots for extent in slot.all_extents}
    plain = {name for extent in owners for name in extent.names if extent == Size.free(name)}
    for extent, name in owners.items():
        if extent.constant and not plain.issuperset(extent.names):
            yield f"{name} has {show(extent)} elements along an axis"


def _undeclared(question: Question, layout: Layout) -> list[Slot]:
    stated = declared(question.declare, frozenset()).extents
    pairing = layout.pairing
    symbols = {b.argument: b.symbol for b in pairing.bound if b.argument is not None}
    return [slot for slot in pairing.slots if symbols.get(slot.name) not in stated]
