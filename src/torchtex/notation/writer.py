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
from itertools import zip_longest
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
from torchtex.index.traverse import (
    bound_indices,
    children,
    free_indices,
    postorder,
    tensors_used,
    transform,
    walk,
)
from torchtex.notation.spelling import latex_name


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
    ``swallows`` are the letters of a big operator at its end: a summand after it that has one of
    them would be taken for a part of the operator's body.
    """

    text: str
    level: Level
    before_group: bool = False
    swallows: frozenset[str] = frozenset()


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
        "modulo": Form(r"#1 \bmod #2", Level.RELATION, (Level.CLOSED,)),
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
# Those of definitions and results are others, so that no definition is taken for an index.
INDEX_LETTERS = "ijklpqcfwxz"
DEFINITION_LETTERS = ("a", "b", "s", "u", "v", "g", "d")
RESULT_LETTERS = ("o", "y", "h", "r")
MARKS = ("", "_tilde", "_bar", "_hat", "_prime")

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

    ``reserved`` are the names that no index may take, ``words`` those that no bound index may,
    since they are part of a name.  ``positions`` are tensors whose elements are positions, which
    compare with indices as they are.  ``counted`` are sizes that stand as numbers and are
    no bound of a sum, so that a range must name them.  ``outer`` are the indices of the result and
    of definitions; ``index_names`` the names of all indices.
    """

    names: Mapping[str, str]
    reserved: frozenset[str]
    words: frozenset[str]
    positions: frozenset[str]
    tensors: Mapping[str, Tensor]
    counted: frozenset[str]
    outer: tuple[Index, ...]
    index_names: frozenset[str]

    def symbol(self, name: str) -> str:
        if name in self.names:
            return self.names[name]
        return latex_name(name, frozenset(index.name for index in self.outer))


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
    """What is written beside the formula; grows while it is being written.

    ``vectors`` are those with a name of their own, and the free indices that the name takes.
    """

    texts: list[str] = attrs.field(factory=list)
    vectors: dict[Term, tuple[str, tuple[Index, ...]]] = attrs.field(factory=dict)
    states: set[Term] = attrs.field(factory=set)


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
    needed = attrs.evolve(expression, definitions=_used_definitions(expression))
    sayable = _with_sayable_calls(needed)
    return _Writer.of(sayable, dict(names or {})).expression(sayable, left)


def write_term(term: Term, names: Mapping[str, str] | None = None) -> str:
    """One term as LaTeX; its free indices count from 1.  Raises as :func:`write` does."""
    free = tuple(sorted(free_indices(term), key=lambda index: index.name))
    expression = _with_sayable_calls(Expression((), (), free, term))
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
        nodes = [node for body in _bodies(expression) for node in postorder(body)]
        tensors = _tensor_names(expression, nodes)
        indices = _index_set(expression, nodes)
        counted = {name for node in nodes if isinstance(node, Size) for name in node.names}
        sizes = counted | {name for index in indices for name in index.extent.names}
        _refuse_clashes(tensors, sizes, nodes)
        _refuse_homonyms(tensors, names)
        return _Writer(
            Vocabulary(
                names=MappingProxyType(dict(names)),
                reserved=frozenset(tensors | sizes),
                words=frozenset(word for name in tensors | sizes for word in name.split("_")),
                positions=frozenset(
                    t.name for t in expression.tensors if t.labels is not None or t.integer
                ),
                tensors=MappingProxyType({t.name: t for t in expression.tensors}),
                counted=frozenset(counted - _ranged_sizes(nodes)),
                outer=_outer_indices(expression),
                index_names=frozenset(index.name for index in indices),
            )
        )

    # -- statements ----------------------------------------------------------------------------

    @refusing_deep_terms
    def expression(self, expression: Expression, left: str | None) -> str:
        _refuse_unused_indices("the result", expression.indices, expression.body)
        scope = self._outer(expression, left)
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

    def _outer(self, expression: Expression, left: str | None) -> Scope:
        """The indices of the result and of definitions: one letter each, the same everywhere."""
        scope = Scope()
        for index in self.vocabulary.outer:
            letter = self._letter(index, _bodies(expression), scope)
            if left is not None and index in expression.indices and letter.name != index.name:
                raise NotWritten(f"the index {index.name} of the left side bears another's name")
            scope = scope.bind(index, letter)
        return scope

    def _left_side(self, expression: Expression, scope: Scope) -> str:
        taken = self.vocabulary.reserved | self.vocabulary.index_names | scope.taken
        symbol = next((name for name in RESULT_LETTERS if name not in taken), r"\text{result}")
        return _subscripted(symbol, [scope.letters[index].latex for index in expression.indices])

    def _ranges(self, expression: Expression, scope: Scope) -> Iterator[str]:
        """The ranges of outer indices that are used as numbers or whose size is."""
        for index in self.vocabulary.outer:
            if self._needs_range(index, _bodies(expression), scope.letters[index]):
                yield r", \quad " + self._range(index, scope.letters[index])

    def _needs_range(self, index: Index, bodies: Iterable[Term], letter: Letter) -> bool:
        if letter.base == 0 or not self.vocabulary.counted.isdisjoint(index.extent.names):
            return True
        if any(_is_counted(index, body) for body in bodies):
            return True
        return not any(_tells_extent(body, index, self.vocabulary.tensors) for body in bodies)

    def _range(self, index: Index, letter: Letter) -> str:
        return rf"{letter.latex} = {letter.base}, \dots, {self._last(index, letter)}"

    def _last(self, index: Index, letter: Letter) -> str:
        """The number that the last position bears."""
        return self.size(index.extent + (letter.base - 1)).text.replace(" ", "")

    def _definition(self, definition: Definition, scope: Scope) -> str:
        _refuse_unused_indices(definition.name, definition.indices, definition.body)
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
        if index not in self.vocabulary.outer:
            taken |= self.vocabulary.words
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
            return any(self._used_bare(index, side) for side in (left, right) if side != index)
        # Beside a place or a symbol that may be a label, a lone letter would be taken for a place.
        beside_place = any(self.is_position(s) or isinstance(s, Element) for s in (left, right))
        if beside_place and index in (_counted(left), _counted(right)):
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
        """The 0-based position as a number."""
        letter = _letter_of(index, scope)
        written = Written(letter.latex, Level.ATOM)
        return written if letter.base == 0 else _joined_sum([written, _number(Fraction(-1))])

    def _position(self, term: Term, scope: Scope) -> Written:
        """A place: where an index stands, whatever number its range starts at.

        The indices of a computed place are all written from 0, and so the reader counts it from 0.
        """
        if isinstance(term, Index):
            return Written(_letter_of(term, scope).latex, Level.ATOM)
        sign, factors = _factors(term)
        if sign > 0 and len(factors) > 1 and not any(isinstance(f, Number) for f in factors):
            # Letters side by side in a subscript would be taken for a word.
            return _joined_product([self.piece(f, scope) for f in factors], [True] * len(factors))
        return self.piece(term, scope)

    def _apply(self, term: Apply, scope: Scope) -> Written:
        if term.operator in COMPARISONS and all(map(self.is_position, term.arguments)):
            places = [self._position(argument, scope) for argument in term.arguments]
            return self._filled(FORMS[term.operator], places)
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
        listed = {"*": ", ".join(texts), **{str(n): text for n, text in enumerate(texts, start=1)}}
        filled = re.sub(r"#(\*|\d)", lambda place: listed[place[1]], template)
        return Written(filled, form.level, form.template.startswith(r"\frac"))

    # -- sums and products -------------------------------------------------------------------

    def _sum(self, term: Apply, scope: Scope) -> Written:
        index = _counted(term)
        if index is not None and _letter_of(index, scope).base == 1:
            return self._position(index, scope)
        return _joined_sum(
            [_signed(self.piece(each, scope), sign) for each, sign in _summands(term)]
        )

    def _negated(self, term: Apply, scope: Scope) -> Written:
        return _signed(self.piece(term.arguments[0], scope), -1)

    def _product(self, term: Apply, scope: Scope) -> Written:
        sign, factors = _factors(term)
        numbers = [each for each in factors if isinstance(each, Number)]
        ordered = numbers + [each for each in factors if not isinstance(each, Number)]
        ordered = ordered or [Number(Fraction(1))]
        pieces = [self.piece(each, scope) for each in ordered]
        return _signed(_joined_product(pieces, [self._is_lone_capital(f) for f in ordered]), sign)

    def _is_lone_capital(self, term: Term) -> bool:
        """A capital with fewer than two subscripts would be taken for a matrix before a symbol."""
        if isinstance(term, Element):
            return len(term.indices) < 2 and term.tensor[:1].isupper()
        return False

    def _power(self, term: Apply, scope: Scope) -> Written:
        base, exponent = (self.piece(argument, scope) for argument in term.arguments)
        if base.text.endswith("'"):
            base = _parenthesised(base)
        raised = exponent.text
        if _is_label_like(raised):
            raised = rf"1 \cdot {raised}"
        superscript = raised if re.fullmatch(r"[^\\]|\\[a-zA-Z]+", raised) else f"{{{raised}}}"
        return Written(f"{_grouped(base, Level.ATOM).text}^{superscript}", Level.CLOSED)

    def _quotient(self, term: Apply, scope: Scope) -> Written:
        """``\\frac{1}{N} \\sum`` for a sum over a number; else a fraction."""
        above, below = (self.piece(argument, scope) for argument in term.arguments)
        if above.text.startswith(r"\sum") and isinstance(term.arguments[1], Size):
            text = rf"\frac{{1}}{{{below.text}}} {above.text}"
            return Written(text, Level.OPEN, swallows=above.swallows)
        return self._filled(FORMS["divide"], [above, below])

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
            in_brackets = [self._position(place, scope).text for place in term.indices]
            return Written(f"{symbol}[{', '.join(in_brackets)}]", Level.ATOM)
        places = [self._position(place, scope).text for place in term.indices]
        return Written(_subscripted(symbol, places), Level.ATOM)

    def _reduce(self, term: Reduce, scope: Scope) -> Written:
        term = _with_readable_guard(term)
        parts = (term.body,) if term.guard is None else (term.body, term.guard)
        letter = self._letter(term.index, parts, scope)
        inner = scope.bind(term.index, letter)
        limits = self._limits(term, letter, inner)
        body = _grouped(self.piece(term.body, inner), Level.OPEN)
        text = f"{BIG_OPERATORS[term.operator]}{limits} {body.text}"
        guard = "" if term.guard is None else self.term(term.guard, inner, Level.CASES)
        letters = frozenset((letter.name[0], *re.findall(r"(?<![A-Za-z\\])[A-Za-z]\b", guard)))
        return Written(text, Level.OPEN, swallows=letters | body.swallows)

    def _limits(self, term: Reduce, letter: Letter, scope: Scope) -> str:
        upper = self._last(term.index, letter)
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
        return _tells_extent(term.body, index, self.vocabulary.tensors)

    # -- calls ---------------------------------------------------------------------------------

    def _call(self, term: Call, scope: Scope) -> Written:
        pieces = [self._argument(argument, scope) for argument in term.arguments]
        written = self._filled(self._named_form(term.name), pieces)
        if not term.at:
            return written
        places = [self._position(place, scope).text for place in term.at]
        return Written(_subscripted(written.text, places), Level.CLOSED)

    def _named_form(self, name: str) -> Form:
        clash = UNMISTAKABLE.get(name)
        if clash is not None and clash[0] in self.vocabulary.reserved:
            return clash[1]
        return NAMED_FORMS[name]

    def _argument(self, term: Term, scope: Scope) -> Written:
        if not isinstance(term, Comprehension):
            return self.piece(term, scope)
        if _is_whole(term.body, term.indices):
            return self._whole(term.body, len(term.indices), scope)
        return self._named_vector(term, scope)

    def _whole(self, body: Term, count: int, scope: Scope) -> Written:
        """A vector written without its last indices: ``z_n`` for ``z_{n,k}`` at every k."""
        if isinstance(body, Element):
            places = [self._position(place, scope).text for place in body.indices[:-count]]
            return Written(_subscripted(self.vocabulary.symbol(body.tensor), places), Level.ATOM)
        parts = ((self._whole(each, count, scope), sign) for each, sign in _summands(body))
        return _joined_sum([_signed(part, sign) for part, sign in parts])

    def _named_vector(self, term: Comprehension, scope: Scope) -> Written:
        """A vector that has no short form gets a name, and a definition beside the formula."""
        if term not in self.statements.vectors:
            outer = tuple(index for index in scope.letters if index in free_indices(term))
            self.statements.vectors[term] = (self._unused_name(), outer)
            self._define_vector(term, scope)
        name, outer = self.statements.vectors[term]
        places = [_letter_of(index, scope).latex for index in outer]
        return Written(_subscripted(latex_name(name), places), Level.ATOM)

    def _define_vector(self, term: Comprehension, scope: Scope) -> None:
        """Indices of a definition count from 1 unless their range is declared."""
        name, outer = self.statements.vectors[term]
        inner = scope
        for index in outer:
            if index not in self.vocabulary.outer:
                inner = inner.bind(index, Letter(scope.letters[index].name, 1))
        for index in term.indices:
            inner = inner.bind(index, self._letter(index, (), inner))
        positions = [inner.letters[index].latex for index in (*outer, *term.indices)]
        left = _subscripted(latex_name(name), positions)
        body = self.term(term.body, inner, Level.CASES)
        self.statements.texts.append(f"{left} = {body}")

    def _unused_name(self) -> str:
        taken = self.vocabulary.reserved | self.vocabulary.index_names
        taken |= {name for name, _ in self.statements.vectors.values()}
        spellings = (f"{letter}{mark}" for mark in MARKS for letter in DEFINITION_LETTERS)
        free = next((name for name in spellings if name not in taken), None)
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
        if term not in self.statements.states:
            self.statements.states.add(term)
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
        places = [self._position(place, scope).text for place in term.at]
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
        "divide": _Writer._quotient,
        "power": _Writer._power,
        "log": _Writer._log,
        "and": _Writer._junction,
        "or": _Writer._junction,
        "not": _Writer._not,
    }
)


# -- pieces ------------------------------------------------------------------------------------


def _is_tall(text: str) -> bool:
    return any(command in text for command in TALL)


def _parenthesised(piece: Written) -> Written:
    text = rf"\left({piece.text}\right)" if _is_tall(piece.text) else f"({piece.text})"
    return Written(text, Level.ATOM, before_group=True)


def _grouped(piece: Written, least: Level) -> Written:
    return piece if piece.level >= least else _parenthesised(piece)


def _signed(piece: Written, sign: int) -> Written:
    if sign > 0:
        return piece
    operand = _grouped(piece, Level.OPEN)
    return Written("-" + operand.text, Level.NEGATED, swallows=operand.swallows)


def _joined_sum(parts: Sequence[Written]) -> Written:
    summands = [_grouped(part, Level.SUM) for part in parts]
    text = ""
    for here, after in zip_longest(summands, summands[1:]):
        if after is not None and _occurs(here.swallows, after.text):
            here = _signed_group(here)
        text += _with_sign(here.text) if text else here.text
    return Written(text, Level.SUM, swallows=summands[-1].swallows)


def _with_sign(summand: str) -> str:
    return f" - {summand[1:]}" if summand.startswith("-") else f" + {summand}"


def _signed_group(summand: Written) -> Written:
    """The summand in parentheses, its sign before them."""
    if not summand.text.startswith("-"):
        return _parenthesised(summand)
    return Written("-" + _parenthesised(Written(summand.text[1:], Level.SUM)).text, Level.NEGATED)


def _occurs(letters: Iterable[str], text: str) -> bool:
    """Whether one of the letters stands in ``text`` before a sum binds it anew."""
    for letter in letters:
        free = re.split(rf"\\(?:sum|prod)_\{{?{letter}\b", text)[0]
        if re.search(rf"(?<![A-Za-z\\]){letter}(?![A-Za-z])", free):
            return True
    return False


def _joined_product(pieces: Sequence[Written], capitals: Sequence[bool]) -> Written:
    """Factors side by side, with a dot only where they would be read as something else."""
    *before, last = pieces
    factors = [_grouped(piece, Level.PRODUCT) for piece in before]
    factors.append(_grouped(last, Level.OPEN))
    text = factors[0].text
    for left, right, capital in zip(factors, factors[1:], capitals, strict=False):
        text += _between(left, right, capital) + right.text
    level = Level.OPEN if factors[-1].level == Level.OPEN else Level.PRODUCT
    return Written(text, level, swallows=factors[-1].swallows)


def _between(left: Written, right: Written, capital: bool) -> str:
    """What stands between two factors."""
    starts_group = right.text.startswith(("(", "[", r"\left(", r"\left["))
    if right.text[0].isdigit() or (starts_group and not left.before_group):
        return r" \cdot "
    if (capital and right.level == Level.ATOM) or r"\text{" in (left.text[:6], right.text[:6]):
        return r" \cdot "
    if left.text[0].isdigit() and right.text.startswith(r"\mathbb"):
        return r" \cdot "
    return "" if left.text[-1].isdigit() and right.text[0].isalpha() else " "


def _number(value: Fraction) -> Written:
    if value < 0:
        return Written("-" + _number(-value).text, Level.NEGATED)
    if value.denominator == 1:
        return Written(str(value), Level.ATOM, before_group=True)
    digits = _decimal_places(value.denominator)
    if value.denominator <= 4 or digits is None:
        text = rf"\frac{{{value.numerator}}}{{{value.denominator}}}"
        return Written(text, Level.CLOSED, before_group=True)
    shifted = value * 10**digits
    if digits > 6:
        power = f"10^{{-{digits}}}"
        if shifted == 1:
            return Written(power, Level.CLOSED)
        return Written(rf"{shifted} \cdot {power}", Level.PRODUCT)
    whole, rest = divmod(int(shifted), 10**digits)
    return Written(f"{whole}.{rest:0{digits}d}", Level.ATOM, before_group=True)


def _decimal_places(denominator: int) -> int | None:
    """How many decimals a fraction with this denominator has; None when they never end."""
    twos = fives = 0
    while denominator % 2 == 0:
        denominator, twos = denominator // 2, twos + 1
    while denominator % 5 == 0:
        denominator, fives = denominator // 5, fives + 1
    return max(twos, fives) if denominator == 1 else None


def _scaled(name: str, factor: Fraction) -> Written:
    """A coefficient of a size before its name."""
    if abs(factor) == 1:
        return _signed(Written(name, Level.ATOM), int(factor))
    if factor.numerator in (1, -1):
        piece = Written(rf"\frac{{{name}}}{{{factor.denominator}}}", Level.CLOSED)
        return _signed(piece, factor.numerator)
    symbol = Written(name, Level.ATOM)
    return _signed(
        _joined_product([_number(abs(factor)), symbol], [False, False]), 1 if factor > 0 else -1
    )


def _subscripted(symbol: str, places: Sequence[str]) -> str:
    """The symbol with more subscripts after those it has."""
    if not places:
        return symbol
    base, own = _split_subscript(symbol)
    written = ",".join([*own, *places])
    return f"{base}_{written}" if len(written) == 1 else f"{base}_{{{written}}}"


def _split_subscript(symbol: str) -> tuple[str, list[str]]:
    """``W_1`` is W and 1, ``H_{\\text{in}}`` is H and ``\\text{in}``."""
    if simple := re.fullmatch(r"(.*)_([A-Za-z0-9]|\\[A-Za-z]+)", symbol):
        return simple[1], [simple[2]]
    opening = _opening_brace(symbol)
    if opening > 0 and symbol[opening - 1] == "_":
        return symbol[: opening - 1], [symbol[opening + 1 : -1]]
    return symbol, []


def _opening_brace(symbol: str) -> int:
    """Where the brace opens that the last character closes, or -1."""
    depth = 0
    for position in range(len(symbol) - 1, -1, -1):
        depth += {"}": 1, "{": -1}.get(symbol[position], 0)
        if depth == 0:
            return position if symbol[position] == "{" else -1
    return -1


def _is_label_like(exponent: str) -> bool:
    """Whether the reader would take a superscript for a transpose or a part of the name."""
    return exponent in ("T", r"\top", "*") or exponent.startswith((r"\text{", "("))


# -- terms -------------------------------------------------------------------------------------


def _bodies(expression: Expression) -> tuple[Term, ...]:
    return (*(each.body for each in expression.definitions), expression.body)


def _used_definitions(expression: Expression) -> tuple[Definition, ...]:
    """The definitions that the result needs, in order."""
    used = tensors_used(expression.body)
    kept: list[Definition] = []
    for definition in reversed(expression.definitions):
        if definition.name in used:
            used |= tensors_used(definition.body)
            kept.append(definition)
    return tuple(reversed(kept))


def _letter_of(index: Index, scope: Scope) -> Letter:
    if index not in scope.letters:
        raise NotWritten(f"the index {index.name} is bound by nothing")
    return scope.letters[index]


def _is_letter(name: str) -> bool:
    return len(name) == 1 and name.isascii() and name.isalpha()


def _counted(term: Term) -> Index | None:
    """The index whose position plus one ``term`` is: its number in a range from 1."""
    if not isinstance(term, Apply) or term.operator != "add" or len(term.arguments) != 2:
        return None
    first, second = term.arguments
    if isinstance(first, Index) and second == Number(Fraction(1)):
        return first
    return second if isinstance(second, Index) and first == Number(Fraction(1)) else None


def _with_readable_guard(term: Reduce) -> Reduce:
    """``\\sum_k \\mathbb{1}[k = i] x_k``: under a big operator ``k = i`` would be a lower limit."""
    if term.guard is None or not any(_is_equality(node) for node in walk(term.guard)):
        return term
    if term.operator == "sum":
        kept = Apply("multiply", (Apply("indicator", (term.guard,)), term.body))
        return Reduce("sum", term.index, kept)
    return attrs.evolve(term, guard=transform(term.guard, _as_inequalities))


def _is_equality(term: Term) -> bool:
    return isinstance(term, Apply) and term.operator == "equal"


def _as_inequalities(term: Term) -> Term:
    if not isinstance(term, Apply) or term.operator != "equal":
        return term
    above, below = Apply("less_equal", term.arguments), Apply("greater_equal", term.arguments)
    return Apply("and", (above, below))


def _is_whole(body: Term, indices: tuple[Index, ...]) -> bool:
    """Whether a vector is a sum of tensors whose last axes the indices run along."""
    if isinstance(body, Apply) and body.operator in ("add", "subtract"):
        return all(_is_whole(each, indices) for each, _ in _summands(body))
    if not isinstance(body, Element) or len(body.indices) < len(indices):
        return False
    leading = body.indices[: len(body.indices) - len(indices)]
    used = {index for place in leading for index in free_indices(place)}
    if any(isinstance(place, Number) for place in leading) or not used.isdisjoint(indices):
        return False
    return body.indices[len(leading) :] == indices


def _tells_extent(body: Term, index: Index, tensors: Mapping[str, Tensor]) -> bool:
    """Whether an axis that ``index`` runs along says how far it runs."""
    return any(_runs_along(node, index, tensors) for node in _where_bound(index, body))


def _runs_along(node: Term, index: Index, tensors: Mapping[str, Tensor]) -> bool:
    if isinstance(node, Call):
        return index in node.at
    if not isinstance(node, Element) or index not in node.indices:
        return False
    if node.tensor not in tensors:
        return not tensors  # a lone term, about whose tensors nothing is known
    axes = zip(node.indices, tensors[node.tensor].extents, strict=True)
    return any(place == index and extent == index.extent for place, extent in axes)


def _with_sayable_calls(expression: Expression) -> Expression:
    """Calls that have no notation give way to their definitions."""
    tensors = {tensor.name: tensor for tensor in expression.tensors}

    def unfolded(term: Term) -> Term:
        if not isinstance(term, Call) or _is_sayable(term, tensors):
            return term
        definition = transform(unfold(term), unfolded)
        for index in free_indices(term) - free_indices(definition):
            raise NotWritten(f"{term.name} does not depend on the index {index.name} here")
        return definition

    definitions = tuple(
        attrs.evolve(each, body=transform(each.body, unfolded)) for each in expression.definitions
    )
    body = transform(expression.body, unfolded)
    return attrs.evolve(expression, definitions=definitions, body=body)


def _is_sayable(term: Call, tensors: Mapping[str, Tensor]) -> bool:
    return term.name in NAMED_FORMS and all(
        _is_whole(argument.body, argument.indices)
        or all(_tells_extent(argument.body, index, tensors) for index in argument.indices)
        for argument in term.arguments
        if isinstance(argument, Comprehension)
    )


def _is_counted(index: Index, term: Term) -> bool:
    return any(_counted(node) == index for node in _where_bound(index, term))


def _where_bound(index: Index, term: Term) -> Iterator[Term]:
    """The subterms of ``term`` where ``index`` isn't bound anew."""
    stack = [term]
    while stack:
        node = stack.pop()
        yield node
        if index not in bound_indices(node):
            stack.extend(children(node))


def _summands(term: Term) -> Iterator[tuple[Term, int]]:
    """The terms of a sum with their signs.

    What stands behind a minus is kept together, and so is an index plus one inside the sum.
    """
    if not isinstance(term, Apply) or term.operator not in ("add", "subtract"):
        yield term, 1
        return
    followers = term.arguments if term.operator == "add" else term.arguments[:1]
    for argument in followers:
        yield from [(argument, 1)] if _counted(argument) is not None else _summands(argument)
    if term.operator == "subtract":
        yield term.arguments[1], -1


def _factors(term: Term) -> tuple[int, list[Term]]:
    """The sign and the factors of a product."""
    if isinstance(term, Number) and term.value < 0:
        return -1, [] if term.value == -1 else [Number(-term.value)]
    if not isinstance(term, Apply) or term.operator not in ("multiply", "negate"):
        return 1, [term]
    sign = -1 if term.operator == "negate" else 1
    factors: list[Term] = []
    for argument in term.arguments:
        its_sign, its_factors = _factors(argument)
        sign *= its_sign
        factors += its_factors
    return sign, factors


def _negation(condition: Term) -> Term:
    """The condition that holds where ``condition`` does not, without a sign for *not*."""
    if not isinstance(condition, Apply):
        raise NotWritten("a condition is no comparison")
    if condition.operator == "not":
        return condition.arguments[0]
    opposite = NEGATIONS.get(condition.operator)
    if opposite is None:
        raise NotWritten(f"the negation of {condition.operator} has no notation")
    if condition.operator in COMPARISONS:
        return Apply(opposite, condition.arguments)
    return Apply(opposite, tuple(_negation(argument) for argument in condition.arguments))


_DIRECTIONS = (frozenset({"less", "less_equal"}), frozenset({"greater", "greater_equal"}))


def _refuse_unused_indices(name: str, indices: Iterable[Index], body: Term) -> None:
    """Raise NotWritten for a left side with an index that the right side does not have.

    The reader takes such a letter for a part of the name.
    """
    free = free_indices(body)
    for index in indices:
        if index not in free:
            raise NotWritten(f"{name} has the index {index.name}, which nothing in it depends on")


def _tensor_names(expression: Expression, nodes: Iterable[Term]) -> set[str]:
    """Inputs, definitions and states."""
    declared = {tensor.name for tensor in expression.tensors}
    declared |= {definition.name for definition in expression.definitions}
    used = {node.tensor for node in nodes if isinstance(node, Element)}
    return declared | used | {node.state for node in nodes if isinstance(node, Recurrence)}


def _outer_indices(expression: Expression) -> tuple[Index, ...]:
    """The indices of the result and of definitions, each once."""
    defined = (index for each in expression.definitions for index in each.indices)
    return tuple(dict.fromkeys((*expression.indices, *defined)))


def _index_set(expression: Expression, nodes: Iterable[Term]) -> set[Index]:
    bound = {index for node in nodes for index in bound_indices(node)}
    return bound | set(_outer_indices(expression))


def _ranged_sizes(nodes: Iterable[Term]) -> set[str]:
    """The sizes that are a bound of a written range."""
    ranged = (node for node in nodes if isinstance(node, Reduce) and node.operator in RANGED)
    return {name for node in ranged for name in node.index.extent.names}


def _refuse_clashes(tensors: set[str], sizes: set[str], nodes: Sequence[Term]) -> None:
    """Raise NotWritten where two things would be written alike."""
    operators = {node.operator for node in nodes if isinstance(node, Apply)}
    constants = {node.name for node in nodes if isinstance(node, Constant)}
    for name in sorted(tensors & sizes):
        raise NotWritten(f"{name} is a tensor and a size")
    for name in sorted(tensors & constants):
        raise NotWritten(f"{name} is a tensor and a constant")
    for operator, symbol in SYMBOLS_OF_OPERATORS.items():
        if operator in operators and symbol in tensors:
            raise NotWritten(f"{symbol} is a tensor and a function")


def _refuse_homonyms(tensors: set[str], names: Mapping[str, str]) -> None:
    """Raise NotWritten where the caller's names make two tensors one symbol."""
    owners: dict[str, str] = {}
    for tensor in sorted(tensors):
        written = names.get(tensor, latex_name(tensor))
        if written in owners:
            raise NotWritten(f"{owners[written]} and {tensor} would both be written {written}")
        owners[written] = tensor
