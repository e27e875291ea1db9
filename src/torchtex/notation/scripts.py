"""What superscripts, accents and primes make of the symbol they stand on."""

from __future__ import annotations

from typing import Literal

import attrs

from torchtex.notation.syntax import (
    Application,
    Group,
    Name,
    Node,
    NumberLiteral,
    Span,
    Subscript,
    Superscript,
    TextLiteral,
)
from torchtex.notation.words import GREEK_WORDS

Raised = Literal["transpose", "transpose or power", "label", "power"]

_LABEL_SIGNS = frozenset(["*", "+", "-", "dagger", "ddagger", "star", "\\star", "\\circ"])
_LABEL_GROUPS = frozenset(["(", "[", "angle"])


def raised(base: Node, written: tuple[Node, ...]) -> Raised:
    """What the superscript ``written`` on ``base`` is."""
    if len(written) > 1:
        return "label"
    exponent = written[0]
    if isinstance(exponent, Name):
        return _raised_to_name(base, exponent)
    if isinstance(exponent, Group) and exponent.delimiter in _LABEL_GROUPS:
        return "label" if _is_symbol(base) else "power"
    if isinstance(exponent, TextLiteral):
        return "label"
    return "power"


def _raised_to_name(base: Node, exponent: Name) -> Raised:
    if exponent.text == "top":
        return "transpose"
    if exponent.text == "T" and not exponent.accents and not _is_set_or_number(base):
        return "transpose or power" if exponent.font == "italic" else "transpose"
    if exponent.text in _LABEL_SIGNS:
        return "label"
    if exponent.font == "roman" and exponent.text not in GREEK_WORDS and _is_symbol(base):
        return "label"
    return "power"


def _is_set_or_number(base: Node) -> bool:
    """A number, or a set such as ``\\mathbb{R}``, whose exponent is a size."""
    return isinstance(base, NumberLiteral) or (isinstance(base, Name) and base.font == "blackboard")


def _is_symbol(base: Node) -> bool:
    while isinstance(base, Subscript | Superscript):
        base = base.base
    return isinstance(base, Name)


def primed(base: Node, primes: int, span: Span) -> Node | None:
    """``base`` with primes on its name; None for something that takes none."""
    if isinstance(base, Name):
        return attrs.evolve(base, primes=base.primes + primes, span=span)
    if isinstance(base, Subscript | Superscript):
        inner = primed(base.base, primes, base.base.span)
        return None if inner is None else attrs.evolve(base, base=inner, span=span)
    return None


def accented(node: Node, accent: str, span: Span) -> Node | None:
    """``node`` with an accent on its name: ``\\hat{y_i}`` is y-hat, i; None for anything else."""
    if isinstance(node, Name):
        return attrs.evolve(node, accents=(*node.accents, accent), span=span)
    if isinstance(node, Subscript | Superscript):
        inner = accented(node.base, accent, node.base.span)
        return None if inner is None else attrs.evolve(node, base=inner, span=span)
    return None


def takes_group(node: Node, delimiter: str) -> bool:
    """Whether a group right after ``node`` is its argument (or its factor: resolution decides)."""
    if isinstance(node, Application):
        return delimiter == "["
    if isinstance(node, Name):
        return node.text not in ("infty", "partial")
    while isinstance(node, Subscript | Superscript):
        node = node.base
        if isinstance(node, Name):
            return True
    return False
