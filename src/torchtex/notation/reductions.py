"""Big operators: Σ, Π, max, min and argmax over an index with its range and guard."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import attrs

from torchtex.index import construct
from torchtex.index.terms import Apply, Element, Index, Size, Term
from torchtex.index.traverse import free_indices, walk
from torchtex.notation.conditions import condition
from torchtex.notation.declare import Guard, number_of, size_of
from torchtex.notation.positions import batch_named, letter_of
from torchtex.notation.products import number_value, vector
from torchtex.notation.scope import BoundIndex, Scope
from torchtex.notation.survey import loose_letters
from torchtex.notation.syntax import (
    BigOperator,
    Ellipsis_,
    Group,
    Juxtaposition,
    Name,
    Node,
    Range,
    Relation,
)
from torchtex.notation.values import Value, elementwise
from torchtex.notation.work import Work

SAYS: Mapping[str, str] = MappingProxyType(
    {"sum": "Σ", "product": "Π", "maximum": "max", "minimum": "min", "argmax": "argmax"}
)


@attrs.frozen
class Bound:
    """An index a big operator binds, and the conditions on it."""

    letter: str
    index: Index
    guards: tuple[Term, ...] = ()


def big_operator(node: Node, work: Work, scope: Scope) -> Value:
    assert isinstance(node, BigOperator)
    if node.operator in ("integral", "expectation"):
        raise work.refuse(node, f"an {node.operator} has no finite value to compare with")
    if not _has_index(node.ranges):
        return _without_index(node, work, scope)
    inner, bounds = scope, []
    for place in _separated(node.ranges):
        inner, bound = _bind(node, place, inner, work)
        bounds.extend(bound)
    body = number_value(node.body, work, inner)
    guards = _conditions(node, inner, work)
    return _raised(node, _reduced(node, body, bounds, guards), work, scope)


def _has_index(ranges: tuple[Range, ...]) -> bool:
    return any(place.index is not None for place in ranges)


def _without_index(node: BigOperator, work: Work, scope: Scope) -> Value:
    """``\\sum_1^n x_i`` and ``\\sum p t``: the index is found, or everything is summed."""
    limits = next((r for r in node.ranges if r.lower is not None or r.upper is not None), None)
    conditions = tuple(r for r in node.ranges if r.condition is not None)
    letters = _loose_letters(node, conditions, work, scope)
    if letters and (len(letters) == 1 or conditions):
        lower, upper = (limits.lower, limits.upper) if limits is not None else (None, None)
        found = (
            Range(Name(each, node.span), lower, upper, None, None, node.span) for each in letters
        )
        sign, over = SAYS.get(node.operator, node.operator), ", ".join(letters)
        work.note(f"the {sign} is over {over}")
        return big_operator(attrs.evolve(node, ranges=(*found, *conditions)), work, scope)
    if limits is not None or conditions:
        raise work.refuse(node, "this big operator names no index", r"write \sum_{i=1}^{n}")
    value = vector(node.body, work, scope)
    work.note(f"the {SAYS.get(node.operator, node.operator)} without an index is over all elements")
    return _raised(node, over_all(node.operator, value, work), work, scope)


def _loose_letters(
    node: BigOperator, conditions: tuple[Range, ...], work: Work, scope: Scope
) -> tuple[str, ...]:
    """The letters that nothing binds: those of the conditions, else the subscripts of the body."""
    written = [
        letter
        for place in conditions
        if isinstance(place.condition, Relation)
        for operand in place.condition.operands
        if (letter := letter_of(operand)) is not None
    ]
    subscripts = loose_letters(node.body)
    candidates = [each for each in written if each in subscripts] or sorted(subscripts)
    return tuple(
        dict.fromkeys(
            each
            for each in candidates
            if each not in scope.indices and not work.is_label(each) and len(each) <= 2
        )
    )


def over_all(operator: str, value: Value, work: Work) -> Value:
    """Reduce every axis of ``value``."""
    indices = tuple(work.fresh_index(extent) for extent in value.extents)
    term = value.element(indices)
    for index in reversed(indices):
        term = construct.reduce(operator, index, term)
    return Value((), lambda _: term)


def _raised(node: BigOperator, value: Value, work: Work, scope: Scope) -> Value:
    if node.power is None:
        return value
    exponent = number_value(node.power, work, scope)
    return elementwise(construct.power, value, exponent)


def _separated(ranges: tuple[Range, ...]) -> list[Range]:
    """``\\sum_{ij}`` and ``\\sum_{i,j}`` are one range for each letter."""
    apart: list[Range] = []
    for place in ranges:
        if isinstance(place.index, Juxtaposition):
            apart += [attrs.evolve(place, index=factor) for factor in place.index.factors]
        elif place.index is not None:
            apart.append(place)
    return apart


def _bind(node: BigOperator, place: Range, scope: Scope, work: Work) -> tuple[Scope, list[Bound]]:
    letter = letter_of(place.index) if place.index is not None else None
    if letter is None:
        raise work.refuse(place.index or node, "an index is a single letter here")
    lower_node, upper_node = _limits(place, work)
    lower = number_of(lower_node) if lower_node is not None else None
    upper = size_of(upper_node) if upper_node is not None else None
    if upper is not None and any(name in scope.indices for name in upper.names):
        upper = None
    if lower is not None and lower.denominator != 1:
        raise work.refuse(lower_node or node, "an index starts at a whole number")
    if upper_node is None and (lower_node is None or lower is not None):
        return _unranged(letter, None if lower is None else int(lower), scope, work)
    if upper is not None and (lower is not None or lower_node is None):
        return _ranged(letter, 1 if lower is None else int(lower), upper, scope, work)
    return _computed_range(letter, lower_node, upper_node, scope, work)


def _limits(place: Range, work: Work) -> tuple[Node | None, Node | None]:
    """Lower and upper limit, also from a written set ``j \\in \\{1, \\dots, n\\}``."""
    if place.domain is None:
        return place.lower, place.upper
    domain = place.domain
    if isinstance(domain, Group) and any(isinstance(item, Ellipsis_) for item in domain.items):
        return domain.items[0], domain.items[-1]
    name = work.text(domain)
    raise work.refuse(domain, f"the set {name} is not known", "write its range")


def _ranged(
    letter: str, lower: int, upper: Size, scope: Scope, work: Work
) -> tuple[Scope, list[Bound]]:
    extent = upper - lower + 1
    index = Index(letter, extent)
    bounded = upper.names[0] if len(upper.names) == 1 and upper == Size.free(*upper.names) else None
    if batch_named(letter, bounded):
        work.batch.setdefault(letter, bounded or letter)
    return scope.bind(letter, BoundIndex(index, lower)), [Bound(letter, index)]


def _unranged(
    letter: str,
    lower: int | None,
    scope: Scope,
    work: Work,
) -> tuple[Scope, list[Bound]]:
    declared = work.declarations.ranges.get(letter)
    if declared is not None:
        return _ranged(letter, declared.lower, declared.extent + declared.lower - 1, scope, work)
    extent = work.extents.fresh(letter.upper()[:1] if letter.isalpha() else "K")
    work.unranged.append(extent)
    index = Index(letter, extent)
    if batch_named(letter, None):
        work.batch.setdefault(letter, letter)
    return scope.bind(letter, BoundIndex(index, lower)), [Bound(letter, index)]


def _computed_range(
    letter: str,
    lower_node: Node | None,
    upper_node: Node | None,
    scope: Scope,
    work: Work,
) -> tuple[Scope, list[Bound]]:
    """Limits that depend on other indices: the whole axis, guarded by the written limits."""
    extent = work.extents.fresh("K")
    index = Index(letter, extent)
    lower = number_of(lower_node) if lower_node is not None else None
    base = 0 if lower == 0 else 1
    inner = scope.bind(letter, BoundIndex(index, base))
    written = construct.add(index, base) if base else index
    guards: list[Term] = []
    if lower_node is not None and lower != base:
        limit = _moving_limit(lower_node, work, scope)
        guards.append(construct.apply("greater_equal", written, limit))
    if upper_node is not None:
        guards.append(construct.less_equal(written, _moving_limit(upper_node, work, scope)))
    return inner, [Bound(letter, index, tuple(guards))]


def _moving_limit(node: Node, work: Work, scope: Scope) -> Term:
    """A limit that depends on another index.  Raises NotRead for one that does not."""
    limit = number_value(node, work, scope).scalar
    whole_numbers = (
        term.tensor in work.records and work.records[term.tensor].integer
        for term in walk(limit)
        if isinstance(term, Element)
    )
    if not free_indices(limit) and not any(whole_numbers):
        raise work.refuse(
            node, "this limit is no size", r"limits are linear in sizes, such as 2N or C - 1"
        )
    return limit


def _conditions(node: BigOperator, scope: Scope, work: Work) -> list[Term]:
    written = [place.condition for place in node.ranges if place.condition is not None]
    terms = [condition(each, work, scope).scalar for each in written]
    bound = {letter_of(p.index) for p in _separated(node.ranges) if p.index is not None}
    declared = [guard for guard in work.declarations.guards if guard.letter in bound]
    return terms + [_declared_guard(guard, work, scope) for guard in declared]


def _declared_guard(guard: Guard, work: Work, scope: Scope) -> Term:
    assert isinstance(guard.condition, Relation)
    work.note(f"declared: {guard.source}")
    return condition(guard.condition, work, scope).scalar


def _reduced(
    node: BigOperator,
    body: Value,
    bounds: list[Bound],
    guards: list[Term],
) -> Value:
    """Nested reductions; each guard goes to the innermost index it speaks of, else outside."""
    everything = guards + [guard for bound in bounds for guard in bound.guards]

    def element(at: tuple[Term, ...]) -> Term:
        term, pending = body.element(at), list(everything)
        for bound in reversed(bounds):
            last = bound is bounds[0]
            mine = [guard for guard in pending if last or bound.index in free_indices(guard)]
            pending = [guard for guard in pending if guard not in mine]
            guard = _all_of(mine)
            term = construct.reduce(node.operator, bound.index, term, guard)
        return term

    kind = "position" if node.operator in ("argmax", "argmin") else "real"
    return Value(body.extents, element, kind=kind)  # type: ignore[arg-type]


def _all_of(guards: list[Term]) -> Term | None:
    if not guards:
        return None
    return guards[0] if len(guards) == 1 else Apply("and", tuple(guards))
