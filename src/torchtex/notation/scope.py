"""What is in scope at a place of a formula: bound indices, and the arguments of a function."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from torchtex.index.terms import Index
from torchtex.notation.values import Value


@attrs.frozen
class BoundIndex:
    """An index letter: the index, and its written lower bound (None where none is written)."""

    index: Index
    lower: int | None = None

    def written(self) -> int:
        """The number the author gives the first position; 1 unless written otherwise."""
        return 1 if self.lower is None else self.lower


@attrs.frozen
class Scope:
    """Immutable: entering a Sigma or a definition makes a new one."""

    indices: Mapping[str, BoundIndex] = attrs.field(factory=dict)
    patterns: Mapping[str, Value] = attrs.field(factory=dict)

    def bind(self, letter: str, bound: BoundIndex) -> Scope:
        return attrs.evolve(self, indices={**self.indices, letter: bound})

    def with_patterns(self, patterns: Mapping[str, Value]) -> Scope:
        return attrs.evolve(self, patterns={**self.patterns, **patterns})
