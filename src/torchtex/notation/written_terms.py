"""What the writer asks of terms: which letters they need, and which cannot be said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

import attrs

from torchtex.index.named import unfold
from torchtex.index.terms import (
    Apply,
    Call,
    Comprehension,
    Constant,
    Definition,
    Element,
    Expression,
    Index,
    Number,
    Recurrence,
    Reduce,
    Tensor,
    Term,
)
from torchtex.index.traverse import (
    bound_indices,
    children,
    free_indices,
    tensors_used,
    transform,
    walk,
)
from torchtex.notation.spelling import latex_name
from torchtex.notation.written_forms import (
    COMPARISONS,
    NAMED_FORMS,
    NEGATIONS,
    RANGED,
    SYMBOLS_OF_OPERATORS,
)
from torchtex.notation.written_scope import Letter, NotWritten, Scope


def bodies_of(expression: Expression) -> tuple[Term, ...]:
    return (*(each.body for each in expression.definitions), expression.body)


def used_definitions(expression: Expression) -> tuple[Definition, ...]:
    """The definitions that the result needs, in order."""
    used = tensors_used(expression.body)
    kept: list[Definition] = []
    for definition in reversed(expression.definitions):
        if definition.name in used:
            used |= tensors_used(definition.body)
            kept.append(definition)
    return tuple(reversed(kept))


def letter_of(index: Index, scope: Scope) -> Letter:
    if index not in scope.letters:
        raise NotWritten(f"the index {index.name} is bound by nothing")
    return scope.letters[index]


def is_index_letter(name: str) -> bool:
    return len(name) == 1 and name.isascii() and name.isalpha()


def counted_index(term: Term) -> Index | None:
    """The index whose position plus one ``term`` is: its number in a range from 1."""
    if not isinstance(term, Apply) or term.operator != "add" or len(term.arguments) != 2:
        return None
    first, second = term.arguments
    if isinstance(first, Index) and second == Number(Fraction(1)):
        return first
    return second if isinstance(second, Index) and first == Number(Fraction(1)) else None


def with_readable_guard(term: Reduce) -> Reduce:
    """``\\sum_k \\mathbb{1}[k = i] x_k``: under a big operator ``k = i`` would be a lower limit."""
    if term.guard is None or not any(is_equality(node) for node in walk(term.guard)):
        return term
    if term.operator == "sum":
        kept = Apply("multiply", (Apply("indicator", (term.guard,)), term.body))
        return Reduce("sum", term.index, kept)
    return attrs.evolve(term, guard=transform(term.guard, as_inequalities))


def is_equality(term: Term) -> bool:
    return isinstance(term, Apply) and term.operator == "equal"


def as_inequalities(term: Term) -> Term:
    if not isinstance(term, Apply) or term.operator != "equal":
        return term
    above, below = Apply("less_equal", term.arguments), Apply("greater_equal", term.arguments)
    return Apply("and", (above, below))


def is_whole(body: Term, indices: tuple[Index, ...]) -> bool:
    """Whether a vector is a sum of tensors whose last axes the indices run along."""
    if isinstance(body, Apply) and body.operator in ("add", "subtract"):
        return all(is_whole(each, indices) for each, _ in summands_of(body))
    if not isinstance(body, Element) or len(body.indices) < len(indices):
        return False
    leading = body.indices[: len(body.indices) - len(indices)]
    used = {index for place in leading for index in free_indices(place)}
    if any(isinstance(place, Number) for place in leading) or not used.isdisjoint(indices):
        return False
    return body.indices[len(leading) :] == indices


def tells_extent(body: Term, index: Index, tensors: Mapping[str, Tensor]) -> bool:
    """Whether an axis that ``index`` runs along says how far it runs."""
    return any(runs_along(node, index, tensors) for node in where_bound(index, body))


def runs_along(node: Term, index: Index, tensors: Mapping[str, Tensor]) -> bool:
    if isinstance(node, Call):
        return index in node.at
    if not isinstance(node, Element) or index not in node.indices:
        return False
    if node.tensor not in tensors:
        return not tensors  # a lone term, about whose tensors nothing is known
    axes = zip(node.indices, tensors[node.tensor].extents, strict=True)
    return any(place == index and extent == index.extent for place, extent in axes)


def with_sayable_calls(expression: Expression) -> Expression:
    """Calls that have no notation give way to their definitions."""
    tensors = {tensor.name: tensor for tensor in expression.tensors}

    def unfolded(term: Term) -> Term:
        if not isinstance(term, Call) or is_sayable(term, tensors):
            return term
        definition = transform(unfold(term), unfolded)
        for index in free_indices(term) - free_indices(definition):
            raise NotWritten(f"{term.name} does not depend on the index {index.name} here")
        return definition

    definitions = tuple(
        attrs.evolve(each, body=transform(each.body, unfolded)) for each in expression.definitions
    )
    body = transform(expression.body, unfolded)
    return attrs.evolve(expression, definitions=definitions, body=body)


def is_sayable(term: Call, tensors: Mapping[str, Tensor]) -> bool:
    return term.name in NAMED_FORMS and all(
        is_whole(argument.body, argument.indices)
        or all(tells_extent(argument.body, index, tensors) for index in argument.indices)
        for argument in term.arguments
        if isinstance(argument, Comprehension)
    )


def is_counted(index: Index, term: Term) -> bool:
    return any(counted_index(node) == index for node in where_bound(index, term))


def where_bound(index: Index, term: Term) -> Iterator[Term]:
    """The subterms of ``term`` where ``index`` isn't bound anew."""
    stack = [term]
    while stack:
        node = stack.pop()
        yield node
        if index not in bound_indices(node):
            stack.extend(children(node))


def summands_of(term: Term) -> Iterator[tuple[Term, int]]:
    """The terms of a sum with their signs.

    What stands behind a minus is kept together, and so is an index plus one inside the sum.
    """
    if not isinstance(term, Apply) or term.operator not in ("add", "subtract"):
        yield term, 1
        return
    followers = term.arguments if term.operator == "add" else term.arguments[:1]
    for argument in followers:
        yield from [(argument, 1)] if counted_index(argument) is not None else summands_of(argument)
    if term.operator == "subtract":
        yield term.arguments[1], -1


def factors_of(term: Term) -> tuple[int, list[Term]]:
    """The sign and the factors of a product."""
    if isinstance(term, Number) and term.value < 0:
        return -1, [] if term.value == -1 else [Number(-term.value)]
    if not isinstance(term, Apply) or term.operator not in ("multiply", "negate"):
        return 1, [term]
    sign = -1 if term.operator == "negate" else 1
    factors: list[Term] = []
    for argument in term.arguments:
        its_sign, its_factors = factors_of(argument)
        sign *= its_sign
        factors += its_factors
    return sign, factors


def negation_of(condition: Term) -> Term:
    """The condition that holds where ``condition`` does not, without a sign for *not*."""
    if not isinstance(condition, Apply):
        raise NotWritten("a condition is no comparison")
    if condition.operator == "not":
        return condition.arguments[0]
    opposite = NEGATIONS.get(condition.operator)
    if opposite is None:
        raise NotWritten(f"the negation of {condition.operator} has no notation")
    if condition.operator in COMPARISONS:
        return Apply(opposite, condition.arguments)
    return Apply(opposite, tuple(negation_of(argument) for argument in condition.arguments))


DIRECTIONS = (frozenset({"less", "less_equal"}), frozenset({"greater", "greater_equal"}))


def refuse_unused_indices(name: str, indices: Iterable[Index], body: Term) -> None:
    """Raise NotWritten for a left side with an index that the right side does not have.

    The reader takes such a letter for a part of the name.
    """
    free = free_indices(body)
    for index in indices:
        if index not in free:
            raise NotWritten(f"{name} has the index {index.name}, which nothing in it depends on")


def tensor_names(expression: Expression, nodes: Iterable[Term]) -> set[str]:
    """Inputs, definitions and states."""
    declared = {tensor.name for tensor in expression.tensors}
    declared |= {definition.name for definition in expression.definitions}
    used = {node.tensor for node in nodes if isinstance(node, Element)}
    return declared | used | {node.state for node in nodes if isinstance(node, Recurrence)}


def outer_indices(expression: Expression) -> tuple[Index, ...]:
    """The indices of the result and of definitions, each once."""
    defined = (index for each in expression.definitions for index in each.indices)
    return tuple(dict.fromkeys((*expression.indices, *defined)))


def index_set(expression: Expression, nodes: Iterable[Term]) -> set[Index]:
    bound = {index for node in nodes for index in bound_indices(node)}
    return bound | set(outer_indices(expression))


def ranged_sizes(nodes: Iterable[Term]) -> set[str]:
    """The sizes that are a bound of a written range."""
    ranged = (node for node in nodes if isinstance(node, Reduce) and node.operator in RANGED)
    return {name for node in ranged for name in node.index.extent.names}


def refuse_clashes(tensors: set[str], sizes: set[str], nodes: Sequence[Term]) -> None:
    """Raise NotWritten where two things would be written alike."""
    operators = {node.operator for node in nodes if isinstance(node, Apply)}
    constants = {node.name for node in nodes if isinstance(node, Constant)}
    for name in sorted(tensors & sizes):
        raise NotWritten(f"{name} is a tensor and a size")
    for name in sorted(tensors & constants):
        raise NotWritten(f"{name} is a tensor and a constant")
    for operator, symbol in SYMBOLS_OF_OPERATORS.items():
        if operator in operators and symbol in tensors:
            raise NotWritten(f"{symbol} is a tensor and a function")


def refuse_homonyms(tensors: set[str], names: Mapping[str, str]) -> None:
    """Raise NotWritten where the caller's names make two tensors one symbol."""
    owners: dict[str, str] = {}
    for tensor in sorted(tensors):
        written = names.get(tensor, latex_name(tensor))
        if written in owners:
            raise NotWritten(f"{owners[written]} and {tensor} would both be written {written}")
        owners[written] = tensor
