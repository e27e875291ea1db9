"""What stands in ``\\text{...}``: names, quoted words, and words that steer.

``\\text{kernel\\_size}`` is a name, ``\\text{`mean';}`` a quoted word, ``\\text{if reduction}`` the
keyword *if* and a name, ``\\text{number of classes}`` words that mean nothing to the reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from torchtex.notation.dictionary import EXTREMA, PREFIX_FUNCTIONS
from torchtex.notation.tokens import Token
from torchtex.notation.words import KEYWORDS

Whole = tuple[int, int] | None  # the span of the command, for a text that is one token

_QUOTED = re.compile(r"[`'\"‘’“”]+\s*([^`'\"‘’“”]+?)\s*[`'\"‘’“”]+[\s;.,:，。；]*")
_NAME = re.compile(r"([^\W\d](?:[\w.-]*[\w])?|\d+)(!?)[\s;.,:，。；]*")
_OPTION = re.compile(r"(\w+)\s*(=)\s*[`'\"‘’“”]*(\w+)[`'\"‘’“”]*[\s;.,:，。；]*")
_LONGEST_FIRST = sorted(KEYWORDS, key=len, reverse=True)
_WESTERN = "|".join(re.escape(word) for word in _LONGEST_FIRST if word.isascii())
_CHINESE = "|".join(word for word in _LONGEST_FIRST if not word.isascii())
_KEYWORD = re.compile(
    rf"(?:({_CHINESE})(?![\u3400-\u9fff])|({_WESTERN})(?![\w-]))[\s.,:;，。；]*", re.IGNORECASE
)
_SILENT = frozenset(["时", "時"])  # closes what 当 opens: 当 x > 0 时
_ELEMENT = re.compile(r"([^\W\d](?:\w|\\_)*)\[(\d{1,3})\]")
_ESCAPED = re.compile(r"\\([_%&#${}])")


def word_token(word: str, start: int, end: int) -> Token:
    """The token of an upright word: a function, an extremum, a keyword or a name."""
    if word in PREFIX_FUNCTIONS:
        return Token("function", word, start, end, "roman")
    if word in EXTREMA:
        return Token("extremum", word, start, end, "roman")
    if word in KEYWORDS:
        return Token("keyword", KEYWORDS[word], start, end, "roman")
    return Token("name", word, start, end, "roman")


def text_tokens(content: str, start: int, whole: Whole) -> list[Token]:
    """The tokens of ``content``, which begins at ``start`` of the source.

    A text that is one token takes the span of its whole command.
    """
    if content.strip() in _SILENT:
        return []
    tokens = list(_pieces(content.replace("~", " "), start))
    if whole is None or not tokens:
        return tokens
    if len(tokens) == 1:
        return [tokens[0]._replace(start=whole[0], end=whole[1])]
    tokens[0] = tokens[0]._replace(start=whole[0])
    tokens[-1] = tokens[-1]._replace(end=whole[1])
    return tokens


def _pieces(content: str, offset: int) -> Iterator[Token]:
    """Keywords first, then one name, one quoted word, or plain words."""
    place = _skip_space(content, 0)
    while (keyword := _KEYWORD.match(content, place)) is not None:
        word = (keyword[1] or keyword[2]).lower()
        start = offset + keyword.start()
        yield Token("keyword", KEYWORDS[word], start, start + len(word), "roman")
        place = keyword.end()
    rest = content[place:].rstrip()
    if rest:
        yield from _words(rest, offset + place)


def _skip_space(content: str, place: int) -> int:
    while place < len(content) and content[place] in " \t\n,":
        place += 1
    return place


def _words(text: str, start: int) -> Iterator[Token]:
    end = start + len(text)
    quoted = _QUOTED.fullmatch(text)
    if quoted is not None:
        yield Token("text", _unescaped(quoted[1]), start, end)
        return
    named = _NAME.fullmatch(_unescaped(text))
    if named is not None:
        yield from _named(text, bool(named[2]), start)
        return
    element = _ELEMENT.fullmatch(text)
    if element is not None:
        yield from _element(element, start)
        return
    option = _OPTION.fullmatch(text)
    if option is not None:
        yield Token("name", option[1], start, start + option.end(1), "roman")
        yield Token("relation", "=", start + option.start(2), start + option.end(2))
        yield Token("text", option[3], start + option.start(3), end)
        return
    if text.strip(" .,;:，。；"):
        yield Token("text", _unescaped(text).strip(), start, end)


def _element(found: re.Match[str], start: int) -> Iterator[Token]:
    """``\\text{kernel\\_size[0]}``: a name and its place in brackets."""
    yield word_token(_unescaped(found[1]), start, start + found.end(1))
    yield Token("open", "[", start + found.end(1), start + found.start(2))
    yield Token("number", found[2], start + found.start(2), start + found.end(2))
    yield Token("close", "[", start + found.end(2), start + found.end())


def _named(text: str, factorial: bool, start: int) -> Iterator[Token]:
    end = start + len(text)
    name = _unescaped(text).rstrip(" ;.,:，。；")
    if not factorial:
        yield word_token(name, start, end)
        return
    yield word_token(name.rstrip("!"), start, end - 1)
    yield Token("bang", "!", end - 1, end)


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)
