"""Index language to LaTeX that a person would write, and that reads back as the same function.

Every operator and named function is one row of a table: its template and how tightly its arguments
must hold together.  Written indices start at 1; one whose 0-based position is itself used as a
number is written with a range from 0, so that what stands there is right.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import IntEnum
from fractions import Fraction
from types import MappingProxyType

import attrs

from torchtex.index.errors import refusing_deep_terms
from torchtex.index.named import unfold
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
from torchtex.index.traverse import bound_indices, children, free_indices, walk
from torchtex.notation.spelling import CONTROL_WORDS, latex_name


class NotWritten(Exception):
    """An expression that LaTeX cannot say without being misread; the message says why."""


class Level(IntEnum):
    """How tightly a piece of LaTeX holds together, loosest first.

    An OPEN piece swallows what is written after it: ``\\sum_i x_i``, ``\\log\\frac{a}{b}``.
    A CLOSED one may be a factor, but needs parentheses before a power.
    """

    CASES = 0
    EITHER = 1
    BOTH = 2
    RELATION = 3
    SUM = 4
    NEGATED = 5
    OPEN = 6
    PRODUCT = 7
    CLOSED = 8
    ATOM = 9


@attrs.frozen
class Written:
    """A piece of LaTeX.

    ``before_group`` says that a parenthesis directly after it is a factor, not its argument.
    """

    text: str
    level: Level
    before_group: bool = False


# -- the tables --------------------------------------------------------------------------------


@attrs.frozen
class Form:
    """How an operator is written: ``#1``, ``#2`` are its arguments, ``#*`` all of them.

    ``needs`` is the least level of each argument, the last for all that follow.  Parentheses in
    the template grow with what they hold.
    """

    template: str
    level: Level = Level.CLOSED
    needs: tuple[Level, ...] = (Level.SUM,)


def _relation(symbol: str) -> Form:
    return Form(f"#1 {symbol} #2", Level.RELATION, (Level.SUM,))


def _function(name: str) -> Form:
    return Form(f"{name}(#*)")


FORMS: Mapping[str, Form] = MappingProxyType(
    {
        "divide": Form(r"\frac{#1}{#2}"),
        "power": Form("#1^{#2}", needs=(Level.ATOM, Level.SUM)),
        "modulo": Form(r"#1 \bmod #2", Level.PRODUCT, (Level.CLOSED,)),
        "sqrt": Form(r"\sqrt{#1}"),
        "absolute": Form(r"\left|#1\right|"),
        "floor": Form(r"\left\lfloor #1 \right\rfloor"),
        "ceil": Form(r"\left\lceil #1 \right\rceil"),
        "round": _function(r"\operatorname{round}"),
        "sign": _function(r"\operatorname{sign}"),
        "maximum": _function(r"\max"),
        "minimum": _function(r"\min"),
        "exp": _function(r"\exp"),
        "expm1": Form(r"\exp(#1) - 1", Level.SUM),
        "log": _function(r"\log"),
        "log1p": Form(r"\log(1 + #1)", needs=(Level.PRODUCT,)),
        "sin": _function(r"\sin"),
        "cos": _function(r"\cos"),
        "tan": _function(r"\tan"),
        "arcsin": _function(r"\arcsin"),
        "arccos": _function(r"\arccos"),
        "arctan": _function(r"\arctan"),
        "sinh": _function(r"\sinh"),
        "cosh": _function(r"\cosh"),
        "tanh": _function(r"\tanh"),
        "arcsinh": _function(r"\sinh^{-1}"),
        "arccosh": _function(r"\cosh^{-1}"),
        "arctanh": _function(r"\tanh^{-1}"),
        "erf": _function(r"\operatorname{erf}"),
        "gamma": _function(r"\Gamma"),
        "loggamma": Form(r"\log(\left|\Gamma(#1)\right|)"),
        "digamma": _function(r"\psi"),
        "factorial": Form("#1!", needs=(Level.ATOM,)),
        "less": _relation("<"),
        "less_equal": _relation(r"\le"),
        "greater": _relation(">"),
        "greater_equal": _relation(r"\ge"),
        "equal": _relation("="),
        "not_equal": _relation(r"\neq"),
        "indicator": Form(r"\mathbb{1}[#1]", needs=(Level.CASES,)),
    }
)

JOINED: Mapping[str, tuple[str, Level]] = MappingProxyType(
    {"and": (r" \land ", Level.BOTH), "or": (r" \lor ", Level.EITHER)}
)

NEGATIONS: Mapping[str, str] = MappingProxyType(
    {
        "less": "greater_equal",
        "less_equal": "greater",
        "greater": "less_equal",
        "greater_equal": "less",
        "equal": "not_equal",
        "not_equal": "equal",
        "and": "or",
        "or": "and",
    }
)

COMPARISONS = frozenset(NEGATIONS) - {"and", "or"}

BIG_OPERATORS: Mapping[str, str] = MappingProxyType(
    {
        "sum": r"\sum",
        "product": r"\prod",
        "maximum": r"\max",
        "minimum": r"\min",
        "argmax": r"\arg\max",
        "argmin": r"\arg\min",
    }
)

# The ones that are written with their whole range; for the others the letter is enough where the
# tensors tell how far it runs.
RANGED = frozenset({"sum", "product"})

# Named functions: arguments of rank 0 are ``#1``; a vector is written without its last index.
NAMED_FORMS: Mapping[str, Form] = MappingProxyType(
    {
        "sigmoid": _function(r"\sigma"),
        "logsigmoid": _function(r"\operatorname{LogSigmoid}"),
        "relu": _function(r"\operatorname{ReLU}"),
        "softplus": _function(r"\operatorname{Softplus}"),
        "silu": _function(r"\operatorname{SiLU}"),
        "gelu": _function(r"\operatorname{GELU}"),
        "softsign": _function(r"\operatorname{SoftSign}"),
        "softmax": _function(r"\operatorname{softmax}"),
        "log_softmax": _function(r"\operatorname{LogSoftmax}"),
        "logsumexp": _function(r"\operatorname{LogSumExp}"),
        "cosine_similarity": _function(r"\cos"),
        "dot": Form(r"\left\langle #1, #2 \right\rangle"),
        "norm": Form(r"\left\|#1\right\|_2"),
        "norm_p": Form(r"\left\|#1\right\|_{#2}"),
    }
)

# What takes the place of a function's symbol where a tensor of that name is about.
UNMISTAKABLE: Mapping[str, tuple[str, Form]] = MappingProxyType(
    {"sigmoid": ("sigma", _function(r"\operatorname{sigmoid}"))}
)

CONSTANTS: Mapping[str, Written] = MappingProxyType(
    {
        "pi": Written(r"\pi", Level.ATOM),
        "infinity": Written(r"\infty", Level.ATOM),
        "e": Written(r"\exp(1)", Level.CLOSED),
    }
)

# Operators whose symbol a tensor may bear; both at once could not be told apart.
SYMBOLS_OF_OPERATORS: Mapping[str, str] = MappingProxyType({"gamma": "Gamma", "digamma": "psi"})

# Letters for indices that need a new one; none of them is a batch or a label by convention.
INDEX_LETTERS = "ijklpqrsuvacghowzfx"
DEFINITION_LETTERS = ("a", "b", "c", "d", "s", "u", "v", "r", "q", "h")
RESULT_LETTERS = ("o", "y", "h", "r", "u", "v", "q")

TALL = (r"\frac", r"\sum", r"\prod", r"\begin", r"\sqrt")


# -- what is in scope --------------------------------------------------------------------------


@attrs.frozen
class Letter:
    """How an index is written: its letter, and the number its first position bears."""

    name: str
    base: int

    @property
    def latex(self) -> str:
        return latex_name(self.name)


@attrs.frozen
class Vocabulary:
    """What an expression's names are written as; the same at every place of it.

    ``reserved`` are the names that no bound index may take.  ``positions`` are tensors whose
    elements are positions, which compare with indices as they are.  ``ranks`` are those of the
    declared tensors.  ``counted`` are sizes that stand as numbers, so that a range must name them.
    """

    names: Mapping[str, str]
    reserved: frozenset[str]
    positions: frozenset[str]
    tensors: Mapping[str, Tensor]
    counted: frozenset[str]
    worded: frozenset[str]

    def symbol(self, name: str) -> str:
        return self.names[name] if name in self.names else latex_name(name, self.worded)


@attrs.frozen
class Scope:
    """The indices that are bound at a place, with their letters."""

    letters: Mapping[Index, Letter] = attrs.field(factory=dict)

    def bind(self, index: Index, letter: Letter) -> Scope:
        return Scope({**self.letters, index: letter})

    @property
    def taken(self) -> frozenset[str]:
        return frozenset(letter.name for letter in self.letters.values())


@attrs.define
class Statements:
    """The definitions that are written beside the formula; grows while it is being written."""

    texts: list[str] = attrs.field(factory=list)
    names: dict[Term, str] = attrs.field(factory=dict)


# -- writing whole expressions -----------------------------------------------------------------


def write(
    expression: Expression, names: Mapping[str, str] | None = None, left: str | None = None
) -> str:
    """The expression as LaTeX: ``l_n = ..., \\quad \\text{where } d_n = ...``.

    ``names`` gives the LaTeX of tensors that are not to be spelled by rule.  ``left`` is the left
    side as it is to stand; its indices keep their names.  Without it a result with indices gets a
    letter that is not in use, and a scalar no left side.
    Raises NotWritten when two things of one name could not be told apart, TooDeep for a term that
    is nested too deep.
    """
    return _Writer.of(expression, dict(names or {})).expression(expression, left)


def write_term(term: Term, names: Mapping[str, str] | None = None) -> str:
    """One term as LaTeX; its free indices count from 1.  Raises as :func:`write` does."""
    free = tuple(sorted(free_indices(term), key=lambda index: index.name))
    expression = Expression((), (), free, term)
    return _Writer.of(expression, dict(names or {})).lone_term(expression)


def declarations(expression: Expression, names: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """What has to be declared beside the formula: ``x \\in \\mathbb{R}^{N \\times D}``.

    Labels are declared as ``y \\in \\{1, \\dots, C\\}^{N}``.
    """
    writer = _Writer.of(expression, dict(names or {}))
    return tuple(writer.declaration(tensor) for tensor in expression.tensors)


@attrs.frozen
class _Writer:
    """Writes the terms of one expression."""

    vocabulary: Vocabulary
    statements: Statements = attrs.field(factory=Statements)

    @staticmethod
    def of(expression: Expression, names: Mapping[str, str]) -> _Writer:
        bodies = (*(each.body for each in expression.definitions), expression.body)
        used = {tensor.name for tensor in expression.tensors}
        used |= {each.name for each in expression.definitions}
        sizes: set[str] = set()
        counted: set[str] = set()
        operators: set[str] = set()
        constants: set[str] = set()
        for body in bodies:
            for node in walk(body):
                sizes.update(name for i in bound_indices(node) for name in i.extent.names)
                if isinstance(node, Size):
                    counted.update(node.names)
                if isinstance(node, Element):
                    used.add(node.tensor)
                if isinstance(node, Recurrence):
                    used.add(node.state)
                if isinstance(node, Apply):
                    operators.add(node.operator)
                if isinstance(node, Constant):
                    constants.add(node.name)
        for tensor in expression.tensors:
            sizes.update(name for extent in tensor.extents for name in extent.names)
        sizes.update(name for index in expression.indices for name in index.extent.names)
        sizes |= counted
        _refuse_clashes(used, sizes, operators, constants)
        words = {word for name in used | sizes for word in name.split("_")}
        return _Writer(
            Vocabulary(
                names=MappingProxyType(dict(names)),
                reserved=frozenset(used | sizes | words),
                positions=frozenset(
                    t.name for t in expression.tensors if t.labels is not None or t.integer
                ),
                tensors=MappingProxyType({t.name: t for t in expression.tensors}),
                counted=frozenset(counted),
                worded=frozenset(index.name for index in expression.indices),
            )
        )

    # -- statements ----------------------------------------------------------------------------

    @refusing_deep_terms
    def expression(self, expression: Expression, left: str | None) -> str:
        scope = self._outer(expression, renaming=left is None)
        body = self.term(expression.body, scope, Level.CASES)
        written = [body] if not expression.indices and left is None else []
        if not written:
            side = left if left is not None else self._left_side(expression, scope)
            written.append(f"{side} = {body}")
        written[0] += "".join(self._ranges(expression, scope))
        lines = [self._definition(each, scope) for each in expression.definitions]
        lines += self.statements.texts
        if lines:
            written.append(r"\text{where } " + r", \quad ".join(lines))
        return r", \quad ".join(written)

    @refusing_deep_terms
    def lone_term(self, expression: Expression) -> str:
        scope = Scope()
        for index in expression.indices:
            scope = scope.bind(index, self._letter(index, (), scope))
        written = self.term(expression.body, scope, Level.CASES)
        if self.statements.texts:
            written += r", \quad \text{where } " + r", \quad ".join(self.statements.texts)
        return written

    def _outer(self, expression: Expression, *, renaming: bool) -> Scope:
        """The indices of the result and of definitions: one letter each, the same everywhere."""
        scope = Scope()
        bodies = (*(each.body for each in expression.definitions), expression.body)
        defined = (index for each in expression.definitions for index in each.indices)
        for index in expression.indices:
            letter = self._letter(index, bodies, scope)
            if not renaming and letter.name != index.name:
                raise NotWritten(f"the index {index.name} of the left side bears another's name")
            scope = scope.bind(index, letter)
        for index in defined:
            if index not in scope.letters:
                scope = scope.bind(index, self._letter(index, bodies, scope))
        return scope

    def _left_side(self, expression: Expression, scope: Scope) -> str:
        free = (name for name in RESULT_LETTERS if name not in self.vocabulary.reserved)
        symbol = next((name for name in free if name not in scope.taken), r"\text{result}")
        return _subscripted(symbol, [scope.letters[index].latex for index in expression.indices])

    def _ranges(self, expression: Expression, scope: Scope) -> Iterator[str]:
        """The ranges of outer indices that are used as numbers or whose size is."""
        indices = dict.fromkeys(expression.indices)
        indices.update((i, None) for each in expression.definitions for i in each.indices)
        bodies = (*(each.body for each in expression.definitions), expression.body)
        for index in indices:
            if self._needs_range(index, bodies, scope.letters[index]):
                yield r", \quad " + self._range(index, scope.letters[index])

    def _needs_range(self, index: Index, bodies: Iterable[Term], letter: Letter) -> bool:
        if letter.base == 0 or not self.vocabulary.counted.isdisjoint(index.extent.names):
            return True
        return any(_is_counted(index, body) for body in bodies)

    def _range(self, index: Index, letter: Letter) -> str:
        upper = self.size(index.extent + (letter.base - 1)).text
        return rf"{letter.latex} = {letter.base}, \dots, {upper}"

    def _definition(self, definition: Definition, scope: Scope) -> str:
        positions = [scope.letters[index].latex for index in definition.indices]
        left = _subscripted(self.vocabulary.symbol(definition.name), positions)
        return f"{left} = {self.term(definition.body, scope, Level.CASES)}"

    def declaration(self, tensor: Tensor) -> str:
        symbol = self.vocabulary.symbol(tensor.name)
        shape = r" \times ".join(self.size(extent).text for extent in tensor.extents)
        exponent = f"^{{{shape}}}" if shape else ""
        if tensor.labels is None:
            return rf"{symbol} \in \mathbb{{R}}{exponent}"
        return rf"{symbol} \in \{{1, \dots, {self.size(tensor.labels).text}\}}{exponent}"

    # -- letters of indices --------------------------------------------------------------------

    def _letter(self, index: Index, bodies: Iterable[Term], scope: Scope) -> Letter:
        base = 0 if any(self._used_bare(index, body) for body in bodies) else 1
        taken = self.vocabulary.reserved | scope.taken
        wanted = (index.name, index.name[:1], *INDEX_LETTERS)
        for name in wanted:
            if _is_letter(name) and name not in taken:
                return Letter(name, base)
        primed = (f"{name}_prime" for name in wanted if _is_letter(name))
        free = next((name for name in primed if name not in taken), None)
        if free is None:
            raise NotWritten(f"no letter is left for the index {index.name}")
        return Letter(free, base)

    def _used_bare(self, index: Index, term: Term) -> bool:
        """Whether the 0-based position itself, not the position plus one, is used as a number."""
        match term:
            case Index():
                return term == index
            case Element() | Call():
                return self._bare_in_element(index, term)
            case Apply() if _counted(term) == index:
                return False
            case Apply() if term.operator in COMPARISONS:
                return self._bare_in_comparison(index, term)
        if index in bound_indices(term):
            return False
        return any(self._used_bare(index, child) for child in children(term))

    def _bare_in_element(self, index: Index, term: Element | Call) -> bool:
        places = term.indices if isinstance(term, Element) else term.at
        inside = term.arguments if isinstance(term, Call) else ()
        computed = [place for place in places if isinstance(place, Apply)]
        if any(index in free_indices(place) for place in computed):
            return True
        elements = [place for place in places if not isinstance(place, Apply | Index)]
        return any(self._used_bare(index, part) for part in (*elements, *inside))

    def _bare_in_comparison(self, index: Index, term: Apply) -> bool:
        left, right = term.arguments
        if self.is_position(left) and self.is_position(right):
            return any(
                self._used_bare(index, side) for side in (left, right) if side != index
            )
        # A number compared with an unbound symbol could be taken for a label.
        beside_symbol = any(isinstance(side, Element) for side in (left, right))
        if beside_symbol and index in (_counted(left), _counted(right)):
            return True
        return self._used_bare(index, left) or self._used_bare(index, right)

    def is_position(self, term: Term) -> bool:
        """Whether the reader takes ``term`` for a place, which has no written lower bound."""
        if isinstance(term, Element):
            return term.tensor in self.vocabulary.positions
        return isinstance(term, Index) or (
            isinstance(term, Reduce) and term.operator in ("argmax", "argmin")
        )

    # -- terms ---------------------------------------------------------------------------------

    def term(self, term: Term, scope: Scope, least: Level) -> str:
        """The text of a term, in parentheses if it holds less tightly than ``least``."""
        return _grouped(self.piece(term, scope), least).text

    def piece(self, term: Term, scope: Scope) -> Written:
        match term:
            case Number():
                return _number(term.value)
            case Constant():
                return CONSTANTS[term.name]
            case Size():
                return self.size(term)
            case Index():
                return self._index(term, scope)
            case Element():
                return self._element(term, scope)
            case Apply():
                return self._apply(term, scope)
            case Piecewise():
                return self._piecewise(term, scope)
            case Reduce():
                return self._reduce(term, scope)
            case Call():
                return self._call(term, scope)
            case Recurrence():
                return self._recurrence(term, scope)
        raise NotWritten("a tensor stands where a number is needed")

    def size(self, size: Size) -> Written:
        parts = [_scaled(self.vocabulary.symbol(name), value) for name, value in size.coefficients]
        if size.constant != 0 or not parts:
            parts.append(_number(size.constant))
        return parts[0] if len(parts) == 1 else _joined_sum(parts)

    def _index(self, index: Index, scope: Scope) -> Written:
        letter = scope.letters.get(index)
        if letter is None:
            raise NotWritten(f"the index {index.name} is bound by nothing")
        if letter.base == 1:
            return Written(letter.latex, Level.ATOM)
        return Written(letter.latex, Level.ATOM)

    def _apply(self, term: Apply, scope: Scope) -> Written:
        writer = APPLIED.get(term.operator)
        if writer is not None:
            return writer(self, term, scope)
        form = FORMS.get(term.operator)
        if form is None:
            raise NotWritten(f"the operator {term.operator} has no notation")
        return self._filled(form, [self.piece(argument, scope) for argument in term.arguments])

    def _filled(self, form: Form, pieces: Sequence[Written]) -> Written:
        needs = [*form.needs, *[form.needs[-1]] * len(pieces)]
        texts = [_grouped(piece, need).text for piece, need in zip(pieces, needs, strict=False)]
        template = form.template
        if any(_is_tall(text) for text in texts):
            template = re.sub(r"(?<!\\left)([(\[])", r"\\left\1", template)
            template = re.sub(r"(?<!\\right)([)\]])", r"\\right\1", template)
        template = template.replace("#*", ", ".join(texts))
        for number, text in enumerate(texts, start=1):
            template = template.replace(f"#{number}", text)
        return Written(template, form.level, form.template.startswith(r"\frac"))

    # -- sums and products -------------------------------------------------------------------

    def _sum(self, term: Apply, scope: Scope) -> Written:
        index = _counted(term)
        if index is not None and scope.letters.get(index, Letter("", 0)).base == 1:
            return self._index(index, scope)
        return _joined_sum([_signed(self.piece(each, scope), sign) for each, sign in _summands(term)])

    def _negated(self, term: Apply, scope: Scope) -> Written:
        return _signed(self.piece(term.arguments[0], scope), -1)

    def _product(self, term: Apply, scope: Scope) -> Written:
        sign, factors = _factors(term)
        numbers = [each for each in factors if isinstance(each, Number)]
        ordered = numbers + [each for each in factors if not isinstance(each, Number)]
        pieces = [self.piece(each, scope) for each in ordered]
        return _signed(_joined_product(pieces, [self._is_lone_capital(f) for f in ordered]), sign)

    def _is_lone_capital(self, term: Term) -> bool:
        """A capital with fewer than two subscripts would be taken for a matrix before a symbol."""
        if isinstance(term, Element):
            return len(term.indices) < 2 and term.tensor[:1].isupper()
        return False

    def _power(self, term: Apply, scope: Scope) -> Written:
        base, exponent = (self.piece(argument, scope) for argument in term.arguments)
        if base.text.endswith("'") or not self._is_plain_base(term.arguments[0]):
            base = _parenthesised(base)
        raised = exponent.text
        if _is_label_like(raised):
            raised = rf"1 \cdot {raised}"
        return Written(f"{_grouped(base, Level.ATOM).text}^{{{raised}}}", Level.CLOSED)

    def _is_plain_base(self, term: Term) -> bool:
        return not (isinstance(term, Number) and term.value < 0)

    def _log(self, term: Apply, scope: Scope) -> Written:
        argument = self.piece(term.arguments[0], scope)
        if argument.text.startswith(r"\frac") and argument.level == Level.CLOSED:
            return Written(rf"\log{argument.text}", Level.OPEN)
        return self._filled(FORMS["log"], [argument])

    # -- conditions ----------------------------------------------------------------------------

    def _junction(self, term: Apply, scope: Scope) -> Written:
        chained = self._chain(term, scope)
        if chained is not None:
            return chained
        separator, level = JOINED[term.operator]
        least = Level(level + 1)
        parts = [self.term(argument, scope, least) for argument in term.arguments]
        return Written(separator.join(parts), level)

    def _chain(self, term: Apply, scope: Scope) -> Written | None:
        """``0 \\le t < H`` for two comparisons that share their middle."""
        if term.operator != "and" or len(term.arguments) != 2:
            return None
        first, second = term.arguments
        if not (isinstance(first, Apply) and isinstance(second, Apply)):
            return None
        same_way = any({first.operator, second.operator} <= way for way in _DIRECTIONS)
        if not same_way or first.arguments[1] != second.arguments[0]:
            return None
        start, rest = self._apply(first, scope), self._apply(second, scope)
        middle = self.term(second.arguments[0], scope, Level.SUM)
        return Written(start.text + rest.text.removeprefix(middle), Level.RELATION)

    def _not(self, term: Apply, scope: Scope) -> Written:
        return self.piece(_negation(term.arguments[0]), scope)

    def _piecewise(self, term: Piecewise, scope: Scope) -> Written:
        rows = [
            rf"{self.term(value, scope, Level.EITHER)} & "
            rf"\text{{if }} {self.term(condition, scope, Level.EITHER)}"
            for condition, value in term.cases
        ]
        if term.otherwise is not None:
            rows.append(rf"{self.term(term.otherwise, scope, Level.EITHER)} & \text{{otherwise}}")
        body = r" \\ ".join(rows)
        return Written(rf"\begin{{cases}} {body} \end{{cases}}", Level.CASES)

    # -- elements and reductions ---------------------------------------------------------------

    def _element(self, term: Element, scope: Scope) -> Written:
        symbol = self.vocabulary.symbol(term.tensor)
        if any(isinstance(place, Number) for place in term.indices):
            places = ", ".join(self._bracket_place(place, scope) for place in term.indices)
            return Written(f"{symbol}[{places}]", Level.ATOM)
        places_ = [self._place(place, scope) for place in term.indices]
        return Written(_subscripted(symbol, places_), Level.ATOM)

    def _bracket_place(self, place: Term, scope: Scope) -> str:
        """Brackets count from 0."""
        return self.term(place, scope, Level.SUM)

    def _place(self, place: Term, scope: Scope) -> str:
        """Subscripts count from 1, unless an index that starts at 0 stands there by itself."""
        if not isinstance(place, Apply) or any(map(_is_scaled_index, _terms_of_sum(place))):
            return self.term(place, scope, Level.SUM)
        return self.term(Apply("add", (place, Number(Fraction(1)))), scope, Level.SUM)

    def _reduce(self, term: Reduce, scope: Scope) -> Written:
        parts = (term.body,) if term.guard is None else (term.body, term.guard)
        letter = self._letter(term.index, parts, scope)
        inner = scope.bind(term.index, letter)
        limits = self._limits(term, letter, inner)
        body = _grouped(self.piece(term.body, inner), Level.OPEN)
        return Written(f"{BIG_OPERATORS[term.operator]}{limits} {body.text}", Level.OPEN)

    def _limits(self, term: Reduce, letter: Letter, scope: Scope) -> str:
        upper = self.size(term.index.extent + (letter.base - 1)).text
        start = f"{letter.latex}={letter.base}"
        guard = None if term.guard is None else self.term(term.guard, scope, Level.EITHER)
        if guard is None and term.operator not in RANGED:
            if self._range_is_known(term, letter):
                return f"_{{{letter.latex}}}"
            return rf"_{{{letter.latex} \in \{{{letter.base}, \dots, {upper}\}}}}"
        if guard is None:
            return f"_{{{start}}}^{{{upper}}}"
        return rf"_{{\substack{{{start} \\ {guard}}}}}^{{{upper}}}"

    def _range_is_known(self, term: Reduce, letter: Letter) -> bool:
        """Whether an axis of the index's extent is indexed by it, and nothing else needs it."""
        index = term.index
        if letter.base == 0 or not self.vocabulary.counted.isdisjoint(index.extent.names):
            return False
        if _is_counted(index, term.body):
            return False
        return any(
            isinstance(node, Element) and self._spans(node, index) for node in walk(term.body)
        )

    def _spans(self, element: Element, index: Index) -> bool:
        tensor = self.vocabulary.tensors.get(element.tensor)
        if tensor is None:
            return False
        pairs = zip(element.indices, tensor.extents, strict=True)
        return any(place == index and extent == index.extent for place, extent in pairs)

    # -- calls ---------------------------------------------------------------------------------

    def _call(self, term: Call, scope: Scope) -> Written:
        form = self._named_form(term.name)
        if form is None:
            return self.piece(unfold(term), scope)
        pieces = [self._argument(argument, scope) for argument in term.arguments]
        written = self._filled(form, pieces)
        if not term.at:
            return written
        places = [self._place(place, scope) for place in term.at]
        return Written(_subscripted(written.text, places), Level.CLOSED)

    def _named_form(self, name: str) -> Form | None:
        clash = UNMISTAKABLE.get(name)
        if clash is not None and clash[0] in self.vocabulary.reserved:
            return clash[1]
        return NAMED_FORMS.get(name)

    def _argument(self, term: Term, scope: Scope) -> Written:
        if not isinstance(term, Comprehension):
            return self.piece(term, scope)
        whole = self._without_indices(term.body, term.indices, scope)
        return whole if whole is not None else self._named_vector(term, scope)

    def _without_indices(
        self, body: Term, indices: tuple[Index, ...], scope: Scope
    ) -> Written | None:
        """A vector written as a whole: ``z_n`` for the element ``z_{n,k}`` at every k."""
        if isinstance(body, Element):
            return self._whole_tensor(body, indices, scope)
        if not isinstance(body, Apply) or body.operator not in ("add", "subtract"):
            return None
        parts = [self._without_indices(each, indices, scope) for each, _ in _summands(body)]
        known = [part for part in parts if part is not None]
        if len(known) < len(parts):
            return None
        signs = [sign for _, sign in _summands(body)]
        return _joined_sum([_signed(part, sign) for part, sign in zip(known, signs, strict=True)])

    def _whole_tensor(
        self, element: Element, indices: tuple[Index, ...], scope: Scope
    ) -> Written | None:
        count = len(element.indices) - len(indices)
        leading, last = element.indices[:count], element.indices[count:]
        used = {index for place in leading for index in free_indices(place)}
        if last != indices or not used.isdisjoint(indices):
            return None
        if any(isinstance(place, Number) for place in leading):
            return None
        places = [self._place(place, scope) for place in leading]
        return Written(_subscripted(self.vocabulary.symbol(element.tensor), places), Level.ATOM)

    def _named_vector(self, term: Comprehension, scope: Scope) -> Written:
        """A vector that has no short form gets a name, and a definition beside the formula."""
        outer = [index for index in scope.letters if index in free_indices(term)]
        name = self.statements.names.get(term)
        inner = scope
        for index in term.indices:
            inner = inner.bind(index, self._letter(index, (term.body,), inner))
        if any(inner.letters[index].base == 0 for index in (*outer, *term.indices)):
            raise NotWritten("a vector whose element depends on its position as a number")
        if name is None:
            name = self._unused_name(inner)
            self.statements.names[term] = name
            positions = [inner.letters[index].latex for index in (*outer, *term.indices)]
            left = _subscripted(name, positions)
            body = self.term(term.body, inner, Level.CASES)
            self.statements.texts.append(f"{left} = {body}")
        places = [scope.letters[index].latex for index in outer]
        return Written(_subscripted(name, places), Level.ATOM)

    def _unused_name(self, scope: Scope) -> str:
        taken = self.vocabulary.reserved | scope.taken | set(self.statements.names.values())
        free = next((name for name in DEFINITION_LETTERS if name not in taken), None)
        if free is None:
            raise NotWritten("no letter is left for a definition")
        return free

    # -- recurrences ---------------------------------------------------------------------------

    def _recurrence(self, term: Recurrence, scope: Scope) -> Written:
        """``h_{T,i}`` with ``h_{t,i} = ...`` and ``h_{0,i} = ...`` beside the formula."""
        inner = scope
        for index in term.indices:
            inner = inner.bind(index, self._letter(index, (term.initial, term.following), inner))
        step = self._letter(term.step, (term.following,), inner)
        stepping = inner.bind(term.step, step)
        symbol = self.vocabulary.symbol(term.state)
        if term not in self.statements.names:
            self.statements.names[term] = term.state
            places = [inner.letters[index].latex for index in term.indices]
            following = self._state_at_previous(term, step).term(
                term.following, stepping, Level.CASES
            )
            now = step.latex if step.base == 1 else f"{step.latex}+1"
            self.statements.texts += [
                f"{_subscripted(symbol, [now, *places])} = {following}",
                f"{_subscripted(symbol, ['0', *places])} = "
                + self.term(term.initial, inner, Level.CASES),
                self._range(term.step, step),
            ]
        count = self.term(term.count, scope, Level.SUM)
        places = [self._place(place, scope) for place in term.at]
        return Written(_subscripted(symbol, [count, *places]), Level.ATOM)

    def _state_at_previous(self, term: Recurrence, step: Letter) -> _Writer:
        previous = f"{step.latex}-1" if step.base == 1 else step.latex
        symbol = _subscripted(self.vocabulary.symbol(term.state), [previous])
        names = MappingProxyType({**self.vocabulary.names, term.state: symbol})
        return _Writer(attrs.evolve(self.vocabulary, names=names), self.statements)


APPLIED: Mapping[str, Callable[[_Writer, Apply, Scope], Written]] = MappingProxyType(
    {
        "add": _Writer._sum,
        "subtract": _Writer._sum,
        "negate": _Writer._negated,
        "multiply": _Writer._product,
        "power": _Writer._power,
        "log": _Writer._log,
        "and": _Writer._junction,
        "or": _Writer._junction,
        "not": _Writer._not,
    }
)
