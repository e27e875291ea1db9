"""What scripts and commands take: one character, or a group in braces."""

from __future__ import annotations

from torchtex.notation.parsing.cursor import Cursor
from torchtex.notation.syntax import Fraction_, Juxtaposition, Missing, Name, Node, Span
from torchtex.notation.tokens import Token
from torchtex.notation.words import SUBSCRIPT_WORDS

_LABELS = frozenset(["*", "+", "-", "\\star", "\\circ", "\\times", "\\oplus"])
_SINGLE = frozenset("number name text ellipsis fraction root accent font".split())


class ArgumentReader(Cursor):
    """Reads scripts and arguments."""

    def _script(self) -> tuple[Node, ...]:
        """The items of a script: one character, or a list in braces."""
        opener = self.current
        font, self.font = self.font, ""
        self.position += 1
        if opener.kind != "{":
            items: tuple[Node, ...] = (self._single(opener),)
        elif self.current.kind == "}":
            self.position += 1
            items = (Missing(self._since(opener.start)),)
        elif self._sign_alone():
            items = (self._label(self.current),)
            self.position += 2
        else:
            items = self._braced_items(opener)
        self.font = font
        return items

    def _sign_alone(self) -> bool:
        token, following = self.tokens[self.position], self.tokens[self.position + 1]
        return following.kind == "}" and (token.text in _LABELS or token.kind == "label")

    def _label(self, token: Token) -> Name:
        return Name(token.text.lstrip("\\"), token.span, "roman")

    def _braced_items(self, opener: Token) -> tuple[Node, ...]:
        self.enclosing.append("{")
        items = [self._unworded(self.expression())]
        while self.current.kind in ("comma", "semicolon"):
            self.position += 1
            items.append(self._unworded(self.expression()))
        self._close_brace(opener)
        return tuple(items)

    def _unworded(self, node: Node) -> Node:
        """``w_{in}`` under a sum over i is w at i and n, though ``in`` is a word elsewhere."""
        if not isinstance(node, Name) or node.text not in SUBSCRIPT_WORDS:
            return node
        start, end = node.span.start, node.span.end
        plain = self.source[start:end] == node.text and node.text not in self.words
        letters = [(letter, 0) for letter in node.text]
        if not plain or not any(letter in bound for bound in self.bound for letter in letters):
            return node
        names = [Name(node.text[k], Span(start + k, start + k + 1)) for k in range(len(node.text))]
        return Juxtaposition(tuple(names), node.span)

    def _close_brace(self, opener: Token) -> None:
        token = self.current
        if token.kind in ("stop", "end", "close"):
            raise self._refuse(opener.span, "this brace is never closed", "add the missing }")
        if token.kind != "}":
            raise self._unexpected(token)
        self.position += 1
        self.enclosing.pop()

    def _argument(self) -> Node:
        """What a command takes: a group in braces, or one character or command."""
        token = self.current
        self.position += 1
        return self._braced(token) if token.kind == "{" else self._single(token)

    def _single(self, token: Token) -> Node:
        """One character or command, which the cursor has passed, as a script or argument."""
        if token.kind == "number" and len(token.text) > 1:
            first = self.source[token.start]
            hint = f"only the {first} belongs to it; put braces around {token.text}"
            raise self._refuse(token.span, "several digits without braces", hint)
        if token.kind == "name" and self._is_bare_word(token):
            hint = f"put braces around {token.text}"
            raise self._refuse(token.span, "several letters without braces", hint)
        if token.text in _LABELS or token.kind == "label":
            if token.text == "-" and self.current.kind in ("number", "name", "open"):
                raise self._refuse(token.span, "a sign without braces", "put braces: ^{-1}")
            return self._label(token)
        if token.kind in ("function", "extremum"):
            return Name(token.text, token.span, "roman")
        if token.kind not in _SINGLE:
            self.position -= 1
            raise self._nothing_here()
        return self.operand(token)

    def _is_bare_word(self, token: Token) -> bool:
        return token.end - token.start > 1 and self.source[token.start].isalpha()

    def _braced(self, opener: Token) -> Node:
        """The content of braces, which group and say nothing; the cursor is after the opener."""
        self.enclosing.append("{")
        if self.current.kind == "}":
            self.position += 1
            self.enclosing.pop()
            return Missing(self._since(opener.start))
        font = self.font
        if self.current.kind == "switch":
            self.font = self.current.text
            self.position += 1
        node = self.expression()
        if self.current.kind == "over":
            self.position += 1
            below = self.expression()
            node = Fraction_(node, below, node.span.to(below.span))
        self.font = font
        self._close_brace(opener)
        return node
