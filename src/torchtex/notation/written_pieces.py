"""Joining written pieces: signs, products, numbers and subscripts, with as few marks as needed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import zip_longest

from torchtex.notation.written_forms import TALL, Level, Written


def is_tall(text: str) -> bool:
    return any(command in text for command in TALL)


def parenthesised(piece: Written) -> Written:
    text = rf"\left({piece.text}\right)" if is_tall(piece.text) else f"({piece.text})"
    return Written(text, Level.ATOM, before_group=True)


def grouped(piece: Written, least: Level) -> Written:
    return piece if piece.level >= least else parenthesised(piece)


def signed_piece(piece: Written, sign: int) -> Written:
    if sign > 0:
        return piece
    operand = grouped(piece, Level.OPEN)
    return Written("-" + operand.text, Level.NEGATED, swallows=operand.swallows)


def joined_sum(parts: Sequence[Written]) -> Written:
    summands = [grouped(part, Level.SUM) for part in parts]
    text = ""
    for here, after in zip_longest(summands, summands[1:]):
        if after is not None and occurs_in(here.swallows, after.text):
            here = signed_group(here)
        text += with_sign(here.text) if text else here.text
    return Written(text, Level.SUM, swallows=summands[-1].swallows)


def with_sign(summand: str) -> str:
    return f" - {summand[1:]}" if summand.startswith("-") else f" + {summand}"


def signed_group(summand: Written) -> Written:
    """The summand in parentheses, its sign before them."""
    if not summand.text.startswith("-"):
        return parenthesised(summand)
    return Written("-" + parenthesised(Written(summand.text[1:], Level.SUM)).text, Level.NEGATED)


def occurs_in(letters: Iterable[str], text: str) -> bool:
    """Whether one of the letters stands in ``text`` before a sum binds it anew."""
    for letter in letters:
        free = re.split(rf"\\(?:sum|prod)_\{{?{letter}\b", text)[0]
        if re.search(rf"(?<![A-Za-z\\]){letter}(?![A-Za-z])", free):
            return True
    return False


def joined_product(pieces: Sequence[Written], capitals: Sequence[bool]) -> Written:
    """Factors side by side, with a dot only where they would be read as something else."""
    *before, last = pieces
    factors = [grouped(piece, Level.PRODUCT) for piece in before]
    factors.append(grouped(last, Level.OPEN))
    text = factors[0].text
    for left, right, capital in zip(factors, factors[1:], capitals, strict=False):
        text += between_factors(left, right, capital) + right.text
    level = Level.OPEN if factors[-1].level == Level.OPEN else Level.PRODUCT
    return Written(text, level, swallows=factors[-1].swallows)


def between_factors(left: Written, right: Written, capital: bool) -> str:
    """What stands between two factors."""
    starts_group = right.text.startswith(("(", "[", r"\left(", r"\left["))
    if right.text[0].isdigit() or (starts_group and not left.before_group):
        return r" \cdot "
    if (capital and right.level == Level.ATOM) or r"\text{" in (left.text[:6], right.text[:6]):
        return r" \cdot "
    if left.text[0].isdigit() and right.text.startswith(r"\mathbb"):
        return r" \cdot "
    return "" if left.text[-1].isdigit() and right.text[0].isalpha() else " "


def number_piece(value: Fraction) -> Written:
    if value < 0:
        return Written("-" + number_piece(-value).text, Level.NEGATED)
    if value.denominator == 1:
        return Written(str(value), Level.ATOM, before_group=True)
    digits = decimal_places(value.denominator)
    if value.denominator <= 4 or digits is None:
        text = rf"\frac{{{value.numerator}}}{{{value.denominator}}}"
        return Written(text, Level.CLOSED, before_group=True)
    shifted = value * 10**digits
    if digits > 6:
        power = f"10^{{-{digits}}}"
        if shifted == 1:
            return Written(power, Level.CLOSED)
        return Written(rf"{shifted} \cdot {power}", Level.PRODUCT)
    whole, rest = divmod(int(shifted), 10**digits)
    return Written(f"{whole}.{rest:0{digits}d}", Level.ATOM, before_group=True)


def decimal_places(denominator: int) -> int | None:
    """How many decimals a fraction with this denominator has; None when they never end."""
    twos = fives = 0
    while denominator % 2 == 0:
        denominator, twos = denominator // 2, twos + 1
    while denominator % 5 == 0:
        denominator, fives = denominator // 5, fives + 1
    return max(twos, fives) if denominator == 1 else None


def scaled_size(name: str, factor: Fraction) -> Written:
    """A coefficient of a size before its name."""
    if abs(factor) == 1:
        return signed_piece(Written(name, Level.ATOM), int(factor))
    if factor.numerator in (1, -1):
        piece = Written(rf"\frac{{{name}}}{{{factor.denominator}}}", Level.CLOSED)
        return signed_piece(piece, factor.numerator)
    symbol = Written(name, Level.ATOM)
    return signed_piece(
        joined_product([number_piece(abs(factor)), symbol], [False, False]), 1 if factor > 0 else -1
    )


def subscripted(symbol: str, places: Sequence[str]) -> str:
    """The symbol with more subscripts after those it has."""
    if not places:
        return symbol
    base, own = split_subscript(symbol)
    written = ",".join([*own, *places])
    return f"{base}_{written}" if len(written) == 1 else f"{base}_{{{written}}}"


def split_subscript(symbol: str) -> tuple[str, list[str]]:
    """``W_1`` is W and 1, ``H_{\\text{in}}`` is H and ``\\text{in}``."""
    if simple := re.fullmatch(r"(.*)_([A-Za-z0-9]|\\[A-Za-z]+)", symbol):
        return simple[1], [simple[2]]
    opening = opening_brace(symbol)
    if opening > 0 and symbol[opening - 1] == "_":
        return symbol[: opening - 1], [symbol[opening + 1 : -1]]
    return symbol, []


def opening_brace(symbol: str) -> int:
    """Where the brace opens that the last character closes, or -1."""
    depth = 0
    for position in range(len(symbol) - 1, -1, -1):
        depth += {"}": 1, "{": -1}.get(symbol[position], 0)
        if depth == 0:
            return position if symbol[position] == "{" else -1
    return -1


def is_label_like(exponent: str) -> bool:
    """Whether the reader would take a superscript for a transpose or a part of the name."""
    return exponent in ("T", r"\top", "*") or exponent.startswith((r"\text{", "("))
