"""The parser: tokens to the syntax tree, by operator precedence.

From loosest to tightest: *and* and *or*, relations, + and -, written products, a sign,
juxtaposition and slashes, functions without parentheses, scripts.  Each kind of token that begins
an operand has one row in ``_OPERANDS``; each infix operator has one in ``_STRENGTH``.  Ambiguous
places follow the table of ``ambiguous.py``.  The parser never goes back, so it takes linear time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType

import attrs

from torchtex.notation.ambiguous import Decisions
from torchtex.notation.bars import bars_from
from torchtex.notation.depth import MAX_TREE_DEPTH, check_depth, everything
from torchtex.notation.derivatives import derivative, is_differential, uses_letter_d
from torchtex.notation.dictionary import (
    CASE_ENVIRONMENTS,
    EXTREMA,
    MATRIX_ENVIRONMENTS,
)
from torchtex.notation.errors import NotRead
from torchtex.notation.lexer import MAX_NESTING, tokenize
from torchtex.notation.occurrence import occurs_free
from torchtex.notation.ranges import Limit, letters_of, ranges_of
from torchtex.notation.scripts import accented, primed, raised, takes_group
from torchtex.notation.statements import statements
from torchtex.notation.syntax import (
    Application,
    BigOperator,
    Case,
    Cases,
    Derivative,
    Document,
    Ellipsis_,
    Fraction_,
    Group,
    Indicator,
    Infix,
    Juxtaposition,
    Logical,
    Matrix,
    Missing,
    Name,
    Node,
    NumberLiteral,
    Postfix,
    Power,
    Prefix,
    Relation,
    Root,
    Span,
    Subscript,
    Superscript,
    TextLiteral,
    Transpose,
)
from torchtex.notation.tokens import Token
from torchtex.notation.visible import hides_grouping
from torchtex.notation.words import SUBSCRIPT_WORDS

NO_CHOICES: Mapping[tuple[str, int], str] = MappingProxyType({})

_LOGICAL, _RELATION, _ADDITIVE, _TIMES = 1, 2, 3, 4
_STRENGTH: Mapping[str, int] = MappingProxyType(
    {"logical": _LOGICAL, "relation": _RELATION, "additive": _ADDITIVE, "times": _TIMES}
)
_LOOKAHEAD = 4  # tokens after the last one that may be asked for
_SCRIPTS = frozenset(["_", "^", "prime"])
_POSTFIX = _SCRIPTS | {"bang", "open"}
_ARGUMENT_GROUPS = frozenset(["(", "[", "{"])
_LABELS = frozenset(["*", "+", "-", "\\star", "\\circ", "\\times", "\\oplus"])
_LETTERS = frozenset(["name"])
_NO_LONGER_ARGUMENT = frozenset(["function", "extremum", "big", "text", "nabla"])
_AFTER_BARE_FUNCTION = frozenset(["}", "comma"])


def parse(
    latex: str,
    words: frozenset[str] = frozenset(),
    choices: Mapping[tuple[str, int], str] = NO_CHOICES,
) -> Document:
    """The syntax tree of ``latex``.

    ``words`` are runs of letters that are one name without ``\\text``.  ``choices`` gives, by row
    and first character of an :class:`Ambiguity`, another reading of that place.
    Raises :class:`NotRead` with the span of what is not read.
    """
    tokens = tokenize(latex, words)
    decisions = Decisions(choices)
    found = [
        _Parser(latex, piece, words, decisions).statement() for piece in statements(tokens, latex)
    ]
    kept = tuple(node for node in found if not isinstance(node, Missing | Ellipsis_))
    if not kept:
        raise NotRead("there is no formula here", Span(0, min(1, len(latex))), latex)
    if len(tokens) > MAX_TREE_DEPTH:
        check_depth(kept, latex)
    if any(token.kind == "partial" for token in tokens):
        _check_differentials(kept, latex)
    return Document(latex, kept, tuple(decisions.met))


class _Parser:
    """A cursor over the tokens of one statement."""

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

    # -- cursor -------------------------------------------------------------------------------

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
        if token.kind in ("keyword", "}", "close") or token.kind not in _STRENGTH:
            return self._unexpected(token)
        written = self.source[token.start : token.end]
        return self._refuse(token.span, f"something is missing before {written}")

    # -- statements ---------------------------------------------------------------------------

    def statement(self) -> Node:
        """A whole statement; lists may stand beside its relations: ``i, j = 1, \\dots, N``."""
        operands = [self._relation_of_lists()]
        operators: list[Token] = []
        while self.current.kind == "logical":
            operators.append(self.current)
            self.position += 1
            operands.append(self.expression(_LOGICAL))
        node = operands[0] if not operators else self._chained(operators, operands)
        if self.current.kind != "stop":
            raise self._unexpected(self.current)
        return node

    def _relation_of_lists(self) -> Node:
        operands = [self._side()]
        operators: list[str] = []
        while self.current.kind == "relation":
            operators.append(self.current.text)
            self.position += 1
            operands.append(self._side())
        if not operators:
            return operands[0]
        operands = [operands[0], *(_as_range(operand) for operand in operands[1:])]
        return Relation(tuple(operators), tuple(operands), operands[0].span.to(operands[-1].span))

    def _side(self) -> Node:
        items = [self.expression(_RELATION)]
        while self.current.kind == "comma":
            self.position += 1
            items.append(self.expression(_RELATION))
        return items[0] if len(items) == 1 else _listed(items)

    # -- infix operators ----------------------------------------------------------------------

    def expression(self, level: int = 0) -> Node:
        """Operands and infix operators that bind tighter than ``level``."""
        operands = [self.product()]
        operators: list[Token] = []
        while (strength := _STRENGTH.get(self.tokens[self.position].kind, 0)) > level:
            token = self.tokens[self.position]
            if token.text in ("\\pm", "\\mp"):
                raise self._two_signs(token)
            while operators and _binds_first(operators[-1], token.kind, strength):
                self._reduce(operands, operators)
            self.position += 1
            operators.append(token)
            operands.append(self.product())
        while operators:
            self._reduce(operands, operators)
        return operands[0]

    def _two_signs(self, token: Token) -> NotRead:
        written = self.source[token.start : token.end]
        return self._refuse(token.span, f"{written} stands for two formulas", "write one of them")

    def _reduce(self, operands: list[Node], operators: list[Token]) -> None:
        """Join the last operands by the last operator; a chain of relations all at once."""
        last = operators.pop()
        right = operands.pop()
        if last.kind == "times":
            operands[-1] = _times(operands[-1], last, right)
            return
        if last.kind == "additive":
            operands[-1] = _infix(operands[-1], last, right)
            return
        chain = [last]
        joined = [right]
        while operators and operators[-1].kind == last.kind:
            chain.append(operators.pop())
            joined.append(operands.pop())
        joined.append(operands.pop())
        operands.append(self._chained(chain[::-1], joined[::-1]))

    def _chained(self, operators: list[Token], operands: list[Node]) -> Node:
        span = operands[0].span.to(operands[-1].span)
        if operators[0].kind == "relation":
            return Relation(tuple(token.text for token in operators), tuple(operands), span)
        if len({token.text for token in operators}) > 1:
            raise self._refuse(operators[1].span, "and and or are mixed", "put parentheses")
        return Logical(operators[0].text, tuple(operands), span)

    # -- products -----------------------------------------------------------------------------

    def product(self) -> Node:
        """Signs, then factors side by side and slashes: ``-a b/c d`` is ``-((a b)/c) d``."""
        signs: list[Token] = []
        while self.tokens[self.position].kind == "additive":
            signs.append(self.tokens[self.position])
            self.position += 1
        factors = [self.factor()]
        while True:
            kind = self.tokens[self.position].kind
            if kind in _OPERANDS:
                if not self._begins_factor():
                    break
                factors.append(self.factor())
            elif kind == "slash":
                factors = self._divided(factors)
            else:
                break
        node = factors[0] if len(factors) == 1 else self._joined(factors)
        for sign in reversed(signs):
            if sign.text in ("\\pm", "\\mp"):
                raise self._two_signs(sign)
            node = Prefix(sign.text, node, Span(sign.start, node.span.end))
        return node

    def _begins_factor(self) -> bool:
        """Whether a factor begins here, after another one."""
        token = self.tokens[self.position]
        if token.kind != "bar":
            return token.kind in _OPERANDS
        if self.enclosing and self.enclosing[-1] == token.text:
            return False
        if token.font == "pair" and self.enclosing and self.enclosing[-1] == "|":
            return False
        if self._bars is None:
            self._bars = bars_from(self.tokens)
        return self._bars.get((self.position, token.text), 0) % 2 == 0

    def _joined(self, factors: list[Node]) -> Node:
        """Factors side by side; ``\\frac{d}{dx}`` takes those after it."""
        shown = [factor for factor in factors if not isinstance(factor, Missing)]
        kept = shown or factors[:1]
        joined: list[Node] = []  # from the right
        for factor in reversed(kept):
            waits = isinstance(factor, Derivative) and isinstance(factor.numerator, Missing)
            if joined and waits and isinstance(factor, Derivative):
                inner = _side_by_side(joined[::-1])
                span = factor.span.to(inner.span)
                joined = [Derivative(inner, factor.variables, span)]
            else:
                joined.append(factor)
        return _side_by_side(joined[::-1])

    def _divided(self, factors: list[Node]) -> list[Node]:
        """The factors so far over what the slash takes."""
        slash = self.tokens[self.position]
        self.position += 1
        if self.current.kind == "slash":
            both = Span(slash.start, self.current.end)
            raise self._refuse(both, "// is not read", "write \\lfloor a/b \\rfloor")
        first = self.factor() if self.current.kind != "additive" else self._signed_factor()
        last = factors[-1]
        if is_differential(last.factors[0] if isinstance(last, Juxtaposition) else last):
            found = derivative(last, first, last.span.to(first.span))
            if found is not None:
                return [*factors[:-1], found]
        numerator = factors[0] if len(factors) == 1 else self._joined(factors)
        denominator = self._denominator(numerator, first, slash)
        span = Span(numerator.span.start, denominator.span.end)
        return [Infix("/", numerator, denominator, span, slash.span)]

    def _signed_factor(self) -> Node:
        sign = self.current
        self.position += 1
        operand = self.factor()
        return Prefix(sign.text, operand, Span(sign.start, operand.span.end))

    def _denominator(self, numerator: Node, first: Node, slash: Token) -> Node:
        """``x/2\\tau`` is x over 2 tau; any other denominator is one factor."""
        if not self._begins_factor():
            return first
        letters = isinstance(first, NumberLiteral) and self._letter_ahead()
        if letters and not isinstance(numerator, NumberLiteral):
            readings: tuple[str, ...] = ("number-and-letters", "one-factor", "whole-product")
        elif letters:
            readings = ("one-factor", "number-and-letters", "whole-product")
        else:
            readings = ("one-factor", "whole-product")
        chosen = self.decisions.take("slash", slash.span, *readings)
        factors = [first]
        while chosen == "number-and-letters" and self._letter_ahead():
            factors.append(self.factor())
        while chosen == "whole-product" and self._begins_factor():
            factors.append(self.factor())
        return factors[0] if len(factors) == 1 else self._joined(factors)

    def _letter_ahead(self) -> bool:
        """Whether a letter comes next that is not before a group, where it may be a function."""
        if self.current.kind not in _LETTERS:
            return False
        place = self.position + 1
        while self.tokens[place].kind in _SCRIPTS:
            place = place + 1 if self.tokens[place].kind == "prime" else self._after_script(place)
        following = self.tokens[place]
        return not (following.kind == "open" and following.text in _ARGUMENT_GROUPS)

    def _after_script(self, place: int) -> int:
        depth = 0
        for here in range(place + 1, len(self.tokens)):
            depth += {"{": 1, "}": -1}.get(self.tokens[here].kind, 0)
            if depth == 0:
                return here + 1
        return len(self.tokens) - 1

    # -- factors ------------------------------------------------------------------------------

    def factor(self) -> Node:
        """One operand with its scripts, and the group it is applied to."""
        token = self.tokens[self.position]
        read = _OPERANDS.get(token.kind)
        if read is None:
            raise self._nothing_here()
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise self._refuse(
                token.span,
                f"this is nested more than {MAX_NESTING} levels deep",
                "write the inner part as a symbol of its own",
            )
        self.position += 1
        node = read(self, token)
        if self.tokens[self.position].kind in _POSTFIX:
            node = self._postfixed(node)
        self.depth -= 1
        return node

    def _postfixed(self, node: Node) -> Node:
        while (kind := self.current.kind) in _POSTFIX:
            if kind in _SCRIPTS:
                node = self._scripted(node)
            elif kind == "bang":
                self.position += 1
                node = Postfix("!", node, self._since(node.span.start))
            elif isinstance(node, Power) and _is_word(node.base) and self._group_ahead():
                node = self._applied(node.base, node.exponent)
            elif self._group_ahead() and takes_group(node, self.current.text):
                node = self._applied(node, None)
            else:
                break
        return node

    def _group_ahead(self) -> bool:
        return self.current.kind == "open" and self.current.text in _ARGUMENT_GROUPS

    def _scripted(self, node: Node) -> Node:
        """Subscript, superscript and primes in any order, each once."""
        start = node.span.start
        below: tuple[Node, ...] | None = None
        above: tuple[Node, ...] | None = None
        caret = self.current
        below_end = start
        while (token := self.current).kind in _SCRIPTS:
            if taken := self._primes_ahead() if token.kind != "_" else 0:
                node = self._primed(node, taken)
            elif (token.kind == "_" and below is not None) or (
                token.kind == "^" and above is not None
            ):
                raise self._refuse(token.span, "a second script at this place", "use braces")
            elif token.kind == "_":
                self.position += 1
                below = self._script()
                below_end = self.last_end
            else:
                caret = token
                self.position += 1
                above = self._script()
        if below is not None:
            node = self._subscripted(node, below, Span(start, max(below_end, node.span.end)))
        if above is not None:
            node = self._raised(node, above, caret, self._since(start))
        return node

    def _primes_ahead(self) -> int:
        """How many tokens ``'``, ``^\\prime`` or ``^{\\prime\\prime}`` take here; 0 for none."""
        kinds = self.tokens
        place = self.position + (kinds[self.position].kind == "^")
        braced = kinds[place].kind == "{"
        place += braced
        first = place
        while kinds[place].kind == "prime":
            place += 1
        if place == first or (braced and kinds[place].kind != "}"):
            return 0
        return place + braced - self.position

    def _primed(self, node: Node, taken: int) -> Node:
        first = self.current
        passed = self.tokens[self.position : self.position + taken]
        self.position += taken
        count = sum(token.kind == "prime" for token in passed)
        marked = primed(node, count, self._since(node.span.start))
        if marked is None:
            raise self._refuse(first.span, "a prime stands on a symbol only", "rename the symbol")
        return marked

    def _subscripted(self, node: Node, items: tuple[Node, ...], span: Span) -> Node:
        """A subscript; on an indicator it is the condition."""
        if isinstance(node, Name) and _is_indicator(node):
            condition = _conditions(items, node.font == "blackboard")
            if condition is not None:
                return Indicator(condition, span)
        return Subscript(node, items, span)

    def _raised(self, base: Node, items: tuple[Node, ...], caret: Token, span: Span) -> Node:
        what = raised(base, items)
        exponent = items[0] if len(items) == 1 else _listed(list(items))
        if what == "transpose or power":
            readings = ("power", "transpose") if "T" in self.words else ("transpose", "power")
            what = (
                "transpose"
                if self.decisions.take("transpose", caret.span, *readings) == "transpose"
                else "power"
            )
        if what == "transpose":
            return Transpose(base, span)
        return Superscript(base, exponent, span) if what == "label" else Power(base, exponent, span)

    def _applied(self, head: Node, power: Node | None) -> Node:
        """``head`` before a group: an application, or an indicator with its condition."""
        opener = self.current
        self.position += 1
        items, closer, separator = self._enclosed(opener)
        if closer.text not in (opener.text, "."):
            raise self._unclosed(opener)
        span = Span(head.span.start, closer.end)
        if isinstance(head, Name) and _is_indicator(head):
            condition = _conditions(items, head.font == "blackboard")
            if condition is not None:
                return Indicator(condition, span)
        return Application(head, items, opener.text, span, power, False, separator)

    # -- scripts and arguments ----------------------------------------------------------------

    def _script(self) -> tuple[Node, ...]:
        """The items of a script: one character, or a list in braces."""
        opener = self.current
        font, self.font = self.font, ""
        self.position += 1
        if opener.kind != "{":
            items: tuple[Node, ...] = (self._single(opener),)
        elif self.current.kind == "}":
            self.position += 1
            items = (Missing(self._since(opener.start)),)
        elif self._sign_alone():
            items = (self._label(self.current),)
            self.position += 2
        else:
            items = self._braced_items(opener)
        self.font = font
        return items

    def _sign_alone(self) -> bool:
        token, following = self.tokens[self.position], self.tokens[self.position + 1]
        return following.kind == "}" and (token.text in _LABELS or token.kind == "label")

    def _label(self, token: Token) -> Name:
        return Name(token.text.lstrip("\\"), token.span, "roman")

    def _braced_items(self, opener: Token) -> tuple[Node, ...]:
        self.enclosing.append("{")
        items = [self._unworded(self.expression())]
        while self.current.kind in ("comma", "semicolon"):
            self.position += 1
            items.append(self._unworded(self.expression()))
        self._close_brace(opener)
        return tuple(items)

    def _unworded(self, node: Node) -> Node:
        """``w_{in}`` under a sum over i is w at i and n, though ``in`` is a word elsewhere."""
        if not isinstance(node, Name) or node.text not in SUBSCRIPT_WORDS:
            return node
        start, end = node.span.start, node.span.end
        plain = self.source[start:end] == node.text and node.text not in self.words
        letters = [(letter, 0) for letter in node.text]
        if not plain or not any(letter in bound for bound in self.bound for letter in letters):
            return node
        names = [Name(node.text[k], Span(start + k, start + k + 1)) for k in range(len(node.text))]
        return Juxtaposition(tuple(names), node.span)

    def _close_brace(self, opener: Token) -> None:
        token = self.current
        if token.kind in ("stop", "end", "close"):
            raise self._refuse(opener.span, "this brace is never closed", "add the missing }")
        if token.kind != "}":
            raise self._unexpected(token)
        self.position += 1
        self.enclosing.pop()

    def _argument(self) -> Node:
        """What a command takes: a group in braces, or one character or command."""
        token = self.current
        self.position += 1
        return self._braced(token) if token.kind == "{" else self._single(token)

    def _single(self, token: Token) -> Node:
        """One character or command, which the cursor has passed, as a script or argument."""
        if token.kind == "number" and len(token.text) > 1:
            first = self.source[token.start]
            hint = f"only the {first} belongs to it; put braces around {token.text}"
            raise self._refuse(token.span, "several digits without braces", hint)
        if token.kind == "name" and self._is_bare_word(token):
            hint = f"put braces around {token.text}"
            raise self._refuse(token.span, "several letters without braces", hint)
        if token.text in _LABELS or token.kind == "label":
            if token.text == "-" and self.current.kind in ("number", "name", "open"):
                raise self._refuse(token.span, "a sign without braces", "put braces: ^{-1}")
            return self._label(token)
        if token.kind in ("function", "extremum"):
            return Name(token.text, token.span, "roman")
        read = _SINGLE.get(token.kind)
        if read is None:
            self.position -= 1
            raise self._nothing_here()
        return read(self, token)

    def _is_bare_word(self, token: Token) -> bool:
        return token.end - token.start > 1 and self.source[token.start].isalpha()

    def _braced(self, opener: Token) -> Node:
        """The content of braces, which group and say nothing; the cursor is after the opener."""
        self.enclosing.append("{")
        if self.current.kind == "}":
            self.position += 1
            self.enclosing.pop()
            return Missing(self._since(opener.start))
        font = self.font
        if self.current.kind == "switch":
            self.font = self.current.text
            self.position += 1
        node = self.expression()
        if self.current.kind == "over":
            self.position += 1
            below = self.expression()
            node = Fraction_(node, below, node.span.to(below.span))
        self.font = font
        self._close_brace(opener)
        return node

    # -- operands -----------------------------------------------------------------------------

    def number(self, token: Token) -> Node:
        return NumberLiteral(Fraction(token.text), Span(token.start, token.end))

    def name(self, token: Token) -> Node:
        font = self.font if self.font and token.font == "italic" else token.font
        return Name(token.text, Span(token.start, token.end), font)

    def text(self, token: Token) -> Node:
        return TextLiteral(token.text, token.span)

    def ellipsis(self, token: Token) -> Node:
        return Ellipsis_(token.span)

    def braces(self, opener: Token) -> Node:
        """``{...}`` as an operand: allowed only where the group shows without its braces."""
        place = self.position - 1
        operator, closer = self.current, self.tokens[self.position + 1]
        if operator.kind in ("extremum", "function", "big") and closer.kind == "}":
            self.position += 2
            return _OPERANDS[operator.kind](self, operator)
        node = self._braced(opener)
        before = self._kind_before(place)
        if hides_grouping(node, before, self.current.kind):
            raise self._refuse(
                self._since(opener.start),
                "braces do not show, so this group cannot be seen",
                "write parentheses",
            )
        return attrs.evolve(node, span=self._since(opener.start))

    def _kind_before(self, place: int) -> str:
        """The kind of what stands before ``place``: a token, or what takes an operand there."""
        if place == self.taken_from[0]:
            return self.taken_from[1]
        before = self.tokens[place - 1] if place else self.tokens[-1]
        return "minus" if before.kind == "additive" and before.text != "+" else before.kind

    def group(self, opener: Token) -> Node:
        """A group in delimiters that show."""
        if opener.font == "pair" and self.enclosing and self.enclosing[-1] == "|":
            raise self._unexpected(opener)
        items, closer, separator = self._enclosed(opener)
        span = Span(opener.start, closer.end)
        if len(items) == 1 and isinstance(items[0], Cases) and opener.text in ("{", "."):
            return attrs.evolve(items[0], span=span)
        if "." in (opener.text, closer.text):
            hint = "write the condition or the whole group out"
            raise self._refuse(opener.span, "half of a pair of delimiters", hint)
        if separator == "bar":
            raise self._refuse(span, "a condition inside a group", "write it as a declaration")
        if not items:
            raise self._refuse(span, "nothing stands in this group")
        if len(items) > 1 and opener.text in ("|", "norm", "floor", "ceil"):
            raise self._refuse(span, "one value stands between these delimiters")
        if opener.text != closer.text:
            return Group("[)" if opener.text == "[" else "(]", items, span)
        return Group(opener.text, items, span)

    def _enclosed(self, opener: Token) -> tuple[tuple[Node, ...], Token, str]:
        """The items up to the closing delimiter, that delimiter, and what separates them."""
        self.enclosing.append(opener.text if opener.kind == "bar" else "(")
        items: list[Node] = []
        separator = "comma"
        while items or not self._closes(opener):
            items.append(self.expression())
            if self.current.kind in ("comma", "semicolon"):
                self.position += 1
            elif self.current.kind == "mid" or (
                self.current.kind == "bar" and not self._closes(opener)
            ):
                separator = "bar"
                self.position += 1
            else:
                break
        closer = self.current
        if not self._closes(opener):
            raise self._wrong_close(opener)
        if closer.text != opener.text and closer.text in "([" and len(items) != 2:
            raise self._unclosed(opener)
        closer = self._pass_closer(opener)
        self.enclosing.pop()
        return tuple(items), closer, separator

    def _closes(self, opener: Token) -> bool:
        token = self.tokens[self.position]
        if opener.kind == "bar":
            paired = opener.text == "|" and token.font == "pair"
            return token.kind == "bar" and (token.text == opener.text or paired)
        if token.kind != "close" or (token.font == "exact") != (opener.font == "exact"):
            return False
        half_open = token.text in "([" and opener.text in "(["
        return token.text == opener.text or half_open or "." in (token.text, opener.text)

    def _pass_closer(self, opener: Token) -> Token:
        """Go past the closing delimiter and return it; ``||`` that closes one bar leaves one."""
        closer = self.current
        if opener.text != "|" or closer.font != "pair":
            self.position += 1
            return closer
        middle = closer.start + 1
        self.tokens[self.position] = Token("bar", "|", middle, closer.end)
        return Token("bar", "|", closer.start, middle)

    def _wrong_close(self, opener: Token) -> NotRead:
        token = self.current
        if token.kind in ("stop", "close", "}", "end", "row"):
            return self._unclosed(opener)
        return self._unexpected(token)

    def _unclosed(self, opener: Token) -> NotRead:
        written = self.source[opener.start : opener.end]
        return self._refuse(opener.span, f"{written} is never closed")

    # -- commands with arguments --------------------------------------------------------------

    def fraction(self, token: Token) -> Node:
        above = self.current
        if above.kind == "number" and len(above.text) == 2 and above.text.isdigit():
            self.position += 1
            return self._two_digits(token, above)
        numerator, denominator = self._argument(), self._argument()
        span = self._since(token.start)
        found = derivative(numerator, denominator, span)
        if found is None:
            return Fraction_(numerator, denominator, span)
        if uses_letter_d(numerator):
            taken = self.decisions.take("derivative", token.span, "derivative", "quotient")
            if taken == "quotient":
                return Fraction_(numerator, denominator, span)
        return found

    def _two_digits(self, token: Token, digits: Token) -> Node:
        """``\\frac12``."""
        above, below = (
            NumberLiteral(Fraction(digit), Span(place, place + 1))
            for place, digit in enumerate(digits.text, digits.start)
        )
        return Fraction_(above, below, self._since(token.start))

    def root(self, token: Token) -> Node:
        degree: Node | None = None
        opener = self.current
        if opener.kind == "open" and opener.text == "[":
            self.position += 1
            items, closer, separator = self._enclosed(opener)
            if len(items) != 1 or separator == "bar" or closer.text != "[":
                raise self._refuse(opener.span, "one number is the degree of a root")
            degree = items[0]
        radicand = self._argument()
        return Root(radicand, degree, self._since(token.start))

    def accent(self, token: Token) -> Node:
        marked = accented(self._argument(), token.text, self._since(token.start))
        if marked is None:
            span = self._since(token.start)
            raise self._refuse(span, "an accent over more than one symbol", "name it by one letter")
        return attrs.evolve(marked, span=self._since(token.start))

    def fonted(self, token: Token) -> Node:
        """A font command before more than one character: ``\\mathbf{x_i}``, ``\\bm\\theta``."""
        font, self.font = self.font, token.text
        node = self._argument()
        self.font = font
        return attrs.evolve(node, span=self._since(token.start))

    def braced_note(self, token: Token) -> Node:
        """``\\underbrace{x}_{note}`` is x."""
        node = self._argument()
        while self.current.kind in ("_", "^"):
            self.position += 1
            self._script()
        return Group("(", (node,), self._since(token.start))

    def partial(self, token: Token) -> Node:
        """``\\partial x``; alone in ``\\frac{\\partial}{\\partial x}``."""
        sign: Node = Name("partial", token.span)
        if self.current.kind == "^":
            self.position += 1
            order = self._script()
            sign = Power(sign, order[0], self._since(token.start))
        if self.current.kind not in _OPERANDS:
            return sign
        operand = self.factor()
        return Juxtaposition((sign, operand), Span(token.start, operand.span.end))

    def nabla(self, token: Token) -> Node:
        """``\\nabla_\\theta L``."""
        variables: tuple[Node, ...] = ()
        if self.current.kind == "_":
            self.position += 1
            variables = self._script()
        if self.current.kind == "^":
            raise self._refuse(self.current.span, "a power of the gradient is not read")
        operand = self.factor()
        return Derivative(operand, variables, self._since(token.start), gradient=True)

    # -- functions ----------------------------------------------------------------------------

    def function(self, token: Token) -> Node:
        """``\\log x``, ``\\log_2 x``, ``\\sin^2 x``, ``\\max(0, x)``; ``\\max_k`` has an index."""
        if token.kind == "extremum" and self.current.kind == "_":
            return self._reduction(token, EXTREMA[token.text])
        head: Node = Name(token.text, Span(token.start, token.end), "roman")
        power: Node | None = None
        while (script := self.current).kind in ("_", "^"):
            self.position += 1
            if script.kind == "_" and isinstance(head, Name):
                head = Subscript(head, self._script(), self._since(token.start))
            elif script.kind == "^" and power is None:
                power = self._exponent(script)
            else:
                raise self._refuse(script.span, "a second script at this place", "use braces")
        if self._group_ahead():
            return self._called(head, power, token)
        if self.current.kind in _OPERANDS or self.current.kind == "additive":
            return self._implicit(head, power, token)
        if self.current.kind in _AFTER_BARE_FUNCTION and power is None:
            return head
        raise self._refuse(token.span, f"{token.text} has no argument", "put it in parentheses")

    def _exponent(self, caret: Token) -> Node:
        items = self._script()
        if len(items) != 1:
            raise self._refuse(caret.span, "a function has one exponent")
        return items[0]

    def _called(self, head: Node, power: Node | None, token: Token) -> Node:
        """A function before a group; an exponent after the group is of the value."""
        opener = self.current
        node = self._applied(head, power)
        if self.current.kind != "^" or not isinstance(node, Application):
            return node
        if len(node.arguments) != 1:
            return node
        place = self.current.span
        taken = self.decisions.take("application-power", place, "of-value", "of-argument")
        if taken == "of-value":
            return node
        inner: Node = Group(opener.text, node.arguments, Span(opener.start, self.last_end))
        inner = self._scripted(inner)
        return attrs.evolve(node, arguments=(inner,), span=self._since(token.start))

    def _implicit(self, head: Node, power: Node | None, token: Token) -> Node:
        """A function without parentheses takes one factor; a number, the factors after it too."""
        self.taken_from = (self.position, "function")
        signed = self.current.kind == "additive"
        argument = self._signed_factor() if signed else self.factor()
        if self._argument_goes_on() and not isinstance(argument, BigOperator):
            number = isinstance(argument, NumberLiteral)
            readings = (
                ("whole-product", "one-factor") if number else ("one-factor", "whole-product")
            )
            if self.decisions.take("prefix-scope", token.span, *readings) == "whole-product":
                argument = self._argument_product(argument)
        span = Span(token.start, argument.span.end)
        return Application(head, (argument,), "", span, power, True)

    def _argument_goes_on(self) -> bool:
        kind = self.current.kind
        if kind == "slash":
            return True
        return kind not in _NO_LONGER_ARGUMENT and self._begins_factor()

    def _argument_product(self, first: Node) -> Node:
        """The factors and slashes up to the next function."""
        factors = [first]
        while self._argument_goes_on():
            if self.current.kind == "slash":
                factors = self._divided(factors)
            else:
                factors.append(self.factor())
        return factors[0] if len(factors) == 1 else self._joined(factors)

    # -- big operators ------------------------------------------------------------------------

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
        ranges = ranges_of(limits, upper, span)
        letters = letters_of(ranges)
        self.bound.append(letters)
        body = self._body(token, letters)
        self.bound.pop()
        return BigOperator(operator, ranges, body, Span(token.start, body.span.end))

    def _body(self, token: Token, letters: frozenset[tuple[str, int]]) -> Node:
        """A product, then the terms after + and - that belong to it."""
        self.taken_from = (self.position, "sum")
        body = self.expression(_ADDITIVE)
        if self.current.kind != "additive":
            return body
        readings = ("while-index-occurs", "one-term", "to-the-end")
        reach = self.decisions.take("sum-scope", token.span, *readings)
        while (sign := self.current).kind == "additive" and self._reaches(reach, letters):
            if sign.text in ("\\pm", "\\mp"):
                raise self._two_signs(sign)
            self.position += 1
            right = self.expression(_ADDITIVE)
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

    # -- cases and matrices -------------------------------------------------------------------

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
        value = self.expression(_RELATION)
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
        return items[0] if len(items) == 1 else _all_of(items)

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


_OPERANDS: Mapping[str, Callable[[_Parser, Token], Node]] = MappingProxyType(
    {
        "number": _Parser.number,
        "name": _Parser.name,
        "text": _Parser.text,
        "ellipsis": _Parser.ellipsis,
        "{": _Parser.braces,
        "open": _Parser.group,
        "bar": _Parser.group,
        "fraction": _Parser.fraction,
        "root": _Parser.root,
        "accent": _Parser.accent,
        "font": _Parser.fonted,
        "brace-note": _Parser.braced_note,
        "partial": _Parser.partial,
        "nabla": _Parser.nabla,
        "function": _Parser.function,
        "extremum": _Parser.function,
        "big": _Parser.big,
        "underset": _Parser.underset,
        "begin": _Parser.environment,
    }
)

# What may stand as a script or argument without braces.
_SINGLE = {
    kind: _OPERANDS[kind]
    for kind in ("number", "name", "text", "ellipsis", "fraction", "root", "accent", "font")
}


# -- small questions ---------------------------------------------------------------------------


def _joining(token: Token) -> Token:
    """The keywords *and* and *or* are operators inside a statement."""
    return token._replace(kind="logical") if token.text in ("and", "or") else token


def _binds_first(before: Token, kind: str, strength: int) -> bool:
    """Whether the operator before is applied before one of ``strength`` comes in."""
    own = _STRENGTH[before.kind]
    return own > strength or (own == strength and kind in ("additive", "times"))


def _side_by_side(factors: list[Node]) -> Node:
    if len(factors) == 1:
        return factors[0]
    return Juxtaposition(tuple(factors), Span(factors[0].span.start, factors[-1].span.end))


def _infix(left: Node, operator: Token, right: Node) -> Node:
    span = Span(left.span.start, right.span.end)
    return Infix(operator.text, left, right, span, Span(operator.start, operator.end))


def _times(left: Node, operator: Token, right: Node) -> Node:
    """``a \\cdot b/c`` is (a times b) over c: what stands on a line is read from the left."""
    quotients: list[Infix] = []
    while isinstance(right, Infix) and right.operator == "/":
        quotients.append(right)
        right = right.left
    node = _infix(left, operator, right)
    for quotient in reversed(quotients):
        span = Span(node.span.start, quotient.span.end)
        node = attrs.evolve(quotient, left=node, span=span)
    return node


def _listed(items: list[Node]) -> Node:
    dotted = any(isinstance(item, Ellipsis_) for item in items)
    span = items[0].span.to(items[-1].span)
    return Group("range" if dotted else "list", tuple(items), span)


def _as_range(node: Node) -> Node:
    """``1 \\dots N`` without commas is a range too."""
    if not isinstance(node, Juxtaposition) or len(node.factors) != 3:
        return node
    dotted = isinstance(node.factors[1], Ellipsis_)
    return Group("range", node.factors, node.span) if dotted else node


def _is_word(node: Node) -> bool:
    return isinstance(node, Name) and node.font == "roman" and len(node.text) > 1


def _is_indicator(name: Name) -> bool:
    if name.accents or name.primes:
        return False
    return name.text in ("1", "I") and name.font in ("blackboard", "bold", "roman")


def _conditions(items: tuple[Node, ...], certain: bool) -> Node | None:
    """The condition an indicator has, or None if ``items`` are no conditions.

    A blackboard 1 is an indicator whatever stands in it; a bold 1 is only with a comparison.
    """
    inner = items
    while len(inner) == 1 and isinstance(inner[0], Group) and inner[0].delimiter in "([{":
        inner = inner[0].items
    if not inner:
        return None
    if certain or all(isinstance(item, Relation | Logical) for item in inner):
        return inner[0] if len(inner) == 1 else _all_of(list(inner))
    return None


def _all_of(items: list[Node]) -> Node:
    return Logical("and", tuple(items), items[0].span.to(items[-1].span))


def _check_differentials(found: tuple[Node, ...], source: str) -> None:
    for statement in found:
        for node in everything(statement):
            if isinstance(node, Name) and node.text == "partial":
                raise NotRead(
                    "this sign of differentiation belongs to no derivative",
                    node.span,
                    source,
                    "write \\frac{\\partial L}{\\partial x}",
                )
            if isinstance(node, Derivative) and isinstance(node.numerator, Missing):
                raise NotRead("nothing is differentiated here", node.span, source)
