"""Factors side by side and slashes."""

from __future__ import annotations

from torchtex.notation.bars import bars_from
from torchtex.notation.derivatives import derivative, is_differential
from torchtex.notation.errors import NotRead
from torchtex.notation.parsing.attachments import AttachmentReader
from torchtex.notation.parsing.kinds import ARGUMENT_GROUPS, OPERAND_KINDS, SCRIPTS
from torchtex.notation.syntax import (
    Derivative,
    Infix,
    Juxtaposition,
    Missing,
    Node,
    NumberLiteral,
    Prefix,
    Span,
)
from torchtex.notation.tokens import Token

_LETTERS = frozenset(["name"])


class FactorReader(AttachmentReader):
    """Reads products without a written operator."""

    def product(self) -> Node:
        """Signs, then factors side by side and slashes: ``-a b/c d`` is ``-((a b)/c) d``."""
        signs: list[Token] = []
        while self.tokens[self.position].kind == "additive":
            signs.append(self.tokens[self.position])
            self.position += 1
        factors = [self.factor()]
        while True:
            kind = self.tokens[self.position].kind
            if kind in OPERAND_KINDS:
                if not self._begins_factor():
                    break
                factors.append(self.factor())
            elif kind == "slash":
                factors = self._divided(factors)
            else:
                break
        node = factors[0] if len(factors) == 1 else self._joined(factors)
        for sign in reversed(signs):
            if sign.text in ("\\pm", "\\mp"):
                raise self._two_signs(sign)
            node = Prefix(sign.text, node, Span(sign.start, node.span.end))
        return node

    def _begins_factor(self) -> bool:
        """Whether a factor begins here, after another one."""
        token = self.tokens[self.position]
        if token.kind != "bar":
            return token.kind in OPERAND_KINDS
        if self.enclosing and self.enclosing[-1] == token.text:
            return False
        if token.font == "pair" and self.enclosing and self.enclosing[-1] == "|":
            return False
        if self._bars is None:
            self._bars = bars_from(self.tokens)
        return self._bars.get((self.position, token.text), 0) % 2 == 0

    def _joined(self, factors: list[Node]) -> Node:
        """Factors side by side; ``\\frac{d}{dx}`` takes those after it."""
        shown = [factor for factor in factors if not isinstance(factor, Missing)]
        kept = shown or factors[:1]
        joined: list[Node] = []  # from the right
        for factor in reversed(kept):
            waits = isinstance(factor, Derivative) and isinstance(factor.numerator, Missing)
            if joined and waits and isinstance(factor, Derivative):
                inner = _side_by_side(joined[::-1])
                span = factor.span.to(inner.span)
                joined = [Derivative(inner, factor.variables, span)]
            else:
                joined.append(factor)
        return _side_by_side(joined[::-1])

    def _divided(self, factors: list[Node]) -> list[Node]:
        """The factors so far over what the slash takes."""
        slash = self.tokens[self.position]
        self.position += 1
        if self.current.kind == "slash":
            both = Span(slash.start, self.current.end)
            raise self._refuse(both, "// is not read", "write \\lfloor a/b \\rfloor")
        first = self.factor() if self.current.kind != "additive" else self._signed_factor()
        last = factors[-1]
        if is_differential(last.factors[0] if isinstance(last, Juxtaposition) else last):
            found = derivative(last, first, last.span.to(first.span))
            if found is not None:
                return [*factors[:-1], found]
        numerator = factors[0] if len(factors) == 1 else self._joined(factors)
        denominator = self._denominator(numerator, first, slash)
        span = Span(numerator.span.start, denominator.span.end)
        return [Infix("/", numerator, denominator, span, slash.span)]

    def _signed_factor(self) -> Node:
        sign = self.current
        self.position += 1
        operand = self.factor()
        return Prefix(sign.text, operand, Span(sign.start, operand.span.end))

    def _denominator(self, numerator: Node, first: Node, slash: Token) -> Node:
        """``x/2\\tau`` is x over 2 tau; any other denominator is one factor."""
        if not self._begins_factor():
            return first
        letters = isinstance(first, NumberLiteral) and self._letter_ahead()
        if letters and not isinstance(numerator, NumberLiteral):
            readings: tuple[str, ...] = ("number-and-letters", "one-factor", "whole-product")
        elif letters:
            readings = ("one-factor", "number-and-letters", "whole-product")
        else:
            readings = ("one-factor", "whole-product")
        chosen = self.decisions.take("slash", slash.span, *readings)
        factors = [first]
        while chosen == "number-and-letters" and self._letter_ahead():
            factors.append(self.factor())
        while chosen == "whole-product" and self._begins_factor():
            factors.append(self.factor())
        return factors[0] if len(factors) == 1 else self._joined(factors)

    def _letter_ahead(self) -> bool:
        """Whether a letter comes next that is not before a group, where it may be a function."""
        if self.current.kind not in _LETTERS:
            return False
        place = self.position + 1
        while self.tokens[place].kind in SCRIPTS:
            place = place + 1 if self.tokens[place].kind == "prime" else self._after_script(place)
        following = self.tokens[place]
        return not (following.kind == "open" and following.text in ARGUMENT_GROUPS)

    def _after_script(self, place: int) -> int:
        depth = 0
        for here in range(place + 1, len(self.tokens)):
            depth += {"{": 1, "}": -1}.get(self.tokens[here].kind, 0)
            if depth == 0:
                return here + 1
        return len(self.tokens) - 1

    def _two_signs(self, token: Token) -> NotRead:
        written = self.source[token.start : token.end]
        return self._refuse(token.span, f"{written} stands for two formulas", "write one of them")


def _side_by_side(factors: list[Node]) -> Node:
    if len(factors) == 1:
        return factors[0]
    return Juxtaposition(tuple(factors), Span(factors[0].span.start, factors[-1].span.end))
