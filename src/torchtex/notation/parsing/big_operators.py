"""Big operators: what stands under and over them, and how far they reach."""

from __future__ import annotations

from collections.abc import Sequence

from torchtex.notation.dictionary import EXTREMA
from torchtex.notation.occurrence import occurs_free
from torchtex.notation.parsing.calls import FunctionReader
from torchtex.notation.parsing.kinds import ADDITIVE
from torchtex.notation.ranges import Limit, letters_of, ranges_of
from torchtex.notation.syntax import BigOperator, Infix, Node, Relation, Span
from torchtex.notation.tokens import Token


class BigOperatorReader(FunctionReader):
    """Reads sums, products and extrema over an index."""

    def extremum(self, token: Token) -> Node:
        """``\\max_k z_k`` runs over an index; ``\\max(a, b)`` is a function."""
        if self.current.kind == "_":
            return self._reduction(token, EXTREMA[token.text])
        return self.function(token)

    def big(self, token: Token) -> Node:
        return self._reduction(token, token.text)

    def _reduction(self, token: Token, operator: str) -> Node:
        limits: list[Limit] | None = None
        upper: Node | None = None
        while (script := self.current).kind in ("_", "^"):
            self.position += 1
            if script.kind == "_" and limits is None:
                limits = self._limits()
            elif script.kind == "^" and upper is None:
                upper = self._exponent(script)
            else:
                raise self._refuse(script.span, "a second limit at this place")
        return self._over(token, operator, limits or [], upper)

    def underset(self, token: Token) -> Node:
        """``\\underset{k}{\\arg\\max} z_k``."""
        limits = self._limits()
        braced = self.current.kind == "{"
        self.position += braced
        operator = self.current
        self.position += 1
        if operator.kind not in ("extremum", "big") or (braced and self.current.kind != "}"):
            raise self._refuse(token.span, "\\underset is read under \\max and \\sum only")
        self.position += braced
        kind = EXTREMA[operator.text] if operator.kind == "extremum" else operator.text
        return self._over(token, kind, limits, None)

    def _over(self, token: Token, operator: str, limits: list[Limit], upper: Node | None) -> Node:
        span = self._since(token.start)
        if upper is not None and token.kind == "extremum" and not _has_lower(limits):
            hint = "write \\max_{i=1}^{n}, or parentheses around what is raised"
            raise self._refuse(upper.span, "this may be a limit or an exponent", hint)
        ranges = ranges_of(limits, upper, span)
        letters = letters_of(ranges, frozenset().union(*self.bound))
        self.bound.append(letters)
        body = self._body(token, letters)
        self.bound.pop()
        return BigOperator(operator, ranges, body, Span(token.start, body.span.end))

    def _body(self, token: Token, letters: frozenset[tuple[str, int]]) -> Node:
        """A product, then the terms after + and - that belong to it."""
        self.taken_from = (self.position, "sum")
        body = self.expression(ADDITIVE)
        if self.current.kind != "additive":
            return body
        readings = ("while-index-occurs", "one-term", "to-the-end")
        reach = self.decisions.take("sum-scope", token.span, *readings)
        while (sign := self.current).kind == "additive" and self._reaches(reach, letters):
            if sign.text in ("\\pm", "\\mp"):
                raise self._two_signs(sign)
            self.position += 1
            right = self.expression(ADDITIVE)
            span = Span(body.span.start, right.span.end)
            body = Infix(sign.text, body, right, span, sign.span)
        return body

    def _reaches(self, reach: str, letters: frozenset[tuple[str, int]]) -> bool:
        if reach == "while-index-occurs":
            return bool(letters) and occurs_free(self.tokens, self.position, letters)
        return reach == "to-the-end"

    def _limits(self) -> list[Limit]:
        """The items under a big operator, one for each comma or line."""
        opener = self.current
        self.position += 1
        if opener.kind == "substack":
            opener = self.current
            self.position += 1
        if opener.kind != "{":
            return [Limit(self._single(opener))]
        if self.current.kind == "substack":
            limits = self._limits()
            if self.current.kind != "}":
                raise self._unexpected(self.current)
            self.position += 1
            return limits
        return self._limit_items(opener)

    def _limit_items(self, opener: Token) -> list[Limit]:
        self.enclosing.append("{")
        limits: list[Limit] = []
        guards = False
        while self.current.kind != "}":
            limits.append(Limit(self.expression(), guards))
            separator = self.current.kind
            if separator in ("colon", "mid", "bar"):
                guards = True
            elif separator not in ("comma", "semicolon", "row"):
                break
            self.position += 1
        self._close_brace(opener)
        if not limits:
            raise self._refuse(self._since(opener.start), "nothing stands under this operator")
        return limits


def _has_lower(limits: Sequence[Limit]) -> bool:
    """Whether an index under the operator starts at a written limit."""
    return any(isinstance(limit.node, Relation) and "=" in limit.node.operators for limit in limits)
