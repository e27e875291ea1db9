"""The closed table of ambiguous places: which reading is taken, and which others there are."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from torchtex.notation.syntax import Ambiguity, Span

# Each row of the table and its readings; the reader says which one is the default at a place.
READINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "prefix-scope": ("one-factor", "whole-product"),
        "sum-scope": ("while-index-occurs", "one-term", "to-the-end"),
        "slash": ("one-factor", "number-and-letters", "whole-product"),
        "application-power": ("of-value", "of-argument"),
        "transpose": ("transpose", "power"),
        "derivative": ("derivative", "quotient"),
        "application": ("product",),
        "dot": ("elementwise", "dot product"),
        "index-base": ("1", "0"),
    }
)


class Decisions:
    """The caller's choices, and the ambiguous places met so far."""

    def __init__(self, choices: Mapping[tuple[str, int], str]) -> None:
        self._choices = choices
        self.met: list[Ambiguity] = []

    def take(self, row: str, place: Span, default: str, *others: str) -> str:
        """The reading of ``row`` at ``place``: the caller's choice if it is one there is."""
        readings = (default, *others)
        asked = self._choices.get((row, place.start), default)
        chosen = asked if asked in readings else default
        rest = tuple(reading for reading in readings if reading != chosen)
        self.met.append(Ambiguity(row, place, chosen, rest))
        return chosen
