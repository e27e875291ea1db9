"""What the code's arguments are filled with: their kind, shape and domain, and one such filling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import attrs
import numpy as np
from numpy.typing import NDArray

from torchtex.index.terms import Size

Array: TypeAlias = "NDArray[Any]"
Value: TypeAlias = "Array | float | int | bool | str | tuple[int, ...] | None"
Domain: TypeAlias = "str | tuple[float, ...]"
Kind = Literal["tensor", "labels", "number", "integer", "integers", "fixed"]


@attrs.frozen
class Slot:
    """One argument of the code.

    ``kind``: a real tensor, class labels, a Python number, a whole number, a tuple of whole
    numbers, or a ``fixed`` value that is never varied.
    ``extents``: its axes after the batch axes; ``batched``: whether it takes batch axes.
    ``classes``: labels are positions below that size.  ``members``: the length of a tuple.
    ``class_second``: its last axis stands second in the tensor the code gets (N, C, d1, ...).
    ``may_be``: values, beside positions, that labels may take (an ignored label).
    ``differentiable``: whether a gradient with respect to it is asked for.
    """

    name: str
    kind: Kind
    extents: tuple[Size, ...] = ()
    batched: bool = False
    domain: Domain = "real"
    classes: Size | None = None
    members: int | None = None
    value: Value = attrs.field(default=None, eq=False)
    class_second: bool = False
    may_be: tuple[int, ...] = ()
    differentiable: bool = True

    @property
    def all_extents(self) -> tuple[Size, ...]:
        """Its extents, and the number of classes of labels."""
        return self.extents if self.classes is None else (*self.extents, self.classes)

    def shape(self, sizes: Mapping[str, int], batch: tuple[int, ...]) -> tuple[int, ...]:
        """Its shape in the formula's order of axes.  Raises ValueError for a size below 0."""
        own = tuple(whole(extent, sizes) for extent in self.extents)
        return (batch + own) if self.batched else own


def whole(extent: Size, sizes: Mapping[str, int]) -> int:
    """The extent as a number of elements.  Raises ValueError if it is not a whole one."""
    number = extent.at(sizes)
    if number.denominator != 1 or number < 0:
        raise ValueError(f"an extent would be {number}")
    return int(number)


@attrs.frozen(eq=False)
class Sample:
    """One filling of all arguments, in the formula's order of axes.

    ``label`` says what it was drawn for.  ``extreme``: it lies far out on the log ray, where
    rounding and overflow of the code are noted and do not decide.  ``edge``: it lies on the ends
    of a domain, where one side may be undefined (0 log 0).
    """

    label: str
    values: Mapping[str, Value]
    sizes: Mapping[str, int]
    batch: tuple[int, ...] = ()
    seed: int = 0
    extreme: bool = False
    edge: bool = False

    @property
    def magnitude(self) -> float:
        """The largest absolute value among the real arguments."""
        reals = [
            float(np.max(np.abs(value)))
            for value in self.values.values()
            if isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.size
        ]
        return max(reals, default=0.0)


def for_code(slot: Slot, value: Value) -> Value:
    """The value as the code takes it: the class axis moved to where the code expects it."""
    if slot.class_second and isinstance(value, np.ndarray) and value.ndim > 2:
        return np.ascontiguousarray(np.moveaxis(value, -1, 1))
    return value


def from_code(slot: Slot, value: Value) -> Value:
    """The inverse of :func:`for_code`: the class axis last."""
    if slot.class_second and isinstance(value, np.ndarray) and value.ndim > 2:
        return np.ascontiguousarray(np.moveaxis(value, 1, -1))
    return value
