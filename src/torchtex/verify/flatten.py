"""Tensors of several axes read as one vector: an index that runs over all their elements."""

from __future__ import annotations

import re

import attrs
import numpy as np

from torchtex.pytorch.code import CodeFailed
from torchtex.verify.attempts import Layout
from torchtex.verify.domains import BASE, GRID
from torchtex.verify.filling import Draft, fill
from torchtex.verify.pairing import Pairing
from torchtex.verify.relations import EXACT
from torchtex.verify.shapes import MAIN, SECOND, NoSizes, SizePlan, solve
from torchtex.verify.slots import Sample, Value
from torchtex.verify.trial import attempt, judge

UNEQUAL = SizePlan("flattened", (3, 2), (4, 3, 5, 2, 7, 6, 2))
DRAFTS = (
    Draft("flattened", MAIN),
    Draft("flattened", SECOND, BASE, turn=1),
    Draft("flattened", UNEQUAL, GRID, turn=2, dyadic=True),
)


def agrees_flattened(plain: Layout, batched: Layout, seed: int) -> bool:
    """Whether the code's value on tensors with a batch axis is the formula's on all elements.

    Only for a formula that gives one number from vectors.
    """
    pairing = batched.pairing
    data = [slot for slot in pairing.slots if slot.batched]
    if pairing.claim.expression.indices or pairing.claim.derivative is not None:
        return False
    if not data or any(slot.kind != "tensor" or len(slot.extents) != 1 for slot in data):
        return False
    extents = {slot.extents for slot in data}
    if len(extents) != 1 or any(_is_written(name, pairing) for name in data[0].extents[0].names):
        return False
    return all(_agrees(plain, batched, draft, seed) for draft in DRAFTS)


def _is_written(size: str, pairing: Pairing) -> bool:
    """Whether the author names the length: ``\\sum_{c=1}^{C}`` is over one axis, the classes."""
    written = rf"(?<![A-Za-z\\]){re.escape(size)}(?![A-Za-z])"
    return re.search(written, pairing.reading.source) is not None


def _agrees(plain: Layout, batched: Layout, draft: Draft, seed: int) -> bool:
    try:
        sample = fill(batched.pairing, draft, seed, batched.accepted.sizing)
        code = batched.pairing.code_value(sample)
        flat = _flattened(plain, batched, sample)
    except (CodeFailed, NoSizes, ValueError):
        return False
    return code.shape == () and judge(attempt(plain.pairing, flat, code), EXACT).agrees


def _flattened(plain: Layout, batched: Layout, sample: Sample) -> Sample:
    values: dict[str, Value] = {}
    for slot in batched.pairing.slots:
        value = sample.values[slot.name]
        is_data = slot.batched and isinstance(value, np.ndarray)
        values[slot.name] = np.asarray(value).reshape(-1) if is_data else value
    sizes = {**sample.sizes, **solve(plain.pairing, values)}
    return attrs.evolve(sample, values=values, sizes=sizes, batch=())
