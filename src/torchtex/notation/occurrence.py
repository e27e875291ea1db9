"""Whether an index occurs in the term that follows, told from its tokens.

A big operator reaches over + and - while its index occurs in the next term.  An occurrence that
a further big operator binds again is none: in ``\\sum_i a_i + \\sum_i b_i`` the first ends early.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from torchtex.notation.tokens import CLOSING, OPENING, Token

Letter = tuple[str, int]  # the text of a letter and its number of primes

_TERM_ENDS = frozenset(
    "additive relation comma semicolon row amp keyword period mid logical stop".split()
)
_BINDERS = frozenset(["big", "extremum", "underset"])
_ITEM_BEGINS = frozenset(["{", "(", "comma", "semicolon", "row", "substack"])
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
    """The letters bound by the big operator at ``position``.

    They are those that begin its limits (``j`` in ``j = i``, both of ``ij``) and those between
    two relations (``1 \\le i \\le n``); the others, such as ``i`` in ``j \\neq i``, stay free.
    """
    first = _limits_at(tokens, position)
    if first is None:
        return frozenset()
    if tokens[first].kind != "{":
        letter = letter_at(tokens, first)
        return frozenset() if letter is None else frozenset([letter])
    return frozenset(_bound_between(tokens, first + 1, _closing(tokens, first)))


def _bound_between(tokens: Sequence[Token], start: int, end: int) -> Iterator[Letter]:
    begins = True  # an item of the limits
    for place in range(start, end):
        kind = tokens[place].kind
        letter = letter_at(tokens, place)
        if letter is None:
            begins = kind in _ITEM_BEGINS or (begins and kind == "prime")
            continue
        after = tokens[place + 1 + letter[1]].kind
        between = tokens[place - 1].kind == "relation" and after == "relation"
        if between or (begins and after in _AFTER_BOUND):
            yield letter
        begins = begins and after == "name"


def _limits_at(tokens: Sequence[Token], position: int) -> int | None:
    """Where the limits below the big operator at ``position`` begin; None if it has none."""
    if position + 2 >= len(tokens):
        return None
    if tokens[position].kind == "underset" or tokens[position + 1].kind == "_":
        return position + (1 if tokens[position].kind == "underset" else 2)
    if tokens[position + 1].kind == "^":
        above = _closing(tokens, position + 2) if tokens[position + 2].kind == "{" else position + 2
        if above + 2 < len(tokens) and tokens[above + 1].kind == "_":
            return above + 2
    return None


def _after_signs(tokens: Sequence[Token], position: int) -> int:
    while position < len(tokens) and tokens[position].kind == "additive":
        position += 1
    return position


def _after_limits(tokens: Sequence[Token], position: int) -> int:
    """The position after the limits of the big operator at ``position``."""
    first = _limits_at(tokens, position)
    if first is None:
        return position + 1
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
