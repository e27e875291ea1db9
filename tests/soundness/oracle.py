"""A second evaluator of index expressions: scalar loops over exact inputs at fifty digits.

It is written from the meaning in the design alone and shares nothing with the evaluator of the
package but the term classes, so that one misunderstanding cannot hide in both.  Slow and plain on
purpose: every element is computed on its own, and a value that mathematics does not define is
*undefined*, never a number.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import attrs
import mpmath
import numpy as np
from mpmath import mp, mpf

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

DIGITS = 50
TWO = mpf(2)
FARTHEST_EXPONENT = 10**10
FARTHEST_ERROR = 10**5
mp.dps = DIGITS

Real = mpf
Scope = dict[Index, int]


class Undefined(Exception):
    """The value asked for does not exist: 0/0, a root of a negative, outside a tensor."""


class Unmatched(Exception):
    """The expression does not fit the arguments: ranks, sizes or names disagree."""


@attrs.frozen
class World:
    """What an expression is evaluated in: tensors as nested lists, sizes, and definitions."""

    tensors: Mapping[str, Any]
    sizes: Mapping[str, int]
    definitions: Mapping[str, Any]
    known: dict[tuple[str, tuple[int, ...]], Real] = attrs.field(factory=dict)
    state: Mapping[str, Callable[[tuple[int, ...]], Real]] = attrs.field(factory=dict)


def exact(value: Any) -> Real:
    """The number a float, an integer or a fraction stands for."""
    if isinstance(value, Fraction):
        return mpf(value.numerator) / mpf(value.denominator)
    return mpf(value)


def real(value: Any) -> Real:
    """A defined real number, infinities included.  Raises Undefined for anything else."""
    if isinstance(value, mpmath.mpc):
        if value.imag != 0:
            raise Undefined("not real")
        value = value.real
    if mpmath.isnan(value):
        raise Undefined("not a number")
    return value


def value_of(term: Term, scope: Scope, world: World) -> Any:
    """The number (or truth) that ``term`` denotes.  Raises Undefined."""
    match term:
        case Number():
            return exact(term.value)
        case Size():
            return exact(extent_of(term, world))
        case Constant():
            return {"pi": mp.pi, "e": mp.e, "infinity": mp.inf}[term.name] + 0
        case Index():
            return mpf(scope[term])
        case Element():
            return element_of(term, scope, world)
        case Apply():
            return applied(term, scope, world)
        case Piecewise():
            return first_case(term, scope, world)
        case Reduce():
            return reduced(term, scope, world)
        case Call():
            return called(term, scope, world)
        case Recurrence():
            return after_steps(term, scope, world)
    raise Unmatched(f"{type(term).__name__} is not a number")


def extent_of(size: Size, world: World) -> Fraction:
    try:
        return size.at(world.sizes)
    except KeyError as missing:
        raise Unmatched(f"no size {missing}") from missing


def length_of(size: Size, world: World) -> int:
    extent = extent_of(size, world)
    if extent.denominator != 1:
        raise Unmatched(f"a length of {extent}")
    return max(int(extent), 0)


def position_of(term: Term, scope: Scope, world: World) -> int:
    position = value_of(term, scope, world)
    if not mpmath.isfinite(position) or position != int(position):
        raise Undefined("a position that is not a whole number")
    return int(position)


def element_of(term: Element, scope: Scope, world: World) -> Real:
    at = tuple(position_of(index, scope, world) for index in term.indices)
    if term.tensor in world.state:
        return world.state[term.tensor](at)
    if term.tensor in world.definitions:
        return defined_element(term.tensor, at, world)
    if term.tensor not in world.tensors:
        raise Unmatched(f"no tensor {term.tensor}")
    found = world.tensors[term.tensor]
    for position in at:
        if not isinstance(found, list):
            raise Unmatched(f"{term.tensor} has fewer axes")
        if not 0 <= position < len(found):
            raise Undefined(f"outside {term.tensor}")
        found = found[position]
    if isinstance(found, list):
        raise Unmatched(f"{term.tensor} has more axes")
    return found


def defined_element(name: str, at: tuple[int, ...], world: World) -> Real:
    """An element of a definition, computed once."""
    if (name, at) not in world.known:
        definition = world.definitions[name]
        for position, index in zip(at, definition.indices, strict=True):
            if not 0 <= position < length_of(index.extent, world):
                raise Undefined(f"outside {name}")
        scope = dict(zip(definition.indices, at, strict=True))
        world.known[name, at] = value_of(definition.body, scope, world)
    return world.known[name, at]


# --- elementwise ----------------------------------------------------------------------------------


def quotient(a: Real, b: Real) -> Real:
    if b != 0:
        return a / b
    if a == 0:
        raise Undefined("0/0")
    return mp.inf if a > 0 else -mp.inf


def raised(a: Real, b: Real) -> Real:
    if a == 0 and b < 0:
        return mp.inf
    if a == 0 and b == 0:
        return mpf(1)
    if a < 0 and b != mpmath.floor(b):
        raise Undefined("a negative number to a broken power")
    if mpmath.isinf(b) or mpmath.isinf(a):
        return _raised_at_infinity(a, b)
    if a != 0 and abs(b * mpmath.log(abs(a))) > FARTHEST_EXPONENT:
        return _raised_at_infinity(a, mp.inf if b > 0 else -mp.inf)
    return mpmath.power(a, b)


def _raised_at_infinity(a: Real, b: Real) -> Real:
    if b == 0:
        return mpf(1)
    if mpmath.isinf(b):
        if abs(a) == 1:
            raise Undefined("1 to infinity")
        return mp.inf if (abs(a) > 1) == (b > 0) else mpf(0)
    if b < 0:
        return mpf(0)
    return mp.inf if a > 0 or int(b) % 2 == 0 else -mp.inf


def logarithm(a: Real) -> Real:
    if a < 0:
        raise Undefined("log of a negative number")
    return -mp.inf if a == 0 else mpmath.log(a)


def root(a: Real) -> Real:
    if a < 0:
        raise Undefined("root of a negative number")
    return mpmath.sqrt(a)


def exponential(a: Real) -> Real:
    if abs(a) > FARTHEST_EXPONENT:
        return mp.inf if a > 0 else mpf(0)
    return mpmath.exp(a)


def wave(function: Callable[[Real], Real]) -> Callable[[Real], Real]:
    """A periodic function, undefined so far out that its phase is lost."""

    def inside(a: Real) -> Real:
        if abs(a) > FARTHEST_EXPONENT:
            raise Undefined("a wave too far out")
        return function(a)

    return inside


def hyperbolic_sine(a: Real) -> Real:
    return (exponential(a) - exponential(-a)) / 2 if abs(a) > 1 else mpmath.sinh(a)


def hyperbolic_cosine(a: Real) -> Real:
    return (exponential(a) + exponential(-a)) / 2


def error_function(a: Real) -> Real:
    return sign(a) if abs(a) > FARTHEST_ERROR else mpmath.erf(a)


def complementary_error(a: Real) -> Real:
    return 1 - sign(a) if abs(a) > FARTHEST_ERROR else mpmath.erfc(a)


def gamma_function(a: Real) -> Real:
    if a > FARTHEST_ERROR:
        return mp.inf
    return mpmath.gamma(a)


def remainder(a: Real, b: Real) -> Real:
    return a - b * mpmath.floor(quotient(a, b))


def sign(a: Real) -> Real:
    return mpf((a > 0) - (a < 0))


def sigmoid(a: Real) -> Real:
    return 1 / (1 + exponential(-a))


def softplus(a: Real) -> Real:
    return mpmath.log1p(exponential(a)) if a < 0 else a + mpmath.log1p(exponential(-a))


def gaussian_gate(a: Real) -> Real:
    return a * normal_distribution(a)


def normal_distribution(a: Real) -> Real:
    return complementary_error(-a / mpmath.sqrt(2)) / 2


def hyperbolic_tangent(a: Real) -> Real:
    return sign(a) if abs(a) > FARTHEST_EXPONENT else mpmath.tanh(a)


ELEMENTWISE: Mapping[str, Callable[..., Real]] = {
    "add": lambda *summands: _sum(summands),
    "subtract": lambda a, b: a - b,
    "negate": lambda a: -a,
    "multiply": lambda *factors: _product(factors),
    "divide": quotient,
    "power": raised,
    "exp": exponential,
    "expm1": lambda a: exponential(a) - 1 if abs(a) > 1 else mpmath.expm1(a),
    "log": logarithm,
    "log1p": lambda a: logarithm(1 + a),
    "sqrt": root,
    "square": lambda a: a * a,
    "reciprocal": lambda a: quotient(mpf(1), a),
    "absolute": abs,
    "sign": sign,
    "maximum": max,
    "minimum": min,
    "floor": mpmath.floor,
    "ceil": mpmath.ceil,
    "round": mpmath.nint,
    "modulo": remainder,
    "sin": wave(mpmath.sin),
    "cos": wave(mpmath.cos),
    "tan": wave(mpmath.tan),
    "arcsin": mpmath.asin,
    "arccos": mpmath.acos,
    "arctan": mpmath.atan,
    "sinh": hyperbolic_sine,
    "cosh": hyperbolic_cosine,
    "tanh": hyperbolic_tangent,
    "arcsinh": mpmath.asinh,
    "arccosh": mpmath.acosh,
    "arctanh": mpmath.atanh,
    "erf": error_function,
    "erfc": complementary_error,
    "gamma": gamma_function,
    "loggamma": mpmath.loggamma,
    "digamma": mpmath.digamma,
    "factorial": lambda a: gamma_function(a + 1),
}

COMPARISONS: Mapping[str, Callable[[Real, Real], bool]] = {
    "equal": lambda a, b: a == b,
    "not_equal": lambda a, b: a != b,
    "less": lambda a, b: a < b,
    "less_equal": lambda a, b: a <= b,
    "greater": lambda a, b: a > b,
    "greater_equal": lambda a, b: a >= b,
}


def _sum(summands: Sequence[Real]) -> Real:
    total = mpf(0)
    for summand in summands:
        total = real(total + summand)
    return total


def _product(factors: Sequence[Real]) -> Real:
    total = mpf(1)
    for factor in factors:
        total = real(total * factor)
    return total


def is_indicator(term: Term) -> bool:
    return isinstance(term, Apply) and term.operator == "indicator"


def applied(term: Apply, scope: Scope, world: World) -> Any:
    """An elementwise operator; conditions are looked at in order, an indicator 0 is strong."""
    operator, arguments = term.operator, term.arguments
    if operator == "and":
        return all(value_of(condition, scope, world) for condition in arguments)
    if operator == "or":
        return any(value_of(condition, scope, world) for condition in arguments)
    if operator == "not":
        return not value_of(arguments[0], scope, world)
    if operator == "indicator":
        return mpf(1) if value_of(arguments[0], scope, world) else mpf(0)
    if operator == "multiply":
        return multiplied(arguments, scope, world)
    values = [value_of(argument, scope, world) for argument in arguments]
    if operator in COMPARISONS:
        return bool(COMPARISONS[operator](*values))
    if operator not in ELEMENTWISE:
        raise Unmatched(f"no operator {operator} in the oracle")
    return _guarded(ELEMENTWISE[operator], values)


def multiplied(factors: Sequence[Term], scope: Scope, world: World) -> Real:
    """A product: where an indicator among the factors is 0, the others are not looked at."""
    switches = [factor for factor in factors if is_indicator(factor)]
    if any(value_of(switch, scope, world) == 0 for switch in switches):
        return mpf(0)
    return _product(
        [value_of(factor, scope, world) for factor in factors if not is_indicator(factor)]
    )


def _guarded(function: Callable[..., Any], values: Sequence[Real]) -> Real:
    try:
        return real(function(*values))
    except (ValueError, ZeroDivisionError, OverflowError) as error:
        raise Undefined(str(error)) from error


def first_case(term: Piecewise, scope: Scope, world: World) -> Any:
    for condition, value in term.cases:
        if value_of(condition, scope, world):
            return value_of(value, scope, world)
    if term.otherwise is None:
        raise Undefined("no case holds")
    return value_of(term.otherwise, scope, world)


# --- reductions -----------------------------------------------------------------------------------


def reduced(term: Reduce, scope: Scope, world: World) -> Real:
    """A reduction over the positions where the guard holds; the others are never looked at."""
    entries = []
    for position in range(length_of(term.index.extent, world)):
        inner = {**scope, term.index: position}
        if term.guard is None or value_of(term.guard, inner, world):
            entries.append((position, value_of(term.body, inner, world)))
    values = [value for _, value in entries]
    match term.operator:
        case "sum":
            return _sum(values)
        case "product":
            return _product(values)
        case "maximum":
            return max(values, default=-mp.inf)
        case "minimum":
            return min(values, default=mp.inf)
        case "argmax":
            return _first_where(entries, max(values, default=None))
        case "argmin":
            return _first_where(entries, min(values, default=None))
    raise Unmatched(f"no reduction {term.operator} in the oracle")


def _first_where(entries: Sequence[tuple[int, Real]], best: Real | None) -> Real:
    for position, value in entries:
        if value == best:
            return mpf(position)
    raise Undefined("the place of the largest of nothing")


def after_steps(term: Recurrence, scope: Scope, world: World) -> Real:
    """The state after ``count`` steps, each element from the previous state."""
    lengths = [length_of(index.extent, world) for index in term.indices]
    places = list(itertools.product(*(range(length) for length in lengths)))
    count = position_of(term.count, scope, world)

    def whole(body: Term, inner: Scope, around: World) -> dict[tuple[int, ...], Real]:
        return {
            place: value_of(body, {**inner, **dict(zip(term.indices, place, strict=True))}, around)
            for place in places
        }

    state = whole(term.initial, scope, world)
    for step in range(count):
        around = attrs.evolve(world, state={**world.state, term.state: state.__getitem__})
        state = whole(term.following, {**scope, term.step: step}, around)
    at = tuple(position_of(index, scope, world) for index in term.at)
    if at not in state:
        raise Undefined(f"outside {term.state}")
    return state[at]


# --- named functions ------------------------------------------------------------------------------


def vector_of(term: Term, scope: Scope, world: World) -> list[Real]:
    """The elements of a comprehension, last index fastest."""
    if not isinstance(term, Comprehension):
        raise Unmatched("a named function of a tensor was given a number")
    lengths = [length_of(index.extent, world) for index in term.indices]
    places = itertools.product(*(range(length) for length in lengths))
    return [
        value_of(term.body, {**scope, **dict(zip(term.indices, place, strict=True))}, world)
        for place in places
    ]


def at_position(values: Sequence[Real], at: Sequence[int]) -> Real:
    if len(at) != 1:
        raise Unmatched("one position is needed")
    if not 0 <= at[0] < len(values):
        raise Undefined("outside a vector")
    return values[at[0]]


def softmax(values: Sequence[Real]) -> list[Real]:
    largest = max(values)
    weights = [exponential(value - largest) for value in values]
    return [weight / _sum(weights) for weight in weights]


def log_softmax(values: Sequence[Real]) -> list[Real]:
    total = log_sum_exp(values)
    return [value - total for value in values]


def log_sum_exp(values: Sequence[Real]) -> Real:
    if not values:
        return -mp.inf
    largest = max(values)
    return largest + logarithm(_sum([exponential(value - largest) for value in values]))


def average(values: Sequence[Real]) -> Real:
    return quotient(_sum(values), mpf(len(values)))


def variance(values: Sequence[Real]) -> Real:
    centre = average(values)
    return average([(value - centre) ** 2 for value in values])


def standardised(values: Sequence[Real], epsilon: Real) -> list[Real]:
    centre, spread = average(values), mpmath.sqrt(variance(values) + epsilon)
    return [quotient(value - centre, spread) for value in values]


def norm(values: Sequence[Real], order: Real = TWO) -> Real:
    if order == mp.inf:
        return max(abs(value) for value in values)
    powers = _sum([raised(abs(value), order) for value in values])
    return raised(powers, 1 / order)


def dot(left: Sequence[Real], right: Sequence[Real]) -> Real:
    if len(left) != len(right):
        raise Unmatched("a dot product of different lengths")
    return _sum([a * b for a, b in zip(left, right, strict=True)])


def cosine(left: Sequence[Real], right: Sequence[Real]) -> Real:
    return quotient(dot(left, right), norm(left) * norm(right))


SCALAR_FUNCTIONS: Mapping[str, Callable[..., Real]] = {
    "sigmoid": sigmoid,
    "logsigmoid": lambda a: -softplus(-a),
    "relu": lambda a: max(a, mpf(0)),
    "softplus": softplus,
    "silu": lambda a: a * sigmoid(a),
    "gelu": gaussian_gate,
    "softsign": lambda a: a / (1 + abs(a)),
    "relu6": lambda a: min(max(a, mpf(0)), mpf(6)),
    "elu": lambda a, alpha: a if a > 0 else alpha * (exponential(a) - 1),
    "leaky_relu": lambda a, slope: a if a > 0 else slope * a,
    "mish": lambda a: a * hyperbolic_tangent(softplus(a)),
}
VECTOR_FUNCTIONS: Mapping[str, Callable[..., list[Real]]] = {
    "softmax": softmax,
    "log_softmax": log_softmax,
    "layer_norm": standardised,
}
REDUCING_FUNCTIONS: Mapping[str, Callable[..., Real]] = {
    "logsumexp": log_sum_exp,
    "sum": _sum,
    "max": max,
    "min": min,
    "norm_p": norm,
    "mean": average,
    "variance": variance,
    "norm": norm,
}
PAIRING_FUNCTIONS: Mapping[str, Callable[..., Real]] = {
    "dot": dot,
    "cosine_similarity": cosine,
}


def called(term: Call, scope: Scope, world: World) -> Real:
    """One element of a named function, by the oracle's own definition of it."""
    name = term.name
    if name in SCALAR_FUNCTIONS:
        values = [value_of(argument, scope, world) for argument in term.arguments]
        return _guarded(SCALAR_FUNCTIONS[name], values)
    tensors = [vector_of(a, scope, world) for a in term.arguments if isinstance(a, Comprehension)]
    numbers = [
        value_of(a, scope, world) for a in term.arguments if not isinstance(a, Comprehension)
    ]
    at = [position_of(index, scope, world) for index in term.at]
    if name in VECTOR_FUNCTIONS:
        return at_position(VECTOR_FUNCTIONS[name](*tensors, *numbers), at)
    if name in REDUCING_FUNCTIONS:
        return real(REDUCING_FUNCTIONS[name](*tensors, *numbers))
    if name in PAIRING_FUNCTIONS:
        return real(PAIRING_FUNCTIONS[name](*tensors))
    raise Unmatched(f"no function {name} in the oracle")


# --- whole expressions ----------------------------------------------------------------------------


@attrs.frozen
class Table:
    """Every element of a tensor, row by row; None where it is undefined."""

    shape: tuple[int, ...]
    elements: tuple[Real | None, ...]


def nested(value: Any) -> Any:
    """Exact numbers in nested lists, from an array or a number."""
    if isinstance(value, (np.ndarray, np.generic)):
        return nested(value.tolist())
    if isinstance(value, list):
        return [nested(entry) for entry in value]
    return mpf(value)


def table_of(expression: Expression, arrays: Mapping[str, Any], sizes: Mapping[str, int]) -> Table:
    """Every element of ``expression`` at given tensors.  Raises Unmatched."""
    world = World(
        {name: nested(array) for name, array in arrays.items()},
        sizes,
        {definition.name: definition for definition in expression.definitions},
    )
    shape = tuple(length_of(index.extent, world) for index in expression.indices)
    places = itertools.product(*(range(length) for length in shape))
    elements = []
    for place in places:
        scope = dict(zip(expression.indices, place, strict=True))
        elements.append(_element_or_none(expression.body, scope, world))
    return Table(shape, tuple(elements))


def _element_or_none(body: Term, scope: Scope, world: World) -> Real | None:
    try:
        return real(value_of(body, scope, world))
    except Undefined:
        return None
