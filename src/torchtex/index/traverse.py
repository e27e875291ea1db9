"""Walking terms: children, rebuilding, and what a term uses.

Everything here is iterative, so that a term of any depth can be walked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain

import attrs

from torchtex.index.errors import IllFormed
from torchtex.index.terms import (
    Apply,
    Call,
    Comprehension,
    Constant,
    Element,
    Expression,
    Index,
    Number,
    Piecewise,
    Recurrence,
    Reduce,
    Size,
    Term,
)


def children(term: Term) -> tuple[Term, ...]:
    """The terms directly inside ``term``, in reading order.  Bound indices are not among them."""
    match term:
        case Number() | Constant() | Size() | Index():
            return ()
        case Element():
            return term.indices
        case Apply():
            return term.arguments
        case Piecewise():
            cases = tuple(chain.from_iterable(term.cases))
            return cases if term.otherwise is None else (*cases, term.otherwise)
        case Reduce():
            return (term.body,) if term.guard is None else (term.body, term.guard)
        case Comprehension():
            return (term.body,)
        case Call():
            return term.arguments + term.at
        case Recurrence():
            return (term.initial, term.following, term.count, *term.at)
    raise TypeError(f"not a term: {term!r}")


def rebuild(term: Term, parts: Sequence[Term]) -> Term:
    """``term`` with ``parts`` in the place of its children; ``term`` itself if nothing changed."""
    parts = tuple(parts)
    if all(new is old for new, old in zip(parts, children(term), strict=True)):
        return term
    match term:
        case Element():
            return Element(term.tensor, parts)
        case Apply():
            return Apply(term.operator, parts)
        case Piecewise():
            paired = len(term.cases)
            cases = tuple((parts[2 * k], parts[2 * k + 1]) for k in range(paired))
            return Piecewise(cases, None if term.otherwise is None else parts[-1])
        case Reduce():
            guard = None if term.guard is None else parts[1]
            return Reduce(term.operator, term.index, parts[0], guard)
        case Comprehension():
            return Comprehension(term.indices, parts[0])
        case Call():
            given = len(term.arguments)
            return Call(term.name, parts[:given], parts[given:])
        case Recurrence():
            initial, following, count, *at = parts
            return attrs.evolve(
                term, initial=initial, following=following, count=count, at=tuple(at)
            )
    raise IllFormed(f"{term!r} has no children")


def postorder(term: Term) -> Iterator[Term]:
    """Every subterm after its children; a subterm that is shared as an object comes once."""
    seen: set[int] = set()
    stack = [(term, False)]
    while stack:
        node, expanded = stack.pop()
        if expanded:
            yield node
            continue
        if id(node) in seen:
            continue
        seen.add(id(node))
        stack.append((node, True))
        stack.extend((child, False) for child in reversed(children(node)))


def transform(term: Term, function: Callable[[Term], Term]) -> Term:
    """Replace every subterm, innermost first, by ``function`` of it (its children are done)."""
    results: dict[int, Term] = {}
    for node in postorder(term):
        results[id(node)] = function(rebuild(node, [results[id(c)] for c in children(node)]))
    return results[id(term)]


def walk(term: Term) -> Iterator[Term]:
    """Every subterm, ``term`` first, in reading order; as often as it occurs."""
    stack = [term]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(children(node)))


def bound_indices(term: Term) -> tuple[Index, ...]:
    """The indices that ``term`` itself binds."""
    match term:
        case Reduce():
            return (term.index,)
        case Comprehension():
            return term.indices
        case Recurrence():
            return (*term.indices, term.step)
    return ()


def free_indices(term: Term) -> frozenset[Index]:
    """The indices that ``term`` uses and does not bind."""
    free: dict[int, frozenset[Index]] = {}
    for node in postorder(term):
        free[id(node)] = _free_here(node, free)
    return free[id(term)]


def _free_here(node: Term, free: dict[int, frozenset[Index]]) -> frozenset[Index]:
    match node:
        case Index():
            return frozenset((node,))
        case Reduce():
            inside = frozenset[Index]().union(*(free[id(child)] for child in children(node)))
            return inside - {node.index}
        case Comprehension():
            return free[id(node.body)] - frozenset(node.indices)
        case Recurrence():
            initial = free[id(node.initial)] - frozenset(node.indices)
            following = free[id(node.following)] - {*node.indices, node.step}
            outside = (free[id(child)] for child in (node.count, *node.at))
            return initial.union(following, *outside)
    return frozenset[Index]().union(*(free[id(child)] for child in children(node)))


def tensors_used(term: Term) -> frozenset[str]:
    """The names of tensors (inputs and definitions) that ``term`` takes elements of.

    The state of a recurrence is its own, and not among them.
    """
    used: dict[int, frozenset[str]] = {}
    for node in postorder(term):
        names = {id(child): used[id(child)] for child in children(node)}
        if isinstance(node, Recurrence):
            names[id(node.following)] = used[id(node.following)] - {node.state}
            outside = (used[id(child)] for child in (node.initial, node.count, *node.at))
            used[id(node)] = names[id(node.following)].union(*outside)
            continue
        own = frozenset((node.tensor,)) if isinstance(node, Element) else frozenset[str]()
        used[id(node)] = own.union(*names.values())
    return used[id(term)]


def size_names(item: Term | Expression) -> frozenset[str]:
    """The free sizes that a term or an expression mentions, extents included."""
    if not isinstance(item, Expression):
        return frozenset(name for size in _sizes_of_term(item) for name in size.names)
    declared = [extent for tensor in item.tensors for extent in tensor.extents]
    declared += [tensor.labels for tensor in item.tensors if tensor.labels is not None]
    declared += [index.extent for index in item.indices]
    for definition in item.definitions:
        declared += [index.extent for index in definition.indices]
        declared += _sizes_of_term(definition.body)
    declared += _sizes_of_term(item.body)
    return frozenset(name for size in declared for name in size.names)


def _sizes_of_term(term: Term) -> list[Size]:
    sizes: list[Size] = []
    for node in postorder(term):
        sizes.extend(index.extent for index in bound_indices(node))
        if isinstance(node, Size):
            sizes.append(node)
        if isinstance(node, Index):
            sizes.append(node.extent)
    return sizes


def depth(term: Term) -> int:
    """The number of levels: 1 for a term without children."""
    levels: dict[int, int] = {}
    for node in postorder(term):
        levels[id(node)] = 1 + max((levels[id(child)] for child in children(node)), default=0)
    return levels[id(term)]


def count_nodes(term: Term) -> int:
    """How many subterms there are, ``term`` included; a shared one counts as often as it occurs."""
    counts: dict[int, int] = {}
    for node in postorder(term):
        counts[id(node)] = 1 + sum(counts[id(child)] for child in children(node))
    return counts[id(term)]
