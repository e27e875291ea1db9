"""Commands with arguments: fractions, roots, accents, fonts, derivatives."""

from __future__ import annotations

from fractions import Fraction

import attrs

from torchtex.notation.derivatives import derivative, uses_letter_d
from torchtex.notation.parsing.factors import FactorReader
from torchtex.notation.parsing.kinds import OPERAND_KINDS
from torchtex.notation.scripts import accented
from torchtex.notation.syntax import (
    Derivative,
    Ellipsis_,
    Fraction_,
    Group,
    Juxtaposition,
    Name,
    Node,
    NumberLiteral,
    Power,
    Root,
    Span,
    TextLiteral,
)
from torchtex.notation.tokens import Token


class CommandReader(FactorReader):
    """Reads names, numbers and commands with arguments."""

    def number(self, token: Token) -> Node:
        return NumberLiteral(Fraction(token.text), Span(token.start, token.end))

    def name(self, token: Token) -> Node:
        font = self.font if self.font and token.font == "italic" else token.font
        return Name(token.text, Span(token.start, token.end), font)

    def text(self, token: Token) -> Node:
        return TextLiteral(token.text, token.span)

    def ellipsis(self, token: Token) -> Node:
        return Ellipsis_(token.span)

    def fraction(self, token: Token) -> Node:
        above = self.current
        if above.kind == "number" and len(above.text) == 2 and above.text.isdigit():
            self.position += 1
            return self._two_digits(token, above)
        numerator, denominator = self._argument(), self._argument()
        span = self._since(token.start)
        found = derivative(numerator, denominator, span)
        if found is None:
            return Fraction_(numerator, denominator, span)
        if uses_letter_d(numerator):
            taken = self.decisions.take("derivative", token.span, "derivative", "quotient")
            if taken == "quotient":
                return Fraction_(numerator, denominator, span)
        return found

    def _two_digits(self, token: Token, digits: Token) -> Node:
        """``\\frac12``."""
        above, below = (
            NumberLiteral(Fraction(digit), Span(place, place + 1))
            for place, digit in enumerate(digits.text, digits.start)
        )
        return Fraction_(above, below, self._since(token.start))

    def root(self, token: Token) -> Node:
        degree: Node | None = None
        opener = self.current
        if opener.kind == "open" and opener.text == "[":
            self.position += 1
            items, closer, separator = self._enclosed(opener)
            if len(items) != 1 or separator == "bar" or closer.text != "[":
                raise self._refuse(opener.span, "one number is the degree of a root")
            degree = items[0]
        radicand = self._argument()
        return Root(radicand, degree, self._since(token.start))

    def accent(self, token: Token) -> Node:
        marked = accented(self._argument(), token.text, self._since(token.start))
        if marked is None:
            span = self._since(token.start)
            raise self._refuse(span, "an accent over more than one symbol", "name it by one letter")
        return attrs.evolve(marked, span=self._since(token.start))

    def fonted(self, token: Token) -> Node:
        """A font command before more than one character: ``\\mathbf{x_i}``, ``\\bm\\theta``."""
        font, self.font = self.font, token.text
        node = self._argument()
        self.font = font
        return attrs.evolve(node, span=self._since(token.start))

    def braced_note(self, token: Token) -> Node:
        """``\\underbrace{x}_{note}`` is x."""
        node = self._argument()
        while self.current.kind in ("_", "^"):
            self.position += 1
            self._script()
        return Group("(", (node,), self._since(token.start))

    def partial(self, token: Token) -> Node:
        """``\\partial x``; alone in ``\\frac{\\partial}{\\partial x}``."""
        sign: Node = Name("partial", token.span)
        if self.current.kind == "^":
            self.position += 1
            order = self._script()
            sign = Power(sign, order[0], self._since(token.start))
        if self.current.kind not in OPERAND_KINDS:
            return sign
        operand = self.factor()
        return Juxtaposition((sign, operand), Span(token.start, operand.span.end))

    def nabla(self, token: Token) -> Node:
        """``\\nabla_\\theta L``."""
        variables: tuple[Node, ...] = ()
        if self.current.kind == "_":
            self.position += 1
            variables = self._script()
        if self.current.kind == "^":
            raise self._refuse(self.current.span, "a power of the gradient is not read")
        operand = self.factor()
        span = Span(token.start, operand.span.end)
        return Derivative(operand, variables, span, gradient=True)
