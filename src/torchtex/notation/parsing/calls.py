"""Functions that may stand before their argument without parentheses."""

from __future__ import annotations

import attrs

from torchtex.notation.parsing.commands import CommandReader
from torchtex.notation.parsing.kinds import OPERAND_KINDS
from torchtex.notation.syntax import (
    Application,
    BigOperator,
    Group,
    Name,
    Node,
    NumberLiteral,
    Span,
    Subscript,
)
from torchtex.notation.tokens import Token

_NO_LONGER_ARGUMENT = frozenset(["function", "extremum", "big", "text", "nabla"])
_AFTER_BARE_FUNCTION = frozenset(["}", "comma"])


class FunctionReader(CommandReader):
    """Reads functions and their arguments."""

    def function(self, token: Token) -> Node:
        """``\\log x``, ``\\log_2 x``, ``\\sin^2 x``, ``\\max(0, x)``."""
        head: Node = Name(token.text, Span(token.start, token.end), "roman")
        power: Node | None = None
        while (script := self.current).kind in ("_", "^"):
            self.position += 1
            if script.kind == "_" and isinstance(head, Name):
                head = Subscript(head, self._script(), self._since(token.start))
            elif script.kind == "^" and power is None:
                power = self._exponent(script)
            else:
                raise self._refuse(script.span, "a second script at this place", "use braces")
        if self._group_ahead():
            return self._called(head, power, token)
        if self.current.kind in OPERAND_KINDS or self.current.kind == "additive":
            return self._implicit(head, power, token)
        if self.current.kind in _AFTER_BARE_FUNCTION and power is None:
            return head
        raise self._refuse(token.span, f"{token.text} has no argument", "put it in parentheses")

    def _exponent(self, caret: Token) -> Node:
        items = self._script()
        if len(items) != 1:
            raise self._refuse(caret.span, "a function has one exponent")
        return items[0]

    def _called(self, head: Node, power: Node | None, token: Token) -> Node:
        """A function before a group; an exponent after the group is of the value."""
        opener = self.current
        node = self._applied(head, power)
        if self.current.kind != "^" or not isinstance(node, Application):
            return node
        if len(node.arguments) != 1:
            return node
        place = self.current.span
        taken = self.decisions.take("application-power", place, "of-value", "of-argument")
        if taken == "of-value":
            return node
        inner: Node = Group(opener.text, node.arguments, Span(opener.start, self.last_end))
        inner = self._scripted(inner)
        return attrs.evolve(node, arguments=(inner,), span=self._since(token.start))

    def _implicit(self, head: Node, power: Node | None, token: Token) -> Node:
        """A function without parentheses takes one factor; a number, the factors after it too."""
        self.taken_from = (self.position, "function")
        signed = self.current.kind == "additive"
        argument = self._signed_factor() if signed else self.factor()
        if self._argument_goes_on() and not isinstance(argument, BigOperator):
            number = isinstance(argument, NumberLiteral)
            readings = (
                ("whole-product", "one-factor") if number else ("one-factor", "whole-product")
            )
            if self.decisions.take("prefix-scope", token.span, *readings) == "whole-product":
                argument = self._argument_product(argument)
        span = Span(token.start, argument.span.end)
        return Application(head, (argument,), "", span, power, True)

    def _argument_goes_on(self) -> bool:
        kind = self.current.kind
        if kind == "slash":
            return True
        return kind not in _NO_LONGER_ARGUMENT and self._begins_factor()

    def _argument_product(self, first: Node) -> Node:
        """The factors and slashes up to the next function."""
        factors = [first]
        while self._argument_goes_on():
            if self.current.kind == "slash":
                factors = self._divided(factors)
            else:
                factors.append(self.factor())
        return factors[0] if len(factors) == 1 else self._joined(factors)
