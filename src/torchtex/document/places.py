"""From the content of a Markdown block back to the file.

A parser hands out a paragraph without its indentation, its quote marks and its list marks, and a
cell without the backslash before a pipe.  Each line of content is the end of its line in the file,
which is enough to find every character again.
"""

from __future__ import annotations

from itertools import accumulate

import attrs
from markdown_it.token import Token

from torchtex.document.position import Text


@attrs.frozen
class Lines:
    """Where each line of a content starts: in the content, and in the file.

    ``pipes`` are the places in a cell's content of pipes that the file escapes.
    """

    content_starts: tuple[int, ...]
    file_starts: tuple[int, ...]
    pipes: tuple[int, ...] = ()

    @classmethod
    def of(cls, text: Text, content: str, first_line: int) -> Lines:
        """Content whose first line stands on the line ``first_line``, counted from 0."""
        parts = content.split("\n")
        content_starts = tuple(accumulate((len(part) + 1 for part in parts[:-1]), initial=0))
        file_starts = tuple(
            _start_in_file(text, part, min(first_line + index, len(text.starts) - 1))
            for index, part in enumerate(parts)
        )
        return cls(content_starts, file_starts)

    def offset(self, offset: int) -> int:
        """The offset in the file of the character at ``offset`` of the content."""
        line = sum(1 for start in self.content_starts if start <= offset) - 1
        escapes = sum(1 for pipe in self.pipes if pipe <= offset)
        return self.file_starts[line] + offset - self.content_starts[line] + escapes


def _start_in_file(text: Text, part: str, line: int) -> int:
    """Where a line of content would start in the file, leading blanks included."""
    core = part.strip()
    whole = text.line(line)
    trimmed = whole.rstrip()
    column = len(trimmed) - len(core) if trimmed.endswith(core) else max(0, whole.rfind(core))
    return text.starts[line] + column - (len(part) - len(part.lstrip()))


@attrs.define
class Cells:
    """The cells of one table row, found one after the other."""

    text: Text
    cursor: int = 0

    def place(self, token: Token) -> Lines:
        line = token.map[0] if token.map else 0
        written = token.content.replace("|", "\\|")
        found = max(0, self.text.line(line).find(written, self.cursor))
        self.cursor = max(self.cursor, found + len(written))
        pipes = tuple(index for index, letter in enumerate(token.content) if letter == "|")
        return Lines((0,), (self.text.starts[line] + found,), pipes)
