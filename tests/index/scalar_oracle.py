"""A second evaluator, one number at a time, lazily, straight from docs/index-language.md.

It shares no code with the evaluator under test: plain Python numbers, plain recursion.  Exact
numbers are Fractions, real ones floats, conditions bools.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from torchtex.index.named import NAMED
from torchtex.index.terms import (
    Apply,
    Call,
    Comprehension,
    Constant,
    Element,
    Expression,
    Index,
    Number,
    Piecewise,
    Recurrence,
    Reduce,
    Size,
    Term,
)

Environment = Mapping[Index, int]
Tensor = Callable[[tuple[Any, ...]], Any]


class Outside(Exception):
    """A position outside its tensor, or no position at all."""


def from_array(array: Any, *, exact: bool = False) -> Tensor:
    """A tensor that looks its elements up in a NumPy array."""

    def element(positions: tuple[Any, ...]) -> Any:
        for position, extent in zip(positions, array.shape, strict=True):
            if position != position or not 0 <= position < extent or int(position) != position:
                raise Outside
        found = array[tuple(int(position) for position in positions)]
        return Fraction(int(found)) if exact else float(found)

    return element


def elements(
    expression: Expression, tensors: Mapping[str, Tensor], sizes: Mapping[str, int]
) -> dict[tuple[int, ...], float]:
    """Each element of the expression by its positions."""
    known = dict(tensors)
    for definition in expression.definitions:
        known[definition.name] = _defined(definition.indices, definition.body, dict(known), sizes)
    ranges = [range(int(index.extent.at(sizes))) for index in expression.indices]
    return {
        positions: float(
            value(
                expression.body,
                dict(zip(expression.indices, positions, strict=True)),
                known,
                sizes,
            )
        )
        for positions in itertools.product(*ranges)
    }


def _defined(indices: Any, body: Term, known: Mapping[str, Tensor], sizes: Any) -> Tensor:
    def element(positions: tuple[Any, ...]) -> Any:
        for index, position in zip(indices, positions, strict=True):
            if not 0 <= position < index.extent.at(sizes) or int(position) != position:
                raise Outside
        places = {i: int(p) for i, p in zip(indices, positions, strict=True)}
        return value(body, places, known, sizes)

    return element


def value(
    term: Term, at: Environment, tensors: Mapping[str, Tensor], sizes: Mapping[str, int]
) -> Any:
    """The number that ``term`` denotes where its indices have the positions ``at``."""

    def here(part: Term) -> Any:
        return value(part, at, tensors, sizes)

    match term:
        case Number() | Constant() | Size() | Index():
            return _atom(term, at, sizes)
        case Element(name, indices):
            return tensors[name](tuple(here(position) for position in indices))
        case Apply(operator, arguments):
            return _applied(operator, arguments, here)
        case Piecewise(cases, otherwise):
            for condition, result in cases:
                if here(condition):
                    return here(result)
            return math.nan if otherwise is None else here(otherwise)
        case Reduce():
            return _reduced(term, at, tensors, sizes)
        case Call():
            return _called(term, at, tensors, sizes)
        case Recurrence():
            return _recurred(term, at, tensors, sizes)
    raise AssertionError(term)


def _atom(term: Term, at: Environment, sizes: Mapping[str, int]) -> Any:
    match term:
        case Number(number):
            return number
        case Constant(name):
            return {"pi": math.pi, "e": math.e, "infinity": math.inf}[name]
        case Size():
            return term.at(sizes)
        case Index():
            return Fraction(at[term])
    raise AssertionError(term)


def _applied(operator: str, arguments: tuple[Term, ...], here: Callable[[Term], Any]) -> Any:
    match operator:
        case "multiply":
            return _product(arguments, here)
        case "and":
            return all(here(argument) for argument in arguments)
        case "or":
            return any(here(argument) for argument in arguments)
    return OPERATIONS[operator](*(here(argument) for argument in arguments))


def _product(arguments: tuple[Term, ...], here: Callable[[Term], Any]) -> Any:
    """Indicators first: where one is 0 the product is 0 and nothing else is looked at."""
    flat = _flat(arguments)
    if not all(here(factor.arguments[0]) for factor in flat if _is_indicator(factor)):
        return Fraction(0)
    result: Any = Fraction(1)
    for factor in flat:
        result = _times(result, Fraction(1) if _is_indicator(factor) else here(factor))
    return result


def _flat(arguments: tuple[Term, ...]) -> list[Any]:
    flat: list[Term] = []
    for argument in arguments:
        if isinstance(argument, Apply) and argument.operator == "multiply":
            flat += _flat(argument.arguments)
        elif isinstance(argument, Apply) and argument.operator == "negate":
            flat += [Number(Fraction(-1)), *_flat(argument.arguments)]
        else:
            flat.append(argument)
    return flat


def _is_indicator(term: Any) -> bool:
    return isinstance(term, Apply) and term.operator == "indicator"


def _times(left: Any, right: Any) -> Any:
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        return left * right
    return float(left) * float(right)


def _reduced(term: Reduce, at: Environment, tensors: Any, sizes: Any) -> Any:
    length = max(0, int(term.index.extent.at(sizes)))
    found: list[tuple[int, Any]] = []
    for position in range(length):
        inner = {**at, term.index: position}
        if term.guard is not None and not value(term.guard, inner, tensors, sizes):
            continue
        found.append((position, value(term.body, inner, tensors, sizes)))
    values = [each for _, each in found]
    match term.operator:
        case "sum":
            return _folded(values, Fraction(0), lambda a, b: a + b)
        case "product":
            return _folded(values, Fraction(1), lambda a, b: a * b)
        case "maximum":
            return _extreme(values, max, -math.inf)
        case "minimum":
            return _extreme(values, min, math.inf)
    best = _extreme(values, max if term.operator == "argmax" else min, math.nan)
    for position, each in found:
        if each == best or (each != each and best != best):
            return Fraction(position)
    return math.nan


def _folded(values: list[Any], start: Any, step: Callable[[Any, Any], Any]) -> Any:
    result = start
    for each in values:
        both_exact = isinstance(result, Fraction) and isinstance(each, Fraction)
        result = step(result, each) if both_exact else step(float(result), float(each))
    return result


def _extreme(values: list[Any], choose: Callable[[Any], Any], empty: float) -> Any:
    if any(each != each for each in values):
        return math.nan
    return choose(values) if values else empty


def _called(term: Call, at: Environment, tensors: Any, sizes: Any) -> Any:
    function = NAMED[term.name]
    formals: dict[str, Tensor] = {}
    inner_sizes: dict[str, int] = {}
    for formal, argument in zip(function.formals, term.arguments, strict=True):
        indices = argument.indices if isinstance(argument, Comprehension) else ()
        body = argument.body if isinstance(argument, Comprehension) else argument
        formals[formal.name] = _closed(indices, body, at, tensors, sizes)
        for extent, index in zip(formal.extents, indices, strict=True):
            inner_sizes[extent.names[0]] = int(index.extent.at(sizes))
    places = {
        index: value(position, at, tensors, sizes)
        for index, position in zip(function.indices, term.at, strict=True)
    }
    return value(function.body, places, formals, inner_sizes)


def _closed(indices: Any, body: Term, at: Environment, tensors: Any, sizes: Any) -> Tensor:
    def element(positions: tuple[Any, ...]) -> Any:
        return value(body, {**at, **dict(zip(indices, positions, strict=True))}, tensors, sizes)

    return element


def _recurred(term: Recurrence, at: Environment, tensors: Any, sizes: Any) -> Any:
    count = value(term.count, at, tensors, sizes)
    if not 0 <= count <= term.step.extent.at(sizes):
        raise Outside
    extents = [int(index.extent.at(sizes)) for index in term.indices]

    def state(step: int) -> Tensor:
        def element(positions: tuple[Any, ...]) -> Any:
            for position, extent in zip(positions, extents, strict=True):
                if not 0 <= position < extent:
                    raise Outside
            inner = {**at, **dict(zip(term.indices, positions, strict=True))}
            if step == 0:
                return value(term.initial, inner, tensors, sizes)
            inner = {**inner, term.step: step - 1}
            known = {**tensors, term.state: state(step - 1)}
            return value(term.following, inner, known, sizes)

        return element

    return state(int(count))(tuple(value(position, at, tensors, sizes) for position in term.at))


def _both(exact: Callable[..., Any], real: Callable[..., Any]) -> Callable[..., Any]:
    def operation(*arguments: Any) -> Any:
        if all(isinstance(argument, Fraction) for argument in arguments):
            return exact(*arguments)
        return real(*(float(argument) for argument in arguments))

    return operation


def _quotient(x: float, y: float) -> float:
    if y != 0:
        return x / y
    return math.nan if x == 0 or x != x else math.copysign(math.inf, x)


def _exact_quotient(x: Fraction, y: Fraction) -> Any:
    return x / y if y else _quotient(float(x), 0.0)


OPERATIONS: dict[str, Callable[..., Any]] = {
    "add": _both(lambda *a: sum(a, Fraction(0)), lambda *a: sum(a)),
    "subtract": _both(lambda a, b: a - b, lambda a, b: a - b),
    "negate": lambda a: -a,
    "divide": _both(_exact_quotient, _quotient),
    "power": _both(lambda a, b: a**b, lambda a, b: a**b),
    "modulo": lambda a, b: a % b,
    "floor": lambda a: Fraction(math.floor(a)),
    "ceil": lambda a: Fraction(math.ceil(a)),
    "absolute": abs,
    "sign": lambda a: Fraction((a > 0) - (a < 0)),
    "maximum": lambda *a: _extreme(list(a), max, 0),
    "minimum": lambda *a: _extreme(list(a), min, 0),
    "exp": lambda a: math.exp(a),
    "tanh": lambda a: math.tanh(a),
    "sqrt": lambda a: math.sqrt(a),
    "log": lambda a: math.log(a) if a > 0 else (-math.inf if a == 0 else math.nan),
    "erf": lambda a: math.erf(a),
    "less": lambda a, b: a < b,
    "less_equal": lambda a, b: a <= b,
    "greater": lambda a, b: a > b,
    "greater_equal": lambda a, b: a >= b,
    "equal": lambda a, b: a == b,
    "not_equal": lambda a, b: a != b,
    "not": lambda a: not a,
    "indicator": lambda a: Fraction(int(a)),
}
