"""Evaluating reductions: in chunks that fit the budget, guards strong, empty ranges neutral."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import attrs
import numpy as np

from torchtex.index import rational
from torchtex.index.errors import IllFormed
from torchtex.index.frame import Frame, Live, Value, inside, narrowed
from torchtex.index.operators import OPERATORS, REDUCTIONS
from torchtex.index.plan import Kind, Node, Running, Scope, as_real, axes_of, choose
from torchtex.index.product_sum import plan_product_sum
from torchtex.index.terms import Reduce


@attrs.frozen
class Folding:
    """How the values of a reduction are joined: its identity, and its elementwise operator."""

    operator: str
    identity: float


FOLDINGS = {
    "sum": Folding("add", 0),
    "product": Folding("multiply", 1),
    "maximum": Folding("maximum", -math.inf),
    "minimum": Folding("minimum", math.inf),
}


def plan_reduce(term: Reduce, scope: Scope) -> Node:
    """Raises IllFormed for an unknown reduction or a body that is a condition."""
    if term.operator not in REDUCTIONS:
        raise IllFormed(f"there is no reduction {term.operator!r}")
    within = scope.over(term.index)
    guard = None if term.guard is None else within.condition(term.guard)
    body = within.plan(term.body)
    if body.kind == "boolean":
        raise IllFormed("a reduction is over numbers, not conditions")
    if term.operator in ("argmax", "argmin"):
        return _plan_argument(term, body, guard, scope)
    if not (body.kind == "exact" and body.whole and term.operator != "product"):
        body = as_real(body, scope.arithmetic)
    run = _folding(term, body, guard, scope)
    if term.operator == "sum" and body.kind == "real":
        run = plan_product_sum(term, scope, run)
    return scope.node(body.kind, _outer_axes(body, guard, scope), run, whole=body.whole)


def _outer_axes(body: Node, guard: Node | None, scope: Scope) -> frozenset[int]:
    nodes = [body] if guard is None else [body, guard]
    return axes_of(nodes) - {len(scope.indices)}


@attrs.frozen
class Chunk:
    """Part of the range of a reduction's index: the body's value there, and where it counts."""

    start: int
    width: int
    value: Value
    holds: Any  # the guard; None without one


def _chunks(term: Reduce, body: Node, guard: Node | None) -> Callable[..., Iterator[Chunk]]:
    """The live chunks of the range, in order, each within the memory budget."""
    axes = body.axes if guard is None else body.axes | guard.axes
    extent = term.index.extent

    def chunks(frame: Frame, live: Live) -> Iterator[Chunk]:
        length = frame.run.length(extent)
        own = len(frame.ranges)
        across = math.prod(frame.width(axis) for axis in axes if axis != own)
        width = max(1, frame.run.budget.elements // max(1, across))
        if own not in axes:
            width = max(1, length)
        for start in range(0, length, width):
            stop = min(length, start + width)
            # A body that does not depend on the index is evaluated at one position only.
            inner = frame.over((start, stop if own in axes else start + 1))
            inner_live = inside(live)
            holds = None
            if guard is not None:
                holds = guard.run(inner, inner_live)
                inner_live = narrowed(inner_live, holds)
                if not inner_live.any():
                    continue
            yield Chunk(start, stop - start, body.run(inner, inner_live), holds)

    return chunks


def _folding(term: Reduce, body: Node, guard: Node | None, scope: Scope) -> Running:
    folding = FOLDINGS[term.operator]
    chunks = _chunks(term, body, guard)
    identity: Any = folding.identity
    if body.kind == "real":
        identity = scope.arithmetic.from_exact(identity)
    kind = body.kind
    join = _join(folding.operator, kind, scope)
    fold = _fold(folding.operator, kind, scope)

    def run(frame: Frame, live: Live) -> Value:
        total = None
        for chunk in chunks(frame, live):
            value = chunk.value
            if chunk.holds is not None:
                value = choose(kind, chunk.holds, value, identity)
            part = fold(value, chunk.width)
            total = part if total is None else join(total, part)
        return identity if total is None else total

    return run


def _join(operator: str, kind: Kind, scope: Scope) -> Any:
    if kind == "exact":
        return lambda left, right: rational.apply(operator, [left, right])
    return scope.arithmetic.function(OPERATORS[operator])


def _fold(operator: str, kind: Kind, scope: Scope) -> Callable[[Value, int], Value]:
    """Folds the last axis; a value without it stands for ``width`` equal ones."""
    reduce = partial(rational.fold, operator) if kind == "exact" else _fold_real(operator, scope)
    repeat = _repeat(operator, kind, scope)

    def fold(value: Value, width: int) -> Value:
        if np.ndim(value) == 0:
            return repeat(value, width)
        if value.shape[-1] == width:
            return reduce(value)
        return repeat(value[..., 0], width)

    return fold


def _fold_real(operator: str, scope: Scope) -> Callable[[Value], Value]:
    reduce = scope.arithmetic.function(OPERATORS[operator]).reduce
    return lambda value: reduce(value, axis=-1)


def _repeat(operator: str, kind: Kind, scope: Scope) -> Callable[[Value, int], Value]:
    if operator in ("maximum", "minimum"):
        return lambda value, width: value
    if kind == "exact":
        return lambda value, width: rational.apply("multiply", [value, width])
    repeated = OPERATORS["multiply" if operator == "add" else "power"]
    function, number = scope.arithmetic.function(repeated), scope.arithmetic.from_exact
    return lambda value, width: function(value, number(width))


def _plan_argument(term: Reduce, body: Node, guard: Node | None, scope: Scope) -> Node:
    """The first position where the body is largest; a NaN counts as larger than anything."""
    if body.kind == "exact" and not body.whole:
        body = as_real(body, scope.arithmetic)
    chunks = _chunks(term, body, guard)
    better = np.greater if term.operator == "argmax" else np.less

    def run(frame: Frame, live: Live) -> Value:
        best: tuple[Value, Value] | None = None
        for chunk in chunks(frame, live):
            found = _first_best(chunk, better)
            best = found if best is None else _better_of(best, found, better)
        return math.nan if best is None else rational.settle(best[1])

    return scope.node("exact", _outer_axes(body, guard, scope), run, whole=True)


def _first_best(chunk: Chunk, better: Any) -> tuple[Value, Value]:
    """The best value along the last axis with its position, which is -1 where none counts."""
    value = np.asarray(chunk.value)
    holds = np.asarray(True if chunk.holds is None else chunk.holds)
    shape = np.broadcast_shapes(value.shape, holds.shape, (1,))
    value, holds = np.broadcast_to(value, shape), np.broadcast_to(holds, shape)
    best, where = value[..., 0], np.where(holds[..., 0], chunk.start, -1)
    for k in range(1, shape[-1]):
        candidate = (value[..., k], np.where(holds[..., k], chunk.start + k, -1))
        best, where = _better_of((best, where), candidate, better)
    return best, where


def _better_of(
    earlier: tuple[Value, Value], later: tuple[Value, Value], better: Any
) -> tuple[Value, Value]:
    beats = better(later[0], earlier[0]) | (_is_nan(later[0]) & ~_is_nan(earlier[0]))
    beats = beats & ~_is_nan(earlier[0])
    takes = (later[1] >= 0) & (beats | (earlier[1] < 0))
    return np.where(takes, later[0], earlier[0]), np.where(takes, later[1], earlier[1])


def _is_nan(value: Value) -> Any:
    return np.asarray(value != value, dtype=bool)
