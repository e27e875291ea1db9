"""LaTeX source to tokens with spans, in one pass.

Spacing, sizing (``\\left``, ``\\big``), comments and alignment marks carry no mathematics and make
no token.  ``\\text{...}`` is one token; so is a run of letters that is a known word.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from typing import NamedTuple

from torchtex.notation.dictionary import FONTS, KEYWORDS, TEXT_MACROS, WORDS
from torchtex.notation.errors import NotRead
from torchtex.notation.syntax import Span

MAX_CHARACTERS = 100_000


class Token(NamedTuple):
    """``kind``: number, letter, word, text, quoted, keyword, macro, font, begin, end, break, quad,
    newline, open, close, or symbol.  ``text`` is its bare content."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)


_PATTERN = re.compile(
    r"""
    (?P<space>[ \t\r\f\v]+|%[^\n]*|~|\\[,;:!>\ ]|\\(?:thinspace|medspace|thickspace|negthinspace
        |displaystyle|textstyle|scriptstyle|limits|nolimits|nonumber|notag|noindent|strut|mathstrut
        |allowbreak|par)(?![a-zA-Z]))
  | (?P<newline>\n)
  | (?P<dropped>\\(?:label|tag\*?|color|hspace\*?|vspace\*?|hphantom|vphantom|phantom|mathchoice)
        \s*\{[^{}]*\})
  | (?P<environment>\\(?:begin|end)\s*\{\s*[a-zA-Z]+\*?\s*\})
  | (?P<break>\\\\(?:\s*\[[^\]\n]{0,12}(?:pt|em|ex|mm|cm)\])?|\\cr(?![a-zA-Z])|\\newline(?![a-zA-Z]))
  | (?P<quad>\\q?quad(?![a-zA-Z]))
  | (?P<sized>\\(?P<side>left|right|middle|[bB]igg?[lrm]?)(?![a-zA-Z])\s*
        (?P<delimiter>\\[a-zA-Z]+|\\[{}|]|[^\s\\a-zA-Z0-9]))
  | (?P<negated>\\not\s*(?:=|\\in(?![a-zA-Z])|\\eq(?![a-zA-Z])))
  | (?P<font>\\(?:FONTS)(?![a-zA-Z]))
  | (?P<macro>\\(?:[a-zA-Z]+\*?|[{}|_%#&$]))
  | (?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?)
  | (?P<ellipsis>\.\.\.|…|⋯)
  | (?P<operator>:=|<=|>=|!=|==|->)
  | (?P<run>[A-Za-z]+(?:_[A-Za-z]+)*[0-9]*)
  | (?P<han>[\u3400-\u9fff\uf900-\ufaff]+)
  | (?P<letter>[^\W\d_])
  | (?P<symbol>[^\s\\])
    """.replace("FONTS", "|".join(re.escape(f) for f in sorted(FONTS, key=len, reverse=True))),
    re.VERBOSE,
)
_SWITCH = frozenset(["\\rm", "\\bf", "\\it", "\\cal", "\\tt", "\\sf"])
_SYMBOL_NAME = re.compile(r"[^\W\d][\w.]*(?<!\.)!?|\d+|[^\W\d]")
_BRACED_WORDS = re.compile(r"\s*\{((?:[^{}\\]|\\[ _,;!&%#$'`]|\\\\)*)\}")
_QUOTES = "`'\"“”‘’"
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ufffe\uffff]")


def tokenize(source: str, words: frozenset[str] = frozenset()) -> list[Token]:
    """The tokens of ``source``.  Raises NotRead at characters that belong to no formula."""
    if len(source) > MAX_CHARACTERS:
        raise NotRead(
            f"this formula has {len(source):,} characters; at most {MAX_CHARACTERS:,} are read",
            Span(0, 1),
            source[:200],
            "split it into several formulas",
        )
    stray = _CONTROL.search(source)
    if stray is not None:
        code = ord(stray.group())
        raise NotRead(
            f"the character U+{code:04X} is no part of a formula",
            Span(*stray.span()),
            source,
            "is this a binary file?",
        )
    return list(_tokens(source, words | WORDS))


def _tokens(source: str, words: frozenset[str]) -> Iterator[Token]:
    position, match = 0, _PATTERN.match
    length = len(source)
    while position < length:
        found = match(source, position)
        if found is None:
            raise NotRead(
                f"{source[position]!r} is not read", Span(position, position + 1), source
            )
        kind, end = str(found.lastgroup), found.end()
        if kind in ("space", "dropped"):
            position = end
            continue
        if kind in ("delimiter", "side", "sized"):
            yield from _sized(found)
        elif kind == "font":
            end = yield from _font(source, found)
        elif kind == "run":
            yield from _run(found, words)
        else:
            yield _plain(kind, found)
        position = end


def _plain(kind: str, found: re.Match[str]) -> Token:
    text, (start, end) = found.group(), found.span()
    if kind == "environment":
        name = text[text.index("{") + 1 : -1].strip()
        return Token("begin" if text.startswith("\\begin") else "end", name, start, end)
    if kind == "negated":
        return Token("symbol", "\\notin" if "in" in text else "!=", start, end)
    if kind in ("ellipsis", "operator"):
        return Token("symbol", text, start, end)
    if kind == "macro" and text in _SWITCH:
        return Token("switch", text[1:], start, end)
    if kind == "macro" and not text[1].isalpha():
        return Token("symbol", text, start, end)
    if kind == "han":
        return Token(*_worded(text), start, end)
    return Token(kind, text, start, end)


def _sized(found: re.Match[str]) -> Iterator[Token]:
    """``\\left(`` and ``\\right|``: the side tells a bar that opens from one that closes."""
    side, delimiter = found["side"], found["delimiter"]
    start, end = found.span()
    if side == "left" or side.endswith("l"):
        yield Token("open", delimiter, start, end)
    elif side == "right" or side.endswith("r"):
        yield Token("close", delimiter, start, end)
    else:
        yield Token("symbol" if len(delimiter) == 1 else "macro", delimiter, start, end)


def _font(source: str, found: re.Match[str]) -> Generator[Token, None, int]:
    """A font macro; with words in its braces one token, else the macro alone."""
    macro, start, end = found.group()[1:], found.start(), found.end()
    inside = _BRACED_WORDS.match(source, end)
    if inside is None or not _is_words(macro, inside[1]):
        yield Token("font", macro, start, end)
        return end
    raw = inside[1]
    text = re.sub(r"\\([_&%#$'`])", r"\1", raw)
    text = re.sub(r"\\[ ,;!]", " ", text)
    if macro in TEXT_MACROS:
        yield from _text(text, start, inside.end())
    else:
        kind = "font-" + FONTS[macro]
        yield Token(kind, text.replace(" ", ""), start, inside.end())
    return inside.end()


def _is_words(macro: str, content: str) -> bool:
    if macro in TEXT_MACROS:
        return True
    return bool(re.fullmatch(r"[\w\s.*\-]+|(?:[\w]|\\[_ ,;!])+", content)) and "_" not in (
        content.replace("\\_", "")
    )


def _text(text: str, start: int, end: int) -> Iterator[Token]:
    """A text: words that steer (*if*, *where*), a quoted word, a name, or plain words."""
    stripped = text.strip()
    first, _, rest = stripped.partition(" ")
    meaning = KEYWORDS.get(first.strip(",.:;").lower())
    if meaning is not None and (rest or stripped.strip(",.:;").lower() in KEYWORDS):
        yield Token("keyword", meaning, start, end)
        if rest.strip() and meaning in ("if", "and", "or"):
            yield from _text(rest, start, end)
        return
    yield Token(*_worded(stripped), start, end)


def _worded(text: str) -> tuple[str, str]:
    if text in KEYWORDS:
        return "keyword", KEYWORDS[text]
    for keyword, meaning in KEYWORDS.items():
        if not keyword.isascii() and text.startswith(keyword):
            return "keyword", meaning
    if text[:1] and text[0] in _QUOTES:
        return "quoted", text.strip(_QUOTES + ";.,: ")
    if _SYMBOL_NAME.fullmatch(text):
        return "text", text
    return "words", text


def _run(found: re.Match[str], words: frozenset[str]) -> Iterator[Token]:
    """A run of letters: one word if it is known, else its letters (and its digits a number)."""
    text, start = found.group(), found.start()
    if text in words and len(text.split("_")[-1]) > 1:
        yield Token("word", text, start, found.end())
        return
    position = 0
    while position < len(text):
        word = _known_prefix(text, position, words)
        if word:
            yield Token("word", word, start + position, start + position + len(word))
            position += len(word)
        elif text[position].isdigit():
            digits = text[position:]
            yield Token("number", digits, start + position, found.end())
            return
        elif text[position] == "_":
            yield Token("symbol", "_", start + position, start + position + 1)
            position += 1
        else:
            yield Token("letter", text[position], start + position, start + position + 1)
            position += 1


def _known_prefix(text: str, position: int, words: frozenset[str]) -> str:
    """The known word that takes up this run to its next underscore or digit."""
    end = position
    while end < len(text) and text[end].isalpha():
        end += 1
    word = text[position:end]
    whole = position == 0 or text[position - 1] == "_"
    return word if whole and len(word) > 1 and word in words else ""
