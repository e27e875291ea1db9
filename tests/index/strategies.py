"""Random well-formed expressions over a few tensors, for properties.

Values and operations are chosen so that rounding cannot flip a comparison or blow up: real
comparisons are between elements and dyadic numbers, denominators are positive.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st

from torchtex.index.construct import (
    add,
    apply,
    call,
    comprehension,
    constant,
    divide,
    element,
    equal,
    exp,
    expression,
    greater,
    index,
    indicator,
    less,
    less_equal,
    maximum,
    minimum,
    multiply,
    negate,
    not_equal,
    number,
    piecewise,
    power,
    recurrence,
    reduce,
    size,
    sqrt,
    subtract,
    tensor,
)
from torchtex.index.terms import Definition, Expression, Index, Size, Term

N, C = size("N"), size("C")
TENSORS = (
    tensor("z", "N", "C"),
    tensor("x", "C"),
    tensor("y", "N", labels="C"),
    tensor("beta"),
    tensor("k", integer=True),
)
# The last two are meant to be shadowed, and to differ from the first in their extent only.
NAMES = ("n", "c", "i")
EXTENTS = (N, C)
Scope = tuple[Index, ...]
DYADIC = st.integers(-8, 8).map(lambda quarter: Fraction(quarter, 4))


Inputs = tuple[dict[str, Any], dict[str, int]]


def inputs() -> st.SearchStrategy[Inputs]:
    """Values of the tensors on a dyadic grid, and the sizes they have."""
    seeds = st.integers(0, 2**16)
    return st.builds(inputs_of, seeds, st.integers(1, 3), st.integers(1, 4))


def inputs_of(seed: int, n: int, c: int) -> Inputs:
    """The inputs of these sizes."""
    random = np.random.default_rng(seed)
    values = {
        "z": random.integers(-8, 9, (n, c)) / 4,
        "x": random.integers(-8, 9, (c,)) / 4,
        "y": random.integers(0, c, (n,)),
        "beta": float(random.integers(-8, 9) / 4),
        "k": int(random.integers(0, 4)),
    }
    return values, {"N": n, "C": c}


def any_index() -> st.SearchStrategy[Index]:
    return st.builds(index, st.sampled_from(NAMES), st.sampled_from(EXTENTS))


@st.composite
def positions(draw: st.DrawFn, extent: Size, scope: Scope) -> Term:
    """A term that is a position of an axis; rarely one that may be outside."""
    choices: list[Any] = [each for each in scope if each.extent == extent]
    if extent == C:
        choices += [element("y", i) for i in scope if i.extent == N]
    if draw(st.integers(0, 9)) == 0 and scope:
        return add(draw(st.sampled_from(scope)), draw(st.integers(-1, 1)))
    if choices and draw(st.integers(0, 3)):
        return draw(st.sampled_from(choices))
    whole = draw(whole_terms(1, scope))
    return apply("modulo", whole, extent)


@st.composite
def whole_terms(draw: st.DrawFn, depth: int, scope: Scope) -> Term:
    """An exact term that is a whole number."""
    leaves: list[Term] = [number(draw(st.integers(-3, 3))), N, C, element("k"), *scope]
    if depth == 0 or draw(st.booleans()):
        return draw(st.sampled_from(leaves))
    below = whole_terms(depth - 1, scope)
    kind = draw(st.sampled_from(("add", "subtract", "multiply", "floor", "maximum")))
    if kind == "floor":
        return apply("floor", divide(draw(below), draw(st.integers(1, 3))))
    return apply(kind, draw(below), draw(below))


@st.composite
def conditions(draw: st.DrawFn, depth: int, scope: Scope) -> Term:
    """A condition on positions, or on elements against dyadic numbers."""
    kind = draw(st.sampled_from(("whole", "whole", "element", "and", "or", "not")))
    if kind == "element" and scope:
        looked_up = draw(elements(scope))
        compare = draw(st.sampled_from((less, greater, equal)))
        return compare(looked_up, number(draw(DYADIC)))
    if kind in ("and", "or") and depth > 0:
        below = conditions(depth - 1, scope)
        return apply(kind, draw(below), draw(below))
    if kind == "not" and depth > 0:
        return apply("not", draw(conditions(depth - 1, scope)))
    compare = draw(st.sampled_from((less, less_equal, equal, not_equal)))
    return compare(draw(whole_terms(1, scope)), draw(whole_terms(1, scope)))


@st.composite
def elements(draw: st.DrawFn, scope: Scope) -> Term:
    """An element of one of the real tensors."""
    name = draw(st.sampled_from(("z", "x", "beta")))
    extents = {"z": (N, C), "x": (C,), "beta": ()}[name]
    return element(name, *(draw(positions(extent, scope)) for extent in extents))


@st.composite
def terms(draw: st.DrawFn, depth: int, scope: Scope) -> Term:
    """A number, real or exact."""
    kinds = _LEAVES if depth == 0 else _LEAVES + _BRANCHES
    return draw(draw(st.sampled_from(kinds))(depth, scope))


def _scalar_call(name: str, argument: Term) -> Term:
    return call(name, _tame(argument))


@st.composite
def _best_positions(draw: st.DrawFn, scope: Scope) -> Term:
    i = draw(any_index())
    operator = draw(st.sampled_from(("argmax", "argmin")))
    return reduce(operator, i, draw(elements((*scope, i))))


def _tame(term: Term) -> Term:
    return apply("tanh", term)


@st.composite
def _applied(draw: st.DrawFn, below: st.SearchStrategy[Term]) -> Term:
    operator = draw(st.sampled_from(("add", "subtract", "negate", "exp", "sqrt", "maximum", "abs")))
    match operator:
        case "add":
            return add(*draw(st.lists(below, min_size=2, max_size=3)))
        case "subtract":
            return subtract(draw(below), draw(below))
        case "negate":
            return negate(draw(below))
        case "exp":
            return exp(_tame(draw(below)))
        case "sqrt":
            return sqrt(add(1, power(draw(below), 2)))
        case "maximum":
            return draw(st.sampled_from((maximum, minimum)))(draw(below), draw(below))
    return apply("absolute", draw(below))


@st.composite
def _reduced(draw: st.DrawFn, depth: int, scope: Scope) -> Term:
    i = draw(any_index())
    inner = (*(each for each in scope if each != i), i)
    operator = draw(st.sampled_from(("sum", "sum", "sum", "product", "maximum", "minimum")))
    guard = draw(st.none() | conditions(1, inner))
    body = draw(terms(depth - 1, inner))
    if operator == "product":
        body = _tame(body)
    if operator in ("maximum", "minimum"):
        # An empty range would be infinite, and infinities make NaN of everything around.
        return apply("tanh", reduce(operator, i, body, guard))
    return reduce(operator, i, body, guard)


@st.composite
def _called(draw: st.DrawFn, depth: int, scope: Scope) -> Term:
    i = draw(any_index())
    inner = (*(each for each in scope if each != i), i)
    body = _tame(draw(terms(depth - 1, inner)))
    name = draw(st.sampled_from(("softmax", "log_softmax", "logsumexp", "mean", "variance")))
    if name in ("softmax", "log_softmax"):
        return call(name, comprehension(i, body), at=(draw(positions(i.extent, scope)),))
    return call(name, comprehension(i, body))


@st.composite
def _recurrences(draw: st.DrawFn, depth: int, scope: Scope) -> Term:
    i, t = draw(any_index()), index("t", draw(st.integers(1, 3)))
    inner = (*(each for each in scope if each != i), i)
    initial = draw(terms(depth - 1, inner))
    change = draw(terms(depth - 1, (*inner, t)))
    following = add(multiply(Fraction(1, 2), element("s", i)), change)
    count = draw(st.integers(0, 1))
    at = draw(positions(i.extent, scope))
    return recurrence("s", (i,), initial, t, following, count, (at,))


_LEAVES: tuple[Any, ...] = (
    lambda depth, scope: elements(scope),
    lambda depth, scope: elements(scope),
    lambda depth, scope: DYADIC.map(number),
    lambda depth, scope: whole_terms(2, scope),
    lambda depth, scope: st.sampled_from(("pi", "e")).map(constant),
)


def _two(build: Any) -> Any:
    """A term of two smaller ones."""
    return lambda depth, scope: st.builds(build, terms(depth - 1, scope), terms(depth - 1, scope))


def _conditional(build: Any) -> Any:
    """A term of two smaller ones and a condition."""
    return lambda depth, scope: st.builds(
        build, conditions(1, scope), terms(depth - 1, scope), terms(depth - 1, scope)
    )


_BRANCHES: tuple[Any, ...] = (
    lambda depth, scope: _applied(terms(depth - 1, scope)),
    lambda depth, scope: _applied(terms(depth - 1, scope)),
    _two(multiply),
    _two(lambda a, b: multiply(a, b, Fraction(1, 2))),
    _two(lambda a, b: divide(a, add(1, power(b, 2)))),
    _conditional(lambda condition, a, b: multiply(a, indicator(condition), b)),
    _conditional(lambda condition, a, b: piecewise((condition, a), otherwise=b)),
    lambda depth, scope: st.builds(
        _scalar_call, st.sampled_from(("sigmoid", "relu", "softsign")), terms(depth - 1, scope)
    ),
    lambda depth, scope: _best_positions(scope),
    lambda depth, scope: _called(depth, scope),
    lambda depth, scope: _recurrences(depth, scope),
    lambda depth, scope: _reduced(depth, scope),
    lambda depth, scope: _reduced(depth, scope),
)


@st.composite
def expressions(draw: st.DrawFn, depth: int = 3) -> Expression:
    """A whole expression, sometimes with a definition."""
    scope = draw(st.sampled_from(((), (index("n", N),), (index("n", N), index("c", C)))))
    n, c = index("n", N), index("c", C)
    definitions: tuple[Definition, ...] = ()
    body = draw(terms(depth, scope))
    if draw(st.booleans()):
        definitions = (Definition("d", (n, c), draw(terms(1, (n, c)))),)
        at = (draw(positions(N, scope)), draw(positions(C, scope)))
        body = add(body, element("d", *at))
    return expression(TENSORS, scope, body, definitions)
