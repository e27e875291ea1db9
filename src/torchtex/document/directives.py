"""Directives: comments that no renderer shows and that tell a check what to do.

::

    <!-- torchtex: verify F.cross_entropy(z, y) -->
    <!-- torchtex: let z = torch.randn(8, 5); name p = softmax(z) -->
"""

from __future__ import annotations

import ast
import difflib
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Literal, TypeAlias

import attrs

from torchtex.document.position import Range


@attrs.frozen
class Verify:
    """Compare the nearest formula above with the Python expression ``code``."""

    code: str
    range: Range


@attrs.frozen
class Let:
    """Give the variable ``name`` the value of a Python expression."""

    name: str
    expression: str
    range: Range


@attrs.frozen
class Name:
    """In the formula, ``symbol`` stands for a Python expression."""

    symbol: str
    expression: str
    range: Range


@attrs.frozen
class Declare:
    """What the formula's notation does not say, such as ``x in R^{N x D}``."""

    text: str
    range: Range


@attrs.frozen
class Ignore:
    """Silence the diagnostics ``codes``."""

    codes: tuple[str, ...]
    range: Range


@attrs.frozen
class Skip:
    """Do not run the next block."""

    range: Range


Directive: TypeAlias = "Verify | Let | Name | Declare | Ignore | Skip"
ProblemKind: TypeAlias = Literal["unknown", "unreadable", "misplaced"]


@attrs.frozen
class Problem:
    """A directive that cannot be followed: ``kind`` says which diagnostic that is."""

    kind: ProblemKind
    message: str
    range: Range


Place: TypeAlias = Callable[[int, int], Range]

COMMENT = re.compile(r"<!--\s*([A-Za-z]+)(\s*:)?(.*?)-->", re.DOTALL)
FIRST_WORD = re.compile(r"\s*([^\s=;:]*)\s*")
CODE = re.compile(r"[A-Z]\d{3}")
BRACKETS: Mapping[str, int] = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}


def read_comment(comment: str, place: Place) -> Iterator[Directive | Problem]:
    """The directives of an HTML comment; none if it is not meant for torchtex.

    ``place`` gives the range in the file of the characters between two offsets of the comment.
    """
    found = COMMENT.fullmatch(comment)
    if found is None or not _is_meant_for_us(found):
        return
    if found[1].lower() != "torchtex" or found[2] is None:
        message = "this comment is not read: a directive starts with 'torchtex:'"
        yield Problem("unknown", message, place(0, len(comment)))
        return
    pieces = [piece for piece in _pieces(found[3], found.start(3)) if piece[0].strip()]
    if not pieces:
        yield Problem("unknown", f"no directive; {_expected()}", place(0, len(comment)))
    for text, start in pieces:
        lead = len(text) - len(text.lstrip())
        piece = text.strip()
        yield _read(piece, place(start + lead, start + lead + len(piece)))


def _is_meant_for_us(found: re.Match[str]) -> bool:
    """Whether the comment is a directive, or a misspelt one that would be lost without a word."""
    word = found[1].lower()
    following = FIRST_WORD.match(found[3])
    is_directive = following is not None and following[1] in READERS
    if word == "torchtex":
        return found[2] is not None or is_directive
    alike = difflib.SequenceMatcher(None, word, "torchtex").ratio() >= 0.8
    return alike and found[2] is not None and is_directive


def _pieces(body: str, start: int) -> Iterator[tuple[str, int]]:
    """The parts between ``;`` or newlines outside brackets, each with its offset."""
    depth = 0
    left = 0
    for offset, letter in enumerate(body):
        depth = max(0, depth + BRACKETS.get(letter, 0))
        spacing = letter == ";" and body[offset - 1 : offset] == "\\"  # LaTeX's \;
        if depth == 0 and letter in ";\n" and not spacing:
            yield body[left:offset], start + left
            left = offset + 1
    yield body[left:], start + left


def _read(piece: str, place: Range) -> Directive | Problem:
    word, _, rest = piece.partition(" ") if " " in piece else (piece, "", "")
    reader = READERS.get(word)
    if reader is None:
        close = difflib.get_close_matches(word, READERS, n=1)
        meant = f"did you mean '{close[0]}'? " if close else ""
        return Problem("unknown", f"unknown directive '{word}'; {meant}{_expected()}", place)
    try:
        return reader(rest.strip(), place)
    except _Unreadable as reason:
        return Problem("unreadable", f"'{word}' cannot be read: {reason}", place)


def _expected() -> str:
    return "expected " + ", ".join(READERS)


class _Unreadable(Exception):
    """Why a directive of a known kind makes no sense."""


def _verify(rest: str, place: Range) -> Verify:
    return Verify(_expression(rest, "F.cross_entropy(z, y)"), place)


def _let(rest: str, place: Range) -> Let:
    name, expression = _assignment(rest, "let z = torch.randn(8, 5)")
    if not name.isidentifier():
        raise _Unreadable(f"'{name}' is not a Python name")
    return Let(name, _expression(expression, "torch.randn(8, 5)"), place)


def _name(rest: str, place: Range) -> Name:
    symbol, expression = _assignment(rest, "name p = torch.softmax(z, dim=-1)")
    return Name(symbol, _expression(expression, "torch.softmax(z, dim=-1)"), place)


def _declare(rest: str, place: Range) -> Declare:
    if not rest:
        raise _Unreadable("nothing is declared; for example 'declare x in R^{N x D}'")
    return Declare(rest, place)


def _ignore(rest: str, place: Range) -> Ignore:
    codes = tuple(code for code in re.split(r"[\s,]+", rest) if code)
    wrong = [code for code in codes if not CODE.fullmatch(code)]
    if not codes or wrong:
        shown = f"'{wrong[0]}' is not a code" if wrong else "no code"
        raise _Unreadable(f"{shown}; for example 'ignore F101'")
    return Ignore(codes, place)


def _skip(rest: str, place: Range) -> Skip:
    if rest:
        raise _Unreadable(f"'{rest}' is too much; 'skip' stands alone before a block")
    return Skip(place)


READERS: Mapping[str, Callable[[str, Range], Directive]] = {
    "verify": _verify,
    "let": _let,
    "name": _name,
    "declare": _declare,
    "ignore": _ignore,
    "skip": _skip,
}


def _assignment(rest: str, example: str) -> tuple[str, str]:
    left, equals, right = split_assignment(rest)
    if not equals or not left or not right:
        raise _Unreadable(f"expected NAME = EXPRESSION, for example '{example}'")
    return left, right


def split_assignment(text: str) -> tuple[str, str, str]:
    """``NAME = EXPRESSION`` around the first ``=`` outside brackets, like ``str.partition``."""
    depth = 0
    for offset, letter in enumerate(text):
        depth = max(0, depth + BRACKETS.get(letter, 0))
        if letter == "=" and depth == 0:
            return text[:offset].strip(), "=", text[offset + 1 :].strip()
    return text.strip(), "", ""


def _expression(text: str, example: str) -> str:
    if not text:
        raise _Unreadable(f"no Python expression, for example '{example}'")
    reason = wrong_expression(text)
    if reason is not None:
        shown = " ".join(text.split())
        raise _Unreadable(f"'{shown}' is not a Python expression ({reason})")
    return text


def wrong_expression(text: str) -> str | None:
    """Why ``text`` is not a Python expression; None if it is one.  Nothing is executed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text.strip(), mode="eval")
    except SyntaxError as error:
        return error.msg
    except (ValueError, RecursionError, MemoryError) as error:
        return str(error) or "it is nested too deeply"
    return None
