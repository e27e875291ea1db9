"""Large sums of products, by einsum: a convolution or a matrix product without its full array."""

from __future__ import annotations

import math
from typing import Any

import attrs
import numpy as np

from torchtex.index.elementwise import factors
from torchtex.index.frame import Frame, Live, Value, narrowed
from torchtex.index.plan import Node, Running, Scope, axes_of
from torchtex.index.terms import Index, Reduce, Term


@attrs.frozen
class ProductSum:
    """Nested sums of one product."""

    indices: tuple[Index, ...]
    factors: tuple[Term, ...]
    conditions: tuple[Term, ...]
    negative: bool


def product_sum(term: Reduce) -> ProductSum | None:
    """The term as sums of a product of at least two factors, or None."""
    indices: list[Index] = []
    conditions: list[Term] = []
    body: Term = term
    while isinstance(body, Reduce) and body.operator == "sum":
        indices.append(body.index)
        if body.guard is not None:
            conditions.append(body.guard)
        body = body.body
    product = factors(body)
    if len(product.terms) < 2:
        return None
    conditions.extend(product.conditions)
    return ProductSum(tuple(indices), product.terms, tuple(conditions), product.negative)


def plan_product_sum(term: Reduce, scope: Scope, plainly: Running) -> Running:
    """Evaluates the sum as an einsum where that pays and is exact about guards, else plainly.

    A guard enters as a factor that is 0 or 1, which is right only if no product is infinite or NaN.
    """
    found = product_sum(term)
    if found is None or scope.arithmetic.dtype == object or _shadows(found, scope):
        return plainly
    # The plain plan has accounted for the work; this one replaces it.
    within = attrs.evolve(scope, work=[]).over(*found.indices)
    conditions = [within.condition(condition) for condition in found.conditions]
    nodes = [within.real(factor) for factor in found.factors]
    axes = axes_of([*nodes, *conditions])
    extents = [index.extent for index in found.indices]
    outer = len(scope.indices)
    dtype = scope.arithmetic.dtype

    def run(frame: Frame, live: Live) -> Value:
        lengths = [frame.run.length(extent) for extent in extents]
        if 0 in lengths:
            return plainly(frame, live)
        inner = frame.over(*((0, length) for length in lengths))
        few = _count(inner, axes) < frame.run.budget.products
        if few or not _fits(inner, [*nodes, *conditions]):
            return plainly(frame, live)
        alive = None if live is None else live[(...,) + (None,) * len(lengths)]
        operands: list[Any] = []
        for condition in conditions:
            holds = condition.run(inner, alive)
            operands.append(np.asarray(holds, dtype=dtype))
            alive = narrowed(alive, holds)
        for node in nodes:
            value = np.asarray(node.run(inner, alive))
            if not np.isfinite(value).all():
                return plainly(frame, live)
            operands.append(value)
        total = _contract(operands, outer, lengths, frame.run.budget.elements)
        if not np.isfinite(total).all():
            return plainly(frame, live)
        return -total if found.negative else total

    return run


def _shadows(found: ProductSum, scope: Scope) -> bool:
    """Whether an inner index hides one that an outer guard may mean."""
    indices = scope.indices + found.indices
    return len(set(indices)) < len(indices)


def _count(frame: Frame, axes: frozenset[int]) -> int:
    return math.prod(frame.width(axis) for axis in axes)


def _fits(frame: Frame, nodes: list[Node]) -> bool:
    """Whether each factor by itself is within the budget, and none is as large as the product."""
    whole = _count(frame, axes_of(nodes))
    sizes = [_count(frame, node.axes) for node in nodes]
    return max(sizes) < whole and max(sizes) <= 8 * frame.run.budget.elements


def _contract(operands: list[Any], outer: int, lengths: list[int], limit: int) -> Value:
    """Sums the product over all axes from ``outer`` on; the outer ones stay, in order."""
    depth = outer + len(lengths)
    arguments: list[Any] = []
    present: set[int] = set()
    for operand in operands:
        full = operand.reshape((1,) * (depth - operand.ndim) + operand.shape)
        axes = [axis for axis in range(depth) if full.shape[axis] > 1]
        present.update(axes)
        arguments += [full.reshape([full.shape[axis] for axis in axes]), axes]
    kept = [axis for axis in sorted(present) if axis < outer]
    total = np.einsum(*arguments, kept, optimize=("greedy", limit))
    repeats = math.prod(
        length for axis, length in enumerate(lengths, start=outer) if axis not in present
    )
    shape = [1] * outer
    for axis, length in zip(kept, np.shape(total), strict=True):
        shape[axis] = length
    return np.asarray(total).reshape(shape) * operands[-1].dtype.type(repeats)
