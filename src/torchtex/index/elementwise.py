"""Evaluating elementwise operators, products with strong zeros, conditions and cases."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import attrs
import numpy as np

from torchtex.index import rational
from torchtex.index.errors import IllFormed
from torchtex.index.frame import Frame, Live, Value, narrowed
from torchtex.index.operators import OPERATORS, Operator
from torchtex.index.plan import Kind, Node, Scope, alike, as_real, axes_of, choose
from torchtex.index.terms import Apply, Number, Piecewise, Term

_ALWAYS_WHOLE = frozenset({"floor", "ceil", "round", "sign"})
_WHOLE_OF_WHOLE = frozenset(
    {"add", "subtract", "multiply", "negate", "absolute", "modulo", "maximum", "minimum"}
)


def plan_apply(term: Apply, scope: Scope) -> Node:
    """Raises IllFormed for an unknown operator, or arguments that it does not take."""
    operator = OPERATORS.get(term.operator)
    if operator is None:
        raise IllFormed(f"there is no operator {term.operator!r}")
    if not operator.accepts(len(term.arguments)):
        raise IllFormed(f"{term.operator} does not take {len(term.arguments)} arguments")
    if operator.name in ("multiply", "negate", "indicator"):
        product = factors(term)
        if product.conditions:
            return _guarded_product(product, scope)
    if operator.name in ("and", "or"):
        return _logical(operator, term, scope)
    if operator.name == "not":
        return _negation(scope.condition(term.arguments[0]), scope)
    nodes = [scope.plan(argument) for argument in term.arguments]
    if operator.result == "boolean":
        return _comparison(operator, nodes, scope)
    if _is_exact(operator, nodes):
        return _exact(operator, term, nodes, scope)
    return _real(operator, [as_real(node, scope.arithmetic) for node in nodes], scope)


def _is_exact(operator: Operator, nodes: Sequence[Node]) -> bool:
    if operator.name not in rational.EXACT or any(node.kind != "exact" for node in nodes):
        return False
    return operator.name != "power" or nodes[1].whole


def _exact(operator: Operator, term: Apply, nodes: list[Node], scope: Scope) -> Node:
    runs = [node.run for node in nodes]
    name = operator.name
    whole = name in _ALWAYS_WHOLE or (name in _WHOLE_OF_WHOLE and all(node.whole for node in nodes))
    if name == "power":
        exponent = term.arguments[1]
        whole = nodes[0].whole and isinstance(exponent, Number) and exponent.value >= 0

    def run(frame: Frame, live: Live) -> Value:
        return rational.apply(name, [run(frame, live) for run in runs])

    return scope.node("exact", axes_of(nodes), run, whole=whole)


def _real(operator: Operator, nodes: list[Node], scope: Scope) -> Node:
    function = scope.arithmetic.function(operator)
    if len(nodes) == 1:
        only = nodes[0].run

        def run_one(frame: Frame, live: Live) -> Value:
            return function(only(frame, live))

        return scope.node("real", nodes[0].axes, run_one)
    first, *others = (node.run for node in nodes)

    def run(frame: Frame, live: Live) -> Value:
        value = first(frame, live)
        for other in others:
            value = function(value, other(frame, live))
        return value

    return scope.node("real", axes_of(nodes), run)


def _comparison(operator: Operator, nodes: list[Node], scope: Scope) -> Node:
    compare = operator.numpy
    if all(node.kind == "exact" for node in nodes):
        left, right = (node.run for node in nodes)

        def run_exact(frame: Frame, live: Live) -> Value:
            return rational.compare(compare, left(frame, live), right(frame, live))

        return scope.node("boolean", axes_of(nodes), run_exact)
    left, right = (as_real(node, scope.arithmetic).run for node in nodes)
    function = scope.arithmetic.function(operator)

    def run(frame: Frame, live: Live) -> Value:
        return function(left(frame, live), right(frame, live))

    return scope.node("boolean", axes_of(nodes), run)


def _logical(operator: Operator, term: Apply, scope: Scope) -> Node:
    """Later conditions are live only where the earlier ones leave the answer open."""
    nodes = [scope.condition(argument) for argument in term.arguments]
    decisive = operator.name == "or"
    combine = operator.numpy

    def run(frame: Frame, live: Live) -> Value:
        value = nodes[0].run(frame, live)
        for node in nodes[1:]:
            open_ = narrowed(live, ~value if decisive else value)
            if open_.any():
                value = combine(value, node.run(frame, open_))
        return value

    return scope.node("boolean", axes_of(nodes), run)


def _negation(node: Node, scope: Scope) -> Node:
    def run(frame: Frame, live: Live) -> Value:
        return np.logical_not(node.run(frame, live))

    return scope.node("boolean", node.axes, run)


@attrs.frozen
class Product:
    """A product taken apart: what multiplies, the conditions of its indicators, its sign."""

    terms: tuple[Term, ...]
    conditions: tuple[Term, ...]
    negative: bool


def factors(term: Term) -> Product:
    """The factors of nested products and negations, in order."""
    match term:
        case Apply("multiply", arguments):
            parts = [factors(argument) for argument in arguments]
            return Product(
                tuple(each for part in parts for each in part.terms),
                tuple(each for part in parts for each in part.conditions),
                sum(part.negative for part in parts) % 2 == 1,
            )
        case Apply("negate", (operand,)):
            part = factors(operand)
            return attrs.evolve(part, negative=not part.negative)
        case Apply("indicator", (condition,)):
            return Product((), (condition,), False)
    return Product((term,), (), False)


def _guarded_product(product: Product, scope: Scope) -> Node:
    """Exactly 0 where a condition fails: there, the other factors are not looked at."""
    conditions = [scope.condition(condition) for condition in product.conditions]
    kind, nodes = alike([scope.plan(each) for each in product.terms], scope.arithmetic)
    if kind == "boolean":
        raise IllFormed("a condition stands where a number is needed")
    multiply = _multiplication(kind, scope)
    zero = scope.arithmetic.from_exact(0) if kind == "real" else 0
    one = scope.arithmetic.from_exact(1) if kind == "real" else 1

    def run(frame: Frame, live: Live) -> Value:
        holds: Any = np.True_
        for condition in conditions:
            holds = holds & condition.run(frame, narrowed(live, holds))
        alive = narrowed(live, holds)
        if not alive.any():
            return zero
        value = one
        for node in nodes:
            value = multiply(value, node.run(frame, alive))
        return choose(kind, holds, -value if product.negative else value, zero)

    whole = kind == "exact" and all(node.whole for node in nodes)
    return scope.node(kind, axes_of([*conditions, *nodes]), run, whole=whole)


def _multiplication(kind: Kind, scope: Scope) -> Any:
    if kind == "exact":
        return lambda left, right: rational.apply("multiply", [left, right])
    return scope.arithmetic.function(OPERATORS["multiply"])


def plan_piecewise(term: Piecewise, scope: Scope) -> Node:
    """Each value is live only where its case is chosen; where none is, the value is NaN."""
    conditions = [scope.condition(condition) for condition, _ in term.cases]
    values = [scope.plan(value) for _, value in term.cases]
    if term.otherwise is not None:
        values.append(scope.plan(term.otherwise))
    kind, values = alike(values, scope.arithmetic)
    if term.otherwise is None:
        kind, values = "real", [as_real(value, scope.arithmetic) for value in values]
    undefined = scope.arithmetic.from_exact(math.nan) if kind == "real" else 0

    def run(frame: Frame, live: Live) -> Value:
        chosen: list[tuple[Any, Value]] = []
        remaining = live
        for condition, value in zip(conditions, values, strict=False):
            holds = condition.run(frame, remaining)
            here = narrowed(remaining, holds)
            if here.any():
                chosen.append((here, value.run(frame, here)))
            remaining = narrowed(remaining, ~holds)
            if not remaining.any():
                break
        result = undefined
        if len(values) > len(conditions) and (remaining is None or remaining.any()):
            result = values[-1].run(frame, remaining)
        for here, value_here in reversed(chosen):
            result = choose(kind, here, value_here, result)
        return result

    whole = kind == "exact" and all(value.whole for value in values)
    return scope.node(kind, axes_of([*conditions, *values]), run, whole=whole)
