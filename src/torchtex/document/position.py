"""Where something stands in a file: 1-based lines and columns, counted in characters."""

from __future__ import annotations

from bisect import bisect_right

import attrs


@attrs.frozen(order=True)
class Position:
    """A character: its line and its column, both from 1; a tab is one character."""

    line: int
    column: int


@attrs.frozen(order=True)
class Range:
    """Characters from ``start`` up to, and not including, ``end``."""

    start: Position
    end: Position

    def holds(self, position: Position) -> bool:
        return self.start <= position < self.end


@attrs.frozen
class Text:
    """A text whose lines end in ``\\n``, with the offset at which each line starts."""

    source: str
    starts: tuple[int, ...]

    @classmethod
    def of(cls, source: str) -> Text:
        """``source`` with every line ending (CRLF, CR) as ``\\n``: lines and columns stay."""
        plain = source.replace("\r\n", "\n").replace("\r", "\n")
        newlines = (offset + 1 for offset, character in enumerate(plain) if character == "\n")
        return cls(plain, (0, *newlines))

    def line(self, index: int) -> str:
        """The line ``index``, counted from 0, without its newline."""
        start = self.starts[index]
        end = self.starts[index + 1] - 1 if index + 1 < len(self.starts) else len(self.source)
        return self.source[start:end]

    def position(self, offset: int) -> Position:
        line = bisect_right(self.starts, offset) - 1
        return Position(line + 1, offset - self.starts[line] + 1)

    def range(self, start: int, end: int) -> Range:
        return Range(self.position(start), self.position(end))

    def line_range(self, line: int) -> Range:
        """What stands on the line ``line``, counted from 1, without the blanks around it."""
        text = self.line(line - 1)
        left = len(text) - len(text.lstrip()) + 1
        return Range(Position(line, left), Position(line, max(left + 1, len(text.rstrip()) + 1)))
