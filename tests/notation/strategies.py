"""Random index expressions of the shapes that formulas have, with values for their tensors.

Sums, gathers, guards, piecewise values, indices used as numbers, named calls and definitions, over
a fixed stock of tensors.  Every function keeps its argument in its domain, so that a value that
differs is a fault and not an overflow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import attrs
import numpy as np
from hypothesis import strategies as st

from torchtex.index import construct as build
from torchtex.index.construct import element, index, tensor
from torchtex.index.terms import Comprehension, Expression, Index, Size, Tensor, Term
from torchtex.index.traverse import free_indices

SIZES: Mapping[str, int] = {"N": 3, "C": 5, "D": 2}
N, C, D = (Size.free(name) for name in SIZES)

STOCK: tuple[Tensor, ...] = (
    tensor("x", N),
    tensor("y_hat", N),
    tensor("z", N, C),
    tensor("p", N, C),
    tensor("w", C),
    tensor("W_1", D, C),
    tensor("A", N),
    tensor("beta"),
    tensor("epsilon"),
    tensor("kernel_size", integer=True),
    tensor("y", N, labels=C),
    tensor("t", labels=C),
)
LETTERS: Mapping[Size, str] = {N: "nim", C: "cjk", D: "dh"}
OUTER = (index("n", N), index("c", C))


def values_for(seed: int) -> dict[str, Any]:
    """One value for each tensor of the stock."""
    generator = np.random.default_rng(seed)
    return {each.name: _value(each, generator) for each in STOCK}


def _value(each: Tensor, generator: np.random.Generator) -> Any:
    shape = tuple(int(extent.at(SIZES)) for extent in each.extents)
    if each.labels is not None:
        return generator.integers(0, int(each.labels.at(SIZES)), shape)
    if each.integer:
        return generator.integers(1, 4, shape)
    return generator.normal(size=shape)


@attrs.frozen
class Room:
    """The indices that a term may use, and how many more levels it may have."""

    indices: tuple[Index, ...]
    depth: int

    def deeper(self, *bound: Index) -> Room:
        return Room((*self.indices, *bound), self.depth - 1)

    def over(self, extent: Size) -> tuple[Index, ...]:
        return tuple(each for each in self.indices if each.extent == extent)


@st.composite
def expressions(draw: st.DrawFn) -> Expression:
    """An expression over the stock whose result has the indices that its body depends on."""
    body = draw(terms(Room(OUTER, draw(st.integers(1, 4)))))
    definitions = ()
    if draw(st.booleans()):
        inner = draw(terms(Room((), 2)))
        definitions = (build.definition("mu", (), inner),)
        body = build.add(body, element("mu"))
    free = free_indices(body)
    indices = tuple(each for each in OUTER if each in free)
    return Expression(STOCK, definitions, indices, body)


@st.composite
def terms(draw: st.DrawFn, room: Room) -> Term:
    if room.depth <= 0:
        return draw(leaves(room))
    shape = draw(st.sampled_from(SHAPES))
    return draw(shape(room))


@st.composite
def leaves(draw: st.DrawFn, room: Room) -> Term:
    choices = [element("beta"), element("epsilon"), element("kernel_size"), N, C]
    choices += [build.number(value) for value in (2, Fraction(1, 2), Fraction(1, 10), -1)]
    choices += [build.add(each, 1) for each in room.indices]
    choices += list(room.indices)
    elements = [term for each in STOCK for term in _elements(each, room)]
    if elements and draw(st.integers(0, 2)):
        return draw(st.sampled_from(elements))
    return draw(st.sampled_from(choices))


def _elements(each: Tensor, room: Room) -> list[Term]:
    """Every element of a real tensor that the indices and labels at hand reach."""
    if each.labels is not None or not each.extents:
        return []
    reached: list[tuple[Term, ...]] = [()]
    for extent in each.extents:
        reached = [(*places, place) for places in reached for place in _places(extent, room)]
    return [element(each.name, *places) for places in reached]


def _places(extent: Size, room: Room) -> list[Term]:
    places: list[Term] = list(room.over(extent))
    return places + _labels(room) if extent == C else places


def _labels(room: Room) -> list[Term]:
    return [element("t"), *(element("y", each) for each in room.over(N))]


@st.composite
def arithmetic(draw: st.DrawFn, room: Room) -> Term:
    left, right = draw(terms(room.deeper())), draw(terms(room.deeper()))
    operator: Callable[..., Term] = draw(
        st.sampled_from((build.add, build.subtract, build.multiply, _quotient, build.maximum))
    )
    return operator(left, right)


def _quotient(left: Term, right: Term) -> Term:
    return build.divide(left, build.add(1, build.power(right, 2)))


@st.composite
def functions(draw: st.DrawFn, room: Room) -> Term:
    argument = draw(terms(room.deeper()))
    return draw(st.sampled_from(FUNCTIONS))(argument)


FUNCTIONS: tuple[Callable[[Term], Term], ...] = (
    build.negate,
    build.absolute,
    lambda term: build.exp(build.apply("tanh", term)),
    lambda term: build.log(build.add(build.absolute(term), 1)),
    lambda term: build.log(build.divide(build.add(build.absolute(term), 1), 2)),
    lambda term: build.sqrt(build.absolute(term)),
    lambda term: build.power(term, 2),
    lambda term: build.power(build.add(build.absolute(term), 1), build.negate(element("beta"))),
    lambda term: build.maximum(0, term),
    lambda term: build.call("sigmoid", term),
    lambda term: build.call("relu", term),
    lambda term: build.multiply(2, term),
    lambda term: build.multiply(Fraction(-1, 3), term),
)


@st.composite
def reductions(draw: st.DrawFn, room: Room) -> Term:
    bound = draw(fresh_indices(room))
    inside = room.deeper(bound)
    body = draw(terms(inside))
    operator = draw(st.sampled_from(("sum", "sum", "sum", "product", "maximum", "minimum")))
    if operator == "product":
        body = build.apply("tanh", body)
    if operator in ("maximum", "minimum"):
        return build.reduce(operator, bound, body)
    guard = draw(st.one_of(st.none(), guards(inside, bound)))
    return build.reduce(operator, bound, body, guard)


@st.composite
def fresh_indices(draw: st.DrawFn, room: Room) -> Index:
    extent = draw(st.sampled_from((N, C, D)))
    taken = {each.name for each in room.indices}
    free = [letter for letter in LETTERS[extent] if letter not in taken]
    return index(draw(st.sampled_from(free)) if free else f"i{len(room.indices)}", extent)


@st.composite
def guards(draw: st.DrawFn, room: Room, bound: Index) -> Term:
    """A condition on the bound index."""
    others: list[Term] = [each for each in room.over(bound.extent) if each != bound]
    if bound.extent == C:
        others += _labels(room)
    if not others:
        return build.greater(draw(terms(Room((bound,), 0))), bound)
    compare = draw(st.sampled_from((build.not_equal, build.equal, build.less, build.less_equal)))
    return compare(bound, draw(st.sampled_from(others)))


@st.composite
def conditions(draw: st.DrawFn, room: Room) -> Term:
    left, right = draw(terms(room.deeper())), draw(terms(room.deeper()))
    compare = draw(st.sampled_from((build.less, build.greater, build.less_equal)))
    single = compare(left, right)
    kind = draw(st.sampled_from(("single", "both", "either", "not", "label")))
    labelled = build.not_equal(element("t"), draw(st.sampled_from(_labels(room))))
    return {
        "single": single,
        "both": build.both(single, build.greater(element("beta"), 0)),
        "either": build.either(single, labelled),
        "not": build.negation(single),
        "label": labelled,
    }[kind]


@st.composite
def choices(draw: st.DrawFn, room: Room) -> Term:
    first, second = draw(terms(room.deeper())), draw(terms(room.deeper()))
    return build.piecewise((draw(conditions(room.deeper())), first), otherwise=second)


@st.composite
def indicators(draw: st.DrawFn, room: Room) -> Term:
    holds = build.indicator(draw(conditions(room.deeper())))
    return build.multiply(holds, draw(terms(room.deeper())))


@st.composite
def calls(draw: st.DrawFn, room: Room) -> Term:
    bound = draw(fresh_indices(room))
    vector, other = draw(vectors(room, bound)), draw(vectors(room, bound))
    at = draw(st.sampled_from((*room.over(bound.extent), None)))
    if at is not None:
        return build.call(draw(st.sampled_from(("softmax", "log_softmax"))), vector, at=(at,))
    name = draw(st.sampled_from(("logsumexp", "norm", "dot")))
    return build.call("dot", vector, other) if name == "dot" else build.call(name, vector)


@st.composite
def vectors(draw: st.DrawFn, room: Room, bound: Index) -> Comprehension:
    """A vector over ``bound`` whose elements differ."""
    body = draw(terms(room.deeper(bound)))
    along = {N: element("x", bound), C: element("w", bound), D: element("W_1", bound, element("t"))}
    shifted = draw(st.sampled_from((build.add(body, along[bound.extent]), build.add(body, bound))))
    return build.comprehension(bound, body if bound in free_indices(body) else shifted)


SHAPES = (
    leaves,
    arithmetic,
    arithmetic,
    functions,
    functions,
    reductions,
    reductions,
    choices,
    indicators,
    calls,
)
