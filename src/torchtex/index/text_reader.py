"""Reading the text form: terms and expressions from one line, with positions in errors."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TypeVar

from torchtex.index.errors import MAX_DEPTH, IllFormed, NotParsed
from torchtex.index.inference import infer_tensors
from torchtex.index.operators import CONSTANTS, OPERATORS
from torchtex.index.terms import (
    Apply,
    Call,
    Comprehension,
    Constant,
    Definition,
    Element,
    Expression,
    Index,
    Number,
    Piecewise,
    Recurrence,
    Reduce,
    Size,
    Tensor,
    Term,
)
from torchtex.index.text_lexer import Token, tokens
from torchtex.index.text_writer import COMPARISON, INFIX, OR, UNARY

_SYMBOLS = {OPERATORS[name].symbol: name for name in INFIX}
_NARY = ("add", "multiply", "and", "or")
Bound = tuple[Index, ...]


Result = TypeVar("Result")


def parse_term(source: str, bound: Bound = ()) -> Term:
    """The term that ``source`` is.  ``bound``: the indices around it, outermost first.

    Raises NotParsed, with the position.
    """
    reader = _Reader(source)
    return reader.whole(lambda: reader.term(OR, bound))


def parse_expression(source: str) -> Expression:
    """The expression that ``source`` is: statements separated by semicolons or new lines.

    Inputs that are not declared are inferred from the indices they are taken at.
    Raises NotParsed, with the position.
    """
    reader = _Reader(source)
    return reader.whole(reader.expression)


class _Reader:
    """Reads tokens from left to right; ``depth`` counts the terms around the one being read."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.tokens = tokens(source)
        self.next = 0
        self.depth = 0

    def whole(self, read: Callable[[], Result]) -> Result:
        """What ``read`` gives, if it uses up the source."""
        self._skip_newlines()
        try:
            result = read()
        except RecursionError:
            raise self._error(f"nested more than {MAX_DEPTH} levels deep") from None
        self._skip_newlines()
        if self._token.kind != "end":
            raise self._error("the term ends before this")
        return result

    # Tokens

    @property
    def _token(self) -> Token:
        return self.tokens[self.next]

    def _ahead(self, count: int) -> Token:
        return self.tokens[min(self.next + count, len(self.tokens) - 1)]

    def _error(self, message: str) -> NotParsed:
        return NotParsed(message, self.source, self._token.position)

    def _advance(self) -> Token:
        token = self._token
        self.next += token.kind != "end"
        return token

    def _at(self, text: str) -> bool:
        return self._token.kind == "symbol" and self._token.text == text

    def _at_word(self, text: str) -> bool:
        return self._token.kind == "name" and self._token.text == text

    def _accept(self, text: str) -> bool:
        found = self._at(text)
        self.next += found
        return found

    def _expect(self, text: str) -> None:
        if not self._accept(text):
            raise self._error(f"expected {text!r}")

    def _name(self) -> str:
        if self._token.kind not in ("name", "quoted"):
            raise self._error("expected a name")
        return self._advance().text

    def _skip_newlines(self) -> None:
        while self._token.kind == "newline":
            self.next += 1

    def _list(self, closing: str, read: Callable[[], Result]) -> tuple[Result, ...]:
        """Items between commas, up to and with the closing bracket."""
        if self._accept(closing):
            return ()
        items = [read()]
        while self._accept(","):
            items.append(read())
        self._expect(closing)
        return tuple(items)

    # Statements

    def expression(self) -> Expression:
        declared: list[Tensor] = []
        assignments: list[Definition] = []
        while self._token.kind != "end":
            if self._ahead(1).text == ":" and self._ahead(1).kind == "symbol":
                declared.append(self._declaration())
            else:
                assignments.append(self._assignment())
            self._end_of_statement()
        if not assignments:
            raise self._error("expected a definition such as l[n:N] = ...")
        *definitions, result = assignments
        try:
            tensors = infer_tensors(tuple(declared), tuple(definitions), result)
        except IllFormed as refusal:
            raise NotParsed(str(refusal), self.source, 0) from None
        return Expression(tensors, tuple(definitions), result.indices, result.body)

    def _end_of_statement(self) -> None:
        if self._token.kind not in ("newline", "end") and not self._at(";"):
            raise self._error("expected ; or the end")
        while self._token.kind == "newline" or self._at(";"):
            self.next += 1

    def _declaration(self) -> Tensor:
        name = self._name()
        self._expect(":")
        sort = self._name()
        labels = None
        if sort not in ("real", "integer", "label"):
            raise self._error("expected real, integer or label before this")
        if sort == "label" or (sort == "integer" and self._at_word("label")):
            self.next += sort == "integer"
            self._expect("(")
            labels = self.size()
            self._expect(")")
        extents = self._list("]", self.size) if self._accept("[") else ()
        return Tensor(name, extents, labels, sort == "integer")

    def _assignment(self) -> Definition:
        name = self._name()
        indices = self._list("]", self._binder) if self._accept("[") else ()
        self._expect("=")
        return Definition(name, indices, self.term(OR, indices))

    # Sizes

    def size(self) -> Size:
        """A sum of multiples of free sizes: ``2N - 1``, ``C/2``."""
        total = self._multiple(-1 if self._accept("-") else 1)
        while self._at("+") or self._at("-"):
            sign = 1 if self._advance().text == "+" else -1
            total = total + self._multiple(sign)
        return total

    def _multiple(self, sign: int) -> Size:
        factor = Fraction(sign)
        is_number = self._token.kind == "number"
        if is_number:
            factor *= self._number()
        if self._token.kind in ("name", "quoted"):
            size = Size.free(self._name())
        elif is_number:
            size = Size.fixed(1)
        else:
            raise self._error("expected a size")
        if self._accept("/"):
            divisor = self._number()
            if divisor == 0:
                raise self._error("a size is divided by zero before this")
            factor /= divisor
        return size * factor

    def _number(self) -> Fraction:
        if self._token.kind != "number":
            raise self._error("expected a number")
        return Fraction(self._advance().text)

    def _binder(self) -> Index:
        name = self._name()
        self._expect(":")
        return Index(name, self.size())

    # Terms

    def term(self, level: int, bound: Bound) -> Term:
        """A term whose operators bind at least as tightly as ``level``."""
        self.depth += 1
        if self.depth > 2 * MAX_DEPTH:  # a bracket takes a level of its own
            raise self._error(f"nested more than {MAX_DEPTH} levels deep")
        left = self._infixes(level, self._prefix(bound), bound)
        self.depth -= 1
        return left

    def _infixes(self, level: int, left: Term, bound: Bound) -> Term:
        running = ""  # the n-ary operator whose chain ``left`` is
        compared = False
        while (operator := self._infix()) is not None and INFIX[operator] >= level:
            if INFIX[operator] == COMPARISON and compared:
                raise self._error("comparisons do not chain; join them with and")
            self.next += 1
            right = self.term(_right_level(operator), bound)
            if operator == running:
                assert isinstance(left, Apply)
                left = Apply(operator, (*left.arguments, right))
            else:
                left = Apply(operator, (left, right))
            running = operator if operator in _NARY else ""
            compared = compared or INFIX[operator] == COMPARISON
        return left

    def _infix(self) -> str | None:
        token = self._token
        if token.kind == "symbol" or token.text in ("and", "or"):
            return _SYMBOLS.get(token.text) if token.kind != "quoted" else None
        return None

    def _prefix(self, bound: Bound) -> Term:
        if not self._accept("-"):
            return self._atom(bound)
        negative = self._token.kind == "number" and self._ahead(1).text != "^"
        if negative:
            return Number(-self._number())
        return Apply("negate", (self.term(UNARY, bound),))

    def _atom(self, bound: Bound) -> Term:
        token = self._token
        if token.kind == "number":
            return Number(self._number())
        if token.kind in ("name", "quoted"):
            return self._named(bound)
        if self._accept("("):
            inner = self._argument(bound)
            self._expect(")")
            return inner
        if self._accept("#"):
            return self._size_term()
        if self._accept("{"):
            index = self._binder()
            self._expect("}")
            return index
        raise self._error("expected a term")

    def _size_term(self) -> Size:
        if self._accept("("):
            size = self.size()
            self._expect(")")
            return size
        if self._token.kind == "number":
            return Size.fixed(self._number())
        return Size.free(self._name())

    def _named(self, bound: Bound) -> Term:
        token = self._token
        if token.kind == "name" and token.text in ("and", "or", "else"):
            raise self._error("expected a term")
        name = self._name()
        if self._accept("("):
            return self._applied(token, bound)
        if self._accept("["):
            return Element(name, self._list("]", lambda: self.term(OR, bound)))
        for index in reversed(bound):
            if index.name == name:
                return index
        return Constant(name) if name in CONSTANTS and token.kind == "name" else Element(name, ())

    def _applied(self, token: Token, bound: Bound) -> Term:
        """What stands behind ``name(``."""
        name = token.text
        if self._ahead(1).text == ":" and self._token.kind in ("name", "quoted"):
            return self._reduction(name, bound)
        if token.kind == "name":
            match name:
                case "case":
                    return self._cases(bound)
                case "repeat":
                    return self._recurrence(bound)
                case "rational":
                    return self._rational()
                case "constant":
                    return self._constant()
        arguments = self._list(")", lambda: self._argument(bound))
        if name in OPERATORS:
            return Apply(name, arguments)
        return Call(name, arguments, self._positions(bound))

    def _positions(self, bound: Bound) -> tuple[Term, ...]:
        return self._list("]", lambda: self.term(OR, bound)) if self._accept("[") else ()

    def _reduction(self, operator: str, bound: Bound) -> Reduce:
        index = self._binder()
        inner = (*bound, index)
        guard = self.term(OR, inner) if self._accept("|") else None
        self._expect(",")
        body = self.term(OR, inner)
        self._expect(")")
        return Reduce(operator, index, body, guard)

    def _argument(self, bound: Bound) -> Term:
        """A term, or a tensor given by its element: ``(k:C) -> z[k]``."""
        if not self._comprehends():
            return self.term(OR, bound)
        self._expect("(")
        indices = self._list(")", self._binder)
        self._expect("->")
        return Comprehension(indices, self.term(OR, bound + indices))

    def _comprehends(self) -> bool:
        if not self._at("("):
            return False
        if self._ahead(1).text == ")":
            return self._ahead(2).text == "->"
        named = self._ahead(1).kind in ("name", "quoted")
        return named and self._ahead(2).kind == "symbol" and self._ahead(2).text == ":"

    def _cases(self, bound: Bound) -> Piecewise:
        cases: list[tuple[Term, Term]] = []
        otherwise = None
        while not self._accept(")"):
            if self._at_word("else"):
                self.next += 1
                otherwise = self.term(OR, bound)
                self._expect(")")
                break
            condition = self.term(OR, bound)
            self._expect("->")
            cases.append((condition, self.term(OR, bound)))
            if not self._at(")"):
                self._expect(",")
        return Piecewise(tuple(cases), otherwise)

    def _rational(self) -> Number:
        sign = -1 if self._accept("-") else 1
        numerator = self._number()
        self._expect(",")
        denominator = self._number()
        if denominator == 0:
            raise self._error("a rational number is over zero before this")
        self._expect(")")
        return Number(sign * numerator / denominator)

    def _constant(self) -> Constant:
        name = self._name()
        self._expect(")")
        return Constant(name)

    def _recurrence(self, bound: Bound) -> Recurrence:
        state = self._name()
        self._expect("[")
        indices = self._list("]", self._binder)
        self._expect("=")
        inner = bound + indices
        initial = self.term(OR, inner)
        self._expect(";")
        step = self._binder()
        self._expect("->")
        following = self.term(OR, (*inner, step))
        self._expect(";")
        count = self.term(OR, bound)
        self._expect(")")
        return Recurrence(state, indices, initial, step, following, count, self._positions(bound))


def _right_level(operator: str) -> int:
    """How tightly the right argument binds: ``a^b^c`` is ``a^(b^c)``, ``a^-b`` is read too."""
    return UNARY if operator == "power" else INFIX[operator] + 1
