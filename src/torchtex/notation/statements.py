"""Where one statement of a source ends and the next begins, decided on tokens before parsing.

Statements end at ``;``, an empty line, an arrow of implication and words such as *where*; at
``\\\\``, a comma, a wide space or a line end only where an equation follows.  A row that begins
with an operator or a relation goes on with the statement before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

import attrs

from torchtex.notation.dictionary import CASE_ENVIRONMENTS, LINE_ENVIRONMENTS, MATRIX_ENVIRONMENTS
from torchtex.notation.errors import NotRead
from torchtex.notation.tokens import CLOSING, OPENING, Token

# Layout, which says nothing inside a group.
_LAYOUT = frozenset(["newline", "blank", "quad", "column"])
# What outranks what when several separators stand between two pieces.
_RANKS = {
    kind: rank
    for rank, kind in enumerate(
        "newline quad column comma wide-comma row blank semicolon hard keyword".split()
    )
}
_CONTINUING = frozenset(["relation", "additive", "times", "slash", "logical"])
_INNER = frozenset(["if", "otherwise", "or"])  # keywords that stand inside a statement
_SYMBOL_KINDS = frozenset(
    ["name", "number", "comma", "_", "^", "{", "}", "prime", "accent", "font", "open", "close"]
)
_CELLS = CASE_ENVIRONMENTS | MATRIX_ENVIRONMENTS


@attrs.frozen
class _Piece:
    """Tokens between two separators, the separator before them, and what they are.

    ``plain_run`` and ``dotted_run`` tell of the pieces from this one up to the next equation or
    stronger separator: that none of them is an equation, that one of them is an ellipsis.
    """

    separator: Token | None
    tokens: tuple[Token, ...]
    is_equation: bool
    plain_run: bool = True
    dotted_run: bool = False

    @property
    def rank(self) -> str:
        return "" if self.separator is None else self.separator.kind

    @property
    def continues(self) -> bool:
        return self.tokens[0].kind in _CONTINUING

    @property
    def is_text(self) -> bool:
        return all(token.kind == "text" for token in self.tokens)


def statements(tokens: list[Token], source: str) -> list[list[Token]]:
    """The tokens of each statement, in order, without separators and trailing punctuation.

    Raises NotRead for a line that is neither an equation nor the continuation of one.
    """
    found: list[list[Token]] = []
    equation = False  # whether the last statement has a relation so far
    for piece in _with_runs(list(_pieces(_flattened(tokens)))):
        joint = _joint(found[-1], equation, piece, source) if found else None
        if joint is None:
            found.append(list(piece.tokens))
            equation = piece.is_equation
        else:
            found[-1] += [*joint, *piece.tokens]
            equation = equation or piece.is_equation
    return found


# -- lines -------------------------------------------------------------------------------------


def _flattened(tokens: list[Token]) -> Iterator[Token]:
    """Tokens without the environments of lines and the marks that align them.

    ``aligned`` inside ``\\left\\{`` is a set of cases.  Every second ``&`` of a line separates
    columns of equations.
    """
    environments: list[str] = []
    marks = 0
    previous: Token | None = None
    for token in tokens:
        kind = token.kind
        if kind == "begin":
            token = _as_cases(token, previous)
            environments.append(token.text)
            marks = 0
            if token.text in LINE_ENVIRONMENTS:
                continue
        elif kind == "end":
            opened = environments.pop() if environments else ""
            if opened in CASE_ENVIRONMENTS and token.text not in _CELLS - {"array"}:
                token = token._replace(text=opened)
            if token.text in LINE_ENVIRONMENTS:
                continue
        elif kind == "row":
            marks = 0
        elif kind == "amp" and not (environments and environments[-1] in _CELLS):
            marks += 1
            if marks % 2 == 0:
                yield token._replace(kind="column")
            continue
        yield token
        previous = token


def _as_cases(token: Token, previous: Token | None) -> Token:
    braced = previous is not None and previous.kind == "open" and previous.text == "{"
    if braced and (token.text in LINE_ENVIRONMENTS or token.text == "array"):
        return token._replace(text="cases")
    return token


def _pieces(tokens: Iterator[Token]) -> Iterator[_Piece]:
    """Runs of tokens between separators outside of every group."""
    depth = 0
    separator: Token | None = None
    here: list[Token] = []
    for token in tokens:
        kind = token.kind
        if kind in OPENING:
            depth += 1
        elif kind in CLOSING:
            depth = max(0, depth - 1)
        elif (kind in _LAYOUT and depth) or (kind == "period" and not here):
            continue
        elif depth == 0 and _separates(token):
            yield from _piece(separator, here)
            separator = token if here else _stronger(separator, token)
            here = []
            continue
        if here and here[-1].kind == "period" and depth == 0 and token.start > here[-1].end:
            yield from _piece(separator, here)
            separator, here = here[-1]._replace(kind="semicolon"), []
        here.append(token)
    yield from _piece(separator, here)


def _piece(separator: Token | None, tokens: list[Token]) -> Iterator[_Piece]:
    kept = len(tokens)
    while kept and tokens[kept - 1].kind in ("period", "comma"):
        kept -= 1
    if kept:
        yield _Piece(separator, tuple(tokens[:kept]), _has_relation(tokens))


def _separates(token: Token) -> bool:
    return token.kind in _RANKS and not (token.kind == "keyword" and token.text in _INNER)


def _stronger(first: Token | None, second: Token) -> Token:
    """The separator that two in a row amount to."""
    if first is not None and {first.kind, second.kind} == {"comma", "quad"}:
        return first._replace(kind="wide-comma")
    if first is None or _RANKS[second.kind] > _RANKS[first.kind]:
        return second
    return first


def _has_relation(tokens: list[Token]) -> bool:
    depth = 0
    for token in tokens:
        if token.kind in OPENING:
            depth += 1
        elif token.kind in CLOSING:
            depth -= 1
        elif depth == 0 and token.kind == "relation":
            return True
    return False


def _with_runs(pieces: list[_Piece]) -> list[_Piece]:
    """The pieces, each knowing the run of list items it begins."""
    told: list[_Piece] = []
    following: _Piece | None = None
    for piece in reversed(pieces):
        if not piece.is_equation:
            listed = following if following is not None and "comma" in following.rank else None
            goes_on = listed is not None and not listed.is_equation
            piece = attrs.evolve(
                piece,
                plain_run=listed is None or (goes_on and listed.plain_run),
                dotted_run=piece.tokens[0].kind == "ellipsis"
                or (listed is not None and goes_on and listed.dotted_run),
            )
        told.append(piece)
        following = piece
    told.reverse()
    return told


# -- joining -----------------------------------------------------------------------------------

_Joint = tuple[Token, ...]  # what is put between two pieces of one statement


def _joint(before: list[Token], equation: bool, piece: _Piece, source: str) -> _Joint | None:
    """What joins ``piece`` to the statement ``before`` it, or None if it starts its own."""
    rule = _RULES.get(piece.rank)
    if rule is None:
        return None
    return rule(before, equation, piece, source)


def _after_row(before: list[Token], equation: bool, piece: _Piece, source: str) -> _Joint | None:
    if piece.continues or _awaits_operand(before):
        return ()
    if piece.is_equation or piece.is_text:
        return None
    raise NotRead(
        "this line is neither an equation nor the continuation of one",
        piece.tokens[0].span.to(piece.tokens[-1].span),
        source,
        "begin it with an operator, or put it on the line before",
    )


def _after_line_end(
    before: list[Token], equation: bool, piece: _Piece, source: str
) -> _Joint | None:
    if piece.continues or before[-1].kind in _CONTINUING:
        return ()
    return None if equation and piece.is_equation else ()


def _after_empty_line(
    before: list[Token], equation: bool, piece: _Piece, source: str
) -> _Joint | None:
    return () if piece.continues or before[-1].kind in _CONTINUING else None


def _after_wide_space(
    before: list[Token], equation: bool, piece: _Piece, source: str
) -> _Joint | None:
    if piece.continues or before[-1].kind in _CONTINUING:
        return ()
    if _is_equation_number(piece):
        raise NotRead(
            "this may be the number of the equation or a factor",
            piece.tokens[0].span.to(piece.tokens[-1].span),
            source,
            f"write \\tag{{{piece.tokens[1].text}}} for a number",
        )
    return None if piece.is_equation or piece.is_text or _is_aside(piece) else ()


def _after_comma(before: list[Token], equation: bool, piece: _Piece, source: str) -> _Joint | None:
    """``i, j = 1, \\dots, N`` is one statement; in ``a = b, c = d`` the comma ends the first."""
    assert piece.separator is not None
    if piece.is_equation:
        lists_on = not equation and _are_symbols(before)
    else:
        dotted = piece.dotted_run or before[-1].kind == "ellipsis"
        lists_on = not piece.is_text and (not equation or piece.plain_run or dotted)
    return (piece.separator,) if lists_on else None


def _after_wide_comma(
    before: list[Token], equation: bool, piece: _Piece, source: str
) -> _Joint | None:
    if piece.is_equation or _is_aside(piece):
        return None
    joint = _after_comma(before, equation, piece, source)
    return None if joint is None else (joint[0]._replace(kind="comma"),)


def _after_keyword(
    before: list[Token], equation: bool, piece: _Piece, source: str
) -> _Joint | None:
    """``x \\text{ and } y \\in ...`` lists x and y; any other keyword begins a statement."""
    keyword = piece.separator
    assert keyword is not None
    if keyword.text != "and" or (equation and piece.is_equation):
        return None
    return (keyword,) if equation else (keyword._replace(kind="comma", text=","),)


_RULES: Mapping[str, Callable[[list[Token], bool, _Piece, str], _Joint | None]] = MappingProxyType(
    {
        "row": _after_row,
        "newline": _after_line_end,
        "blank": _after_empty_line,
        "quad": _after_wide_space,
        "column": _after_wide_space,
        "comma": _after_comma,
        "wide-comma": _after_wide_comma,
        "keyword": _after_keyword,
    }
)


def _awaits_operand(tokens: list[Token]) -> bool:
    """Whether ``tokens`` end in an operator, or in a big operator with its limits."""
    place = len(tokens) - 1
    if tokens[place].kind in _CONTINUING:
        return True
    while place >= 1:
        kind = tokens[place].kind
        if kind in ("big", "extremum"):
            return True
        if kind == "}":
            place = _opening(tokens, place)
        if place < 1 or tokens[place - 1].kind not in ("_", "^"):
            return False
        place -= 2
    return tokens[0].kind in ("big", "extremum")


def _opening(tokens: list[Token], closer: int) -> int:
    depth = 0
    for place in range(closer, -1, -1):
        depth += {"}": 1, "{": -1}.get(tokens[place].kind, 0)
        if depth == 0:
            return place
    return 0


def _are_symbols(tokens: list[Token]) -> bool:
    """Whether ``tokens`` are symbols and nothing that computes: the ``i`` of ``i, j = 1``."""
    return all(token.kind in _SYMBOL_KINDS for token in tokens)


def _is_aside(piece: _Piece) -> bool:
    """``(x > 0)`` after a wide space is a condition beside the formula, not a factor."""
    first, last = piece.tokens[0], piece.tokens[-1]
    if first.kind != "open" or last.kind != "close" or first.text != "(":
        return False
    return any(token.kind == "relation" for token in piece.tokens)


def _is_equation_number(piece: _Piece) -> bool:
    kinds = [(token.kind, token.text) for token in piece.tokens]
    return len(kinds) == 3 and kinds[0] == ("open", "(") and kinds[1][0] == "number"
