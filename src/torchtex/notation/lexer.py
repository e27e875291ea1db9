"""LaTeX source to tokens with spans, in one pass over the characters.

Spacing, sizing (``\\left``, ``\\big``), comments, labels and tags carry no mathematics and make no
token.  A run of letters that is a known word is one token, any other run one token for each
letter.  What stands in ``\\text{...}`` is read by ``text.py``.
"""

from __future__ import annotations

import difflib
import re

from torchtex.notation.dictionary import COMMANDS, DELIMITERS, FONTS, NEGATIONS, SWITCHES, SYMBOLS
from torchtex.notation.errors import NotRead
from torchtex.notation.syntax import Span
from torchtex.notation.textual import text_tokens, word_token
from torchtex.notation.tokens import CLOSING, OPENING, Token
from torchtex.notation.words import SUBSCRIPT_WORDS, WORDS

MAX_NESTING = 60
MAX_TOKENS = 5_000
MAX_DIGITS = 100
MAX_EXPONENT = 999  # such a number can still be printed digit by digit

_TOKEN = re.compile(
    r"""
    (?P<space>[ \t\r\f\v~\u00a0\u2009\u3000]+|%[^\n]*|\\[,;:!>\ /])
  | (?P<letters>[A-Za-z]+)
  | (?P<command>\\[A-Za-z]+)
  | (?P<number>(?:\d+(?:\{,\}\d{3})*(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<newline>\n\s*)
  | (?P<han>[\u3400-\u9fff\uf900-\ufaff]+)
  | (?P<symbol>\\\\|\\[{}|]|:=|==|<=|>=|!=|->|<-|\|\||\.\.\.|[^\s\\\x00-\x1f\x7f])
    """,
    re.VERBOSE,
)
_DELIMITER = re.compile(r"\s*(\\[A-Za-z]+|\\[{}|]|[()\[\]|./<>⌊⌋⌈⌉⟨⟩‖∥])")
_ENVIRONMENT = re.compile(r"\s*\{\s*([A-Za-z]+\*?)\s*\}")
_PLACE = re.compile(r"\s*\[[tbc]\]")
_COLUMNS = re.compile(r"\s*\{(?:[^{}]|\{[^{}]*\}){0,100}\}")
_ARGUMENT = re.compile(r"\*?\s*\{((?:[^{}\\]|\\.|\{[^{}]*\}){0,1000})\}", re.DOTALL)
_PLAIN_WORDS = re.compile(r"(?:[\w.*-]|\\[_ ,;!]|\s)+")
_MATH_SPACE = re.compile(r"\\[ ,;!]|\s+")
_ONE = re.compile(r"\s*([A-Za-z0-9])(?![A-Za-z])")
_SWITCHED = re.compile(rf"\{{\s*\\({'|'.join(SWITCHES)})(?![A-Za-z])\s*([A-Za-z]+)\s*\}}")
_NOT = re.compile(r"\s*(?:\\([A-Za-z]+)|([=<>]))")
_ARG = re.compile(r"(?:\\[,;!]|\s)*\\?(max|min)(?![A-Za-z])")
_ROW_SKIP = re.compile(r"\s*\[\s*-?[\d.]+\s*[a-z]{2}\s*\]")
_STACKED = re.compile(
    r"\s*\{(?:[^{}]|\{[^{}]*\})*\}\s*(?:\{\s*(\\[A-Za-z]+|:=|[=<>])\s*\}|(\\[A-Za-z]+|[=<>]))"
)
_SCRIPT = re.compile(r"\s*_\s*")
_RANGE = re.compile(r"\{[^{}]*(?:=|∈|≤|<|>|≠|\\in\b|\\l[et]|\\ne|\\substack)")
_CAPITALS = {"Σ": ("sum", "Sigma", "\\sum"), "Π": ("product", "Pi", "\\prod")}
_BLACKBOARD = re.compile("[\U0001d7d9𝔼ℝℕℤ]")
_BLACKBOARD_LETTERS = {"\U0001d7d9": "1", "𝔼": "E", "ℝ": "R", "ℕ": "N", "ℤ": "Z"}


def tokenize(source: str, words: frozenset[str] = frozenset()) -> list[Token]:
    """The tokens of ``source``; ``words`` are further runs of letters that are one name.

    Raises NotRead at a character or command that is not known, at the opener that nests deeper
    than ``MAX_NESTING``, and where the formula grows beyond ``MAX_TOKENS``.
    """
    return _Lexer(source, words).run()


class _Lexer:
    """One pass over one source."""

    def __init__(self, source: str, words: frozenset[str]) -> None:
        self.source = source
        self.words = words
        self.joined = _joined_words(words)
        self.tokens: list[Token] = []
        self.position = 0
        self.depth = 0

    def run(self) -> list[Token]:
        self.read(len(self.source))
        return self.tokens

    def read(self, end: int) -> None:
        """Append the tokens from the current position up to ``end``."""
        source, match = self.source, _TOKEN.match
        while self.position < end:
            found = match(source, self.position, end)
            if found is None:
                raise self._stray_character()
            kind = found.lastgroup
            self.position = found.end()
            if kind == "letters":
                self._letters(found)
            elif kind == "symbol":
                self._symbol(found)
            elif kind == "command":
                self._command(found)
            elif kind == "number":
                self._number(found)
            elif kind == "han":
                start = found.start()
                self.tokens += text_tokens(found.group(), start, (start, self.position))
            elif kind == "newline":
                blank = found.group().count("\n") > 1
                self._add("blank" if blank else "newline", "\n", found.start())

    def _add(self, kind: str, text: str, start: int, font: str = "italic") -> None:
        """Append a token that ends at the current position."""
        if kind in OPENING:
            self.depth += 1
            if self.depth > MAX_NESTING:
                raise self._refuse(
                    f"this is nested more than {MAX_NESTING} levels deep",
                    start,
                    "write the inner part as a symbol of its own",
                )
        elif kind in CLOSING:
            self.depth -= 1
        if len(self.tokens) >= MAX_TOKENS:
            raise self._refuse(
                f"this formula has more than {MAX_TOKENS:,} symbols",
                start,
                "verify one equation at a time",
            )
        self.tokens.append(Token(kind, text, start, self.position, font))

    def _refuse(self, message: str, start: int, hint: str = "") -> NotRead:
        return NotRead(message, Span(start, max(self.position, start + 1)), self.source, hint)

    def _stray_character(self) -> NotRead:
        start = self.position
        self.position += 1
        character = self.source[start]
        if character == "\\":
            following = self.source[start + 1 : start + 2]
            self.position += len(following)
            hints = {"(": _INSIDE, "[": _INSIDE, ")": _INSIDE, "]": _INSIDE}
            hints["_"] = "put words with an underscore into \\text{...}"
            hint = hints.get(following, "a backslash stands before the name of a command")
            return self._refuse(f"\\{following} is not read", start, hint)
        message = f"the character U+{ord(character):04X} belongs to no formula"
        return self._refuse(message, start, "remove it: is this a binary file?")

    # -- letters, numbers, signs --------------------------------------------------------------

    def _letters(self, found: re.Match[str]) -> None:
        run, start = found.group(), found.start()
        if self.joined is not None and (joined := self.joined.match(self.source, start)):
            self.position = joined.end()
            self.tokens.append(word_token(joined.group(), start, self.position))
            return
        if len(run) == 1:
            self._add("name", run, start)
            return
        if run in self.words or run in WORDS or self._is_placed_word(run, start):
            self.tokens.append(word_token(run, start, self.position))
            return
        for offset, letter in enumerate(run, start):
            self.position = offset + 1
            self._add("name", letter, offset)

    def _is_placed_word(self, run: str, start: int) -> bool:
        """Whether ``run`` is a word because of its place: in ``_{out}`` and ``KL(``."""
        if run not in SUBSCRIPT_WORDS:
            return False
        if self.source.startswith(("(", "["), self.position):
            return True
        if len(self.tokens) < 2:
            return False
        opener, script = self.tokens[-1], self.tokens[-2]
        inside = opener.kind == "{" and script.kind in ("_", "^") and opener.end <= start
        return inside and self.source[self.position : self.position + 1] in ("}", ",")

    def _number(self, found: re.Match[str]) -> None:
        text = found.group().replace("{,}", "")
        mantissa, _, exponent = text.lower().partition("e")
        if (
            len(mantissa) > MAX_DIGITS
            or len(exponent) > 4
            or abs(int(exponent or 0)) > MAX_EXPONENT
        ):
            raise self._refuse("this number is too long", found.start(), "round it")
        self._add("number", text, found.start())

    def _symbol(self, found: re.Match[str]) -> None:
        text, start = found.group(), found.start()
        entry = SYMBOLS.get(text)
        if entry is None:
            self._unlisted(text, start)
        elif text == "{" and self.source.startswith("\\", self.position):
            self._brace_with_switch(start)
        elif text == "\\\\":
            self._row(start)
        elif text == "||":
            self._add("bar", "norm", start, "pair")
        else:
            self._add(entry[0], entry[1], start)

    def _unlisted(self, text: str, start: int) -> None:
        if text in _CAPITALS:
            self._capital(text, start)
            return
        if _BLACKBOARD.match(text):
            self._add("name", _BLACKBOARD_LETTERS[text], start, "blackboard")
            return
        if text.isalpha():
            raise self._refuse(
                f"{text} stands outside of \\text", start, f"write \\text{{{text}...}} around words"
            )
        raise self._refuse(f"{text} is not read", start, _CHARACTER_HINTS.get(text, ""))

    def _capital(self, text: str, start: int) -> None:
        """Typed as a character, Σ and Π are operators before limits and letters elsewhere."""
        operator, letter, command = _CAPITALS[text]
        limits = _SCRIPT.match(self.source, self.position)
        if limits is None:
            self._add("name", letter, start)
        elif _RANGE.match(self.source, limits.end()):
            self._add("big", operator, start)
        else:
            hint = f"write {command} for the operator, \\{letter} for the letter"
            raise self._refuse(f"this {text} may be an operator or a letter", start, hint)

    def _row(self, start: int) -> None:
        skip = _ROW_SKIP.match(self.source, self.position)
        if skip is not None:
            self.position = skip.end()
        self._add("row", "\\\\", start)

    def _brace_with_switch(self, start: int) -> None:
        """``{\\rm margin}`` is one name; any other brace opens a group."""
        switched = _SWITCHED.match(self.source, start)
        if switched is None:
            self._add("{", "{", start)
            return
        self.position = switched.end()
        font, letters = SWITCHES[switched[1]], switched[2]
        self.tokens.append(_styled(letters, font, start, self.position))

    # -- commands -----------------------------------------------------------------------------

    def _command(self, found: re.Match[str]) -> None:
        name, start = found.group()[1:], found.start()
        entry = COMMANDS.get(name)
        if entry is None:
            raise self._refuse(
                f"the command \\{name} is not known",
                start,
                _command_hint(name),
            )
        kind, text = entry
        if kind == "refused":
            raise self._refuse(f"{text} is not read", start)
        special = _SPECIAL.get(kind)
        if special is not None:
            special(self, name, start)
        else:
            self._add(kind, text, start)

    def _space(self, name: str, start: int) -> None:
        """Nothing: the command only moves ink."""

    def _dropped(self, name: str, start: int) -> None:
        argument = _ARGUMENT.match(self.source, self.position)
        if argument is None:
            raise self._refuse(f"\\{name} needs an argument in braces", start)
        self.position = argument.end()

    def _sized(self, name: str, start: int) -> None:
        """``\\left(``, ``\\right|``, ``\\bigl\\|``: a delimiter with its side."""
        found = _DELIMITER.match(self.source, self.position)
        if found is None or (entry := _delimiter(found[1])) is None:
            raise self._refuse(f"\\{name} needs a delimiter after it", start)
        self.position = found.end()
        if name == "middle":
            self._add("mid", entry[1], start)
            return
        kind = "open" if name == "left" or name.endswith("l") else "close"
        exact = name in ("left", "right")
        if entry[0] == "slash" or (entry[0] in ("open", "close") and entry[0] != kind):
            raise self._refuse(f"{found[1]} is on the wrong side", start, "turn it round")
        self._add(kind, entry[1], start, "exact" if exact else "italic")

    def _words(self, name: str, start: int) -> None:
        """``\\text{...}``: words, and mathematics between dollars."""
        argument = _ARGUMENT.match(self.source, self.position)
        if argument is None:
            raise self._refuse(f"\\{name} needs words in braces", start)
        content, inside, end = argument[1], argument.start(1), argument.end()
        if name == "textbf" and content.strip().isalnum():
            self.position = end
            self.tokens.append(Token("name", content.strip(), start, end, "bold"))
            return
        pieces = content.split("$")
        if len(pieces) % 2 == 0:
            raise self._refuse("a dollar in this text has no partner", start)
        if len(pieces) == 1:
            self.tokens += text_tokens(content, inside, (start, end))
            self.position = end
            return
        for number, piece in enumerate(pieces):
            if number % 2 == 0:
                self.tokens += text_tokens(piece, inside, None)
            else:
                self.position = inside
                self.read(inside + len(piece))
            inside += len(piece) + 1
        self.position = end

    def _font(self, name: str, start: int) -> None:
        """``\\mathbf{x}`` is one token; before anything larger the font is a token of its own."""
        font = FONTS[name]
        one = _ONE.match(self.source, self.position)
        if one is not None:
            self.position = one.end()
            self._add("name", one[1], start, font)
            return
        argument = _ARGUMENT.match(self.source, self.position)
        if argument is not None and _PLAIN_WORDS.fullmatch(argument[1]):
            word = _MATH_SPACE.sub("", argument[1]).replace("\\_", "_")
            if _is_one_name(word, font, argument[1]):
                self.position = argument.end()
                self.tokens.append(_styled(word, font, start, self.position))
                return
        if self.source.startswith("*", self.position):
            self.position += 1  # \operatorname*
        self._add("font", font, start)

    def _begin(self, name: str, start: int) -> None:
        found = _ENVIRONMENT.match(self.source, self.position)
        if found is None:
            raise self._refuse(f"\\{name} needs the name of an environment in braces", start)
        self.position = found.end()
        environment = found[1]
        place = _PLACE.match(self.source, self.position) if name == "begin" else None
        self.position = place.end() if place is not None else self.position
        if name == "begin" and environment.rstrip("*") in ("array", "alignat", "alignedat"):
            columns = _COLUMNS.match(self.source, self.position)
            self.position = columns.end() if columns is not None else self.position
        self._add(name, environment, start)

    def _negated(self, name: str, start: int) -> None:
        found = _NOT.match(self.source, self.position)
        relation = None
        if found is not None:
            entry = COMMANDS.get(found[1]) if found[1] else SYMBOLS.get(found[2])
            relation = NEGATIONS.get(entry[1]) if entry and entry[0] == "relation" else None
        if found is None or relation is None:
            raise self._refuse("\\not stands before a relation", start, "write \\neq or \\notin")
        self.position = found.end()
        self._add("relation", relation, start)

    def _arg(self, name: str, start: int) -> None:
        found = _ARG.match(self.source, self.position)
        if found is None:
            raise self._refuse("\\arg stands before \\max or \\min", start)
        self.position = found.end()
        self._add("extremum", "arg" + found[1], start)

    def _stacked(self, name: str, start: int) -> None:
        """``\\overset{\\text{def}}{=}``: the relation, whatever stands over it."""
        found = _STACKED.match(self.source, self.position)
        below = (found[1] or found[2]) if found is not None else ""
        entry = COMMANDS.get(below[1:]) if below.startswith("\\") else SYMBOLS.get(below)
        if found is None or entry is None or entry[0] != "relation":
            raise self._refuse(f"\\{name} is read over a relation only", start)
        self.position = found.end()
        self._add("relation", ":=" if entry[1] == "=" else entry[1], start)


def _command_hint(name: str) -> str:
    close = difflib.get_close_matches(name[:30], COMMANDS, n=1, cutoff=0.7)
    written = f"if it is a symbol, write \\text{{{name}}}"
    return f"did you mean \\{close[0]}? {written}" if close else written


_INSIDE = "give the formula without the marks of the document around it"
_CHARACTER_HINTS = {
    "$": _INSIDE,
    "#": "a document's mark has no place in a formula",
    "√": "write \\sqrt{...}",
    '"': "put words into \\text{...}",
    "`": "put words into \\text{...}",
}

_SPECIAL = {
    "space": _Lexer._space,
    "dropped": _Lexer._dropped,
    "sized": _Lexer._sized,
    "words": _Lexer._words,
    "font": _Lexer._font,
    "begin": _Lexer._begin,
    "end": _Lexer._begin,
    "not": _Lexer._negated,
    "arg": _Lexer._arg,
    "stacked": _Lexer._stacked,
}


def _delimiter(written: str) -> tuple[str, str] | None:
    return DELIMITERS.get(written) or SYMBOLS.get(written)


def _styled(word: str, font: str, start: int, end: int) -> Token:
    """A word in a font; upright words may be functions."""
    if font == "roman" and len(word) > 1:
        return word_token(word, start, end)
    return Token("name", word, start, end, font)


def _is_one_name(word: str, font: str, written: str) -> bool:
    """Whether the letters in a font command are one name rather than a product of letters.

    ``\\mathrm{KL}`` and ``\\mathbf{MLP}`` are names; ``\\mathbf{Wx}`` is W times x.
    """
    if not word or not word[0].isalnum() or ("_" in word and "\\_" not in written):
        return False
    if "-" in word or "*" in word:
        return font == "roman" and "*" not in word
    return font == "roman" or len(word) != 2 or word in WORDS or word in SUBSCRIPT_WORDS


def _joined_words(words: frozenset[str]) -> re.Pattern[str] | None:
    """Words with digits or underscores (``x1``, ``kernel_size``), which no run of letters is.

    A word such as ``p_t`` stays a subscript: its pieces are single letters or numbers.
    """
    joined = [
        word
        for word in words
        if re.fullmatch(r"[A-Za-z]+\d+|\w*[A-Za-z]{2,}", word) and not word.isalpha()
    ]
    if not joined:
        return None
    longest_first = sorted(joined, key=len, reverse=True)
    return re.compile(rf"(?:{'|'.join(map(re.escape, longest_first))})(?![A-Za-z0-9_])")
