"""Bars: ``|`` and ``\\|`` open, close and separate with one sign, so their number must tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torchtex.notation.tokens import CLOSING, OPENING, Token

# A bar finds its partner before any of these.
_BOUNDARIES = frozenset(["comma", "semicolon", "row", "amp", "relation", "mid", "keyword"])


def bars_from(tokens: Sequence[Token]) -> Mapping[tuple[int, str], int]:
    """For position and sort of each bar: how many of it stand from there on in the same group.

    After an operand, an odd number means that the bar has no partner: it separates, as in
    ``p(x | y)``.  One pass from the right.
    """
    counts: dict[tuple[int, str], int] = {}
    levels: list[dict[str, int]] = [{}]
    for position in range(len(tokens) - 1, -1, -1):
        token = tokens[position]
        kind = token.kind
        if kind in CLOSING:
            levels.append({})
        elif kind in OPENING:
            if len(levels) > 1:
                levels.pop()
        elif kind in _BOUNDARIES:
            levels[-1] = {}
        elif kind == "bar":
            here = levels[-1]
            if token.font == "pair":  # || may be two single bars
                counts[position, "|"] = here.get("|", 0) + 1
            here[token.text] = counts[position, token.text] = here.get(token.text, 0) + 1
    return counts
