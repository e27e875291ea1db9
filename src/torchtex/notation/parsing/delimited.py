"""Groups in delimiters that show, and in braces, which do not."""

from __future__ import annotations

import attrs

from torchtex.notation.errors import NotRead
from torchtex.notation.parsing.arguments import ArgumentReader
from torchtex.notation.syntax import Cases, Group, Node, Span
from torchtex.notation.tokens import Token
from torchtex.notation.visible import hides_grouping


class GroupReader(ArgumentReader):
    """Reads groups."""

    def braces(self, opener: Token) -> Node:
        """``{...}`` as an operand: allowed only where the group shows without its braces."""
        place = self.position - 1
        operator, closer = self.current, self.tokens[self.position + 1]
        if operator.kind in ("extremum", "function", "big") and closer.kind == "}":
            self.position += 2
            return self.operand(operator)
        node = self._braced(opener)
        before = self._kind_before(place)
        if hides_grouping(node, before, self.current.kind):
            raise self._refuse(
                self._since(opener.start),
                "braces do not show, so this group cannot be seen",
                "write parentheses",
            )
        return attrs.evolve(node, span=self._since(opener.start))

    def _kind_before(self, place: int) -> str:
        """The kind of what stands before ``place``: a token, or what takes an operand there."""
        if place == self.taken_from[0]:
            return self.taken_from[1]
        before = self.tokens[place - 1] if place else self.tokens[-1]
        return "minus" if before.kind == "additive" and before.text != "+" else before.kind

    def group(self, opener: Token) -> Node:
        """A group in delimiters that show."""
        if opener.font == "pair" and self.enclosing and self.enclosing[-1] == "|":
            raise self._unexpected(opener)
        items, closer, separator = self._enclosed(opener)
        span = Span(opener.start, closer.end)
        if len(items) == 1 and isinstance(items[0], Cases) and opener.text in ("{", "."):
            return attrs.evolve(items[0], span=span)
        if "." in (opener.text, closer.text):
            hint = "write the condition or the whole group out"
            raise self._refuse(opener.span, "half of a pair of delimiters", hint)
        if separator == "bar":
            raise self._refuse(span, "a condition inside a group", "write it as a declaration")
        if not items:
            raise self._refuse(span, "nothing stands in this group")
        if len(items) > 1 and opener.text in ("|", "norm", "floor", "ceil"):
            raise self._refuse(span, "one value stands between these delimiters")
        if opener.text != closer.text:
            return Group("[)" if opener.text == "[" else "(]", items, span)
        return Group(opener.text, items, span)

    def _enclosed(self, opener: Token) -> tuple[tuple[Node, ...], Token, str]:
        """The items up to the closing delimiter, that delimiter, and what separates them."""
        self.enclosing.append(opener.text if opener.kind == "bar" else "(")
        items: list[Node] = []
        separator = "comma"
        while items or not self._closes(opener):
            items.append(self.expression())
            if self.current.kind in ("comma", "semicolon"):
                self.position += 1
            elif self.current.kind == "mid" or (
                self.current.kind == "bar" and not self._closes(opener)
            ):
                separator = "bar"
                self.position += 1
            else:
                break
        closer = self.current
        if not self._closes(opener):
            raise self._wrong_close(opener)
        if closer.text != opener.text and closer.text in "([" and len(items) != 2:
            raise self._unclosed(opener)
        closer = self._pass_closer(opener)
        self.enclosing.pop()
        return tuple(items), closer, separator

    def _closes(self, opener: Token) -> bool:
        token = self.tokens[self.position]
        if opener.kind == "bar":
            paired = opener.text == "|" and token.font == "pair"
            return token.kind == "bar" and (token.text == opener.text or paired)
        if token.kind != "close" or (token.font == "exact") != (opener.font == "exact"):
            return False
        half_open = token.text in "([" and opener.text in "(["
        return token.text == opener.text or half_open or "." in (token.text, opener.text)

    def _pass_closer(self, opener: Token) -> Token:
        """Go past the closing delimiter and return it; ``||`` that closes one bar leaves one."""
        closer = self.current
        if opener.text != "|" or closer.font != "pair":
            self.position += 1
            return closer
        middle = closer.start + 1
        self.tokens[self.position] = Token("bar", "|", middle, closer.end)
        return Token("bar", "|", closer.start, middle)

    def _wrong_close(self, opener: Token) -> NotRead:
        token = self.current
        if token.kind in ("stop", "close", "}", "end", "row"):
            return self._unclosed(opener)
        return self._unexpected(token)

    def _unclosed(self, opener: Token) -> NotRead:
        written = self.source[opener.start : opener.end]
        return self._refuse(opener.span, f"{written} is never closed")
