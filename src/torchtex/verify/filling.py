"""Filling every slot with values: one sample of a run."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import attrs
import numpy as np

from torchtex.verify import domains
from torchtex.verify.domains import BASE, Style
from torchtex.verify.pairing import Pairing
from torchtex.verify.shapes import FREE, SizePlan, Sizing, choose
from torchtex.verify.slots import Array, Sample, Slot, Value, whole

WHOLE_NUMBERS = (1, 2, 3, 0, 4, 5, 7, 8, 12, 16, 31)


@attrs.frozen
class Draft:
    """What a sample is drawn for.

    ``style`` is for every real tensor, but for those in ``styles``.  ``turn`` selects the values
    of scalar settings; ``dyadic`` takes them from the grid.  ``ties``: some elements of one tensor
    are copied from another of the same shape, or differ from it by a setting exactly.
    """

    label: str
    plan: SizePlan
    style: Style = BASE
    styles: Mapping[str, Style] = attrs.field(factory=dict)
    turn: int = 0
    dyadic: bool = False
    ties: bool = False
    extreme: bool = False
    edge: bool = False


def fill(pairing: Pairing, draft: Draft, seed: int, sizing: Sizing = FREE) -> Sample:
    """Draw a sample.  Raises ValueError where sizes do not fit."""
    random = np.random.default_rng([seed, _number_of(draft)])
    sizes, batch = choose(pairing, draft.plan, sizing)
    values: dict[str, Value] = {}
    settings = 0
    for slot in pairing.slots:
        turn = draft.turn + 2 * settings if slot.kind == "number" else draft.turn
        settings += slot.kind == "number"
        values[slot.name] = _value(pairing, slot, draft, sizes, batch, turn, random)
    if any(isinstance(value, np.ndarray) and not value.size for value in values.values()):
        raise ValueError("a tensor would have no elements")
    if draft.ties:
        _tie(pairing, values, random)
    return Sample(
        draft.label,
        values,
        sizes,
        batch,
        seed=int(random.integers(1 << 31)),
        extreme=draft.extreme,
        edge=draft.edge,
    )


def _number_of(draft: Draft) -> int:
    return sum((k + 1) * ord(letter) for k, letter in enumerate(draft.label)) + 7919 * draft.turn


def _value(
    pairing: Pairing,
    slot: Slot,
    draft: Draft,
    sizes: Mapping[str, int],
    batch: tuple[int, ...],
    turn: int,
    random: np.random.Generator,
) -> Value:
    if slot.kind == "fixed":
        return slot.value
    if slot.kind == "number":
        return _setting(slot, draft, turn)
    if slot.kind == "integer":
        return int(random.choice(whole_numbers(slot)))
    if slot.kind == "integers":
        drawn = random.choice(whole_numbers(slot), slot.members or 1)
        return tuple(int(value) for value in drawn)
    shape = slot.shape(sizes, batch)
    if slot.kind == "labels":
        assert slot.classes is not None
        classes = whole(slot.classes, sizes)
        return domains.labels(slot.domain, classes, shape, random, slot.may_be)
    return domains.draw(slot.domain, draft.styles.get(slot.name, draft.style), shape, random)


def _setting(slot: Slot, draft: Draft, turn: int) -> float:
    if draft.dyadic:
        return domains.dyadic_number(slot.domain, turn)
    return domains.number(slot.domain, turn)


def whole_numbers(slot: Slot) -> tuple[int, ...]:
    """The values that a whole-number setting takes."""
    if isinstance(slot.domain, tuple):
        return tuple(int(value) for value in slot.domain)
    lowest = 1 if slot.domain == "positive" else 0
    return tuple(value for value in WHOLE_NUMBERS if value >= lowest)


def _tie(pairing: Pairing, values: dict[str, Value], random: np.random.Generator) -> None:
    """Copy elements between real tensors of one shape and domain, some of them shifted."""
    tensors = [s for s in pairing.slots if s.kind == "tensor" and s.domain == "real"]
    numbers = [values[s.name] for s in pairing.slots if s.kind == "number"]
    shifts = np.array([0.0, *(sign * float(n) for n in numbers for sign in (1, -1))])  # type: ignore[arg-type]
    for first, second in pairwise(tensors):
        left, right = values[first.name], values[second.name]
        if not isinstance(left, np.ndarray) or not isinstance(right, np.ndarray):
            continue
        if left.shape != right.shape:
            continue
        values[second.name] = _copied(left, right, shifts, random)
    for slot in tensors:
        value = values[slot.name]
        if isinstance(value, np.ndarray):
            values[slot.name] = _at_settings(value, shifts, random)


def _copied(left: Array, right: Array, shifts: Array, random: np.random.Generator) -> Array:
    chosen = random.random(right.shape) < 0.35
    return np.asarray(np.where(chosen, left + random.choice(shifts, right.shape), right))


def _at_settings(value: Array, shifts: Array, random: np.random.Generator) -> Array:
    if len(shifts) == 1:
        return value
    chosen = random.random(value.shape) < 0.15
    return np.asarray(np.where(chosen, random.choice(shifts, value.shape), value))
