"""A LaTeX source as statements: where one equation ends and the next begins.

Statements end at ``\\\\``, ``;``, a comma, a wide space or a line end that an equation follows, and at
words such as *where*.  A row that begins with ``=`` goes on with the chain before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from torchtex.notation.dictionary import CLOSERS, ELLIPSES, OPENERS, PRODUCTS, RELATIONS, SIGNS
from torchtex.notation.syntax import Ellipsis_, Group, Missing, Node, Relation, TextLiteral

if TYPE_CHECKING:
    from torchtex.notation.lexer import Token
    from torchtex.notation.parser import Parser


def all_of(parser: Parser) -> tuple[Node, ...]:
    """Every statement, in order.  Raises NotRead when there is none."""
    found: list[Node] = []
    while True:
        _skip_separators(parser)
        if parser.peek() is None:
            break
        if found and _goes_on(parser):
            found[-1] = _continued(parser, found[-1])
            continue
        statement = _ranged(parser, parser.condition())
        if not isinstance(statement, Missing):
            found.append(statement)
        _check_end(parser)
    if not found:
        raise parser.refuse_end("there is no formula here")
    return tuple(_listed(found))


def _skip_separators(parser: Parser) -> None:
    while (token := parser.peek()) is not None and _is_separator(token):
        parser.place += 1


def _is_separator(token: Token) -> bool:
    if token.kind in ("newline", "quad", "break", "keyword"):
        return True
    return token.kind == "symbol" and token.text in (",", ";", ".", "&", "。", "，", "；", ":")


def _check_end(parser: Parser) -> None:
    token = parser.peek()
    if token is None or _is_separator(token):
        return
    if token.kind in ("symbol", "macro") and token.text in RELATIONS:
        return
    raise parser.refuse(token, f"{token.text} is not read here", _closing_hint(token))


def _closing_hint(token: Token) -> str:
    if token.text == "}" or token.text in CLOSERS or token.kind == "close":
        return "it closes a group that was never opened"
    return ""


def _goes_on(parser: Parser) -> bool:
    """A row such as ``&= b`` belongs to the equation before it."""
    token = parser.peek()
    return token is not None and token.kind in ("symbol", "macro") and token.text in RELATIONS


def _continued(parser: Parser, statement: Node) -> Node:
    operator = parser.relation_operator()
    rest = parser.condition()
    first = statement if isinstance(statement, Relation) else None
    operators = (*(first.operators if first else ()), str(operator))
    operands = (*(first.operands if first else (statement,)), rest)
    if isinstance(rest, Relation):
        operators = (*operators, *rest.operators)
        operands = (*operands[:-1], *rest.operands)
    return Relation(operators, operands, statement.span.to(rest.span))


def _ranged(parser: Parser, statement: Node) -> Node:
    """``n = 1, \\dots, N`` is one statement: an index and its range."""
    if not isinstance(statement, Relation) or statement.operators not in (("=",), ("in",)):
        return statement
    comma, dots = parser.peek(), parser.peek(1)
    if comma is None or dots is None or comma.text != "," or dots.text not in ELLIPSES:
        return statement
    parser.place += 2
    after = parser.peek()
    if after is not None and after.text == ",":
        parser.place += 1
    last = parser.additive()
    first = statement.operands[-1]
    members = (first, Ellipsis_(dots.span), last)
    group = Group("range", members, first.span.to(last.span))
    operands = (*statement.operands[:-1], group)
    return attrs.evolve(statement, operands=operands, span=statement.span.to(last.span))


def _listed(found: list[Node]) -> list[Node]:
    """``x, y \\in \\mathbb{R}``: the names before a membership share it; stray dots are dropped."""
    statements: list[Node] = []
    waiting: list[Node] = []
    for node in found:
        if isinstance(node, Ellipsis_):
            continue
        if isinstance(node, Relation) and node.operators == ("in",) and waiting:
            group = Group("list", (*waiting, node.operands[0]), node.operands[0].span)
            node = attrs.evolve(node, operands=(group, *node.operands[1:]))
            del statements[len(statements) - len(waiting) :]
        statements.append(node)
        bare = not isinstance(node, Relation | TextLiteral)
        waiting = [*waiting, node] if bare else []
    return statements


def separates(parser: Parser) -> bool:
    """Whether the line end or wide space that comes next ends a statement.

    It does when what follows it is an equation of its own: it starts like an operand and has a
    relation before the next separator.
    """
    place = parser.place
    tokens = parser.tokens
    if place >= len(tokens) or tokens[place].kind not in ("newline", "quad"):
        return False
    wide = False
    while place < len(tokens) and tokens[place].kind in ("newline", "quad"):
        wide = wide or tokens[place].kind == "quad"
        place += 1
    if place >= len(tokens):
        return True
    if tokens[place].kind == "keyword":
        return True
    previous = tokens[parser.place - 1] if parser.place else None
    if previous is None or _wants_operand(previous) or _starts_with_operator(tokens[place]):
        return False
    return _has_relation(tokens, place)


def _wants_operand(token: Token) -> bool:
    if token.kind not in ("symbol", "macro"):
        return token.kind == "open"
    text = token.text
    return text in SIGNS or text in PRODUCTS or text in RELATIONS or text in OPENERS


def _starts_with_operator(token: Token) -> bool:
    if token.kind not in ("symbol", "macro"):
        return False
    return token.text in SIGNS or token.text in PRODUCTS or token.text in RELATIONS


def _has_relation(tokens: list[Token], place: int) -> bool:
    depth = 0
    for token in tokens[place:]:
        if token.text in OPENERS or token.text == "{" or token.kind in ("open", "begin"):
            depth += 1
        elif token.text in CLOSERS or token.text == "}" or token.kind in ("close", "end"):
            depth -= 1
        elif depth == 0 and token.kind in ("newline", "quad", "break"):
            return False
        elif depth == 0 and token.kind in ("symbol", "macro") and token.text in RELATIONS:
            return True
    return False
