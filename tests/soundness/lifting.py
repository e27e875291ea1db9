"""How a formula of low rank is meant for tensors of higher rank, written apart from the package.

Ranks come from the formula.  What a data tensor has more is its leading batch axes, the same for
all data tensors of the formula; parameters take none.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import attrs
import mpmath
import numpy as np
from mpmath import mpf

from torchtex.index.terms import Expression, Index, Reduce, Size, Tensor
from torchtex.index.traverse import walk

from .oracle import DIGITS, Table, Unmatched, table_of

MOST_DIGITS = 9_000
BATCH_NAMES = frozenset(["N", "n", "m", "B"])


@attrs.frozen
class Bound:
    """A symbol's value and whether it takes batch axes."""

    value: Any
    parameter: bool


@attrs.frozen
class Lifted:
    """The elements of a formula over batch axes first, then over its own indices."""

    batch: tuple[int, ...]
    table: Table


def lifted(expression: Expression, bound: Mapping[str, Bound]) -> Lifted:
    """``expression`` at every place of the batch axes.  Raises Unmatched."""
    used = tuple(tensor for tensor in expression.tensors)
    for tensor in used:
        if tensor.name not in bound:
            raise Unmatched(f"nothing is bound to {tensor.name}")
    batch = batch_of(used, bound)
    if batch and reduces_batch(expression):
        raise Unmatched("the formula reduces the batch itself: no batch axes may be added")
    sizes = solved_sizes(used, bound)
    tables = []
    for place in itertools.product(*(range(length) for length in batch)):
        arrays = {tensor.name: at_batch(tensor, bound[tensor.name], place) for tensor in used}
        tables.append(precise_table(expression, arrays, sizes))
    if not tables:
        raise Unmatched("an empty batch")
    elements = tuple(element for table in tables for element in table.elements)
    own = batch or own_batch(expression, tables[0].shape)
    return Lifted(own, Table((*batch, *tables[0].shape), elements))


def is_batch(index: Index) -> bool:
    return index.name in BATCH_NAMES or bool(BATCH_NAMES.intersection(index.extent.names))


def own_batch(expression: Expression, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The leading axes of the formula's own that are the batch: ``l_n`` for samples n."""
    places = zip(expression.indices, shape, strict=True)
    return tuple(length for _, length in itertools.takewhile(lambda p: is_batch(p[0]), places))


def reduces_batch(expression: Expression) -> bool:
    bodies = [expression.body, *(definition.body for definition in expression.definitions)]
    terms = (term for body in bodies for term in walk(body))
    return any(isinstance(term, Reduce) and is_batch(term.index) for term in terms)


def extra_axes(tensor: Tensor, bound: Bound) -> tuple[int, ...]:
    """The batch axes of a bound tensor.  Raises Unmatched where it has too few or may take none."""
    shape = np.shape(bound.value)
    extra = len(shape) - tensor.rank
    if extra < 0:
        raise Unmatched(f"{tensor.name} has rank {len(shape)}, the formula needs {tensor.rank}")
    if extra and bound.parameter:
        raise Unmatched(f"the parameter {tensor.name} takes no batch axes")
    return tuple(shape[:extra])


def batch_of(tensors: tuple[Tensor, ...], bound: Mapping[str, Bound]) -> tuple[int, ...]:
    prefixes = {
        extra_axes(tensor, bound[tensor.name])
        for tensor in tensors
        if not bound[tensor.name].parameter
    }
    for tensor in tensors:
        extra_axes(tensor, bound[tensor.name])
    if len(prefixes) > 1:
        raise Unmatched(f"different batch axes: {sorted(prefixes)}")
    return prefixes.pop() if prefixes else ()


def at_batch(tensor: Tensor, bound: Bound, place: tuple[int, ...]) -> Any:
    array = np.asarray(bound.value)
    return array[place] if array.ndim > tensor.rank else array


def solved_sizes(tensors: tuple[Tensor, ...], bound: Mapping[str, Bound]) -> dict[str, int]:
    """The free sizes, from the extents of the tensors.  Raises Unmatched where they disagree."""
    facts: list[tuple[Size, int]] = []
    for tensor in tensors:
        shape = np.shape(bound[tensor.name].value)
        own = shape[len(shape) - tensor.rank :]
        facts += list(zip(tensor.extents, own, strict=True))
    sizes: dict[str, int] = {}
    for _ in range(len(facts) + 1):
        for extent, length in facts:
            _learn(extent, length, sizes)
    for extent, length in facts:
        if set(extent.names) <= set(sizes) and extent.at(sizes) != length:
            raise Unmatched(f"a length of {length} where {extent.at(sizes)} is needed")
    for name, value in bound.items():
        if name not in sizes and np.ndim(value.value) == 0 and float(value.value).is_integer():
            sizes[name] = int(value.value)
    return sizes


def _learn(extent: Size, length: int, sizes: dict[str, int]) -> None:
    """Take the one unknown size of ``extent``, if there is just one, to make it ``length``."""
    unknown = [(name, factor) for name, factor in extent.coefficients if name not in sizes]
    if len(unknown) != 1:
        return
    name, factor = unknown[0]
    rest = extent - Size(((name, factor),))
    value = (Fraction(length) - rest.at(sizes)) / factor
    if value.denominator != 1 or value < 0:
        raise Unmatched(f"no size {name} makes a length of {length}")
    sizes[name] = int(value)


def precise_table(
    expression: Expression, arrays: Mapping[str, Any], sizes: Mapping[str, int]
) -> Table:
    """The elements at enough digits for the magnitude of the inputs.

    ``1 - sigmoid(x)`` loses x / ln 10 digits; where fifty and some are too few to tell a number
    from an infinity, the digits that the largest input needs are taken.
    """
    largest = max((float(np.abs(array).max(initial=0.0)) for array in arrays.values()), default=0)
    with mpmath.workdps(DIGITS + int(min(largest, 400))):
        table = table_of(expression, arrays, sizes)
    if largest <= 400 or all(is_finite(element) for element in table.elements):
        return table
    with mpmath.workdps(min(DIGITS + int(largest), MOST_DIGITS)):
        return table_of(expression, arrays, sizes)


def is_finite(element: mpf | None) -> bool:
    return element is not None and bool(mpmath.isfinite(element))
