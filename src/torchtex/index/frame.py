"""What a plan is run on: the inputs, the part of each index's range at hand, and what is live."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from torchtex.index import sizes
from torchtex.index.arithmetic import Arithmetic
from torchtex.index.terms import Size

Value = Any
"""A real or boolean array, or an exact value of ``rational``.

Its last axes are the last indices in scope, in order; an axis of length 1 is one it does not
depend on, and so is a missing leading one.
"""

Live = NDArray[np.bool_] | None
"""Where a value is looked at, laid out as a Value; None is everywhere."""


@attrs.frozen
class Budget:
    """How much an evaluation may take.

    ``elements``: how many numbers an intermediate array may hold before reductions are looped in
    chunks.  ``operations``: how many float64 operations are allowed in all; slower arithmetics
    have fewer.  ``products``: from how many products on a sum of products is an einsum.
    """

    elements: int = 1 << 22
    operations: int = 4_000_000_000
    products: int = 1 << 16


@attrs.frozen
class Run:
    """One evaluation: its inputs and limits."""

    arithmetic: Arithmetic
    tensors: Mapping[str, Any]
    sizes: Mapping[str, int]
    budget: Budget
    lengths: dict[Size, int] = attrs.field(factory=dict)

    def length(self, size: Size) -> int:
        """The number of positions of an index: none for a negative extent."""
        known = self.lengths.get(size)
        if known is None:
            known = max(0, sizes.length(size, self.sizes))
            self.lengths[size] = known
        return known

    def number(self, size: Size) -> int | Fraction:
        return sizes.at(size, self.sizes)


@attrs.frozen
class Frame:
    """The indices in scope, each with the ``(start, stop)`` of its positions at hand.

    ``local`` holds arrays that belong to this scope: arguments of calls, states of recurrences.
    """

    run: Run
    ranges: tuple[tuple[int, int], ...] = ()
    local: Mapping[str, Any] = attrs.field(factory=dict)

    def over(self, *ranges: tuple[int, int]) -> Frame:
        """The frame with more, innermost, indices."""
        return Frame(self.run, self.ranges + ranges, self.local)

    def holding(self, name: str, value: Any) -> Frame:
        """The frame with one more local array."""
        return Frame(self.run, self.ranges, {**self.local, name: value})

    def width(self, axis: int) -> int:
        start, stop = self.ranges[axis]
        return stop - start


@lru_cache(maxsize=4096)
def positions(start: int, stop: int, trailing: int) -> NDArray[np.int64]:
    """The positions of an index that ``trailing`` others are inside of."""
    array = np.arange(start, stop, dtype=np.int64).reshape((-1,) + (1,) * trailing)
    array.flags.writeable = False
    return array


def inside(live: Live) -> Live:
    """``live`` seen from inside one more index."""
    return None if live is None else live[..., None]


def narrowed(live: Live, condition: Any) -> NDArray[np.bool_]:
    """Where something is live and a condition holds."""
    if live is None:
        return np.asarray(condition, dtype=bool)
    return np.asarray(live & condition)


def padded(value: Any, axes: int) -> Any:
    """``value`` with as many leading axes of length 1 as make ``axes`` in all."""
    missing = axes - np.ndim(value)
    return value if missing <= 0 else np.asarray(value).reshape((1,) * missing + np.shape(value))
