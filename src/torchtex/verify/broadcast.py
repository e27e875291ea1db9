"""A lost subscript that the code's own broadcasting would hide.

``(x_n - y)^2`` says that one number y stands beside many x.  Code such as ``(x - y) ** 2`` computes
that too, and just as well one y for each x, which is what most authors mean.  Without the user's
inputs nothing tells which, so such a formula is not compared.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import numpy as np

from torchtex.notation.declare import declared
from torchtex.notation.reading import Symbol
from torchtex.notation.work import is_setting
from torchtex.pytorch.code import CodeFailed
from torchtex.verify.filling import Draft, fill
from torchtex.verify.pairing import Pairing
from torchtex.verify.question import Question
from torchtex.verify.setup import Setting
from torchtex.verify.shapes import MAIN, NoSizes, Sizing
from torchtex.verify.slots import Slot


def lost_subscript(
    question: Question, setting: Setting, pairing: Pairing, sizing: Sizing
) -> str | None:
    """What to write where a symbol may stand for more axes than the formula gives it."""
    stated = declared(question.declare, frozenset()).extents
    for symbol, slot in _doubtful(question, setting, pairing):
        if symbol.name in stated:
            continue
        for wider in _wider(pairing, slot):
            if _takes_alike(question, pairing, slot, wider, sizing):
                return _advice(symbol, wider)
    return None


def _doubtful(
    question: Question, setting: Setting, pairing: Pairing
) -> Iterator[tuple[Symbol, Slot]]:
    """Data that nobody said the shape of."""
    symbols = {symbol.name: symbol for symbol in setting.reading.symbols}
    for bound in pairing.bound:
        if bound.argument is None or bound.argument in question.samples:
            continue
        symbol, slot = symbols[bound.symbol], pairing.slot(bound.argument)
        roles = setting.roles.of(bound.argument)
        is_parameter = bool(roles) and all(r.role in ("parameter", "option") for r in roles)
        if slot.kind not in ("tensor", "number") or symbol.parameter is True or is_parameter:
            continue
        if not is_setting(symbol.name):
            yield symbol, slot


def _wider(pairing: Pairing, slot: Slot) -> Iterator[Slot]:
    """Data beside which the slot would be broadcast: its axes are the last ones of that."""
    for other in pairing.slots:
        rank = len(slot.extents)
        longer = other.kind == "tensor" and len(other.extents) > rank
        if longer and other.extents[len(other.extents) - rank :] == slot.extents:
            yield other


def _takes_alike(
    question: Question, pairing: Pairing, slot: Slot, wider: Slot, sizing: Sizing
) -> bool:
    """Whether the code gives a result of the same shape with the wider tensor in the slot."""
    grown = attrs.evolve(slot, kind="tensor", extents=wider.extents, batched=wider.batched)
    slots = tuple(grown if each is slot else each for each in pairing.slots)
    other = attrs.evolve(pairing, slots=slots)
    try:
        narrow = pairing.code_value(fill(pairing, Draft("probe", MAIN), question.seed, sizing))
        wide = other.code_value(fill(other, Draft("probe", MAIN), question.seed, sizing))
    except (CodeFailed, NoSizes, ValueError):
        return False
    return narrow.shape == wide.shape and bool(np.isfinite(wide).all())


def _advice(symbol: Symbol, wider: Slot) -> str:
    has = "is a number" if symbol.tensor.rank == 0 else f"has {symbol.tensor.rank} axes"
    return (
        f"{symbol.latex} {has} in the formula, but the code takes it with the axes of "
        f"{wider.name} just as well: write its subscripts, declare its shape "
        f"(such as {symbol.name} \\in \\mathbb{{R}}), or give inputs"
    )
