"""The reference evaluator: the values of an expression on NumPy arrays.

An expression is planned once (:func:`plan_expression`, cached) and run on each set of values.
Each index in scope is one axis; a value depends only on the axes it needs.  ``live`` says where a
value is looked at: an element outside its tensor is an error only there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import attrs
import numpy as np

from torchtex.index import rational, sizes
from torchtex.index.arithmetic import ARBITRARY, EXTENDED, FLOAT64, Arithmetic
from torchtex.index.binding import plan_call, plan_recurrence, require
from torchtex.index.elementwise import plan_apply, plan_piecewise
from torchtex.index.errors import (
    MAX_DEPTH,
    IllFormed,
    MissingValue,
    NotAPosition,
    SizeMismatch,
    TooDeep,
    refusing_deep_terms,
)
from torchtex.index.frame import Budget, Frame, Live, Run, Value, positions
from torchtex.index.lookup import plan_element
from torchtex.index.operators import CONSTANTS
from torchtex.index.plan import Held, Node, Scope
from torchtex.index.reduction import plan_reduce
from torchtex.index.terms import (
    Apply,
    Call,
    Constant,
    Definition,
    Element,
    Expression,
    Index,
    Number,
    Piecewise,
    Recurrence,
    Reduce,
    Size,
    Tensor,
    Term,
)
from torchtex.index.traverse import depth, tensors_used

__all__ = ["ARBITRARY", "EXTENDED", "FLOAT64", "Arithmetic", "Budget", "evaluate"]


@refusing_deep_terms
def evaluate(
    expression: Expression,
    values: Mapping[str, Any],
    sizes: Mapping[str, int] | None = None,
    arithmetic: Arithmetic = FLOAT64,
    budget: Budget = Budget(),  # noqa: B008 - immutable
) -> np.ndarray[Any, Any]:
    """The tensor that ``expression`` denotes, of shape ``expression.extents``.

    ``values``: an array or number for each input that is used; labels and integers as whole
    numbers.  ``sizes``: free sizes that no shape determines.  The result's dtype is float64,
    longdouble or object (mpf), as ``arithmetic`` says.

    Raises MissingValue, ShapeMismatch, SizeMismatch, SizeUnknown, OutsideTensor, NotAPosition,
    TooLarge (all EvaluationError), and IllFormed or TooDeep for a term that means nothing.
    """
    plan = plan_expression(expression, arithmetic)
    with np.errstate(all="ignore"):
        return plan.run(values, tuple(sorted((sizes or {}).items())), budget)


@attrs.frozen
class PlannedTensor:
    """An input or a definition: its body over its indices."""

    name: str
    indices: tuple[Index, ...]
    node: Node

    def value(self, run: Run) -> Any:
        """The whole array (a plain number for an exact scalar)."""
        shape = tuple(self._length(index, run) for index in self.indices)
        if 0 in shape:
            return np.zeros(shape, dtype=self._dtype(run))
        frame = Frame(run, tuple((0, length) for length in shape))
        value = self.node.run(frame, None)
        if self.node.kind == "exact" and not shape:
            return rational.settle(np.asarray(rational.as_array(value)).reshape(()))
        full = np.broadcast_to(rational.as_array(value), shape)
        return full if self.node.kind == "exact" else np.asarray(full, dtype=self._dtype(run))

    def _length(self, index: Index, run: Run) -> int:
        length = sizes.length(index.extent, run.sizes)
        if length < 0:
            raise SizeMismatch(f"the extent of {index.name} is {length}")
        return length

    def _dtype(self, run: Run) -> Any:
        kinds = {
            "real": run.arithmetic.dtype,
            "exact": np.dtype(np.int64),
            "boolean": np.dtype(bool),
        }
        return kinds[self.node.kind]


@attrs.frozen
class Plan:
    """An expression, planned for one arithmetic."""

    arithmetic: Arithmetic
    tensors: tuple[Tensor, ...]
    needed: frozenset[str]
    definitions: tuple[PlannedTensor, ...]
    result: PlannedTensor
    work: tuple[tuple[Size, ...], ...]

    def run(
        self, values: Mapping[str, Any], given: tuple[tuple[str, int], ...], budget: Budget
    ) -> np.ndarray[Any, Any]:
        """The result on these values.  Raises as :func:`evaluate` does."""
        arrays = {each.name: self._array(each, values) for each in self.tensors}
        shapes = tuple(
            None if arrays[each.name] is None else np.shape(arrays[each.name])
            for each in self.tensors
        )
        inputs = {name: array for name, array in arrays.items() if array is not None}
        run = Run(self.arithmetic, inputs, sizes.solve(self.tensors, shapes, given), budget)
        require(run, self.work)
        for definition in self.definitions:
            inputs[definition.name] = definition.value(run)
        return self._finished(self.result.value(run))

    def _array(self, tensor: Tensor, values: Mapping[str, Any]) -> Any:
        value = values.get(tensor.name)
        if value is None:
            if tensor.name in self.needed:
                raise MissingValue(tensor.name)
            return None
        if tensor.integer or tensor.labels is not None:
            return whole_numbers(tensor.name, value)
        return self.arithmetic.from_values(value)

    def _finished(self, value: Any) -> np.ndarray[Any, Any]:
        if self.result.node.kind == "exact":
            value = self.arithmetic.from_exact(value)
        return np.array(rational.as_array(value))


def whole_numbers(name: str, value: Any) -> Any:
    """An int64 array, or an int for a scalar.  Raises NotAPosition for anything else."""
    array = np.asarray(value)
    if array.dtype.kind in "iub":
        whole = array.astype(np.int64)
    else:
        try:
            whole = array.astype(np.int64)
            exact = bool(np.all(whole == array))
        except (OverflowError, ValueError, TypeError):
            exact = False
        if not exact:
            raise NotAPosition(f"{name} holds something that is not a whole number")
    return int(whole) if whole.ndim == 0 else whole


@lru_cache(maxsize=1024)
def plan_expression(expression: Expression, arithmetic: Arithmetic) -> Plan:
    """The plan of an expression.  Raises IllFormed or TooDeep."""
    for body in (*(each.body for each in expression.definitions), expression.body):
        if depth(body) > MAX_DEPTH:
            raise TooDeep
    needed = _needed(expression)
    work: list[tuple[Size, ...]] = []
    inputs = {tensor.name: _input(tensor) for tensor in expression.tensors}
    scope = Scope(arithmetic, inputs, plan_term, work)
    definitions: list[PlannedTensor] = []
    for definition in expression.definitions:
        if definition.name not in needed:
            continue
        planned = _planned(definition, scope)
        definitions.append(planned)
        node = planned.node
        held = Held(node.kind, node.whole, len(definition.indices))
        scope = scope.holding(definition.name, held)
    result = _planned(Definition("", expression.indices, expression.body), scope)
    return Plan(arithmetic, expression.tensors, needed, tuple(definitions), result, tuple(work))


def _needed(expression: Expression) -> frozenset[str]:
    needed = tensors_used(expression.body)
    for definition in reversed(expression.definitions):
        if definition.name in needed:
            needed |= tensors_used(definition.body)
    return needed


def _input(tensor: Tensor) -> Held:
    exact = tensor.integer or tensor.labels is not None
    return Held("exact" if exact else "real", exact, tensor.rank)


def _planned(definition: Definition, scope: Scope) -> PlannedTensor:
    node = scope.over(*definition.indices).plan(definition.body)
    if definition.name and node.kind == "boolean":
        raise IllFormed(f"{definition.name} is a condition, not a number")
    return PlannedTensor(definition.name, definition.indices, node)


def plan_term(term: Term, scope: Scope) -> Node:
    """Any term in its scope.  Raises IllFormed."""
    match term:
        case Number():
            return _constant_exact(_cheapest(term.value), scope)
        case Size():
            return _plan_size(term, scope)
        case Constant():
            return _plan_constant(term, scope)
        case Index():
            return _plan_index(term, scope)
        case Element():
            return plan_element(term, scope)
        case Apply():
            return plan_apply(term, scope)
        case Piecewise():
            return plan_piecewise(term, scope)
        case Reduce():
            return plan_reduce(term, scope)
        case Call():
            return plan_call(term, scope)
        case Recurrence():
            return plan_recurrence(term, scope)
    raise IllFormed("a tensor stands where one of its elements is needed")


def _cheapest(value: Any) -> Any:
    return value.numerator if value.denominator == 1 else value


def _constant_exact(value: Any, scope: Scope) -> Node:
    return scope.node("exact", (), lambda frame, live: value, whole=type(value) is int)


def _plan_size(term: Size, scope: Scope) -> Node:
    numbers: Sequence[Any] = (term.constant, *(value for _, value in term.coefficients))
    whole = all(number.denominator == 1 for number in numbers)
    return scope.node("exact", (), lambda frame, live: frame.run.number(term), whole=whole)


def _plan_constant(term: Constant, scope: Scope) -> Node:
    if term.name not in CONSTANTS:
        raise IllFormed(f"there is no constant {term.name!r}")
    value = scope.arithmetic.constant(term.name)
    return scope.node("real", (), lambda frame, live: value)


def _plan_index(term: Index, scope: Scope) -> Node:
    axis = scope.axis(term)
    trailing = len(scope.indices) - 1 - axis

    def run(frame: Frame, live: Live) -> Value:
        start, stop = frame.ranges[axis]
        return positions(start, stop, trailing)

    return scope.node("exact", (axis,), run, whole=True)
