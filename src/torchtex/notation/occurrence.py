"""Whether an index occurs in the term that follows, told from its tokens.

A big operator reaches over + and - while its index occurs in the next term.  An occurrence that
a further big operator binds again is none: in ``\\sum_i a_i + \\sum_i b_i`` the first ends early.
"""

from __future__ import annotations

from collections.abc import Sequence

from torchtex.notation.tokens import CLOSING, OPENING, Token

Letter = tuple[str, int]  # the text of a letter and its number of primes

_TERM_ENDS = frozenset(
    "additive relation comma semicolon row amp keyword period mid logical stop".split()
)
_BINDERS = frozenset(["big", "extremum"])
_AFTER_BOUND = frozenset(["relation", "comma", "semicolon", "row", "}", "colon", "name"])


def occurs_free(tokens: Sequence[Token], start: int, letters: frozenset[Letter]) -> bool:
    """Whether one of ``letters`` occurs free in the term that begins at token ``start``."""
    position = _after_signs(tokens, start)
    depth = 0
    hidden: int | None = None  # inside which depth the letters are bound again
    barred = False
    while position < len(tokens):
        token = tokens[position]
        kind = token.kind
        if kind in OPENING:
            depth += 1
        elif kind in CLOSING:
            depth -= 1
            if depth < 0:
                return False
            if hidden is not None and depth < hidden:
                hidden = None
        elif kind == "bar" and depth == 0:
            barred = not barred
        elif depth == 0 and not barred and kind in _TERM_ENDS:
            return False
        elif hidden is None and kind in _BINDERS and letters & bound_letters(tokens, position):
            hidden = depth
            position = _after_limits(tokens, position)
            continue
        elif hidden is None and kind == "name" and letter_at(tokens, position) in letters:
            return True
        position += 1
    return False


def letter_at(tokens: Sequence[Token], position: int) -> Letter | None:
    """The italic letter at ``position`` with its primes, None for a name of another font."""
    token = tokens[position]
    if token.kind != "name" or token.font != "italic":
        return None
    primes = 0
    while position + 1 + primes < len(tokens) and tokens[position + 1 + primes].kind == "prime":
        primes += 1
    return token.text, primes


def bound_letters(tokens: Sequence[Token], position: int) -> frozenset[Letter]:
    """The letters bound by the big operator at ``position``: those that begin its limits."""
    if position + 2 >= len(tokens) or tokens[position + 1].kind != "_":
        return frozenset()
    first = position + 2
    if tokens[first].kind != "{":
        letter = letter_at(tokens, first)
        return frozenset() if letter is None else frozenset([letter])
    found: set[Letter] = set()
    for place in range(first + 1, _closing(tokens, first)):
        letter = letter_at(tokens, place)
        if letter is not None and tokens[place + 1 + letter[1]].kind in _AFTER_BOUND:
            found.add(letter)
    return frozenset(found)


def _after_signs(tokens: Sequence[Token], position: int) -> int:
    while position < len(tokens) and tokens[position].kind == "additive":
        position += 1
    return position


def _after_limits(tokens: Sequence[Token], position: int) -> int:
    """The position after ``_{...}`` of the big operator at ``position``."""
    first = position + 2
    return _closing(tokens, first) + 1 if tokens[first].kind == "{" else first + 1


def _closing(tokens: Sequence[Token], opener: int) -> int:
    """The position of the brace that closes the one at ``opener``, or of the last token."""
    depth = 0
    for position in range(opener, len(tokens)):
        if tokens[position].kind == "{":
            depth += 1
        elif tokens[position].kind == "}":
            depth -= 1
            if depth == 0:
                return position
    return len(tokens) - 1
