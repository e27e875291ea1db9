"""Equality up to the names of bound indices and of recurrences' states."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from torchtex.index.errors import refusing_deep_terms
from torchtex.index.terms import (
    Comprehension,
    Element,
    Index,
    Recurrence,
    Reduce,
    Term,
)
from torchtex.index.traverse import children, rebuild

BOUND_PREFIX = "\N{LOZENGE}"
"""Canonical names begin with a character that no written name has, so they capture nothing."""


@attrs.frozen
class Scope:
    """The canonical index of each bound one, of each state, and how many binders are around."""

    indices: Mapping[Index, Index] = attrs.field(factory=dict)
    states: Mapping[str, str] = attrs.field(factory=dict)
    level: int = 0

    def binding(self, indices: tuple[Index, ...]) -> Scope:
        """The scope inside a binder of ``indices``."""
        named = {
            index: Index(f"{BOUND_PREFIX}{self.level + k}", index.extent)
            for k, index in enumerate(indices)
        }
        return Scope({**self.indices, **named}, self.states, self.level + len(indices))

    def stating(self, state: str) -> Scope:
        """The scope where ``state`` is the previous state of a recurrence."""
        return attrs.evolve(self, states={**self.states, state: self.state_name()})

    def state_name(self) -> str:
        return f"{BOUND_PREFIX}{self.level}"


def alpha_equal(left: Term, right: Term) -> bool:
    """Whether two terms differ in nothing but names of bound indices.  Raises TooDeep."""
    return left == right or canonical(left) == canonical(right)


@refusing_deep_terms
def canonical(term: Term) -> Term:
    """``term`` with bound indices named by their nesting level: equal for alpha-equal terms.

    The canonical names are for comparing and hashing, not for reading.  Raises TooDeep.
    """
    result = _canonical(term, Scope())
    hash(result)
    return result


def _canonical(term: Term, scope: Scope) -> Term:
    match term:
        case Index():
            return scope.indices.get(term, term)
        case Element() if term.tensor in scope.states:
            positions = tuple(_canonical(position, scope) for position in term.indices)
            return Element(scope.states[term.tensor], positions)
        case Reduce():
            inner = scope.binding((term.index,))
            bound = attrs.evolve(term, index=inner.indices[term.index])
            return rebuild(bound, [_canonical(child, inner) for child in children(term)])
        case Comprehension():
            inner = scope.binding(term.indices)
            indices = tuple(inner.indices[index] for index in term.indices)
            return Comprehension(indices, _canonical(term.body, inner))
        case Recurrence():
            return _canonical_recurrence(term, scope)
    return rebuild(term, [_canonical(child, scope) for child in children(term)])


def _canonical_recurrence(term: Recurrence, scope: Scope) -> Recurrence:
    initial_scope = scope.binding(term.indices)
    following_scope = initial_scope.binding((term.step,)).stating(term.state)
    return Recurrence(
        following_scope.states[term.state],
        tuple(initial_scope.indices[index] for index in term.indices),
        _canonical(term.initial, initial_scope),
        following_scope.indices[term.step],
        _canonical(term.following, following_scope),
        _canonical(term.count, scope),
        tuple(_canonical(position, scope) for position in term.at),
    )
