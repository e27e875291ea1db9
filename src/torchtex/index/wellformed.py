"""What makes an expression mean something: a table of rules, and the problems they find."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Literal

import attrs

from torchtex.index.errors import MAX_DEPTH, IllFormed
from torchtex.index.named import NAMED, open_call
from torchtex.index.operators import CONSTANTS, OPERATORS, REDUCTIONS
from torchtex.index.sizes import describe as describe_size
from torchtex.index.terms import (
    Apply,
    Call,
    Comprehension,
    Constant,
    Element,
    Expression,
    Index,
    Piecewise,
    Recurrence,
    Reduce,
    Size,
    Tensor,
    Term,
)
from torchtex.index.text import describe
from torchtex.index.traverse import bound_indices, children, depth, walk

Place = Literal["number", "condition", "tensor"]


@attrs.frozen
class Problem:
    """What is wrong, by which rule, and with which term (None: with the expression itself)."""

    rule: str
    message: str
    term: Term | None = None

    def __str__(self) -> str:
        where = "" if self.term is None else f" in {describe(self.term)}"
        return f"{self.rule}: {self.message}{where}"


@attrs.frozen
class Site:
    """A term where it stands: what is bound and declared there, and what is expected of it.

    ``later``: definitions that come after this one, or are this one.
    """

    term: Term
    place: Place
    bound: frozenset[Index]
    tensors: Mapping[str, Tensor]
    later: frozenset[str]


@attrs.frozen
class Rule:
    """A rule about every term of an expression.  ``check`` gives a message for each offence."""

    name: str
    says: str
    check: Callable[[Site], Iterator[str]]


@attrs.frozen
class ExpressionRule:
    """A rule about an expression as a whole."""

    name: str
    says: str
    check: Callable[[Expression], Iterator[str]]


def problems(expression: Expression) -> tuple[Problem, ...]:
    """Everything that is wrong with an expression; empty for a well-formed one.

    Not checked, because it depends on values: whether positions are inside their tensors.
    """
    found = [
        Problem(rule.name, message)
        for rule in EXPRESSION_RULES
        for message in rule.check(expression)
    ]
    if any(problem.rule == "depth" for problem in found):
        return tuple(found)
    found += [
        Problem(rule.name, message, site.term)
        for site in sites(expression)
        for rule in TERM_RULES
        for message in rule.check(site)
    ]
    return tuple(found)


def sites(expression: Expression) -> Iterator[Site]:
    """Every term of an expression where it stands."""
    tensors = {tensor.name: tensor for tensor in expression.tensors}
    later = {definition.name for definition in expression.definitions} - set(tensors)
    for definition in expression.definitions:
        bound = frozenset(definition.indices)
        yield from _below(Site(definition.body, "number", bound, dict(tensors), frozenset(later)))
        later.discard(definition.name)
        extents = tuple(index.extent for index in definition.indices)
        tensors[definition.name] = Tensor(definition.name, extents)
    indices = frozenset(expression.indices)
    yield from _below(Site(expression.body, "number", indices, tensors, frozenset()))


def _below(site: Site) -> Iterator[Site]:
    stack = [site]
    while stack:
        here = stack.pop()
        yield here
        stack.extend(reversed(_inside(here)))


def _inside(site: Site) -> list[Site]:
    term = site.term
    if isinstance(term, Recurrence):
        return _inside_recurrence(term, site)
    within = attrs.evolve(site, bound=site.bound | frozenset(bound_indices(term)))
    return [
        attrs.evolve(within, term=child, place=place)
        for child, place in zip(children(term), _places(term), strict=True)
    ]


def _places(term: Term) -> list[Place]:
    """What is expected of each child."""
    places: list[Place] = ["number"] * len(children(term))
    match term:
        case Apply(operator) if operator in OPERATORS and OPERATORS[operator].takes == "boolean":
            places = ["condition"] * len(places)
        case Piecewise(cases, _):
            places[: 2 * len(cases) : 2] = ["condition"] * len(cases)
        case Reduce():
            places[1:] = ["condition"] * (len(places) - 1)
        case Call(name, arguments, _):
            places[: len(arguments)] = _argument_places(name, len(arguments))
    return places


def _argument_places(name: str, count: int) -> list[Place]:
    function = NAMED.get(name)
    if function is None or len(function.formals) != count:
        return ["number"] * count
    return ["tensor" if formal.rank else "number" for formal in function.formals]


def _inside_recurrence(term: Recurrence, site: Site) -> list[Site]:
    over = frozenset(term.indices)
    state = Tensor(term.state, tuple(index.extent for index in term.indices))
    number = attrs.evolve(site, place="number")
    following = attrs.evolve(
        number,
        term=term.following,
        bound=site.bound | over | {term.step},
        tensors={**site.tensors, term.state: state},
        later=site.later - {term.state},
    )
    initial = attrs.evolve(number, term=term.initial, bound=site.bound | over)
    outside = [attrs.evolve(number, term=each) for each in (term.count, *term.at)]
    return [initial, following, *outside]


# Rules about terms


def _index_is_bound(site: Site) -> Iterator[str]:
    if isinstance(site.term, Index) and site.term not in site.bound:
        others = [index for index in site.bound if index.name == site.term.name]
        hint = f" (bound is {others[0].name}:{describe_size(others[0].extent)})" if others else ""
        yield f"the index {site.term.name} is not bound{hint}"


def _tensor_is_declared(site: Site) -> Iterator[str]:
    if not isinstance(site.term, Element) or site.term.tensor in site.tensors:
        return
    if site.term.tensor in site.later:
        yield f"{site.term.tensor} is used before it is defined"
    else:
        yield f"{site.term.tensor} is not declared"


def _rank_matches(site: Site) -> Iterator[str]:
    if not isinstance(site.term, Element):
        return
    tensor = site.tensors.get(site.term.tensor)
    if tensor is not None and tensor.rank != len(site.term.indices):
        yield f"{tensor.name} has {tensor.rank} axes, not {len(site.term.indices)}"


def _sort_matches(site: Site) -> Iterator[str]:
    found = _sort(site.term)
    if found != site.place:
        yield f"a {found} stands where a {site.place} is needed"


def _sort(term: Term) -> Place:
    match term:
        case Comprehension():
            return "tensor"
        case Apply(operator) if operator in OPERATORS:
            return "condition" if OPERATORS[operator].result == "boolean" else "number"
    return "number"


def _operator_is_known(site: Site) -> Iterator[str]:
    if not isinstance(site.term, Apply):
        return
    operator = OPERATORS.get(site.term.operator)
    if operator is None:
        yield f"there is no operator {site.term.operator!r}"
    elif not operator.accepts(len(site.term.arguments)):
        yield f"{operator.name} does not take {len(site.term.arguments)} arguments"


def _reduction_is_known(site: Site) -> Iterator[str]:
    if isinstance(site.term, Reduce) and site.term.operator not in REDUCTIONS:
        yield f"there is no reduction {site.term.operator!r}"


def _constant_is_known(site: Site) -> Iterator[str]:
    if isinstance(site.term, Constant) and site.term.name not in CONSTANTS:
        yield f"there is no constant {site.term.name!r}"


def _call_is_right(site: Site) -> Iterator[str]:
    if not isinstance(site.term, Call):
        return
    try:
        open_call(site.term, "")
    except IllFormed as refusal:
        yield str(refusal)


def _cases_exist(site: Site) -> Iterator[str]:
    if isinstance(site.term, Piecewise) and not site.term.cases:
        yield "there are no cases"


def _extents_are_whole(site: Site) -> Iterator[str]:
    for index in bound_indices(site.term):
        yield from _not_an_extent(f"the extent of {index.name}", index.extent)


def _not_an_extent(what: str, size: Size) -> Iterator[str]:
    if size.is_fixed and (size.constant.denominator != 1 or size.constant < 0):
        yield f"{what} is {size.constant}, not a number of elements"


def _indices_are_distinct(site: Site) -> Iterator[str]:
    if isinstance(site.term, Comprehension | Recurrence):
        yield from _repeated(site.term.indices)


def _repeated(indices: tuple[Index, ...]) -> Iterator[str]:
    if len(set(indices)) < len(indices):
        yield "an index is bound twice at once"


def _labels_fit_their_axis(site: Site) -> Iterator[str]:
    if not isinstance(site.term, Element):
        return
    tensor = site.tensors.get(site.term.tensor)
    if tensor is None or tensor.rank != len(site.term.indices):
        return
    for extent, position in zip(tensor.extents, site.term.indices, strict=True):
        labels = site.tensors.get(position.tensor) if isinstance(position, Element) else None
        if labels is not None and labels.labels not in (None, extent):
            assert labels.labels is not None
            yield (
                f"{labels.name} holds labels below {describe_size(labels.labels)}, "
                f"but the axis of {tensor.name} has {describe_size(extent)} elements"
            )


def _state_matches(site: Site) -> Iterator[str]:
    if isinstance(site.term, Recurrence) and len(site.term.at) != len(site.term.indices):
        yield f"{site.term.state} has {len(site.term.indices)} axes, not {len(site.term.at)}"


TERM_RULES: tuple[Rule, ...] = (
    Rule("bound", "Every index is bound around it, with the same extent.", _index_is_bound),
    Rule("declared", "Every tensor is an input or an earlier definition.", _tensor_is_declared),
    Rule("rank", "An element has one position for each axis of its tensor.", _rank_matches),
    Rule("sort", "Numbers, conditions and tensors stand where they are needed.", _sort_matches),
    Rule(
        "operator", "Operators are in the table and take that many arguments.", _operator_is_known
    ),
    Rule("reduction", "Reductions are in the table.", _reduction_is_known),
    Rule("constant", "Constants are pi, e and infinity.", _constant_is_known),
    Rule("call", "Named functions are in the table and take these arguments.", _call_is_right),
    Rule("cases", "A piecewise term has at least one case.", _cases_exist),
    Rule("extent", "A fixed extent is a whole number, not negative.", _extents_are_whole),
    Rule("distinct", "One binder binds no index twice.", _indices_are_distinct),
    Rule("labels", "Labels index an axis of as many elements.", _labels_fit_their_axis),
    Rule("state", "A recurrence's element has a position for each axis.", _state_matches),
)


# Rules about expressions


def _is_shallow(expression: Expression) -> Iterator[str]:
    for body in (*(each.body for each in expression.definitions), expression.body):
        if depth(body) > MAX_DEPTH:
            yield f"a term is nested more than {MAX_DEPTH} levels deep"


def _names(expression: Expression) -> list[str]:
    inputs = [tensor.name for tensor in expression.tensors]
    return inputs + [definition.name for definition in expression.definitions]


def _names_are_distinct(expression: Expression) -> Iterator[str]:
    names = _names(expression)
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield f"{name} is declared twice"


def _result_indices_are_distinct(expression: Expression) -> Iterator[str]:
    yield from _repeated(expression.indices)
    for definition in expression.definitions:
        yield from _repeated(definition.indices)


def _declared_extents_are_whole(expression: Expression) -> Iterator[str]:
    for tensor in expression.tensors:
        for extent in (*tensor.extents, *(() if tensor.labels is None else (tensor.labels,))):
            yield from _not_an_extent(f"an extent of {tensor.name}", extent)
    binders = [expression.indices, *(each.indices for each in expression.definitions)]
    for indices in binders:
        for index in indices:
            yield from _not_an_extent(f"the extent of {index.name}", index.extent)


def _states_have_their_own_names(expression: Expression) -> Iterator[str]:
    names = _names(expression)
    for body in (*(each.body for each in expression.definitions), expression.body):
        for node in walk(body):
            if isinstance(node, Recurrence) and node.state in names:
                yield f"the state {node.state} has the name of a tensor"


EXPRESSION_RULES: tuple[ExpressionRule, ...] = (
    ExpressionRule("depth", f"Terms are nested at most {MAX_DEPTH} levels deep.", _is_shallow),
    ExpressionRule("names", "Inputs and definitions have names of their own.", _names_are_distinct),
    ExpressionRule("distinct", "One binder binds no index twice.", _result_indices_are_distinct),
    ExpressionRule(
        "extent", "A fixed extent is a whole number, not negative.", _declared_extents_are_whole
    ),
    ExpressionRule(
        "state", "A recurrence's state has a name of its own.", _states_have_their_own_names
    ),
)
