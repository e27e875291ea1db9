"""Subscripts and brackets: what belongs to a name, and where in a tensor the rest points.

A letter bound by Σ or free on the left is an index; a digit or a word is part of the name; a letter
bound to an integer tensor is a label, that is, a gather.  Any other letter is refused: a lost Σ
must never pass.
"""

from __future__ import annotations

from fractions import Fraction

import attrs

from torchtex.index import construct
from torchtex.index.terms import Apply, Index, Size, Term
from torchtex.notation.declare import name_of, word_of
from torchtex.notation.scope import BoundIndex, Scope
from torchtex.notation.spelling import canonical_name
from torchtex.notation.syntax import (
    Application,
    Group,
    Infix,
    Juxtaposition,
    Name,
    Node,
    NumberLiteral,
    Prefix,
    Subscript,
    TextLiteral,
)
from torchtex.notation.work import BATCH_LETTERS, Work

# Letters that stand for the true class where nothing else is known of them.
LABEL_NAMES = frozenset({"y", "t", "label", "target", "class"})
# Subscripts that make a size of the letter before them: d_k, d_model.
SIZE_WORDS = frozenset({"k", "v", "q", "h", "model", "head", "in", "out"})


@attrs.frozen
class Position:
    """A place along an axis: the 0-based term, and how far the axis must reach for it."""

    term: Term
    reach: Size | None = None  # the axis has at least this many elements
    label: Size | None = None  # the axis has exactly as many elements as there are labels


def bound_index(node: Node, scope: Scope) -> BoundIndex | None:
    """The index a letter stands for here; ``c'`` is another index than ``c``."""
    letter = letter_of(node)
    return None if letter is None else scope.indices.get(letter)


def letter_of(node: Node) -> str | None:
    if isinstance(node, Name) and not node.accents:
        return node.text + "'" * node.primes
    return None


def subscript_items(items: tuple[Node, ...], work: Work, scope: Scope) -> tuple[Node, ...]:
    """``_{ij}`` taken apart into i and j where both are indices."""
    apart: list[Node] = []
    for item in items:
        if isinstance(item, Juxtaposition) and _all_indices(item.factors, work, scope):
            apart.extend(item.factors)
        else:
            apart.append(item)
    return tuple(apart)


def _all_indices(factors: tuple[Node, ...], work: Work, scope: Scope) -> bool:
    return all(_is_place(factor, work, scope) for factor in factors)


def _is_place(node: Node, work: Work, scope: Scope) -> bool:
    if isinstance(node, Subscript):
        return name_is_label(node.base, work)
    return bound_index(node, scope) is not None or name_is_label(node, work)


def name_is_label(node: Node, work: Work) -> bool:
    name = name_of(node)
    return name is not None and (work.is_label(name) or name in work.declarations.dependent)


def split_name(
    base: Name, items: tuple[Node, ...], work: Work, scope: Scope
) -> tuple[str, tuple[Node, ...]]:
    """The symbol's name with the subscripts that belong to it, and the ones that are places."""
    name = canonical_name(base)
    places: list[Node] = []
    for item in subscript_items(items, work, scope):
        word = _belongs(name, item, work, scope)
        if word is None:
            places.append(item)
        else:
            name = f"{name}_{word}"
    return name, tuple(places)


def _belongs(name: str, item: Node, work: Work, scope: Scope) -> str | None:
    """The word that ``item`` adds to ``name``, or None if it is a place in a tensor."""
    word = word_of(item)
    if word is None or _is_place(item, work, scope):
        return None
    if isinstance(item, NumberLiteral):
        return None if name in work.indexed and not work.is_known(f"{name}_{word}") else word
    if isinstance(item, TextLiteral | Juxtaposition):
        return word
    if isinstance(item, Name) and (item.font in ("roman", "calligraphic") or len(item.text) > 1):
        return word
    full = f"{name}_{word}"
    if work.is_known(full) or full in work.definitions or full in work.sizes:
        return word
    if full in work.declarations.extents or full in work.declarations.domains:
        return word
    if name == "d" and word in SIZE_WORDS:
        return word
    return None


def position(node: Node, work: Work, scope: Scope, *, bracket: bool = False) -> Position:
    """Where a subscript points.  ``bracket``: written ``x[0]``, where digits count from 0."""
    bound = bound_index(node, scope)
    if bound is not None:
        offset = max(bound.written() - 1, 0)
        term = bound.index if not offset else construct.add(bound.index, offset)
        return Position(term, reach=bound.index.extent + offset)
    label = _label(node, work, scope)
    if label is not None:
        return label
    if isinstance(node, NumberLiteral) and node.value.denominator == 1:
        place = int(node.value) - (0 if bracket else 1)
        if place < 0:
            raise work.refuse(node, "subscripts count from 1", "write x_1 for the first element")
        return Position(construct.number(place))  # says nothing of how far the axis goes
    if isinstance(node, Infix | Prefix | Juxtaposition | Group):
        return _computed(node, work, scope, bracket=bracket)
    raise _dangling(node, work)


def _label(node: Node, work: Work, scope: Scope) -> Position | None:
    """A label, an element of a label tensor, or a label that depends on an index."""
    base, items, from_bracket = _head_and_items(node)
    if base is None:
        return None
    name = name_of(base)
    if name is None:
        return None
    if name in work.declarations.dependent and not items:
        letters = work.declarations.dependent[name]
        items = tuple(Name(letter, node.span) for letter in letters)
    elif isinstance(base, Name) and items and not from_bracket:
        name, items = split_name(base, items, work, scope)
    if not (work.is_label(name) or _conventional_label(name, work)):
        return None
    places = [position(item, work, scope, bracket=from_bracket) for item in items]
    work.classes.add(name)
    element, count = work.label_element(name, node, tuple(place.term for place in places))
    record = work.records[name]
    for axis, place in zip(record.axes, places, strict=True):
        point(axis, place, node, work)
    return Position(element, label=count)


def _head_and_items(node: Node) -> tuple[Node | None, tuple[Node, ...], bool]:
    if isinstance(node, Name):
        return node, (), False
    if isinstance(node, Subscript):
        return node.base, node.items, False
    if isinstance(node, Application) and node.delimiter == "[" and not node.implicit:
        return node.head, node.arguments, True
    return None, (), False


def _conventional_label(name: str, work: Work) -> bool:
    """Without anything bound, ``z_y`` is taken as the logit of the true class y."""
    return not work.context.known and name in LABEL_NAMES


def _computed(node: Node, work: Work, scope: Scope, *, bracket: bool) -> Position:
    """``i + 1``, ``s u + a - P``: written numbers, brought back to a 0-based position."""
    linear = _linear(node, work, scope)
    if linear is None:
        raise work.refuse(node, "this subscript is not an affine index")
    terms, constant = linear
    base = 0 if bracket or _counts_from_zero(terms, scope) else 1
    constant += _written_offset(terms, scope) - base
    reach = None
    if len(terms) == 1 and not isinstance(terms[0][0], Apply) and terms[0][1] == 1:
        only = terms[0][0]
        reach = only.extent + Size.fixed(constant) if isinstance(only, Index) else None
    return Position(_sum_of(terms, constant), reach=reach)


Linear = tuple[list[tuple[Term, Fraction]], Fraction]


def _linear(node: Node, work: Work, scope: Scope) -> Linear | None:
    if isinstance(node, NumberLiteral):
        return [], node.value
    bound = bound_index(node, scope)
    if bound is not None:
        return [(bound.index, Fraction(1))], Fraction(0)
    if isinstance(node, Prefix) and node.operator in "+-":
        inner = _linear(node.operand, work, scope)
        return inner if inner is None or node.operator == "+" else _scaled(inner, Fraction(-1))
    if isinstance(node, Group) and len(node.items) == 1:
        return _linear(node.items[0], work, scope)
    if isinstance(node, Infix) and node.operator in "+-":
        left, right = _linear(node.left, work, scope), _linear(node.right, work, scope)
        if left is None or right is None:
            return None
        right = right if node.operator == "+" else _scaled(right, Fraction(-1))
        return left[0] + right[0], left[1] + right[1]
    if isinstance(node, Juxtaposition | Infix):
        return _product(node, work, scope)
    return _other(node, work, scope)


def _product(node: Juxtaposition | Infix, work: Work, scope: Scope) -> Linear | None:
    factors = node.factors if isinstance(node, Juxtaposition) else (node.left, node.right)
    if isinstance(node, Infix) and node.operator not in ("*", "\\cdot", "\\times"):
        return None
    total: Linear = ([], Fraction(1))
    for factor in factors:
        part = _linear(factor, work, scope)
        if part is None:
            return None
        if not part[0]:
            total = _scaled(total, part[1])
        elif not total[0]:
            total = _scaled(part, total[1])
        else:
            return _general_product(factors, work, scope)
    return total


def _general_product(factors: tuple[Node, ...], work: Work, scope: Scope) -> Linear | None:
    """A stride times an index: kept as a product, with the written base of the index as it is."""
    terms = [_sum_of(*_required(factor, work, scope)) for factor in factors]
    return [(construct.multiply(*terms), Fraction(1))], Fraction(0)


def _required(factor: Node, work: Work, scope: Scope) -> Linear:
    linear = _linear(factor, work, scope)
    if linear is None:
        raise work.refuse(factor, "this subscript is not an affine index")
    terms, constant = linear
    return terms, constant + _written_offset(terms, scope)


def _other(node: Node, work: Work, scope: Scope) -> Linear | None:
    """A stride, a padding or a size used in a subscript."""
    if _label(node, work, scope) is not None:
        return None
    unknown = isinstance(node, Name) and not work.is_known(canonical_name(node))
    if unknown and name_of(node) not in work.sizes:
        raise _dangling(node, work)
    value = work.value(node, scope)
    return ([(value.scalar, Fraction(1))], Fraction(0)) if value.rank == 0 else None


def _scaled(linear: Linear, factor: Fraction) -> Linear:
    return [(term, value * factor) for term, value in linear[0]], linear[1] * factor


def _sum_of(terms: list[tuple[Term, Fraction]], constant: Fraction) -> Term:
    parts: list[Term] = []
    for term, factor in terms:
        if factor == 1:
            parts.append(term)
        elif factor == -1:
            parts.append(construct.negate(term))
        else:
            parts.append(construct.multiply(factor, term))
    if constant != 0 or not parts:
        parts.append(construct.number(constant))
    return parts[0] if len(parts) == 1 else construct.add(*parts)


def _bound_of(term: Term, scope: Scope) -> BoundIndex | None:
    return next((bound for bound in scope.indices.values() if bound.index == term), None)


def _lower_bounds(terms: list[tuple[Term, Fraction]], scope: Scope) -> list[int]:
    """The written lower bound of each index in a subscript.

    One that is written nowhere is 1; but 0 beside an index that starts at 0, and where it is
    multiplied, as in ``x_{2u + a}``.
    """
    bounds = [_bound_of(term, scope) for term, _ in terms]
    from_zero = any(bound is not None and bound.lower == 0 for bound in bounds)
    from_zero = from_zero or any(abs(factor) != 1 for _, factor in terms)
    unwritten = 0 if from_zero else 1
    return [
        0 if bound is None else unwritten if bound.lower is None else bound.lower
        for bound in bounds
    ]


def _written_offset(terms: list[tuple[Term, Fraction]], scope: Scope) -> Fraction:
    """What the written lower bounds add to the sum of the 0-based positions."""
    bounds = _lower_bounds(terms, scope)
    return sum((low * factor for low, (_, factor) in zip(bounds, terms, strict=True)), Fraction(0))


def _counts_from_zero(terms: list[tuple[Term, Fraction]], scope: Scope) -> bool:
    """Whether the tensor's first element has the subscript 0."""
    return bool(terms) and _written_offset(terms, scope) < 1


def point(axis: Size, place: Position, node: Node, work: Work) -> None:
    """Let an axis know what points into it."""
    with work.sizes_of(node):
        if place.label is not None:
            work.extents.equate(place.label, axis)
        elif place.reach is not None:
            work.extents.reach(axis, place.reach)


def _dangling(node: Node, work: Work) -> Exception:
    text = work.text(node)
    known = work.context.known.get(name_of(node) or "")
    if known is not None and known.sort == "real":
        return work.refuse(
            node,
            f"{text} is used as an index but is bound to a tensor of real numbers",
            "bind it to an integer tensor of labels",
        )
    return work.refuse(
        node,
        f"the index {text} is bound by nothing: no Σ runs over it, the left side does not have it, "
        "and it is no label",
        rf"sum over it (\sum_{{{text}}}), put it on the left side, or bind it to an integer tensor",
    )


def batch_named(letter: str, bound: str | None) -> bool:
    """Whether an index is the batch axis: bounded by N, n, m or B, or so named."""
    return letter in BATCH_LETTERS or (bound is not None and bound in BATCH_LETTERS)
