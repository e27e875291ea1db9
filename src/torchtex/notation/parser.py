"""The parser: tokens to the syntax tree, by precedence.

From loosest to tightest: relations, + and -, written products and slashes, a sign, juxtaposition,
prefix functions, scripts.  Ambiguous places follow a closed table; each is recorded, and read the
other way when the caller chooses so.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import attrs

from torchtex.notation import statements
from torchtex.notation.dictionary import (
    ACCENTS,
    BARS,
    BIG_OPERATORS,
    CASE_ENVIRONMENTS,
    CLOSERS,
    ELLIPSES,
    EXTREMA,
    FONT_SWITCHES,
    FONTS,
    LETTERS,
    LOGICAL,
    MATRIX_ENVIRONMENTS,
    OPENERS,
    PREFIX_FUNCTIONS,
    PRODUCTS,
    RELATIONS,
    SIGNS,
    STATEMENT_ENVIRONMENTS,
    SUBSCRIPT_WORDS,
)
from torchtex.notation.errors import NotRead
from torchtex.notation.lexer import Token, tokenize
from torchtex.notation.syntax import (
    Ambiguity,
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
    Range,
    Relation,
    Root,
    Span,
    Subscript,
    Superscript,
    TextLiteral,
    Transpose,
)

MAX_DEPTH = 120
NO_CHOICES: Mapping[tuple[str, int], str] = {}


def parse(
    latex: str,
    words: frozenset[str] = frozenset(),
    choices: Mapping[tuple[str, int], str] = NO_CHOICES,
) -> Document:
    """The syntax tree of ``latex``.

    ``words`` are runs of letters that are one name without ``\\text``.  ``choices`` takes another
    reading of an ambiguous place.  Raises :class:`NotRead` with the span of what is not read.
    """
    parser = Parser(latex, tokenize(latex, words), choices)
    found = statements.all_of(parser)
    return Document(latex, found, tuple(parser.ambiguities))


class Parser:
    """A cursor over tokens with one method for each level of precedence."""

    def __init__(
        self, source: str, tokens: list[Token], choices: Mapping[tuple[str, int], str]
    ) -> None:
        self.source = source
        self.tokens = [t for t in tokens if not _is_alignment_environment(t)]
        self.choices = choices
        self.place = 0
        self.ambiguities: list[Ambiguity] = []
        self.open: list[str] = []
        self._depth = 0

    # -- cursor -------------------------------------------------------------------------------

    def peek(self, ahead: int = 0) -> Token | None:
        """The next token that is not a line end inside a group, or None at the end."""
        place = self.place + ahead
        return self.tokens[place] if place < len(self.tokens) else None

    def skip_lines(self) -> None:
        while (token := self.peek()) is not None and token.kind in ("newline", "quad"):
            self.place += 1

    def next_token(self) -> Token | None:
        """The next token, line ends and wide spaces passed over where they separate nothing."""
        if self.open or not statements.separates(self):
            self.skip_lines()
        return self.peek()

    def take(self) -> Token:
        token = self.next_token()
        if token is None:
            raise self.refuse_end()
        self.place += 1
        return token

    def accept(self, *texts: str) -> Token | None:
        token = self.next_token()
        if token is not None and token.text in texts and token.kind in ("symbol", "macro"):
            self.place += 1
            return token
        return None

    def expect(self, text: str, what: str) -> Token:
        token = self.next_token()
        if token is None or token.text != text:
            raise self.refuse(token, f"expected {what}")
        self.place += 1
        return token

    def refuse(self, token: Token | None, message: str, hint: str = "") -> NotRead:
        if token is None:
            return self.refuse_end(message, hint)
        return NotRead(message, token.span, self.source, hint)

    def refuse_end(self, message: str = "the formula ends too early", hint: str = "") -> NotRead:
        end = len(self.source)
        return NotRead(message, Span(max(end - 1, 0), end), self.source, hint)

    def span_from(self, start: int) -> Span:
        last = self.tokens[self.place - 1] if self.place else None
        return Span(start, last.end if last is not None else start)

    def choose(self, row: str, span: Span, default: str, *alternatives: str) -> str:
        chosen = self.choices.get((row, span.start), default)
        others = tuple(o for o in (default, *alternatives) if o != chosen)
        ambiguity = Ambiguity(row, span, chosen, others)
        if ambiguity not in self.ambiguities[-8:]:
            self.ambiguities.append(ambiguity)
        return chosen

    def deeper(self, token: Token | None) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self.refuse(token, f"nested more than {MAX_DEPTH} deep", "write it in parts")

    def shallower(self) -> None:
        self._depth -= 1

    # -- relations ----------------------------------------------------------------------------

    def chain(self) -> Node:
        """``a = b <= c``."""
        first = self.logical()
        operators: list[str] = []
        operands = [first]
        while (operator := self.relation_operator()) is not None:
            operators.append(operator)
            operands.append(self.logical())
        if not operators:
            return first
        span = operands[0].span.to(operands[-1].span)
        return Relation(tuple(operators), tuple(operands), span)

    def relation_operator(self) -> str | None:
        token = self.next_token()
        if token is None or token.kind not in ("symbol", "macro"):
            return None
        if token.text not in RELATIONS:
            return None
        self.place += 1
        return RELATIONS[token.text]

    def logical(self) -> Node:
        return self.additive()

    def condition(self) -> Node:
        """Relations joined by *and* and *or*."""
        operands = [self.chain()]
        operator: str | None = None
        while (joined := self._logical_operator()) is not None:
            if operator is not None and joined != operator:
                raise self.refuse(self.peek(), "and and or are mixed", "put parentheses")
            operator = joined
            operands.append(self.chain())
        if operator is None:
            return operands[0]
        return Logical(operator, tuple(operands), operands[0].span.to(operands[-1].span))

    def _logical_operator(self) -> str | None:
        token = self.next_token()
        if token is None:
            return None
        if token.kind == "keyword" and token.text in ("and", "or"):
            self.place += 1
            return token.text
        if token.kind == "macro" and token.text in LOGICAL:
            self.place += 1
            return LOGICAL[token.text]
        return None

    # -- sums and products --------------------------------------------------------------------

    def additive(self) -> Node:
        left = self.multiplicative()
        while (token := self._sign()) is not None:
            right = self.multiplicative()
            span = left.span.to(right.span)
            left = Infix(SIGNS[token.text], left, right, span, token.span)
        return left

    def _sign(self) -> Token | None:
        token = self.next_token()
        if token is None or token.kind not in ("symbol", "macro") or token.text not in SIGNS:
            return None
        self.place += 1
        return token

    def multiplicative(self) -> Node:
        left = self.signed()
        while (token := self._product_operator()) is not None:
            operator = PRODUCTS[token.text]
            if operator == "/":
                left = self._divided(left, token)
                continue
            right = self.signed()
            left = Infix(operator, left, right, left.span.to(right.span), token.span)
        return left

    def _product_operator(self) -> Token | None:
        token = self.next_token()
        if token is None or token.kind not in ("symbol", "macro") or token.text not in PRODUCTS:
            return None
        self.place += 1
        return token

    def _divided(self, left: Node, slash: Token) -> Node:
        """A slash takes one factor, or a number and the letter after it: ``x/2\\tau``."""
        start = self.place
        denominator = self._slash_factor()
        follows = self.starts_factor(self.next_token())
        span = left.span.to(denominator.span)
        quotient: Node = Infix("/", left, denominator, span, slash.span)
        if not follows or isinstance(denominator, Prefix):
            return quotient
        if _is_digits(left) and _is_digits(denominator):
            chosen = self.choose("slash", slash.span, "fraction", "whole denominator")
        elif _is_digits(denominator) and self._next_is_letter():
            chosen = self.choose("slash", slash.span, "whole denominator", "fraction")
        else:
            chosen = self.choose("slash", slash.span, "fraction", "whole denominator")
        if chosen == "fraction":
            rest = self.juxtaposition()
            factors = rest.factors if isinstance(rest, Juxtaposition) else (rest,)
            return Juxtaposition((quotient, *factors), left.span.to(rest.span))
        self.place = start
        whole = self.juxtaposition()
        return Infix("/", left, whole, left.span.to(whole.span), slash.span)

    def _slash_factor(self) -> Node:
        token = self.next_token()
        if token is not None and token.text in SIGNS and token.kind in ("symbol", "macro"):
            return self.signed()
        return self.factor()

    def _next_is_letter(self) -> bool:
        token = self.next_token()
        return token is not None and (
            token.kind in ("letter", "word", "text")
            or (token.kind == "macro" and token.text[1:] in LETTERS)
        )

    def signed(self) -> Node:
        """A sign applies to the whole product after it: ``-a b`` is ``-(a b)``."""
        token = self._sign()
        if token is None:
            return self.juxtaposition()
        self.deeper(token)
        operand = self.signed()
        self.shallower()
        return Prefix(SIGNS[token.text], operand, token.span.to(operand.span))

    def juxtaposition(self) -> Node:
        factors = [self.factor()]
        while self.starts_factor(self.next_token()):
            factors.append(self.factor())
        if len(factors) == 1:
            return factors[0]
        return Juxtaposition(tuple(factors), factors[0].span.to(factors[-1].span))

    def starts_factor(self, token: Token | None) -> bool:
        """Whether a factor may begin here, so that it is multiplied with what came before."""
        if token is None or (not self.open and statements.separates(self)):
            return False
        if token.kind in _ATOM_KINDS:
            return True
        if token.kind in ("open", "symbol", "macro") and token.text in BARS:
            return token.kind == "open" or self._bar_opens(token)
        if token.kind == "open":
            return True
        if token.kind == "symbol":
            return token.text in OPENERS or token.text in "{" or token.text in ELLIPSES
        if token.kind == "macro":
            return not (
                token.text in RELATIONS
                or token.text in PRODUCTS
                or token.text in SIGNS
                or token.text in CLOSERS
                or token.text in _NEVER_A_FACTOR
                or token.text in LOGICAL
            )
        return False

    def _bar_opens(self, token: Token) -> bool:
        """A bar after an operand: closes the bars it stands in, separates, or opens new ones."""
        kind = BARS[token.text]
        if kind in self.open[-1:]:
            return False
        if not self.open:
            return True
        return self._bars_ahead(kind) % 2 == 0

    def _bars_ahead(self, kind: str) -> int:
        depth = count = 0
        for token in self.tokens[self.place :]:
            if token.text in OPENERS or token.text == "{" or token.kind == "open":
                depth += 1
            elif token.text in CLOSERS or token.text == "}" or token.kind == "close":
                depth -= 1
                if depth < 0:
                    return count
            elif depth == 0 and BARS.get(token.text) == kind:
                count += 1
        return count

    # -- factors ------------------------------------------------------------------------------

    def factor(self) -> Node:
        """An atom with its scripts, and what it is applied to."""
        token = self.next_token()
        self.deeper(token)
        node = self._factor()
        self.shallower()
        return node

    def _factor(self) -> Node:
        token = self.next_token()
        atom = self.atom()
        if token is not None and isinstance(atom, Name) and is_indicator(atom):
            indicator = self._indicator(atom)
            if indicator is not None:
                return self.scripts(indicator)
        if isinstance(atom, Name) and _is_prefix_function(atom):
            return self.prefix_function(atom)
        if isinstance(atom, BigOperator | Derivative):
            return atom
        node = self.scripts(atom)
        return self.scripts(self.applied(node)) if is_head(node) else node

    def applied(self, head: Node) -> Node:
        """``f(x)``, ``x[i]``: a symbol directly before a group."""
        while (group := self._argument_group(head)) is not None:
            head = group
            scripted = self.scripts(head)
            if not isinstance(scripted, Application):
                return scripted
        return head

    def _argument_group(self, head: Node) -> Application | None:
        token = self.next_token()
        if token is None or (not self.open and statements.separates(self)):
            return None
        delimiter = OPENERS.get(token.text, ("", ()))[0]
        if token.kind not in ("open", "symbol", "macro") or delimiter not in ("(", "[", "{"):
            return None
        if delimiter == "{" and not _may_take_braces(head):
            return None
        if isinstance(head, Application) and head.delimiter == "(" and delimiter == "(":
            return None
        items, separator = self.delimited(token)
        span = head.span.to(self.span_from(token.start))
        return Application(head, items, delimiter, span, separator=separator)

    def scripts(self, node: Node) -> Node:
        """Subscripts, superscripts, primes and factorials after an atom, in any order."""
        items: tuple[Node, ...] | None = None
        raised: Node | None = None
        factorial: Token | None = None
        start = node.span.start
        while (token := self.next_token()) is not None:
            if token.text == "_" and token.kind == "symbol" and items is None:
                self.place += 1
                items = self.subscript_items()
            elif token.text == "^" and token.kind == "symbol" and raised is None:
                self.place += 1
                raised = self.script_argument()
            elif token.text in ("'", "′", "’") and token.kind == "symbol":
                self.place += 1
                node = _primed(node, token)
            elif token.text == "!" and token.kind == "symbol" and items is raised is None:
                self.place += 1
                factorial = token
            elif token.text in ("_", "^") and token.kind == "symbol":
                raise self.refuse(token, "a second script at the same place", "use braces")
            else:
                break
        if items is not None:
            node = Subscript(node, items, self.span_from(start))
        if raised is not None:
            node = self._raised(node, raised, self.span_from(start))
        if factorial is not None:
            node = Postfix("!", node, self.span_from(start))
        return node

    def _raised(self, node: Node, raised: Node, span: Span) -> Node:
        if _is_prime(raised):
            return _primed(node, Token("symbol", "'", raised.span.start, raised.span.end))
        if isinstance(raised, Name) and raised.text in ("top", "intercal"):
            return Transpose(node, span)
        if isinstance(raised, Name) and raised.text == "T" and not _is_number(node):
            if raised.font != "italic":
                return Transpose(node, span)
            if self.choose("transpose", raised.span, "transpose", "power") == "transpose":
                return Transpose(node, span)
            return Power(node, raised, span)
        if _is_label(raised):
            return Superscript(node, raised, span)
        return Power(node, raised, span)

    def subscript_items(self) -> tuple[Node, ...]:
        if not self._at_brace():
            return (self.script_argument(),)
        opener = self.take()
        self.open.append("{")
        items: list[Node] = []
        while not self._closes_brace():
            if self.accept(",", ";"):
                continue
            items.append(_as_subscript_word(self.condition()))
        self._close_brace(opener)
        return tuple(items) or (Missing(self.span_from(opener.start)),)

    def script_argument(self) -> Node:
        """What a script or a fraction takes: a braced group or a single character."""
        token = self.next_token()
        if token is None:
            raise self.refuse_end("a script without anything in it")
        if self._at_brace():
            return self.braced()
        if token.kind == "number" and len(token.text) > 1 and token.text.isdigit():
            self.tokens[self.place] = Token("number", token.text[1:], token.start + 1, token.end)
            return NumberLiteral(Fraction(token.text[0]), Span(token.start, token.start + 1))
        if token.kind == "symbol" and token.text in ("*", "+", "-", "†", "\\ast"):
            self.place += 1
            return Name(token.text, token.span, "roman")
        if token.kind == "macro" and token.text in ("\\top", "\\intercal", "\\prime", "\\ast"):
            self.place += 1
            return Name(token.text[1:], token.span, "roman")
        if token.kind == "macro" and token.text in ("\\star", "\\dagger", "\\circ"):
            self.place += 1
            return Name(token.text[1:], token.span, "roman")
        return self.atom()

    def _at_brace(self) -> bool:
        token = self.next_token()
        return token is not None and token.text == "{" and token.kind == "symbol"

    def _closes_brace(self) -> bool:
        token = self.next_token()
        return token is None or (token.text == "}" and token.kind == "symbol")

    def _close_brace(self, opener: Token) -> None:
        token = self.next_token()
        if token is None or token.text != "}":
            if token is not None:
                raise self.refuse(token, "this is not read here")
            raise self.refuse(opener, "this brace is never closed", "add the missing }")
        self.place += 1
        self.open.pop()

    def braced(self) -> Node:
        """``{...}``: braces group and mean nothing."""
        opener = self.take()
        self.deeper(opener)
        self.open.append("{")
        node = self._braced_content(opener)
        self._close_brace(opener)
        self.shallower()
        return node

    def _braced_content(self, opener: Token) -> Node:
        token = self.next_token()
        if token is not None and token.kind == "switch":
            self.place += 1
            return _with_font(self._joined_letters(), FONT_SWITCHES[token.text])
        if token is not None and token.text in ("\\top", "\\intercal", "\\prime", "\\star"):
            self.place += 1
            return Name(token.text[1:], token.span, "roman")
        if token is not None and token.kind == "symbol" and token.text in ("*", "+", "'"):
            lone = self.peek(1)
            if lone is not None and lone.text == "}":
                self.place += 1
                return Name("prime" if token.text == "'" else token.text, token.span, "roman")
        if self._closes_brace():
            return Missing(Span(opener.start, opener.end))
        node = self.condition()
        if self.accept("\\over") is not None:
            below = self.condition()
            return Fraction_(node, below, node.span.to(below.span))
        if self.accept(",") is None:
            return node
        items = [node]
        while not self._closes_brace():
            if not self.accept(",", ";"):
                items.append(self.condition())
        return Group("list", tuple(items), self.span_from(opener.start))

    def _joined_letters(self) -> Node:
        """``{\\rm margin}``: the letters are one word."""
        letters = []
        while (token := self.next_token()) is not None and token.kind in ("letter", "word"):
            letters.append(token)
            self.place += 1
        if not letters:
            return self.condition()
        word = "".join(token.text for token in letters)
        return Name(word, letters[0].span.to(letters[-1].span))

    # -- groups -------------------------------------------------------------------------------

    def delimited(self, opener: Token) -> tuple[tuple[Node, ...], str]:
        """The comma-separated content of a group whose opener is next, and its separator."""
        kind, closers = OPENERS[opener.text]
        self.take()
        self.deeper(opener)
        self.open.append(kind)
        items: list[Node] = []
        separator = "comma"
        while not self._closed(closers, opener):
            if self.accept(",", ";"):
                continue
            if self._separating_bar():
                separator = "bar"
                continue
            items.append(self.condition())
        self.place += 1
        self.open.pop()
        self.shallower()
        return tuple(items), separator

    def _closed(self, closers: tuple[str, ...], opener: Token) -> bool:
        token = self.next_token()
        if token is None:
            raise self.refuse(opener, f"{opener.text} is never closed")
        if token.kind == "close":
            return True
        if token.text in closers and token.kind in ("symbol", "macro"):
            return True
        if token.text in (")", "]") and closers[0] in (")", "]") and token.kind == "symbol":
            return True  # half-open intervals
        if token.text == "}" and token.kind == "symbol":
            raise self.refuse(opener, f"{opener.text} is never closed")
        if token.kind in ("end", "break") and opener.kind == "symbol":
            raise self.refuse(opener, f"{opener.text} is never closed")
        return False

    def _separating_bar(self) -> bool:
        token = self.next_token()
        if token is None or token.kind not in ("symbol", "macro"):
            return False
        if token.text in ("\\mid", "\\parallel", "\\middle|") or token.text in BARS:
            after_operand = self.place and not self._bar_opens_operand(token)
            if after_operand:
                self.place += 1
                return True
        return False

    def _bar_opens_operand(self, token: Token) -> bool:
        previous = self.tokens[self.place - 1]
        if previous.text in (",", ";", "(", "[", "\\{") or previous.kind == "open":
            return token.text in BARS
        return False

    def bars(self, opener: Token) -> Node:
        kind = BARS[opener.text]
        self.take()
        self.deeper(opener)
        self.open.append(kind)
        items = [self.condition()]
        while self.accept(","):
            items.append(self.condition())
        token = self.next_token()
        closing = token is not None and (token.kind == "close" or BARS.get(token.text) == kind)
        if not closing:
            raise self.refuse(opener, f"{opener.text} is never closed")
        self.place += 1
        self.open.pop()
        self.shallower()
        return Group(kind, tuple(items), self.span_from(opener.start))

    # -- atoms --------------------------------------------------------------------------------

    def atom(self) -> Node:
        token = self.next_token()
        if token is None:
            raise self.refuse_end("something is missing at the end of the formula")
        reader = _ATOMS.get(token.kind)
        if reader is None:
            raise self.refuse(token, f"{token.text} is not read here", _hint(token))
        return reader(self, token)

    def number(self, token: Token) -> Node:
        self.place += 1
        return NumberLiteral(Fraction(token.text), token.span)

    def letter(self, token: Token) -> Node:
        self.place += 1
        return Name(token.text, token.span)

    def word(self, token: Token) -> Node:
        self.place += 1
        return Name(token.text, token.span, "roman")

    def text(self, token: Token) -> Node:
        self.place += 1
        name = token.text
        if name.endswith("!"):
            inner = Name(name[:-1], Span(token.start, token.end - 1), "roman")
            return Postfix("!", inner, token.span)
        return Name(name, token.span, "roman")

    def words(self, token: Token) -> Node:
        self.place += 1
        return TextLiteral(token.text, token.span)

    def fonted(self, token: Token) -> Node:
        """``\\mathbf{x}``: letters of another font; several are a word, or a product if bold."""
        self.place += 1
        font = token.kind.split("-")[1]
        text = token.text
        if len(text) == 1 or font in ("roman", "italic", "calligraphic", "blackboard"):
            return Name(text, token.span, font if font != "italic" or len(text) == 1 else "roman")
        if not text.isascii() or not text.isalpha():
            return Name(text, token.span, font)
        return Juxtaposition(tuple(Name(c, token.span, font) for c in text), token.span)

    def font(self, token: Token) -> Node:
        """A font macro before something that is not plain words: ``\\mathbf{x_i}``, ``\\bm\\theta``."""
        self.place += 1
        inner = self.script_argument()
        return attrs.evolve(_with_font(inner, FONTS[token.text]), span=self.span_from(token.start))

    def begin(self, token: Token) -> Node:
        if token.text in CASE_ENVIRONMENTS:
            return self.cases(token)
        if token.text in MATRIX_ENVIRONMENTS:
            return self.matrix(token)
        raise self.refuse(token, f"the environment {token.text} is not read")

    def opened(self, token: Token) -> Node:
        """A group that starts with ``\\left``."""
        if token.text in BARS:
            return self.bars(token)
        if token.text == "." or token.text not in OPENERS:
            raise self.refuse(token, f"the delimiter {token.text} is not read")
        return self.group(token)

    def group(self, token: Token) -> Node:
        if OPENERS[token.text][0] == "{":
            after = self.peek(1)
            if after is not None and after.kind == "begin" and after.text == "array":
                return self._braced_array(token)
        items, _ = self.delimited(token)
        span = self.span_from(token.start)
        return Group(OPENERS[token.text][0], items, span)

    def _braced_array(self, opener: Token) -> Node:
        """``\\left\\{ \\begin{array}{ll} ... \\end{array} \\right.`` is cases."""
        self.place += 1
        inner = self.next_token()
        assert inner is not None
        node = self.cases(inner)
        token = self.next_token()
        if token is not None and token.kind == "close":
            self.place += 1
        return node

    def symbol(self, token: Token) -> Node:
        if token.text in OPENERS:
            return self.group(token)
        if token.text in BARS:
            return self.bars(token)
        if token.text == "{":
            return self.braced()
        if token.text in ELLIPSES:
            self.place += 1
            return Ellipsis_(token.span)
        if token.text == "∞":
            self.place += 1
            return Name("infty", token.span)
        if token.text in ("∑", "Σ", "∏"):
            return self.big_operator(token, "product" if token.text == "∏" else "sum")
        raise self.refuse(token, _symbol_message(token, self), _hint(token))

    def macro(self, token: Token) -> Node:
        name = token.text[1:]
        if name in LETTERS:
            self.place += 1
            return Name(LETTERS[name], token.span)
        if name in BIG_OPERATORS:
            return self.big_operator(token, BIG_OPERATORS[name])
        if token.text in OPENERS:
            return self.group(token)
        if token.text in BARS:
            return self.bars(token)
        if name in ACCENTS:
            return self.accent(token, name)
        if token.text in ELLIPSES:
            self.place += 1
            return Ellipsis_(token.span)
        if name in PREFIX_FUNCTIONS:
            self.place += 1
            return self._function_name(token, name)
        reader = _MACROS.get(name)
        if reader is None:
            raise self.refuse(token, f"{token.text} is not known", _macro_hint(name))
        return reader(self, token)

    def _function_name(self, token: Token, name: str) -> Node:
        if name == "arg" and self.next_token() is not None:
            following = self.take()
            extremum = following.text.lstrip("\\")
            if extremum not in ("max", "min"):
                raise self.refuse(following, "expected \\max or \\min after \\arg")
            return Name("arg" + extremum, token.span.to(following.span), "roman")
        return Name(name, token.span, "roman")

    def accent(self, token: Token, name: str) -> Node:
        self.place += 1
        inner = self.script_argument()
        if name == "overline" and not isinstance(inner, Name | Subscript):
            raise self.refuse(token, "an overline over more than one symbol")
        return _with_accent(inner, name, self.span_from(token.start), self)

    def fraction(self, token: Token) -> Node:
        self.place += 1
        derivative = self._derivative(token)
        if derivative is not None:
            return derivative
        numerator = self.script_argument()
        denominator = self.script_argument()
        return Fraction_(numerator, denominator, self.span_from(token.start))

    def root(self, token: Token) -> Node:
        self.place += 1
        degree: Node | None = None
        opener = self.next_token()
        if opener is not None and opener.text == "[" and opener.kind == "symbol":
            items, _ = self.delimited(opener)
            degree = items[0] if items else None
        radicand = self.script_argument()
        return Root(radicand, degree, self.span_from(token.start))

    def transparent(self, token: Token) -> Node:
        """``\\underbrace{x}_{text}``: the x."""
        self.place += 1
        inner = self.script_argument()
        following = self.next_token()
        if following is not None and following.text in ("_", "^") and "brace" in token.text:
            self.place += 1
            self.script_argument()
        return inner

    def underset(self, token: Token) -> Node:
        """``\\underset{k}{\\arg\\max}`` is ``\\arg\\max_k``."""
        self.place += 1
        start = self.place
        self.script_argument()
        after = self.place
        base = self.script_argument()
        if not (isinstance(base, Name) and base.text in EXTREMA):
            raise self.refuse(token, "only \\max and \\min take something under them")
        end, self.place = self.place, start
        ranges = self.ranges()
        if self.place != after:
            raise self.refuse(token, "this range is not read")
        self.place = end
        body = self._body(ranges, token)
        return BigOperator(EXTREMA[base.text], ranges, body, self.span_from(token.start))

    def nabla(self, token: Token) -> Node:
        self.place += 1
        variables: tuple[Node, ...] = ()
        if self.accept("_"):
            variables = (self.script_argument(),)
        of = self.factor()
        return Derivative(of, variables, self.span_from(token.start), gradient=True)

    def partial(self, token: Token) -> Node:
        """``\\partial L / \\partial z``."""
        self.place += 1
        of = self.factor()
        self.expect("/", "a slash, as in \\partial L/\\partial z")
        self.expect("\\partial", "\\partial below the slash")
        variable = self.factor()
        return Derivative(of, (variable,), self.span_from(token.start))

    def _derivative(self, token: Token) -> Node | None:
        """``\\frac{\\partial L}{\\partial z_k}``, ``\\frac{d}{dx} f``; None for another fraction."""
        start = self.place
        sign = self._differential_ahead()
        if sign is None:
            return None
        self.place += 2
        self.open.append("{")
        of: Node | None = None if self._closes_brace() else self.juxtaposition()
        if not self._closes_brace():
            self.open.pop()
            self.place = start
            return None
        self.place += 1
        self.open.pop()
        if self._differential_ahead() is None:
            self.place = start
            return None
        self.place += 2
        self.open.append("{")
        variable = self.factor()
        if not self._closes_brace():
            self.open.pop()
            self.place = start
            return None
        self.place += 1
        self.open.pop()
        if of is None:
            of = self.juxtaposition()
        return Derivative(of, (variable,), self.span_from(token.start))

    def _differential_ahead(self) -> Token | None:
        """Whether ``{\\partial`` or ``{d`` comes next."""
        self.skip_lines()
        opener, sign = self.peek(), self.peek(1)
        if opener is None or sign is None or opener.text != "{":
            return None
        is_d = sign.text == "d" and sign.kind in ("letter", "font-roman", "text")
        return sign if is_d or sign.text == "\\partial" else None

    # -- functions ----------------------------------------------------------------------------

    def prefix_function(self, name: Name) -> Node:
        """``\\log x``, ``\\log(x)^2``, ``\\max_k z_k``, ``\\max(0, x)``."""
        head: Node = name
        ranges: tuple[Range, ...] | None = None
        power: Node | None = None
        while (token := self.next_token()) is not None and token.kind == "symbol":
            if token.text == "_" and name.text in EXTREMA and ranges is None:
                self.place += 1
                ranges = self.ranges()
            elif token.text == "_" and isinstance(head, Name):
                self.place += 1
                head = Subscript(head, self.subscript_items(), self.span_from(name.span.start))
            elif token.text == "^" and ranges is not None and _wants_upper(ranges):
                self.place += 1
                ranges = _with_upper(ranges, self.script_argument(), token.span)
            elif token.text == "^" and power is None:
                self.place += 1
                power = self.script_argument()
            else:
                break
        if ranges is not None:
            opener = Token("macro", name.text, name.span.start, name.span.end)
            body = self._body(ranges, opener)
            span = self.span_from(name.span.start)
            return BigOperator(EXTREMA[name.text], ranges, body, span, power)
        return self._called(head, power)

    def _called(self, head: Node, power: Node | None) -> Node:
        token = self.next_token()
        if token is not None and token.text in OPENERS and token.kind != "close":
            delimiter = OPENERS[token.text][0]
            if delimiter in ("(", "[", "{"):
                items, separator = self.delimited(token)
                span = self.span_from(head.span.start)
                node = Application(head, items, delimiter, span, power, False, separator)
                return self.scripts(node)
        if self._at_brace():
            inner = self.braced()
            span = self.span_from(head.span.start)
            return self.scripts(Application(head, (inner,), "{", span, power))
        argument = self._implicit_argument(head)
        return Application(head, (argument,), "", head.span.to(argument.span), power, True)

    def _implicit_argument(self, head: Node) -> Node:
        """One factor; a number takes the factors after it too: ``\\sin 2\\pi x``."""
        token = self.next_token()
        if token is None or not (self.starts_factor(token) or token.text in SIGNS):
            name = head.text if isinstance(head, Name) else "this function"
            raise self.refuse(token, f"{name} has no argument")
        if token.text in SIGNS:
            return self.signed()
        first = self.factor()
        if not self.starts_factor(self.next_token()):
            return first
        if isinstance(first, NumberLiteral) or self._takes_all(head, first):
            rest = self.juxtaposition()
            factors = rest.factors if isinstance(rest, Juxtaposition) else (rest,)
            return Juxtaposition((first, *factors), first.span.to(rest.span))
        return first

    def _takes_all(self, head: Node, first: Node) -> bool:
        if isinstance(first, BigOperator):
            return False
        chosen = self.choose("prefix-scope", head.span, "one factor", "whole product")
        return chosen == "whole product"

    def _indicator(self, name: Name) -> Node | None:
        """``\\mathbb{1}_{[k \\neq i]}``, ``\\mathbb{1}\\{...\\}``, ``\\mathbf{1}[...]``."""
        token = self.next_token()
        if token is None:
            return None
        if token.text == "_" and token.kind == "symbol":
            self.place += 1
            condition = self._conditions_in_script()
            return Indicator(condition, self.span_from(name.span.start))
        if token.text in OPENERS and OPENERS[token.text][0] in ("(", "[", "{"):
            items, _ = self.delimited(token)
            return Indicator(_joined(items, self, token), self.span_from(name.span.start))
        return None

    def _conditions_in_script(self) -> Node:
        token = self.next_token()
        if token is not None and self._at_brace():
            items = self.subscript_items()
        else:
            items = (self.script_argument(),)
        node = _joined(items, self, token)
        while isinstance(node, Group) and len(node.items) == 1:
            node = node.items[0]
        return node

    # -- big operators ------------------------------------------------------------------------

    def big_operator(self, token: Token, operator: str) -> Node:
        self.place += 1
        ranges: tuple[Range, ...] = ()
        upper: Node | None = None
        while (script := self.next_token()) is not None and script.kind == "symbol":
            if script.text == "_":
                self.place += 1
                ranges = self.ranges()
            elif script.text == "^" and upper is None:
                self.place += 1
                upper = self.script_argument()
            else:
                break
        if upper is not None:
            ranges = _with_upper(ranges, upper, self.span_from(token.start))
        body = self._body(ranges, token)
        return BigOperator(operator, ranges, body, self.span_from(token.start))

    def ranges(self) -> tuple[Range, ...]:
        """What stands under a big operator."""
        if not self._at_brace():
            return (_as_range(self.script_argument()),)
        opener = self.take()
        self.open.append("{")
        nodes = self._range_nodes()
        self._close_brace(opener)
        return tuple(_as_range(node) for node in nodes)

    def _range_nodes(self) -> list[Node]:
        nodes: list[Node] = []
        while not self._closes_brace():
            token = self.next_token()
            if self.accept(",", ";") is not None:
                continue
            if token is not None and token.kind == "break":
                self.place += 1
            elif self.accept("\\substack") is not None:
                inner = self.take()
                self.open.append("{")
                nodes += self._range_nodes()
                self._close_brace(inner)
            else:
                nodes.append(self.condition())
        return nodes

    def _body(self, ranges: tuple[Range, ...], token: Token) -> Node:
        """A product, and the terms after + and - while the index occurs in them."""
        self.deeper(token)
        body = self.multiplicative()
        letters = _bound_letters(ranges)
        while (sign := self.next_token()) is not None and _is_sign(sign):
            if not self._term_belongs(sign, letters, token):
                break
            self.place += 1
            right = self.multiplicative()
            body = Infix(SIGNS[sign.text], body, right, body.span.to(right.span), sign.span)
        self.shallower()
        return body

    def _term_belongs(self, sign: Token, letters: frozenset[str], token: Token) -> bool:
        occurs = bool(letters) and self._occurs_ahead(letters)
        default = "while the index occurs"
        span = Span(token.start, token.end)
        chosen = self.choose("sum-scope", span, default, "one term", "to the end")
        if chosen == default:
            return occurs
        return chosen == "to the end"

    def _occurs_ahead(self, letters: frozenset[str]) -> bool:
        """Whether an index occurs in the term after the sign, before another Σ binds it."""
        depth = 0
        place = self.place + 1
        while place < len(self.tokens):
            token = self.tokens[place]
            if token.text in OPENERS or token.text == "{" or token.kind in ("open", "begin"):
                depth += 1
            elif token.text in CLOSERS or token.text == "}" or token.kind in ("close", "end"):
                depth -= 1
                if depth < 0:
                    return False
            elif depth == 0 and _ends_term(token):
                return False
            elif token.kind == "macro" and token.text[1:] in BIG_OPERATORS:
                rebound = self._rebinds(place, letters)
                if rebound:
                    return False
            elif token.kind == "letter" and token.text in letters:
                return True
            place += 1
        return False

    def _rebinds(self, place: int, letters: frozenset[str]) -> bool:
        following = [token.text for token in self.tokens[place + 1 : place + 4]]
        return following[:1] == ["_"] and bool(letters & set(following[1:3]))

    # -- cases and matrices -------------------------------------------------------------------

    def cases(self, token: Token) -> Node:
        self.place += 1
        self._skip_columns(token)
        self.deeper(token)
        self.open.append("cases")
        rows: list[Case] = []
        while not self._at_end(token):
            rows.append(self._case(token))
            self._row_end()
        self.place += 1
        self.open.pop()
        self.shallower()
        return Cases(tuple(rows), self.span_from(token.start))

    def _skip_columns(self, token: Token) -> None:
        if token.text == "array" and self._at_brace():
            while (column := self.take()).text != "}":
                if column.kind in ("begin", "end"):
                    raise self.refuse(token, "the columns of this array are never closed")

    def _at_end(self, token: Token) -> bool:
        following = self.next_token()
        if following is None:
            raise self.refuse(token, f"\\begin{{{token.text}}} is never closed")
        if following.kind != "end":
            return False
        if following.text != token.text:
            raise self.refuse(following, f"\\end{{{token.text}}} is expected here")
        return True

    def _row_end(self) -> None:
        while (token := self.next_token()) is not None and (
            token.kind == "break" or (token.kind == "symbol" and token.text in (",", ".", ";"))
        ):
            self.place += 1

    def _case(self, token: Token) -> Case:
        first = self.next_token()
        start = first.start if first is not None else token.start
        value = self.additive()
        marked = self._skip_separators()
        keyword = self._keyword()
        if keyword == "otherwise":
            self._skip_separators()
            return Case(value, None, True, self.span_from(start))
        following = self.next_token()
        ended = following is None or following.kind in ("break", "end")
        if ended:
            return Case(value, None, False, self.span_from(start))
        if not marked and keyword is None:
            raise self.refuse(following, "expected & or if before the condition of this case")
        condition = self.condition()
        return Case(value, condition, False, self.span_from(start))

    def _skip_separators(self) -> bool:
        found = False
        while (token := self.next_token()) is not None and (
            token.kind == "symbol" and token.text in ("&", ",", ";", ".", ":")
        ):
            self.place += 1
            found = True
        return found

    def _keyword(self) -> str | None:
        token = self.next_token()
        if token is not None and token.kind == "keyword":
            self.place += 1
            self._skip_separators()
            return token.text
        if token is not None and token.kind == "words" and token.text.startswith("otherwise"):
            self.place += 1
            return "otherwise"
        return None

    def matrix(self, token: Token) -> Node:
        self.place += 1
        self._skip_columns(token)
        self.deeper(token)
        self.open.append("matrix")
        rows: list[tuple[Node, ...]] = []
        while not self._at_end(token):
            row: list[Node] = []
            while (here := self.next_token()) is not None and here.kind not in ("break", "end"):
                if self.accept("&") is None:
                    row.append(self.condition())
            rows.append(tuple(row))
            self._row_end()
        self.place += 1
        self.open.pop()
        self.shallower()
        return Matrix(tuple(rows), self.span_from(token.start))


# -- what nodes and tokens are -----------------------------------------------------------------

_ATOM_KINDS = frozenset(
    """number letter word text words quoted font begin font-roman font-bold font-italic
    font-calligraphic font-blackboard""".split()
)
_NEVER_A_FACTOR = frozenset(["\\mid", "\\parallel", "\\over", "\\substack", "\\prime"])
_ATOMS = {
    "number": Parser.number,
    "letter": Parser.letter,
    "word": Parser.word,
    "text": Parser.text,
    "words": Parser.words,
    "quoted": Parser.words,
    "font": Parser.font,
    "font-roman": Parser.fonted,
    "font-bold": Parser.fonted,
    "font-italic": Parser.fonted,
    "font-calligraphic": Parser.fonted,
    "font-blackboard": Parser.fonted,
    "begin": Parser.begin,
    "open": Parser.opened,
    "symbol": Parser.symbol,
    "macro": Parser.macro,
}
_MACROS = {
    "frac": Parser.fraction,
    "dfrac": Parser.fraction,
    "tfrac": Parser.fraction,
    "cfrac": Parser.fraction,
    "sqrt": Parser.root,
    "underbrace": Parser.transparent,
    "overbrace": Parser.transparent,
    "boxed": Parser.transparent,
    "mathop": Parser.transparent,
    "mathord": Parser.transparent,
    "mathrel": Parser.transparent,
    "mathbin": Parser.transparent,
    "underset": Parser.underset,
    "nabla": Parser.nabla,
    "partial": Parser.partial,
}


def _is_alignment_environment(token: Token) -> bool:
    if token.kind in ("begin", "end"):
        return token.text in STATEMENT_ENVIRONMENTS
    return False


def _is_sign(token: Token) -> bool:
    return token.kind in ("symbol", "macro") and token.text in SIGNS


def _ends_term(token: Token) -> bool:
    if token.kind in ("break", "keyword", "quad"):
        return True
    if token.kind not in ("symbol", "macro"):
        return False
    return token.text in RELATIONS or token.text in SIGNS or token.text in (",", ";", "&")


def _bound_letters(ranges: tuple[Range, ...]) -> frozenset[str]:
    letters: set[str] = set()
    for place in ranges:
        nodes = place.index.factors if isinstance(place.index, Juxtaposition) else (place.index,)
        letters |= {node.text for node in nodes if isinstance(node, Name)}
        if place.index is None and isinstance(place.condition, Relation):
            letters |= {n.text for n in place.condition.operands if isinstance(n, Name)}
    return frozenset(letters)


def _as_range(node: Node) -> Range:
    """``i = 1``, ``j \\in S``, ``1 \\le i \\le n``, ``k \\neq i``, ``i``, or a lower limit alone."""
    span = node.span
    if isinstance(node, Relation):
        if node.operators == ("=",):
            return Range(node.operands[0], node.operands[1], None, None, None, span)
        if node.operators == ("in",):
            return Range(node.operands[0], None, None, node.operands[1], None, span)
        if node.operators == ("<=", "<="):
            lower, index, upper = node.operands
            return Range(index, lower, upper, None, None, span)
    if isinstance(node, Relation | Logical):
        return Range(None, None, None, None, node, span)
    if isinstance(node, Name | Juxtaposition | Subscript):
        return Range(node, None, None, None, None, span)
    return Range(None, node, None, None, None, span)


def _with_upper(ranges: tuple[Range, ...], upper: Node, span: Span) -> tuple[Range, ...]:
    """The upper limit belongs to the first range that has a lower one, else to the first."""
    if not ranges:
        return (Range(None, None, upper, None, None, span),)
    place = next((k for k, r in enumerate(ranges) if r.lower is not None), 0)
    return tuple(
        attrs.evolve(r, upper=upper) if k == place and r.upper is None else r
        for k, r in enumerate(ranges)
    )


def _wants_upper(ranges: tuple[Range, ...]) -> bool:
    return any(r.lower is not None and r.upper is None for r in ranges)


def _joined(items: tuple[Node, ...], parser: Parser, token: Token | None) -> Node:
    if not items:
        raise parser.refuse(token, "an indicator without a condition")
    if len(items) == 1:
        return items[0]
    return Logical("and", items, items[0].span.to(items[-1].span))


def is_indicator(name: Name) -> bool:
    if name.font == "blackboard":
        return name.text in ("1", "I", "𝟙")
    return (name.font == "bold" and name.text == "1") or name.text == "𝟙"


def _is_prefix_function(name: Name) -> bool:
    return name.font == "roman" and name.text in PREFIX_FUNCTIONS and not name.accents


def is_head(node: Node) -> bool:
    return isinstance(node, Name | Subscript | Superscript) and not (
        isinstance(node, Subscript) and not isinstance(node.base, Name | Superscript)
    )


def _may_take_braces(head: Node) -> bool:
    return isinstance(head, Name) and head.font in ("roman", "blackboard")


def _is_digits(node: Node) -> bool:
    return isinstance(node, NumberLiteral)


def _is_number(node: Node) -> bool:
    return isinstance(node, NumberLiteral)


def _is_prime(node: Node) -> bool:
    return isinstance(node, Name) and node.text == "prime" and node.font == "roman"


def _is_label(node: Node) -> bool:
    """A superscript that is no exponent: ``(l)``, ``*``, a word."""
    if isinstance(node, Group) and node.delimiter in ("(", "[", "<"):
        return len(node.items) == 1
    if isinstance(node, TextLiteral):
        return True
    return isinstance(node, Name) and node.font == "roman" and node.text not in _EXPONENT_WORDS


_EXPONENT_WORDS = frozenset("beta alpha gamma delta lambda eps epsilon sigma theta".split())


def _primed(node: Node, token: Token) -> Node:
    span = node.span.to(token.span)
    if isinstance(node, Name):
        return attrs.evolve(node, primes=node.primes + 1, span=span)
    if isinstance(node, Subscript):
        return attrs.evolve(node, base=_primed(node.base, token), span=span)
    return Superscript(node, Name("prime", token.span, "roman"), span)


def _with_accent(node: Node, accent: str, span: Span, parser: Parser) -> Node:
    if isinstance(node, Name):
        return attrs.evolve(node, accents=(*node.accents, accent), span=span)
    if isinstance(node, Subscript | Superscript):
        base = _with_accent(node.base, accent, node.base.span, parser)
        return attrs.evolve(node, base=base, span=span)
    raise NotRead(f"\\{accent} over more than one symbol", span, parser.source)


def _with_font(node: Node, font: str) -> Node:
    """The letters of ``node`` in another font."""
    if isinstance(node, Name):
        return attrs.evolve(node, font=font)
    if isinstance(node, Subscript | Superscript | Power | Transpose):
        return attrs.evolve(node, base=_with_font(node.base, font))
    if isinstance(node, Juxtaposition):
        return attrs.evolve(node, factors=tuple(_with_font(f, font) for f in node.factors))
    return node


def _as_subscript_word(node: Node) -> Node:
    """``_{CE}``, ``_{out}``: a run of letters that is known as a word."""
    if not isinstance(node, Juxtaposition):
        return node
    if not all(isinstance(f, Name) and f.font == "italic" for f in node.factors):
        return node
    word = "".join(f.text for f in node.factors if isinstance(f, Name))
    return Name(word, node.span, "roman") if word in SUBSCRIPT_WORDS else node


def _symbol_message(token: Token, parser: Parser) -> str:
    if token.text == "}":
        return "this } closes nothing"
    if token.text in CLOSERS:
        return f"this {token.text} closes nothing"
    if token.text in SIGNS or token.text in PRODUCTS or token.text in RELATIONS:
        return f"something is missing before {token.text}"
    return f"{token.text} is not read here"


def _hint(token: Token) -> str:
    if token.text == "&":
        return "& separates columns; it has no place here"
    if token.text in ("#", "$"):
        return "write the formula without the marks of the document around it"
    return ""


def _macro_hint(name: str) -> str:
    return f"if it is a symbol, write \\text{{{name}}} or \\mathrm{{{name}}}"
