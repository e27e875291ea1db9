"""What letters a formula is written with, before anything is decided."""

from __future__ import annotations

from collections.abc import Iterator

from torchtex.notation.declare import name_of, number_of, size_of, word_of
from torchtex.notation.depth import everything
from torchtex.notation.spelling import canonical_name
from torchtex.notation.syntax import (
    Application,
    Derivative,
    Group,
    Juxtaposition,
    Name,
    Node,
    Range,
    Subscript,
    Superscript,
    TextLiteral,
)


def written_subscripts(node: object) -> set[str]:
    """Single letters that stand as places: subscripts, brackets, arguments such as ``P(x)``."""
    letters: set[str] = set()
    for here in everything(node):
        if isinstance(here, Subscript):
            letters |= _letters_of(here.items)
        elif isinstance(here, Application) and here.delimiter == "[":
            letters |= _letters_of(here.arguments)
    return letters


def _letters_of(items: tuple[Node, ...]) -> set[str]:
    found: set[str] = set()
    for item in items:
        for here in everything(item):
            if isinstance(here, Name) and here.font == "italic" and len(here.text) == 1:
                found.add(here.text + "'" * here.primes)
    return found


def bound_letters(node: object) -> set[str]:
    """Letters that a big operator inside ``node`` runs over."""
    found: set[str] = set()
    for here in everything(node):
        if isinstance(here, Range) and here.index is not None:
            found |= _letters_of((here.index,))
    return found


def loose_letters(node: object) -> set[str]:
    """Subscript letters that nothing inside ``node`` runs over."""
    return written_subscripts(node) - bound_letters(node)


def indexed_names(node: object) -> frozenset[str]:
    """Symbols that carry a letter as subscript somewhere."""
    return frozenset(
        canonical_name(here.base)
        for here in everything(node)
        if isinstance(here, Subscript)
        and isinstance(here.base, Name)
        and any(isinstance(i, Name) and i.font == "italic" and len(i.text) == 1 for i in here.items)
    )


def range_sizes(node: object) -> frozenset[str]:
    """Names that bound a range: the C of ``\\sum_{j=1}^{C}``, the N of ``l_1, \\dots, l_N``."""
    names: set[str] = set()
    for here in everything(node):
        if isinstance(here, Range) and here.upper is not None:
            names |= _size_names(here.upper)
        if isinstance(here, Group) and len(here.items) > 2:
            names |= _list_size(here.items[-1])
    return frozenset(names)


def written_lowers(node: object) -> frozenset[int]:
    """Every lower limit that is a whole number: where the author starts to count."""
    limits = (
        number_of(here.lower)
        for here in everything(node)
        if isinstance(here, Range) and here.lower is not None
    )
    return frozenset(int(limit) for limit in limits if limit is not None and limit.denominator == 1)


def _list_size(last: Node) -> set[str]:
    if isinstance(last, Subscript):
        return set().union(*(_capital_sizes(item) for item in last.items))
    return _size_names(last)


def _capital_sizes(node: Node) -> set[str]:
    return {name for name in _size_names(node) if name[:1].isupper() or name in ("n", "m")}


def _size_names(node: Node) -> set[str]:
    size = size_of(node)
    return set() if size is None else set(size.names)


def letters(node: object) -> frozenset[str]:
    """Every single letter written anywhere."""
    return frozenset(
        here.text for here in everything(node) if isinstance(here, Name) and len(here.text) == 1
    )


def candidate_names(node: object) -> tuple[str, ...]:
    """Canonical names a symbol of the formula may have: ``p`` and ``p_t`` for ``p_t``."""
    found: dict[str, None] = {}
    for here in everything(node):
        if isinstance(here, Derivative):
            continue
        for name in _names_here(here):
            found[name] = None
    return tuple(found)


def _names_here(here: object) -> Iterator[str]:
    if isinstance(here, Name):
        yield canonical_name(here)
        if "." in here.text:
            yield here.text.split(".")[0]
    elif isinstance(here, Superscript):
        label = word_of(here.label)
        inner = name_of(here.base)
        if label is not None and inner is not None:
            yield f"{inner}_{label}"
    elif isinstance(here, Subscript) and isinstance(here.base, Name):
        yield from _subscripted_names(here, here.base)


def _subscripted_names(here: Subscript, base: Name) -> Iterator[str]:
    name = canonical_name(base)
    for item in here.items:
        word = word_of(item)
        if word is None or (isinstance(item, Juxtaposition | TextLiteral) and not word):
            continue
        name = f"{name}_{word}"
        yield name


def applied_names(node: object) -> set[str]:
    """Names written before a group, as functions are."""
    found = set()
    for here in everything(node):
        if isinstance(here, Application):
            name = name_of(here.head)
            if name is not None:
                found.add(name)
    return found
