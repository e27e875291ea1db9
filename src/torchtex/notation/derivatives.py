"""Derivatives written as quotients: ``\\frac{\\partial L}{\\partial z}``, ``\\frac{d}{dx} f``."""

from __future__ import annotations

from fractions import Fraction

import attrs

from torchtex.notation.syntax import (
    Derivative,
    Juxtaposition,
    Missing,
    Name,
    Node,
    NumberLiteral,
    Power,
    Span,
)


@attrs.frozen
class _Differential:
    """``\\partial^order operand``; no operand in ``\\frac{\\partial}{\\partial z}``."""

    sign: str
    order: int
    operand: Node | None


def derivative(numerator: Node, denominator: Node, span: Span) -> Derivative | None:
    """The derivative a quotient is, or None for an ordinary quotient.

    Its numerator is Missing where what is differentiated stands after the quotient.
    """
    above = _above(numerator)
    if above is None:
        return None
    variables = _variables(denominator, above.sign)
    if variables is None or len(variables) != above.order:
        return None
    operand = above.operand if above.operand is not None else Missing(numerator.span)
    return Derivative(operand, variables, span)


def is_differential(node: Node) -> bool:
    """Whether ``node`` begins with a sign of differentiation that no quotient has used."""
    return _sign(node) == "partial"


def uses_letter_d(node: Node) -> bool:
    """Whether the sign is the italic letter d, which may be a symbol as well."""
    first = node.factors[0] if isinstance(node, Juxtaposition) else node
    first = first.base if isinstance(first, Power) else first
    return isinstance(first, Name) and first.text == "d" and first.font == "italic"


def _sign(node: Node) -> str | None:
    plain = isinstance(node, Name) and not node.accents and not node.primes
    return node.text if plain and isinstance(node, Name) and node.text in ("partial", "d") else None


def _above(node: Node) -> _Differential | None:
    factors = node.factors if isinstance(node, Juxtaposition) else (node,)
    head, rest = factors[0], factors[1:]
    order = 1
    if isinstance(head, Power) and isinstance(head.exponent, NumberLiteral):
        order, head = _whole(head.exponent.value), head.base
    sign = _sign(head)
    if sign is None or order < 1:
        return None
    if not rest:
        return _Differential(sign, order, None)
    if len(rest) == 1:
        return _Differential(sign, order, rest[0])
    return _Differential(sign, order, Juxtaposition(rest, rest[0].span.to(rest[-1].span)))


def _variables(node: Node, sign: str) -> tuple[Node, ...] | None:
    """The variables of ``\\partial x \\partial y`` and ``dx^2``, each as often as it stands."""
    factors = _flat(node)
    if len(factors) % 2:
        return None
    found: list[Node] = []
    for head, variable in zip(factors[::2], factors[1::2], strict=True):
        if _sign(head) != sign:
            return None
        times = 1
        if isinstance(variable, Power) and isinstance(variable.exponent, NumberLiteral):
            times, variable = _whole(variable.exponent.value), variable.base
        if not 1 <= times <= 9:
            return None
        found += [variable] * times
    return tuple(found)


def _flat(node: Node) -> list[Node]:
    if not isinstance(node, Juxtaposition):
        return [node]
    return [inner for factor in node.factors for inner in _flat(factor)]


def _whole(value: Fraction) -> int:
    return int(value) if value.denominator == 1 else 0
