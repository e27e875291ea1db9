"""Environments with rows: cases and matrices."""

from __future__ import annotations

from torchtex.notation.dictionary import CASE_ENVIRONMENTS, MATRIX_ENVIRONMENTS
from torchtex.notation.errors import NotRead
from torchtex.notation.parsing.big_operators import BigOperatorReader
from torchtex.notation.parsing.kinds import RELATION
from torchtex.notation.parsing.lists import all_of
from torchtex.notation.syntax import Case, Cases, Group, Matrix, Node
from torchtex.notation.tokens import Token


class TableReader(BigOperatorReader):
    """Reads cases and matrices."""

    def environment(self, token: Token) -> Node:
        if token.text in CASE_ENVIRONMENTS:
            return self._cases(token)
        if token.text in MATRIX_ENVIRONMENTS:
            return self._matrix(token)
        raise self._refuse(token.span, f"the environment {token.text} is not read here")

    def _cases(self, token: Token) -> Node:
        self.enclosing.append("cases")
        rows: list[Case] = []
        while not self._environment_ends(token):
            rows.append(self._case(token))
            if self.current.kind not in ("row", "end"):
                raise self._wrong_row(token)
        self.enclosing.pop()
        if not rows:
            raise self._refuse(token.span, "there are no cases here")
        return Cases(tuple(rows), self._since(token.start))

    def _environment_ends(self, token: Token) -> bool:
        """Go past line ends and the end of the environment; whether it ended."""
        while self.current.kind == "row":
            self.position += 1
        if self.current.kind != "end":
            if self.current.kind == "stop":
                raise self._never_ends(token)
            return False
        if self.current.text != token.text:
            raise self._never_ends(token)
        self.position += 1
        return True

    def _never_ends(self, token: Token) -> NotRead:
        return self._refuse(token.span, f"\\begin{{{token.text}}} is never closed")

    def _wrong_row(self, token: Token) -> NotRead:
        if self.current.kind == "stop":
            return self._never_ends(token)
        return self._unexpected(self.current)

    def _case(self, token: Token) -> Case:
        """One row of the environment that ``token`` begins."""
        while self.current.kind == "amp":
            self.position += 1
        start = self.current.start
        value = self.expression(RELATION)
        marked = self._pass_punctuation()
        keyword = self._keyword()
        if keyword == "otherwise":
            self._pass_punctuation()
            return Case(value, None, True, self._since(start))
        if self.current.kind in ("row", "end"):
            return Case(value, None, False, self._since(start))
        if self.current.kind == "stop":
            raise self._never_ends(token)
        if not marked and keyword is None:
            raise self._refuse(
                self.current.span, "a condition begins here", "put & or \\text{if} before it"
            )
        condition = self._condition()
        return Case(value, condition, False, self._since(start))

    def _condition(self) -> Node:
        """Conditions joined by commas hold together."""
        items = [self.expression()]
        while self._pass_punctuation():
            if self.current.kind in ("row", "end"):
                break
            self._keyword()
            items.append(self.expression())
        return all_of(items)

    def _pass_punctuation(self) -> bool:
        start = self.position
        while self.current.kind in ("comma", "semicolon", "period", "amp", "colon"):
            self.position += 1
        return self.position > start

    def _keyword(self) -> str | None:
        token = self.current
        if token.kind != "keyword":
            return None
        self.position += 1
        self._pass_punctuation()
        return token.text

    def _matrix(self, token: Token) -> Node:
        self.enclosing.append("matrix")
        rows: list[tuple[Node, ...]] = []
        while not self._environment_ends(token):
            rows.append(self._matrix_row())
            if self.current.kind not in ("row", "end"):
                raise self._wrong_row(token)
        self.enclosing.pop()
        span = self._since(token.start)
        if not rows or len({len(row) for row in rows}) > 1:
            raise self._refuse(token.span, "the rows of this matrix differ in length")
        matrix = Matrix(tuple(rows), span)
        bars = {"vmatrix": "|", "Vmatrix": "norm"}.get(token.text)
        return matrix if bars is None else Group(bars, (matrix,), span)

    def _matrix_row(self) -> tuple[Node, ...]:
        cells = [self.expression()]
        while self.current.kind == "amp":
            self.position += 1
            cells.append(self.expression())
        return tuple(cells)
