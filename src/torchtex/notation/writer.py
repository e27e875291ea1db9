"""Index language to LaTeX that a person would write, and that reads back as the same function.

Every operator and named function is one row of a table: its template and how tightly its arguments
must hold together.  Written indices start at 1; one whose 0-based position is itself used as a
number is written with a range from 0, so that what stands there is right.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType

import attrs

from torchtex.index.errors import refusing_deep_terms
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
)
from torchtex.notation.spelling import latex_name
from torchtex.notation.written_forms import (
    BIG_OPERATORS,
    COMPARISONS,
    CONSTANTS,
    DEFINITION_LETTERS,
    FORMS,
    INDEX_LETTERS,
    JOINED,
    MARKS,
    NAMED_FORMS,
    RANGED,
    RESULT_LETTERS,
    UNMISTAKABLE,
    Form,
    Level,
    Written,
)
from torchtex.notation.written_pieces import (
    grouped,
    is_label_like,
    is_tall,
    joined_product,
    joined_sum,
    number_piece,
    parenthesised,
    scaled_size,
    signed_piece,
    subscripted,
)
from torchtex.notation.written_scope import Letter, NotWritten, Scope, Statements, Vocabulary
from torchtex.notation.written_terms import (
    DIRECTIONS,
    bodies_of,
    counted_index,
    factors_of,
    index_set,
    is_counted,
    is_index_letter,
    is_whole,
    letter_of,
    negation_of,
    outer_indices,
    ranged_sizes,
    refuse_clashes,
    refuse_homonyms,
    refuse_unused_indices,
    summands_of,
    tells_extent,
    tensor_names,
    used_definitions,
    with_readable_guard,
    with_sayable_calls,
)


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
    needed = attrs.evolve(expression, definitions=used_definitions(expression))
    sayable = with_sayable_calls(needed)
    return _Writer.of(sayable, dict(names or {})).expression(sayable, left)


def write_term(term: Term, names: Mapping[str, str] | None = None) -> str:
    """One term as LaTeX; its free indices count from 1.  Raises as :func:`write` does."""
    free = tuple(sorted(free_indices(term), key=lambda index: index.name))
    expression = with_sayable_calls(Expression((), (), free, term))
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
        nodes = [node for body in bodies_of(expression) for node in postorder(body)]
        tensors = tensor_names(expression, nodes)
        indices = index_set(expression, nodes)
        counted = {name for node in nodes if isinstance(node, Size) for name in node.names}
        sizes = counted | {name for index in indices for name in index.extent.names}
        refuse_clashes(tensors, sizes, nodes)
        refuse_homonyms(tensors, names)
        return _Writer(
            Vocabulary(
                names=MappingProxyType(dict(names)),
                reserved=frozenset(tensors | sizes),
                words=frozenset(word for name in tensors | sizes for word in name.split("_")),
                positions=frozenset(
                    t.name for t in expression.tensors if t.labels is not None or t.integer
                ),
                tensors=MappingProxyType({t.name: t for t in expression.tensors}),
                counted=frozenset(counted - ranged_sizes(nodes)),
                outer=outer_indices(expression),
                index_names=frozenset(index.name for index in indices),
            )
        )

    # -- statements ----------------------------------------------------------------------------

    @refusing_deep_terms
    def expression(self, expression: Expression, left: str | None) -> str:
        refuse_unused_indices("the result", expression.indices, expression.body)
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
            letter = self._letter(index, bodies_of(expression), scope)
            if left is not None and index in expression.indices and letter.name != index.name:
                raise NotWritten(f"the index {index.name} of the left side bears another's name")
            scope = scope.bind(index, letter)
        return scope

    def _left_side(self, expression: Expression, scope: Scope) -> str:
        taken = self.vocabulary.reserved | self.vocabulary.index_names | scope.taken
        symbol = next((name for name in RESULT_LETTERS if name not in taken), r"\text{result}")
        return subscripted(symbol, [scope.letters[index].latex for index in expression.indices])

    def _ranges(self, expression: Expression, scope: Scope) -> Iterator[str]:
        """The ranges of outer indices that are used as numbers or whose size is."""
        for index in self.vocabulary.outer:
            if self._needs_range(index, bodies_of(expression), scope.letters[index]):
                yield r", \quad " + self._range(index, scope.letters[index])

    def _needs_range(self, index: Index, bodies: Iterable[Term], letter: Letter) -> bool:
        if letter.base == 0 or not self.vocabulary.counted.isdisjoint(index.extent.names):
            return True
        if any(is_counted(index, body) for body in bodies):
            return True
        return not any(tells_extent(body, index, self.vocabulary.tensors) for body in bodies)

    def _range(self, index: Index, letter: Letter) -> str:
        return rf"{letter.latex} = {letter.base}, \dots, {self._last(index, letter)}"

    def _last(self, index: Index, letter: Letter) -> str:
        """The number that the last position bears."""
        return self.size(index.extent + (letter.base - 1)).text.replace(" ", "")

    def _definition(self, definition: Definition, scope: Scope) -> str:
        refuse_unused_indices(definition.name, definition.indices, definition.body)
        positions = [scope.letters[index].latex for index in definition.indices]
        left = subscripted(self.vocabulary.symbol(definition.name), positions)
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
            if is_index_letter(name) and name not in taken:
                return Letter(name, base)
        primed = (f"{name}_prime" for name in wanted if is_index_letter(name))
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
            case Apply() if counted_index(term) == index:
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
        if beside_place and index in (counted_index(left), counted_index(right)):
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
        return grouped(self.piece(term, scope), least).text

    def piece(self, term: Term, scope: Scope) -> Written:
        match term:
            case Number():
                return number_piece(term.value)
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
        parts = [
            scaled_size(self.vocabulary.symbol(name), value) for name, value in size.coefficients
        ]
        if size.constant != 0 or not parts:
            parts.append(number_piece(size.constant))
        return parts[0] if len(parts) == 1 else joined_sum(parts)

    def _index(self, index: Index, scope: Scope) -> Written:
        """The 0-based position as a number."""
        letter = letter_of(index, scope)
        written = Written(letter.latex, Level.ATOM)
        return written if letter.base == 0 else joined_sum([written, number_piece(Fraction(-1))])

    def _position(self, term: Term, scope: Scope) -> Written:
        """A place: where an index stands, whatever number its range starts at.

        The indices of a computed place are all written from 0, and so the reader counts it from 0.
        """
        if isinstance(term, Index):
            return Written(letter_of(term, scope).latex, Level.ATOM)
        sign, factors = factors_of(term)
        if sign > 0 and len(factors) > 1 and not any(isinstance(f, Number) for f in factors):
            # Letters side by side in a subscript would be taken for a word.
            return joined_product([self.piece(f, scope) for f in factors], [True] * len(factors))
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
        texts = [grouped(piece, need).text for piece, need in zip(pieces, needs, strict=False)]
        template = form.template
        if any(is_tall(text) for text in texts):
            template = re.sub(r"(?<!\\left)([(\[])", r"\\left\1", template)
            template = re.sub(r"(?<!\\right)([)\]])", r"\\right\1", template)
        listed = {"*": ", ".join(texts), **{str(n): text for n, text in enumerate(texts, start=1)}}
        filled = re.sub(r"#(\*|\d)", lambda place: listed[place[1]], template)
        return Written(filled, form.level, form.template.startswith(r"\frac"))

    # -- sums and products -------------------------------------------------------------------

    def _sum(self, term: Apply, scope: Scope) -> Written:
        index = counted_index(term)
        if index is not None and letter_of(index, scope).base == 1:
            return self._position(index, scope)
        return joined_sum(
            [signed_piece(self.piece(each, scope), sign) for each, sign in summands_of(term)]
        )

    def _negated(self, term: Apply, scope: Scope) -> Written:
        return signed_piece(self.piece(term.arguments[0], scope), -1)

    def _product(self, term: Apply, scope: Scope) -> Written:
        sign, factors = factors_of(term)
        numbers = [each for each in factors if isinstance(each, Number)]
        ordered = numbers + [each for each in factors if not isinstance(each, Number)]
        ordered = ordered or [Number(Fraction(1))]
        pieces = [self.piece(each, scope) for each in ordered]
        return signed_piece(
            joined_product(pieces, [self._is_lone_capital(f) for f in ordered]), sign
        )

    def _is_lone_capital(self, term: Term) -> bool:
        """A capital with fewer than two subscripts would be taken for a matrix before a symbol."""
        if isinstance(term, Element):
            return len(term.indices) < 2 and term.tensor[:1].isupper()
        return False

    def _power(self, term: Apply, scope: Scope) -> Written:
        base, exponent = (self.piece(argument, scope) for argument in term.arguments)
        if base.text.endswith("'"):
            base = parenthesised(base)
        raised = exponent.text
        if is_label_like(raised):
            raised = rf"1 \cdot {raised}"
        superscript = raised if re.fullmatch(r"[^\\]|\\[a-zA-Z]+", raised) else f"{{{raised}}}"
        return Written(f"{grouped(base, Level.ATOM).text}^{superscript}", Level.CLOSED)

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
        same_way = any({first.operator, second.operator} <= way for way in DIRECTIONS)
        if not same_way or first.arguments[1] != second.arguments[0]:
            return None
        start, rest = self._apply(first, scope), self._apply(second, scope)
        middle = self.term(second.arguments[0], scope, Level.SUM)
        return Written(start.text + rest.text.removeprefix(middle), Level.RELATION)

    def _not(self, term: Apply, scope: Scope) -> Written:
        return self.piece(negation_of(term.arguments[0]), scope)

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
        return Written(subscripted(symbol, places), Level.ATOM)

    def _reduce(self, term: Reduce, scope: Scope) -> Written:
        term = with_readable_guard(term)
        parts = (term.body,) if term.guard is None else (term.body, term.guard)
        letter = self._letter(term.index, parts, scope)
        inner = scope.bind(term.index, letter)
        limits = self._limits(term, letter, inner)
        body = grouped(self.piece(term.body, inner), Level.OPEN)
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
        if is_counted(index, term.body):
            return False
        return tells_extent(term.body, index, self.vocabulary.tensors)

    # -- calls ---------------------------------------------------------------------------------

    def _call(self, term: Call, scope: Scope) -> Written:
        pieces = [self._argument(argument, scope) for argument in term.arguments]
        written = self._filled(self._named_form(term.name), pieces)
        if not term.at:
            return written
        places = [self._position(place, scope).text for place in term.at]
        return Written(subscripted(written.text, places), Level.CLOSED)

    def _named_form(self, name: str) -> Form:
        clash = UNMISTAKABLE.get(name)
        if clash is not None and clash[0] in self.vocabulary.reserved:
            return clash[1]
        return NAMED_FORMS[name]

    def _argument(self, term: Term, scope: Scope) -> Written:
        if not isinstance(term, Comprehension):
            return self.piece(term, scope)
        if is_whole(term.body, term.indices):
            return self._whole(term.body, len(term.indices), scope)
        return self._named_vector(term, scope)

    def _whole(self, body: Term, count: int, scope: Scope) -> Written:
        """A vector written without its last indices: ``z_n`` for ``z_{n,k}`` at every k."""
        if isinstance(body, Element):
            places = [self._position(place, scope).text for place in body.indices[:-count]]
            return Written(subscripted(self.vocabulary.symbol(body.tensor), places), Level.ATOM)
        parts = ((self._whole(each, count, scope), sign) for each, sign in summands_of(body))
        return joined_sum([signed_piece(part, sign) for part, sign in parts])

    def _named_vector(self, term: Comprehension, scope: Scope) -> Written:
        """A vector that has no short form gets a name, and a definition beside the formula."""
        if term not in self.statements.vectors:
            outer = tuple(index for index in scope.letters if index in free_indices(term))
            self.statements.vectors[term] = (self._unused_name(), outer)
            self._define_vector(term, scope)
        name, outer = self.statements.vectors[term]
        places = [letter_of(index, scope).latex for index in outer]
        return Written(subscripted(latex_name(name), places), Level.ATOM)

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
        left = subscripted(latex_name(name), positions)
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
                f"{subscripted(symbol, [now, *places])} = {following}",
                f"{subscripted(symbol, ['0', *places])} = "
                + self.term(term.initial, inner, Level.CASES),
                self._range(term.step, step),
            ]
        count = self.term(term.count, scope, Level.SUM)
        places = [self._position(place, scope).text for place in term.at]
        return Written(subscripted(symbol, [count, *places]), Level.ATOM)

    def _state_at_previous(self, term: Recurrence, step: Letter) -> _Writer:
        previous = f"{step.latex}-1" if step.base == 1 else step.latex
        symbol = subscripted(self.vocabulary.symbol(term.state), [previous])
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
