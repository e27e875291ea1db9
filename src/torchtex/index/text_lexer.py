"""The tokens of the text form, with their positions."""

from __future__ import annotations

import re
from typing import Literal

import attrs

from torchtex.index.errors import NotParsed

TokenKind = Literal["name", "quoted", "number", "symbol", "newline", "end"]

_TOKEN = re.compile(
    r"""
    (?P<space>[^\S\n]+)
  | (?P<newline>\n)
  | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
  | (?P<name>[^\W\d]\w*)
  | (?P<quoted>`(?:[^`\\]|\\.)*`)
  | (?P<symbol>->|!=|<=|>=|[-+*/^<>=()\[\]{}:;,|\#])
    """,
    re.VERBOSE,
)
_PLAIN_NAME = re.compile(r"[^\W\d]\w*")
_RESERVED = frozenset({"and", "or", "else"})
MAX_DIGITS = 400


@attrs.frozen
class Token:
    """A piece of text at ``position``; a quoted name without its quotes."""

    kind: TokenKind
    text: str
    position: int


def tokens(source: str) -> list[Token]:
    """The tokens, the end among them; a new line inside brackets is none.

    Raises NotParsed at a character that begins no token.
    """
    found: list[Token] = []
    position = brackets = 0
    while position < len(source):
        match = _TOKEN.match(source, position)
        if match is None:
            raise NotParsed("this character means nothing here", source, position)
        kind = match.lastgroup
        brackets += match.group() in ("(", "[", "{")
        brackets -= match.group() in (")", "]", "}")
        if kind != "space" and not (kind == "newline" and brackets > 0):
            found.append(_token(kind, match.group(), position, source))
        position = match.end()
    found.append(Token("end", "", len(source)))
    return found


def _token(kind: str | None, text: str, position: int, source: str) -> Token:
    match kind:
        case "number":
            if len(text) > MAX_DIGITS or len(text.lower().partition("e")[2]) > 5:
                raise NotParsed("this number is too long", source, position)
            return Token("number", text, position)
        case "quoted":
            return Token("quoted", re.sub(r"\\(.)", r"\1", text[1:-1]), position)
        case "name":
            return Token("name", text, position)
        case "newline":
            return Token("newline", text, position)
    return Token("symbol", text, position)


def quoted(name: str) -> str:
    """The name as it stands in text: as it is, or in backquotes where it must be."""
    if _PLAIN_NAME.fullmatch(name) and name not in _RESERVED:
        return name
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"
