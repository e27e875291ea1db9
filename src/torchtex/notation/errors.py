"""The one error of the reader: what could not be read, where, and what to do."""

from __future__ import annotations

import attrs

from torchtex.notation.syntax import Span

WIDEST = 160  # characters of the source that a message shows


@attrs.frozen(eq=False)
class NotRead(Exception):
    """LaTeX that is refused.  ``message`` says what is wrong, ``hint`` what to do about it."""

    message: str
    span: Span
    source: str
    hint: str = ""

    def __str__(self) -> str:
        return self.describe()

    def describe(self) -> str:
        """Three or four lines: the message, the source line with carets under it, the hint."""
        line_start = self.source.rfind("\n", 0, self.span.start) + 1
        line_end = self.source.find("\n", self.span.start)
        line_end = len(self.source) if line_end < 0 else line_end
        left = max(line_start, self.span.start - 60)
        right = min(line_end, max(self.span.end, self.span.start + 1) + 40, left + WIDEST)
        shown = self.source[left:right]
        width = max(1, min(self.span.end, right) - self.span.start)
        caret = " " * (self.span.start - left) + "^" * width
        lines = [self.message, "  " + shown, "  " + caret]
        if self.hint:
            lines.append("  hint: " + self.hint)
        return "\n".join(lines)
