"""What stands under and over a big operator, as one range for each index it binds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set

import attrs

from torchtex.notation.syntax import (
    Ellipsis_,
    Group,
    Juxtaposition,
    Logical,
    Name,
    Node,
    Range,
    Relation,
    Span,
)

Letter = tuple[str, int]  # the text of a letter and its number of primes

_SINGLE_LETTER_FONTS = frozenset(["italic", "bold", "calligraphic"])


@attrs.frozen
class Limit:
    """One item under a big operator; ``guards`` tells that it stands after a colon or bar."""

    node: Node
    guards: bool = False


def ranges_of(limits: Sequence[Limit], upper: Node | None, span: Span) -> tuple[Range, ...]:
    """The ranges of ``_{limits}^{upper}``.

    Indices listed before one with limits share them: ``i, j = 1``, ``i, j \\in S``.  The upper
    limit belongs to every index that has a lower one, else to every index.
    """
    if not limits:
        return () if upper is None else (Range(None, None, upper, None, None, span),)
    ranges: list[Range] = []
    known: set[tuple[str, int]] = set()
    for limit in _without_dots(limits):
        found = [_guard(limit.node)] if limit.guards else _ranges(limit.node, known)
        known |= letters_of(found)
        ranges += found
    return tuple(_under(upper, _shared(ranges)))


def letters_of(
    ranges: Iterable[Range], outer: frozenset[Letter] = frozenset()
) -> frozenset[Letter]:
    """The letters ranges bind, with their primes; ``outer`` are bound around them already.

    A lone condition binds its first letter that is not bound yet: j in ``j \\neq i``.
    """
    ranges = tuple(ranges)
    named = {letter for place in ranges if (letter := _letter(place.index)) is not None}
    for place in ranges:
        if place.index is None and not named:
            named |= _candidates(place.condition, outer)
    return frozenset(named)


def _letter(node: Node | None) -> Letter | None:
    return (node.text, node.primes) if isinstance(node, Name) else None


def _candidates(condition: Node | None, outer: frozenset[Letter]) -> set[Letter]:
    if isinstance(condition, Logical):
        return {each for part in condition.operands for each in _candidates(part, outer)}
    if not isinstance(condition, Relation):
        return set()
    inner = condition.operands[1:-1]
    found = [_letter(node) for node in inner or condition.operands]
    free = [letter for letter in found if letter is not None and letter not in outer]
    return set(free if inner else free[:1])


def _guard(node: Node) -> Range:
    return Range(None, None, None, None, node, node.span)


def _ranges(node: Node, known: Set[tuple[str, int]]) -> list[Range]:
    if isinstance(node, Relation):
        return [_related(node, known)]
    if isinstance(node, Logical):
        return [_guard(node)]
    if isinstance(node, Name):
        return [Range(node, None, None, None, None, node.span)]
    if isinstance(node, Juxtaposition) and all(_is_letter(factor) for factor in node.factors):
        return [Range(factor, None, None, None, None, factor.span) for factor in node.factors]
    if isinstance(node, Group) and node.delimiter in ("(", "{") and _are_letters(node.items):
        return [Range(item, None, None, None, None, item.span) for item in node.items]
    return [Range(None, node, None, None, None, node.span)]


def _related(node: Relation, known: Set[tuple[str, int]]) -> Range:
    """The range a relation gives, or the guard it is on letters that have their range."""
    first = node.operands[0]
    again = isinstance(first, Name) and (first.text, first.primes) in known
    if len(node.operators) == 1 and not again:
        operator, second = node.operators[0], node.operands[1]
        if operator == "=" and isinstance(first, Name):
            return Range(first, second, None, None, None, node.span)
        if operator in ("in", "~"):
            return Range(first, None, None, second, None, node.span)
    if node.operators == ("<=", "<=") and isinstance(node.operands[1], Name):
        lower, index, upper = node.operands
        return Range(index, lower, upper, None, None, node.span)
    return _guard(node)


def _is_letter(node: Node) -> bool:
    return isinstance(node, Name) and node.font in _SINGLE_LETTER_FONTS


def _are_letters(nodes: Sequence[Node]) -> bool:
    return len(nodes) > 1 and all(_is_letter(node) for node in nodes)


def _without_dots(limits: Sequence[Limit]) -> list[Limit]:
    """``i = 1, \\dots, n`` has its upper limit last: ``1 <= i <= n``."""
    if len(limits) == 3 and isinstance(limits[1].node, Ellipsis_):
        first, last = limits[0].node, limits[2].node
        if isinstance(first, Relation) and first.operators == ("=",):
            index, lower = first.operands
            chain = Relation(("<=", "<="), (lower, index, last), first.span.to(last.span))
            return [Limit(chain)]
    return list(limits)


def _shared(ranges: list[Range]) -> list[Range]:
    """Bare indices before one with a lower limit or a domain share it."""
    shared: list[Range] = []
    later: Range | None = None
    for place in reversed(ranges):
        if _is_bare(place) and later is not None:
            place = attrs.evolve(later, index=place.index, span=place.span.to(later.span))
        elif place.index is not None:
            later = place
        shared.append(place)
    shared.reverse()
    return shared


def _is_bare(place: Range) -> bool:
    return place.index is not None and place.lower is place.upper is place.domain is None


def _under(upper: Node | None, ranges: list[Range]) -> list[Range]:
    if upper is None:
        return ranges
    lowered = [place.lower is not None and place.upper is None for place in ranges]
    if not any(lowered):
        lowered = [place.index is not None and place.upper is None for place in ranges]
    if not any(lowered):
        lowered[0] = True
    return [
        attrs.evolve(place, upper=upper, span=place.span.to(upper.span)) if takes else place
        for place, takes in zip(ranges, lowered, strict=True)
    ]
