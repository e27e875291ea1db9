"""Infix operators by precedence, and whole statements."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import attrs

from torchtex.notation.lexer import MAX_NESTING
from torchtex.notation.parsing.kinds import LOGICAL, OPERAND_KINDS, POSTFIX, RELATION, STRENGTH
from torchtex.notation.parsing.lists import listed
from torchtex.notation.parsing.tables import TableReader
from torchtex.notation.syntax import (
    Ellipsis_,
    Group,
    Infix,
    Juxtaposition,
    Logical,
    Node,
    Relation,
    Span,
)
from torchtex.notation.tokens import Token


class StatementReader(TableReader):
    """Reads statements: the whole parser."""

    def statement(self) -> Node:
        """A whole statement; lists may stand beside its relations: ``i, j = 1, \\dots, N``."""
        operands = [self._relation_of_lists()]
        operators: list[Token] = []
        while self.current.kind == "logical":
            operators.append(self.current)
            self.position += 1
            operands.append(self.expression(LOGICAL))
        node = operands[0] if not operators else self._chained(operators, operands)
        if self.current.kind != "stop":
            raise self._unexpected(self.current)
        return node

    def _relation_of_lists(self) -> Node:
        operands = [self._side()]
        operators: list[str] = []
        while self.current.kind == "relation":
            operators.append(self.current.text)
            self.position += 1
            operands.append(self._side())
        if not operators:
            return operands[0]
        operands = [operands[0], *(_as_range(operand) for operand in operands[1:])]
        return Relation(tuple(operators), tuple(operands), operands[0].span.to(operands[-1].span))

    def _side(self) -> Node:
        items = [self.expression(RELATION)]
        while self.current.kind == "comma":
            self.position += 1
            items.append(self.expression(RELATION))
        return items[0] if len(items) == 1 else listed(items)

    def expression(self, level: int = 0) -> Node:
        """Operands and infix operators that bind tighter than ``level``."""
        operands = [self.product()]
        operators: list[Token] = []
        while (strength := STRENGTH.get(self.tokens[self.position].kind, 0)) > level:
            token = self.tokens[self.position]
            if token.text in ("\\pm", "\\mp"):
                raise self._two_signs(token)
            while operators and _binds_first(operators[-1], token.kind, strength):
                self._reduce(operands, operators)
            self.position += 1
            operators.append(token)
            operands.append(self.product())
        while operators:
            self._reduce(operands, operators)
        return operands[0]

    def _reduce(self, operands: list[Node], operators: list[Token]) -> None:
        """Join the last operands by the last operator; a chain of relations all at once."""
        last = operators.pop()
        right = operands.pop()
        if last.kind == "times":
            operands[-1] = _times(operands[-1], last, right)
            return
        if last.kind == "additive":
            operands[-1] = _infix(operands[-1], last, right)
            return
        chain = [last]
        joined = [right]
        while operators and operators[-1].kind == last.kind:
            chain.append(operators.pop())
            joined.append(operands.pop())
        joined.append(operands.pop())
        operands.append(self._chained(chain[::-1], joined[::-1]))

    def _chained(self, operators: list[Token], operands: list[Node]) -> Node:
        span = operands[0].span.to(operands[-1].span)
        if operators[0].kind == "relation":
            return Relation(tuple(token.text for token in operators), tuple(operands), span)
        if len({token.text for token in operators}) > 1:
            raise self._refuse(operators[1].span, "and and or are mixed", "put parentheses")
        return Logical(operators[0].text, tuple(operands), span)

    def factor(self) -> Node:
        """One operand with its scripts, and the group it is applied to."""
        token = self.tokens[self.position]
        if token.kind not in OPERAND_KINDS:
            raise self._nothing_here()
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise self._refuse(
                token.span,
                f"this is nested more than {MAX_NESTING} levels deep",
                "write the inner part as a symbol of its own",
            )
        self.position += 1
        node = _OPERANDS[token.kind](self, token)
        if self.tokens[self.position].kind in POSTFIX:
            node = self._postfixed(node)
        self.depth -= 1
        return node

    def operand(self, token: Token) -> Node:
        return _OPERANDS[token.kind](self, token)


def _binds_first(before: Token, kind: str, strength: int) -> bool:
    """Whether the operator before is applied before one of ``strength`` comes in."""
    own = STRENGTH[before.kind]
    return own > strength or (own == strength and kind in ("additive", "times"))


def _infix(left: Node, operator: Token, right: Node) -> Node:
    span = Span(left.span.start, right.span.end)
    return Infix(operator.text, left, right, span, Span(operator.start, operator.end))


def _times(left: Node, operator: Token, right: Node) -> Node:
    """``a \\cdot b/c`` is (a times b) over c: what stands on a line is read from the left."""
    quotients: list[Infix] = []
    while isinstance(right, Infix) and right.operator == "/":
        quotients.append(right)
        right = right.left
    node = _infix(left, operator, right)
    for quotient in reversed(quotients):
        span = Span(node.span.start, quotient.span.end)
        node = attrs.evolve(quotient, left=node, span=span)
    return node


def _as_range(node: Node) -> Node:
    """``1 \\dots N`` without commas is a range too."""
    if not isinstance(node, Juxtaposition) or len(node.factors) != 3:
        return node
    dotted = isinstance(node.factors[1], Ellipsis_)
    return Group("range", node.factors, node.span) if dotted else node


_OPERANDS: Mapping[str, Callable[[StatementReader, Token], Node]] = MappingProxyType(
    {
        "number": StatementReader.number,
        "name": StatementReader.name,
        "text": StatementReader.text,
        "ellipsis": StatementReader.ellipsis,
        "{": StatementReader.braces,
        "open": StatementReader.group,
        "bar": StatementReader.group,
        "fraction": StatementReader.fraction,
        "root": StatementReader.root,
        "accent": StatementReader.accent,
        "font": StatementReader.fonted,
        "brace-note": StatementReader.braced_note,
        "partial": StatementReader.partial,
        "nabla": StatementReader.nabla,
        "function": StatementReader.function,
        "extremum": StatementReader.extremum,
        "big": StatementReader.big,
        "underset": StatementReader.underset,
        "begin": StatementReader.environment,
    }
)
