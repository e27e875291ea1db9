"""What is in scope while an expression is written: letters of indices, names, statements."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from torchtex.index.terms import (
    Index,
    Tensor,
    Term,
)
from torchtex.notation.spelling import latex_name


class NotWritten(Exception):
    """An expression that LaTeX cannot say without being misread; the message says why."""


@attrs.frozen
class Letter:
    """How an index is written: its letter, and the number its first position bears."""

    name: str
    base: int

    @property
    def latex(self) -> str:
        return latex_name(self.name)


@attrs.frozen
class Vocabulary:
    """What an expression's names are written as; the same at every place of it.

    ``reserved`` are the names that no index may take, ``words`` those that no bound index may,
    since they are part of a name.  ``positions`` are tensors whose elements are positions, which
    compare with indices as they are.  ``counted`` are sizes that stand as numbers and are
    no bound of a sum, so that a range must name them.  ``outer`` are the indices of the result and
    of definitions; ``index_names`` the names of all indices.
    """

    names: Mapping[str, str]
    reserved: frozenset[str]
    words: frozenset[str]
    positions: frozenset[str]
    tensors: Mapping[str, Tensor]
    counted: frozenset[str]
    outer: tuple[Index, ...]
    index_names: frozenset[str]

    def symbol(self, name: str) -> str:
        if name in self.names:
            return self.names[name]
        return latex_name(name, frozenset(index.name for index in self.outer))


@attrs.frozen
class Scope:
    """The indices that are bound at a place, with their letters."""

    letters: Mapping[Index, Letter] = attrs.field(factory=dict)

    def bind(self, index: Index, letter: Letter) -> Scope:
        return Scope({**self.letters, index: letter})

    @property
    def taken(self) -> frozenset[str]:
        return frozenset(letter.name for letter in self.letters.values())


@attrs.define
class Statements:
    """What is written beside the formula; grows while it is being written.

    ``vectors`` are those with a name of their own, and the free indices that the name takes.
    """

    texts: list[str] = attrs.field(factory=list)
    vectors: dict[Term, tuple[str, tuple[Index, ...]]] = attrs.field(factory=dict)
    states: set[Term] = attrs.field(factory=set)
