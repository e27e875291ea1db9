"""Replacing indices, sizes and elements inside terms without capture.

A binder whose index occurs in what is put in gets a fresh index first.  Two indices are the same
only if name and extent are; an inner index that equals an outer one shadows it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import count
from typing import overload

import attrs

from torchtex.index.errors import refusing_deep_terms
from torchtex.index.terms import (
    Comprehension,
    Definition,
    Element,
    Expression,
    Index,
    Recurrence,
    Reduce,
    Size,
    Tensor,
    Term,
)
from torchtex.index.traverse import (
    bound_indices,
    children,
    free_indices,
    postorder,
    rebuild,
    transform,
)


@refusing_deep_terms
def substitute(term: Term, replacements: Mapping[Index, Term]) -> Term:
    """``term`` with each free index that has a replacement replaced by it, all at once.

    Raises TooDeep.
    """
    useful = {index: new for index, new in replacements.items() if new != index}
    return _substitute(term, useful) if useful else term


def _substitute(term: Term, replacements: Mapping[Index, Term]) -> Term:
    match term:
        case Index():
            return replacements.get(term, term)
        case Reduce() | Comprehension():
            renamed, inner = _enter(term, bound_indices(term), replacements)
            return _rebuilt(renamed, inner) if inner else renamed
        case Recurrence():
            return _substitute_recurrence(term, replacements)
    return _rebuilt(term, replacements)


def _rebuilt(term: Term, replacements: Mapping[Index, Term]) -> Term:
    return rebuild(term, [_substitute(child, replacements) for child in children(term)])


def _enter(
    term: Term, bound: tuple[Index, ...], replacements: Mapping[Index, Term]
) -> tuple[Term, Mapping[Index, Term]]:
    """The binder with bound indices renamed where they would capture, and what still applies."""
    free = free_indices(term)
    inner = {index: new for index, new in replacements.items() if index in free}
    incoming = frozenset[Index]().union(*(free_indices(new) for new in inner.values()))
    captured = [index for index in bound if index in incoming]
    if not captured:
        return term, inner
    return rename_bound(term, captured, incoming), inner


def _substitute_recurrence(term: Recurrence, replacements: Mapping[Index, Term]) -> Recurrence:
    count_term = _substitute(term.count, replacements)
    at = tuple(_substitute(position, replacements) for position in term.at)
    closed = attrs.evolve(term, count=Size.fixed(0), at=())
    renamed, inner = _enter(closed, bound_indices(closed), replacements)
    assert isinstance(renamed, Recurrence)
    # The step binds in ``following`` only; ``initial`` sees the outer index of that name.
    outer = {index: new for index, new in replacements.items() if index not in renamed.indices}
    inside = {index: new for index, new in inner.items() if index != renamed.step}
    return attrs.evolve(
        renamed,
        initial=_substitute(renamed.initial, outer),
        following=_substitute(renamed.following, inside),
        count=count_term,
        at=at,
    )


def rename_bound(term: Term, renamed: Iterable[Index], avoid: Iterable[Index]) -> Term:
    """The binder ``term`` with the given indices of its own replaced by fresh ones."""
    taken = {index.name for index in avoid} | _index_names(term)
    fresh: dict[Index, Index] = {}
    for index in renamed:
        fresh[index] = Index(fresh_name(index.name, taken), index.extent)
        taken.add(fresh[index].name)
    match term:
        case Reduce():
            parts = [_substitute(child, fresh) for child in children(term)]
            return rebuild(attrs.evolve(term, index=fresh.get(term.index, term.index)), parts)
        case Comprehension():
            indices = tuple(fresh.get(index, index) for index in term.indices)
            return Comprehension(indices, _substitute(term.body, fresh))
        case Recurrence():
            state_only = {index: new for index, new in fresh.items() if index in term.indices}
            return attrs.evolve(
                term,
                indices=tuple(fresh.get(index, index) for index in term.indices),
                step=fresh.get(term.step, term.step),
                initial=_substitute(term.initial, state_only),
                following=_substitute(term.following, fresh),
            )
    return term


def fresh_name(name: str, taken: Iterable[str]) -> str:
    """``name`` with the smallest number behind it that is not taken."""
    taken = frozenset(taken)
    return next(new for new in (f"{name}_{k}" for k in count(1)) if new not in taken)


def _index_names(term: Term) -> set[str]:
    names: set[str] = set()
    for node in postorder(term):
        names.update(index.name for index in bound_indices(node))
        if isinstance(node, Index):
            names.add(node.name)
    return names


@overload
def rename_sizes(item: Expression, renaming: Mapping[str, Size]) -> Expression: ...
@overload
def rename_sizes(item: Term, renaming: Mapping[str, Size]) -> Term: ...
def rename_sizes(item: Term | Expression, renaming: Mapping[str, Size]) -> Term | Expression:
    """Put sizes in the place of free sizes, in terms and in every extent."""
    if not isinstance(item, Expression):
        return _rename_sizes_in_term(item, renaming)
    return Expression(
        tuple(_rename_sizes_in_tensor(tensor, renaming) for tensor in item.tensors),
        tuple(
            Definition(
                each.name,
                tuple(_renamed_index(index, renaming) for index in each.indices),
                _rename_sizes_in_term(each.body, renaming),
            )
            for each in item.definitions
        ),
        tuple(_renamed_index(index, renaming) for index in item.indices),
        _rename_sizes_in_term(item.body, renaming),
    )


def renamed_size(size: Size, renaming: Mapping[str, Size]) -> Size:
    """``size`` with sizes put in the place of free ones."""
    renamed = Size.fixed(size.constant)
    for name, coefficient in size.coefficients:
        renamed = renamed + renaming.get(name, Size.free(name)) * coefficient
    return renamed


def _renamed_index(index: Index, renaming: Mapping[str, Size]) -> Index:
    return Index(index.name, renamed_size(index.extent, renaming))


def _rename_sizes_in_tensor(tensor: Tensor, renaming: Mapping[str, Size]) -> Tensor:
    labels = None if tensor.labels is None else renamed_size(tensor.labels, renaming)
    extents = tuple(renamed_size(extent, renaming) for extent in tensor.extents)
    return attrs.evolve(tensor, extents=extents, labels=labels)


def _rename_sizes_in_term(term: Term, renaming: Mapping[str, Size]) -> Term:
    distinct = _with_distinct_names(term, renaming)

    def renamed(node: Term) -> Term:
        match node:
            case Size():
                return renamed_size(node, renaming)
            case Index():
                return _renamed_index(node, renaming)
            case Reduce():
                return attrs.evolve(node, index=_renamed_index(node.index, renaming))
            case Comprehension():
                indices = tuple(_renamed_index(index, renaming) for index in node.indices)
                return Comprehension(indices, node.body)
            case Recurrence():
                indices = tuple(_renamed_index(index, renaming) for index in node.indices)
                step = _renamed_index(node.step, renaming)
                return attrs.evolve(node, indices=indices, step=step)
        return node

    return transform(distinct, renamed)


def _with_distinct_names(term: Term, renaming: Mapping[str, Size]) -> Term:
    """``term`` with inner indices renamed that the renaming of sizes would merge with outer ones.

    ``i:N`` and ``i:M`` are two indices until N and M become one size.
    """

    def separated(node: Term) -> Term:
        own = bound_indices(node)
        if not own:
            return node
        outer = free_indices(node)
        merging = [
            index
            for index in own
            if any(
                other != index
                and _renamed_index(other, renaming) == _renamed_index(index, renaming)
                for other in (*outer, *own)
            )
        ]
        return rename_bound(node, merging, outer) if merging else node

    return transform(term, separated)


def replace_elements(term: Term, function: Callable[[Element], Term]) -> Term:
    """Put ``function(element)`` in the place of every element that is not of a recurrence's state.

    The replacement of an element under a binder may use the indices bound there.  To bring in
    terms with free indices of their own, rename them apart first (see ``lift``).
    """
    return _replace_elements(term, function, frozenset())


@refusing_deep_terms
def _replace_elements(
    term: Term, function: Callable[[Element], Term], states: frozenset[str]
) -> Term:
    if isinstance(term, Recurrence):
        inside = _replace_elements(term.following, function, states | {term.state})
        outside = [_replace_elements(c, function, states) for c in (term.count, *term.at)]
        initial = _replace_elements(term.initial, function, states)
        return rebuild(term, (initial, inside, *outside))
    parts = [_replace_elements(child, function, states) for child in children(term)]
    rebuilt = rebuild(term, parts)
    if isinstance(rebuilt, Element) and rebuilt.tensor not in states:
        return function(rebuilt)
    return rebuilt
