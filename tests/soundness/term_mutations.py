"""Single edits of an index expression: what a wrong rewrite inside the package could do."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping

import attrs

from torchtex.index.terms import (
    Apply,
    Call,
    Element,
    Expression,
    Index,
    Number,
    Piecewise,
    Reduce,
    Size,
    Tensor,
    Term,
)
from torchtex.index.traverse import bound_indices, children, rebuild

Scope = tuple[Index, ...]


@attrs.frozen
class Surroundings:
    """What an edit may draw on: the declared tensors and the indices in scope."""

    tensors: tuple[Tensor, ...]
    scope: Scope


@attrs.frozen
class EditedExpression:
    kind: str
    expression: Expression


Edit = Callable[[Term, Surroundings], Iterator[Term]]

CONFUSED_OPERATORS: Mapping[str, tuple[str, ...]] = {
    "add": ("multiply", "maximum"),
    "multiply": ("add",),
    "subtract": ("add", "divide"),
    "divide": ("multiply", "subtract"),
    "maximum": ("minimum", "add"),
    "minimum": ("maximum",),
    "exp": ("log",),
    "log": ("exp",),
    "floor": ("ceil",),
    "sin": ("cos",),
    "tanh": ("sin",),
    "less": ("less_equal", "greater"),
    "less_equal": ("less", "greater_equal"),
    "greater": ("greater_equal", "less"),
    "greater_equal": ("greater", "less_equal"),
    "equal": ("not_equal", "less_equal"),
    "not_equal": ("equal",),
}
UNARY = frozenset(
    ["exp", "log", "sqrt", "absolute", "negate", "tanh", "sin", "cos", "cosh", "erf", "floor"]
)
CONFUSED_REDUCTIONS: Mapping[str, tuple[str, ...]] = {
    "sum": ("product", "maximum"),
    "product": ("sum",),
    "maximum": ("minimum", "sum"),
    "minimum": ("maximum",),
}
CONFUSED_CALLS: Mapping[str, tuple[str, ...]] = {
    "softmax": ("log_softmax",),
    "log_softmax": ("softmax",),
    "sigmoid": ("logsigmoid",),
}
PLUS_ONE = Number(1)


def other_operators(term: Term, around: Surroundings) -> Iterator[Term]:
    if isinstance(term, Apply):
        for other in CONFUSED_OPERATORS.get(term.operator, ()):
            yield Apply(other, term.arguments)


def dropped_operators(term: Term, around: Surroundings) -> Iterator[Term]:
    if isinstance(term, Apply) and term.operator in UNARY:
        yield term.arguments[0]
    if isinstance(term, Apply) and term.operator in ("divide", "subtract", "power"):
        yield from term.arguments
        yield Apply(term.operator, term.arguments[::-1])


def dropped_arguments(term: Term, around: Surroundings) -> Iterator[Term]:
    """A summand, a factor or one of the compared left out."""
    if not isinstance(term, Apply) or term.operator not in (
        "add",
        "multiply",
        "maximum",
        "minimum",
    ):
        return
    for position in range(len(term.arguments)):
        rest = term.arguments[:position] + term.arguments[position + 1 :]
        yield rest[0] if len(rest) == 1 else Apply(term.operator, rest)


def other_numbers(term: Term, around: Surroundings) -> Iterator[Term]:
    if isinstance(term, Number):
        yield Number(term.value + 1)
        if term.value != 0:
            yield Number(term.value / 2)
    if isinstance(term, Size) and not term.is_fixed:
        yield Apply("add", (term, PLUS_ONE))


def other_reductions(term: Term, around: Surroundings) -> Iterator[Term]:
    if not isinstance(term, Reduce):
        return
    for other in CONFUSED_REDUCTIONS.get(term.operator, ()):
        yield attrs.evolve(term, operator=other)
    if term.guard is not None:
        yield attrs.evolve(term, guard=None)


def swapped_scopes(term: Term, around: Surroundings) -> Iterator[Term]:
    """The function of a sum for the sum of the function, and the other way round."""
    if isinstance(term, Reduce) and isinstance(term.body, Apply) and term.body.operator in UNARY:
        inner = attrs.evolve(term, body=term.body.arguments[0])
        yield Apply(term.body.operator, (inner,))
    if isinstance(term, Apply) and term.operator in UNARY:
        inside = term.arguments[0]
        if isinstance(inside, Reduce):
            yield attrs.evolve(inside, body=Apply(term.operator, (inside.body,)))


def other_elements(term: Term, around: Surroundings) -> Iterator[Term]:
    """Another index of the same length, or another tensor of the same rank."""
    if not isinstance(term, Element):
        return
    for position, index in enumerate(term.indices):
        for other in around.scope:
            if other != index:
                changed = (*term.indices[:position], other, *term.indices[position + 1 :])
                yield Element(term.tensor, changed)
    ranks = {tensor.name: tensor.rank for tensor in around.tensors}
    for tensor in around.tensors:
        if tensor.name != term.tensor and ranks.get(term.tensor) == tensor.rank:
            yield Element(tensor.name, term.indices)


def squares(term: Term, around: Surroundings) -> Iterator[Term]:
    if isinstance(term, Element):
        yield Apply("power", (term, Number(2)))


def edited_pieces(term: Term, around: Surroundings) -> Iterator[Term]:
    if not isinstance(term, Piecewise):
        return
    if term.otherwise is not None:
        yield attrs.evolve(term, otherwise=None)
    for position in range(len(term.cases)):
        rest = term.cases[:position] + term.cases[position + 1 :]
        if rest:
            yield attrs.evolve(term, cases=rest)
    for one, other in itertools.combinations(range(len(term.cases)), 2):
        cases = list(term.cases)
        cases[one] = (term.cases[one][0], term.cases[other][1])
        cases[other] = (term.cases[other][0], term.cases[one][1])
        yield attrs.evolve(term, cases=tuple(cases))


def other_calls(term: Term, around: Surroundings) -> Iterator[Term]:
    if isinstance(term, Call):
        for other in CONFUSED_CALLS.get(term.name, ()):
            yield attrs.evolve(term, name=other)


EDITS: Mapping[str, Edit] = {
    "term: operator": other_operators,
    "term: operator dropped": dropped_operators,
    "term: argument dropped": dropped_arguments,
    "term: number": other_numbers,
    "term: reduction": other_reductions,
    "term: scope swapped": swapped_scopes,
    "term: element": other_elements,
    "term: square added": squares,
    "term: piecewise": edited_pieces,
    "term: call": other_calls,
}


def edits_of(term: Term, around: Surroundings) -> Iterator[tuple[str, Term]]:
    """Every single edit at ``term`` itself or anywhere inside it."""
    for kind, edit in EDITS.items():
        for edited in edit(term, around):
            yield kind, edited
    inner = attrs.evolve(around, scope=around.scope + bound_indices(term))
    parts = children(term)
    for position, part in enumerate(parts):
        for kind, edited in edits_of(part, inner):
            changed = (*parts[:position], edited, *parts[position + 1 :])
            yield kind, rebuild(term, changed)


def edited_expressions(expression: Expression) -> tuple[EditedExpression, ...]:
    """Every single edit of an expression's definitions and body, without repetition."""
    seen = {expression}
    found = []
    for kind, edited in _edits(expression):
        if edited not in seen:
            seen.add(edited)
            found.append(EditedExpression(kind, edited))
    return tuple(found)


def _edits(expression: Expression) -> Iterator[tuple[str, Expression]]:
    for position, definition in enumerate(expression.definitions):
        around = Surroundings(expression.tensors, definition.indices)
        for kind, body in edits_of(definition.body, around):
            changed = list(expression.definitions)
            changed[position] = attrs.evolve(definition, body=body)
            yield kind, attrs.evolve(expression, definitions=tuple(changed))
    around = Surroundings(expression.tensors, expression.indices)
    for kind, body in edits_of(expression.body, around):
        yield kind, attrs.evolve(expression, body=body)
