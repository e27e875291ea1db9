"""Sizes: distinct primes for the free ones, so that no axis is taken for another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations
from math import lcm

import attrs
import numpy as np

from torchtex.index.terms import Size
from torchtex.index.traverse import size_names
from torchtex.verify.pairing import Pairing, batch_size_name
from torchtex.verify.relations import BATCH_SIZES
from torchtex.verify.slots import Slot, Value, whole

MAX_EQUALITIES = 16


@attrs.frozen
class SizePlan:
    """Lengths for one run: of batch-like sizes, in turn, and of the others, in turn."""

    label: str
    batch: tuple[int, ...]
    others: tuple[int, ...]


MAIN = SizePlan("primes", (17, 13), (5, 3, 7, 11, 2, 13, 19))
SECOND = SizePlan("other primes", (11, 19), (3, 7, 2, 5, 13, 11, 17))
EVEN = SizePlan("even sizes", (8, 12), (4, 6, 2, 10, 8, 12, 14))
SINGLE = SizePlan("a batch of one", (1, 1), (5, 3, 7, 11, 2, 13, 19))
ONES = SizePlan("all sizes one", (1, 1), (1, 1, 1, 1, 1, 1, 1))
MANY = SizePlan("a long batch", (211, 13), (5, 3, 7, 11, 2, 13, 19))
SMALL = SizePlan("small sizes", (4, 5), (3, 2, 5, 7, 2, 3, 4))
SMALL_SECOND = SizePlan("other small sizes", (3, 2), (5, 3, 2, 4, 3, 2, 5))
PAIR = SizePlan("two of each", (2, 2), (2, 2, 2, 2, 2, 2, 2))


@attrs.frozen
class Sizing:
    """What is known of the sizes.

    ``pinned``: sizes with their lengths.  ``same``: a size and the extent it has to be equal to.
    ``falling``: sizes met first are the larger ones (an input before its kernel).
    """

    pinned: Mapping[str, int] = attrs.field(factory=dict)
    same: tuple[tuple[str, Size], ...] = ()
    falling: bool = False


FREE = Sizing()


class NoSizes(Exception):
    """No sizes make every extent whole, or the inputs contradict each other."""


def free_sizes(pairing: Pairing) -> tuple[str, ...]:
    """The sizes to choose, data axes first."""
    found: dict[str, None] = {}
    for slot in pairing.slots:
        for extent in slot.all_extents:
            found.update(dict.fromkeys(extent.names))
    found.update(dict.fromkeys(sorted(size_names(pairing.claim.expression))))
    own = {batch_size_name(axis) for axis in range(pairing.batch)}
    return tuple(name for name in found if name not in own)


def choose(
    pairing: Pairing, plan: SizePlan, sizing: Sizing
) -> tuple[dict[str, int], tuple[int, ...]]:
    """Sizes by name and the lengths of the batch axes.  Raises ValueError where none fit."""
    batch_like = iter(plan.batch[pairing.batch :] or plan.batch)
    others = iter(_in_order(plan.others, sizing) * 4)
    sizes: dict[str, int] = {**_tuple_lengths(pairing)}
    derived = dict(sizing.same)
    factor = _common_denominator(pairing)
    for name in free_sizes(pairing):
        if name in sizes or name in derived:
            continue
        if name in sizing.pinned:
            sizes[name] = sizing.pinned[name]
            continue
        length = next(batch_like, None) if name in BATCH_SIZES else None
        sizes[name] = (length if length is not None else next(others)) * factor
    for name, extent in sizing.same:
        sizes[name] = whole(extent, sizes)
    batch = tuple(
        sizing.pinned.get(batch_size_name(axis), plan.batch[axis % len(plan.batch)])
        for axis in range(pairing.batch)
    )
    return sizes, batch


def _tuple_lengths(pairing: Pairing) -> dict[str, int]:
    """The sizes that tuples of whole numbers have, such as a padding for two axes."""
    return {
        name: slot.members
        for slot in pairing.slots
        if slot.kind == "integers" and slot.members is not None
        for extent in slot.extents
        for name in extent.names
    }


def _in_order(lengths: tuple[int, ...], sizing: Sizing) -> tuple[int, ...]:
    return tuple(sorted(lengths, reverse=True)) if sizing.falling else lengths


def equalities(pairing: Pairing) -> tuple[tuple[tuple[str, Size], ...], ...]:
    """Ways in which extents may have to be equal: each pair of them, then all sizes."""
    extents = dict.fromkeys(extent for slot in pairing.slots for extent in slot.all_extents)
    pairs = [_equated(first, second) for first, second in combinations(extents, 2)]
    found: list[tuple[tuple[str, Size], ...]] = [(pair,) for pair in pairs if pair is not None]
    names = free_sizes(pairing)
    if len(names) > 2:
        found.append(tuple((name, Size.free(names[0])) for name in names[1:]))
    return tuple(found[:MAX_EQUALITIES])


def _equated(first: Size, second: Size) -> tuple[str, Size] | None:
    """One of two extents, where it is a plain size, as the other one."""
    for plain, other in ((second, first), (first, second)):
        if len(plain.names) == 1 and plain == Size.free(plain.names[0]):
            return None if plain.names[0] in other.names else (plain.names[0], other)
    return None


def _common_denominator(pairing: Pairing) -> int:
    extents = [extent for slot in pairing.slots for extent in slot.all_extents]
    return lcm(*(value.denominator for extent in extents for _, value in extent.coefficients), 1)


def solve(pairing: Pairing, values: Mapping[str, Value]) -> dict[str, int]:
    """The sizes that the shapes of given values determine.  Raises :class:`NoSizes`."""
    equations: list[tuple[Size, int, str]] = []
    for slot in pairing.slots:
        value = values.get(slot.name)
        if isinstance(value, np.ndarray) and slot.kind in ("tensor", "labels"):
            equations += _equations(pairing, slot, value.shape)
    sizes: dict[str, int] = {}
    for _ in range(len(equations) + 1):
        for extent, length, name in equations:
            _solve_one(extent, length, name, sizes)
    for extent, length, name in equations:
        if all(n in sizes for n in extent.names) and extent.at(sizes) != length:
            raise NoSizes(
                f"{name} has an axis of {length} where the formula has {extent.at(sizes)}"
            )
    return sizes


def solve_shape(
    extents: tuple[Size, ...], shape: tuple[int, ...], known: Mapping[str, int]
) -> dict[str, int]:
    """``known`` with the sizes that make ``extents`` this shape.  Raises :class:`NoSizes`."""
    sizes = dict(known)
    if len(extents) == len(shape):
        for extent, length in zip(extents, shape, strict=True):
            _solve_one(extent, length, "the result", sizes)
    return sizes


def _equations(
    pairing: Pairing, slot: Slot, shape: tuple[int, ...]
) -> Iterable[tuple[Size, int, str]]:
    batch = [index.extent for index in pairing.batch_indices] if slot.batched else []
    extents = [*batch, *slot.extents]
    if len(extents) != len(shape):
        raise NoSizes(
            f"{slot.name} has {len(shape)} axes where the formula gives it {len(extents)}"
        )
    return [(extent, length, slot.name) for extent, length in zip(extents, shape, strict=True)]


def _solve_one(extent: Size, length: int, name: str, sizes: dict[str, int]) -> None:
    unknown = [(n, factor) for n, factor in extent.coefficients if n not in sizes]
    if len(unknown) != 1:
        return
    known = extent.constant + sum(f * sizes[n] for n, f in extent.coefficients if n in sizes)
    value = (length - known) / unknown[0][1]
    if value.denominator != 1 or value < 0:
        raise NoSizes(f"{name} has an axis of {length}, which does not fit {unknown[0][0]}")
    sizes[unknown[0][0]] = int(value)


def with_classes(
    pairing: Pairing, values: Mapping[str, Value], sizes: Mapping[str, int]
) -> dict[str, int]:
    """Sizes completed by what only labels bound: one more than the largest label."""
    complete = dict(sizes)
    for slot in pairing.slots:
        value = values.get(slot.name)
        if slot.classes is None or not isinstance(value, np.ndarray) or not value.size:
            continue
        for name in slot.classes.names:
            complete.setdefault(name, int(value.max()) + 1)
    return complete
