"""The place in the tokens, what surrounds it, and the words of a refusal."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from torchtex.notation.ambiguous import Decisions
from torchtex.notation.errors import NotRead
from torchtex.notation.parsing.kinds import ARGUMENT_GROUPS, STRENGTH
from torchtex.notation.syntax import Node, Span
from torchtex.notation.tokens import Token

_LOOKAHEAD = 4  # tokens after the last one that may be asked for


class Cursor(ABC):
    """A cursor over the tokens of one statement.

    The readers of groups, scripts, functions, ... build on it; what they need of one another is
    declared here.
    """

    def __init__(
        self, source: str, tokens: Sequence[Token], words: frozenset[str], decisions: Decisions
    ) -> None:
        self.source = source
        self.tokens = [_joining(token) if token.kind == "keyword" else token for token in tokens]
        end = tokens[-1].end
        self.tokens += [Token("stop", "", end, end)] * _LOOKAHEAD
        self.words = words
        self.decisions = decisions
        self.position = 0
        self.depth = 0
        self.font = ""  # of the font command or switch around this place
        self.enclosing: list[str] = []  # the delimiters around this place
        self.bound: list[frozenset[tuple[str, int]]] = []  # letters of the big operators around it
        self.taken_from = (-1, "")  # where a function or sum begins to read, and which of the two
        self._bars: Mapping[tuple[int, str], int] | None = None

    @property
    def current(self) -> Token:
        return self.tokens[self.position]

    @property
    def last_end(self) -> int:
        return self.tokens[self.position - 1].end

    def _since(self, start: int) -> Span:
        return Span(start, self.tokens[self.position - 1].end)

    def _refuse(self, where: Span, message: str, hint: str = "") -> NotRead:
        return NotRead(message, where, self.source, hint)

    def _unexpected(self, token: Token) -> NotRead:
        written = self.source[token.start : token.end]
        if token.kind == "stop":
            return self._nothing_here()
        if token.kind == "keyword":
            hint = "write both cases in \\begin{cases} ... \\end{cases}"
            return self._refuse(token.span, "a condition stands beside the formula", hint)
        if token.kind in ("close", "}"):
            return self._refuse(token.span, f"this {written} closes nothing")
        if token.kind == "bar":
            return self._refuse(token.span, f"this {written} has no partner")
        if token.kind == "amp":
            return self._refuse(token.span, "& separates columns; it has no place here")
        return self._refuse(token.span, f"{written} is not read here")

    def _nothing_here(self) -> NotRead:
        """An operand is needed and none begins here."""
        token = self.current
        if token.kind == "stop":
            before = self.tokens[max(self.position - 1, 0)]
            return self._refuse(before.span, "something is missing after this")
        if token.kind in ("keyword", "}", "close") or token.kind not in STRENGTH:
            return self._unexpected(token)
        written = self.source[token.start : token.end]
        return self._refuse(token.span, f"something is missing before {written}")

    def _group_ahead(self) -> bool:
        return self.current.kind == "open" and self.current.text in ARGUMENT_GROUPS

    # -- what the whole parser provides -------------------------------------------------------

    @abstractmethod
    def expression(self, level: int = 0) -> Node:
        """Operands and infix operators that bind tighter than ``level``."""

    @abstractmethod
    def factor(self) -> Node:
        """One operand with its scripts, and the group it is applied to."""

    @abstractmethod
    def operand(self, token: Token) -> Node:
        """The operand that ``token``, which the cursor has passed, begins.

        Raises NotRead if it begins none.
        """


def _joining(token: Token) -> Token:
    """The keywords *and* and *or* are operators inside a statement."""
    return token._replace(kind="logical") if token.text in ("and", "or") else token
