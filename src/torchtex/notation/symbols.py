"""What a letter means where it stands: an index, a definition, a size, a label or a symbol."""

from __future__ import annotations

from collections.abc import Sequence

from torchtex.index.construct import number
from torchtex.index.substitute import substitute
from torchtex.index.terms import (
    Apply,
    Constant,
    Definition,
    Element,
    Index,
    Recurrence,
    Reduce,
    Size,
    Term,
)
from torchtex.index.traverse import walk
from torchtex.notation.declare import word_of
from torchtex.notation.positions import (
    Position,
    bound_index,
    point,
    position,
    split_name,
)
from torchtex.notation.scope import BoundIndex, Scope
from torchtex.notation.spelling import canonical_name
from torchtex.notation.syntax import Name, Node, Span, Subscript, Superscript, TextLiteral
from torchtex.notation.values import Value, scalar
from torchtex.notation.work import BATCH_LETTERS, DefinitionRecord, Work

SIZE_LETTERS = BATCH_LETTERS | {"C", "K", "M", "D"}
RECURRENCE = "a recurrence is not read yet; write out its steps"
CONSTANTS = {"pi": "pi", "infty": "infinity", "∞": "infinity", "π": "pi"}


def free_name(node: Node, work: Work, scope: Scope) -> str | None:
    """The free symbol that a letter or a subscripted letter names, or None if it is none."""
    found = _named(node, work, scope)
    if found is None:
        return None
    name, places = found
    if not places and _means_something_else(node, name, work, scope):
        return None
    return None if name in work.definitions else name


def _named(node: Node, work: Work, scope: Scope) -> tuple[str, tuple[Node, ...]] | None:
    if pattern_key(node) in scope.patterns:
        return None
    if isinstance(node, Name):
        return canonical_name(node), ()
    if isinstance(node, Subscript) and isinstance(node.base, Name):
        return split_name(node.base, node.items, work, scope)
    return None


def _means_something_else(node: Node, name: str, work: Work, scope: Scope) -> bool:
    return (
        bound_index(node, scope) is not None
        or name in work.sizes
        or work.is_label(name)
        or name in work.declarations.dependent
        or name in CONSTANTS
        or name == "1"
    )


def pattern_key(node: Node) -> str:
    """How an argument of a definition is written: ``x`` or ``x_i``, spaces aside."""
    if isinstance(node, Name):
        return canonical_name(node)
    if isinstance(node, Subscript):
        return "_".join([pattern_key(node.base), *(pattern_key(item) for item in node.items)])
    return word_of(node) or ""


def name(node: Node, work: Work, scope: Scope) -> Value:
    """A letter or a word written without a subscript."""
    assert isinstance(node, Name)
    bound = bound_index(node, scope)
    if bound is not None:
        return index_value(bound, work)
    symbol = canonical_name(node)
    if symbol in scope.patterns:
        return scope.patterns[symbol]
    if symbol in work.definitions:
        return definition_value(node, work.definitions[symbol], (), work)
    if symbol in CONSTANTS and not work.is_known(symbol):
        return scalar(Constant(CONSTANTS[symbol]))
    if symbol == "1":
        return scalar(number(1))
    if symbol in work.sizes:
        return scalar(Size.free(symbol))
    if symbol in work.declarations.dependent:
        place = position(node, work, scope)
        return scalar(place.term, kind="position")
    if _is_loose_size(symbol, work):
        return _loose_size(node, symbol, work)
    return symbol_value(node, symbol, (), work, scope)


def _is_loose_size(symbol: str, work: Work) -> bool:
    """A letter that names a count where nothing else is known of it: ``1/N``, ``\\sqrt{d_k}``."""
    if work.is_known(symbol) or symbol in work.declarations.extents:
        return False
    return (symbol in SIZE_LETTERS or symbol.startswith("d_")) and not work.ranks.get(symbol)


def _loose_size(node: Node, symbol: str, work: Work) -> Value:
    """``1/N`` with no range up to N: a size that something else has to fix."""
    work.loose_sizes.setdefault(symbol, node.span)
    return scalar(Size.free(symbol))


def index_value(bound: BoundIndex, work: Work) -> Value:
    """An index used as a number: its position, and the written lower bound to add to it."""
    base = bound.lower
    if base is None:
        base = _usual_base(work)
    return scalar(bound.index, kind="position", base=number(base))


def _usual_base(work: Work) -> int:
    """Where indices without limits start: as the others of the formula do, else at 1.

    One decision for the whole formula: indices of one axis cannot start at different numbers.
    """
    if work.lowers:
        return 0 if max(work.lowers) == 0 else 1
    whole = Name("", Span(0, len(work.source)))
    return int(work.choose("index-base", whole, "1", "0"))


def subscript(node: Node, work: Work, scope: Scope) -> Value:
    """``x_i``, ``x_{i,j}``, ``W_1``, ``z_y``, ``softmax(z)_k``."""
    assert isinstance(node, Subscript)
    key = pattern_key(node)
    if key in scope.patterns:
        return scope.patterns[key]
    base = node.base
    if isinstance(base, Superscript):
        return _labelled(base, node.items, node, work, scope)
    if not isinstance(base, Name):
        value = work.value(base, scope)
        return take(value, node, node.items, work, scope)
    full, places = split_name(base, node.items, work, scope)
    return named_element(node, full, places, work, scope)


def named_element(
    node: Node,
    full: str,
    places: Sequence[Node],
    work: Work,
    scope: Scope,
    *,
    bracket: bool = False,
) -> Value:
    """The element of the symbol or definition ``full`` at ``places``."""
    if full in scope.patterns:
        return take(scope.patterns[full], node, places, work, scope, bracket=bracket)
    if full in work.definitions:
        positions = [position(place, work, scope, bracket=bracket) for place in places]
        return definition_value(node, work.definitions[full], positions, work)
    if not places and full in work.sizes:
        return scalar(Size.free(full))
    if not places and full.startswith("d_") and _is_loose_size(full, work):
        return _loose_size(node, full, work)
    return symbol_value(node, full, places, work, scope, bracket=bracket)


def superscript(node: Node, work: Work, scope: Scope) -> Value:
    """``x^{(l)}`` and ``v^{\\text{max}}``: the label belongs to the name."""
    assert isinstance(node, Superscript)
    return _labelled(node, (), node, work, scope)


def _labelled(
    base: Superscript, items: Sequence[Node], node: Node, work: Work, scope: Scope
) -> Value:
    inner = base.base
    label = word_of(base.label) if not isinstance(base.label, TextLiteral) else base.label.text
    if label is None or bound_index(base.label, scope) is not None:
        raise work.refuse(base.label, "this superscript is neither a power nor part of a name")
    if isinstance(inner, Subscript) and isinstance(inner.base, Name):
        full, places = split_name(inner.base, (*inner.items, *items), work, scope)
    elif isinstance(inner, Name):
        full, places = split_name(inner, tuple(items), work, scope)
    else:
        raise work.refuse(base.label, "this superscript is neither a power nor part of a name")
    return named_element(node, f"{full}_{label}", places, work, scope)


def symbol_value(
    node: Node,
    symbol: str,
    places: Sequence[Node],
    work: Work,
    scope: Scope,
    *,
    bracket: bool = False,
) -> Value:
    """A free symbol, with some of its leading axes indexed by ``places``."""
    positions = [position(place, work, scope, bracket=bracket) for place in places]
    if work.is_label(symbol):
        return _label_value(node, symbol, positions, work)
    record = work.record(symbol, node, len(positions) or _bold_rank(node, symbol, work))
    for axis, place in zip(record.axes, positions, strict=False):
        point(axis, place, node, work)
    rest = tuple(record.axes[len(positions) :])
    leading = tuple(place.term for place in positions)
    return Value(rest, lambda at: Element(symbol, (*leading, *at)))


def _bold_rank(node: Node, symbol: str, work: Work) -> int:
    """A bold letter written alone is a vector, a bold capital a matrix."""
    base = node.base if isinstance(node, Subscript) else node
    if not isinstance(base, Name) or base.font != "bold" or symbol in work.declarations.extents:
        return 0
    return 2 if base.text[:1].isupper() else 1


def _label_value(node: Node, symbol: str, positions: list[Position], work: Work) -> Value:
    record = work.record(symbol, node, len(positions))
    if record.labels is None:
        record.labels = work.extents.fresh("C")
    for axis, place in zip(record.axes, positions, strict=False):
        point(axis, place, node, work)
    leading = tuple(place.term for place in positions)
    rest = tuple(record.axes[len(positions) :])
    return Value(rest, lambda at: Element(symbol, (*leading, *at)), kind="position")


def take(
    value: Value,
    node: Node,
    places: Sequence[Node],
    work: Work,
    scope: Scope,
    *,
    bracket: bool = False,
) -> Value:
    """The element of a vector-valued expression: ``softmax(z)_k``."""
    if len(places) > value.rank:
        text = work.text(node)
        raise work.refuse(node, f"{text} has {len(places)} subscripts but {value.rank} axes")
    positions = [position(place, work, scope, bracket=bracket) for place in places]
    for axis, place in zip(value.extents, positions, strict=False):
        point(axis, place, node, work)
    leading = tuple(place.term for place in positions)
    rest = value.extents[len(positions) :]
    return Value(rest, lambda at: value.element((*leading, *at)), kind=value.kind, base=value.base)


# -- definitions ------------------------------------------------------------------------------


def definition_value(
    node: Node, record: DefinitionRecord, positions: Sequence[Position], work: Work
) -> Value:
    """A definition the formula refers to, with its leading indices at ``positions``."""
    value = defined(record, work)
    if len(positions) > len(record.indices) + value.rank:
        raise work.refuse(node, f"{record.name} is defined with fewer indices")
    own = (*(index.extent for index in record.indices), *value.extents)
    for axis, place in zip(own, positions, strict=False):
        point(axis, place, node, work)
    leading = tuple(place.term for place in positions)
    rest = own[len(positions) :]

    def element(at: tuple[Term, ...]) -> Term:
        return _definition_element(record, value, (*leading, *at), work)

    return Value(rest, element, kind=value.kind, base=value.base)


def defined(record: DefinitionRecord, work: Work) -> Value:
    """The value of a definition's right side, read once per attempt."""
    record.used = True
    if record.value is None:
        if record.busy:
            raise work.refuse(record.body, f"{record.name} is defined by itself", RECURRENCE)
        record.busy = True
        scope = Scope()
        indices: list[Index] = []
        for letter in record.letters:
            bound = definition_index(letter, work)
            indices.append(bound.index)
            scope = scope.bind(letter, bound)
        record.indices = tuple(indices)
        record.value = work.value(record.body, scope)
        record.busy = False
    return record.value


def definition_index(letter: str, work: Work) -> BoundIndex:
    """The index of a definition's left side: its declared range, or one found by its uses."""
    declared = work.declarations.ranges.get(letter)
    if declared is not None:
        work.batch.setdefault(letter, ",".join(declared.extent.names))
        return BoundIndex(Index(letter, declared.extent), declared.lower)
    if letter in BATCH_LETTERS:
        work.batch.setdefault(letter, letter)
    return BoundIndex(Index(letter, work.extents.fresh(letter.upper()[:1] or "D")), None)


def _definition_element(
    record: DefinitionRecord, value: Value, at: tuple[Term, ...], work: Work
) -> Term:
    own = len(record.indices)
    body = value.element(at[own:])
    if _may_be_put_in(body, at):
        return substitute(body, dict(zip(record.indices, at[:own], strict=True)))
    _store(record, value, work)
    return Element(record.name, at)


def _may_be_put_in(body: Term, at: tuple[Term, ...]) -> bool:
    """Whether a definition is written out where it is used, rather than kept as a tensor.

    An indicator guards the product it is written in.  A definition with one is kept, so that it
    does not guard the factors beside it; except at a label, which may be an ignored one that must
    not be looked up.
    """
    terms = tuple(walk(body))
    if any(isinstance(term, Reduce | Recurrence) for term in terms):
        return False
    guarded = any(isinstance(term, Apply) and term.operator == "indicator" for term in terms)
    return not guarded or any(not isinstance(place, Index) for place in at)


def _store(record: DefinitionRecord, value: Value, work: Work) -> None:
    if record.stored:
        return
    record.stored = True
    axes = tuple(work.fresh_index(extent) for extent in value.extents)
    work.stored.append((record.name, (*record.indices, *axes), value.element(axes)))


def stored_definitions(work: Work) -> tuple[Definition, ...]:
    return tuple(Definition(name, indices, body) for name, indices, body in work.stored)
