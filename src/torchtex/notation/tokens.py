"""A token: what the lexer hands to the parser."""

from __future__ import annotations

from typing import NamedTuple

from torchtex.notation.syntax import Span


class Token(NamedTuple):
    """``kind`` is a kind of ``dictionary.py`` (or number, name, text, keyword, newline, blank,
    environment-like begin and end); ``text`` its bare content; ``font`` the font of a name.

    ``start`` and ``end`` are characters of the source.  A ``\\left`` or ``\\right`` delimiter has
    the font ``exact``: it closes only with its like.
    """

    kind: str
    text: str
    start: int
    end: int
    font: str = "italic"

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)


OPENING = frozenset(["open", "{", "begin"])
CLOSING = frozenset(["close", "}", "end"])
