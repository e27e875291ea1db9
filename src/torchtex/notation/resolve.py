"""Reading a formula: LaTeX to claims in the index language, with the reading said in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import attrs

from torchtex.index import construct
from torchtex.index.substitute import rename_sizes
from torchtex.index.terms import Definition, Expression, Index, Reduce, Size, Tensor, Term
from torchtex.index.traverse import tensors_used, walk
from torchtex.notation.ambiguous import Decisions
from torchtex.notation.declare import declared, name_of
from torchtex.notation.describe import describe
from torchtex.notation.elaborate import elaborate
from torchtex.notation.errors import NotRead
from torchtex.notation.extents import Conflict, is_placeholder
from torchtex.notation.parser import parse
from torchtex.notation.positions import point, position
from torchtex.notation.program import Equation, Head, Program, program_of, without_constant
from torchtex.notation.reading import Claim, Context, DerivativeOf, Reading
from torchtex.notation.scope import Scope
from torchtex.notation.spelling import canonical_name
from torchtex.notation.survey import (
    candidate_names,
    indexed_names,
    letters,
    loose_letters,
    range_sizes,
    written_lowers,
)
from torchtex.notation.symbols import definition_index, stored_definitions
from torchtex.notation.syntax import Derivative, Document, Name, Node, Span, Subscript
from torchtex.notation.values import Value, as_number, elementwise
from torchtex.notation.work import BATCH_LETTERS, Restart, Work

MAX_ATTEMPTS = 60
NOTHING_KNOWN = Context()
NO_CHOICES: Mapping[tuple[str, int], str] = MappingProxyType({})


def read(
    latex: str,
    context: Context = NOTHING_KNOWN,
    choices: Mapping[tuple[str, int], str] = NO_CHOICES,
) -> Reading:
    """What ``latex`` says, against what is known of its symbols.

    ``choices`` takes other readings of ambiguous places (see ``Reading.ambiguities``).
    Raises :class:`NotRead`, with the characters and a hint, for anything not read.
    """
    words = _words(context.known)
    document = parse(latex, words, dict(choices))
    declarations = declared(context.declarations, words)
    program = program_of(document, declarations, context)
    ranks: dict[str, int] = {}
    for _ in range(MAX_ATTEMPTS):
        work = _work(document, program, context, choices, ranks)
        try:
            return _reading(work, document, program)
        except Restart:
            continue
    raise NotRead("the ranks of the symbols do not settle", Span(0, len(latex)), latex)


def survey(latex: str, declarations: Iterable[str] = ()) -> tuple[str, ...]:
    """Canonical names the symbols of a formula may have, in order of appearance.

    ``p_t`` gives both ``p`` and ``p_t``: binding decides which one there is.
    Raises :class:`NotRead` when the formula cannot be parsed.
    """
    found: dict[str, None] = {}
    for source in (latex, *declarations):
        for statement in parse(source).statements if source is latex else ():
            for name in candidate_names(statement):
                found[name] = None
    return tuple(found)


def _words(known: Mapping[str, object]) -> frozenset[str]:
    return frozenset(name for name in known if len(name) > 1)


def _work(
    document: Document,
    program: Program,
    context: Context,
    choices: Mapping[tuple[str, int], str],
    ranks: dict[str, int],
) -> Work:
    sizes = range_sizes(document) | program.declarations.size_names()
    running = loose_letters(document)
    definitions = {
        record.name: attrs.evolve(record, value=None, busy=False, stored=False)
        for record in program.definitions
    }
    return Work(
        source=document.source,
        context=context,
        declarations=program.declarations,
        decisions=Decisions(choices),
        ranks=ranks,
        sizes=frozenset(size for size in sizes if size not in running),
        indexed=indexed_names(document),
        letters=letters(document),
        lowers=written_lowers(document),
        elaborate=elaborate,
        definitions=definitions,
    )


def _reading(work: Work, document: Document, program: Program) -> Reading:
    target = program.target
    scope, indices = _left_indices(target, work)
    derivative = _derivative(target.head, scope, work)
    drafts = [_draft(side, target, scope, indices, work) for side in target.sides]
    _check_definitions(work)
    _settle(work, document)
    _check_names(work)
    solution = work.extents.solution(_taken(work))
    claims = tuple(
        Claim(
            expression=_expression(draft, work, solution),
            latex=work.text(side),
            span=side.span,
            derivative=derivative,
            up_to_constant=draft.up_to_constant,
            proportional=relation == "propto",
        )
        for draft, side, relation in zip(drafts, target.sides, _relations(target), strict=True)
    )
    used = _used(claims, derivative)
    symbols = tuple(
        symbol
        for symbol in work.symbols(lambda size: _solved(size, solution))
        if symbol.name in used
    )
    uses, reduces = _batch(claims, work)
    return Reading(
        source=document.source,
        claims=claims,
        symbols=symbols,
        lines=describe(claims, symbols, tuple(work.notes)),
        ambiguities=(*document.ambiguities, *work.ambiguities),
        uses_batch=uses,
        reduces_batch=reduces,
    )


def _relations(target: Equation) -> tuple[str, ...]:
    return target.relations or ("=",) * len(target.sides)


# -- left side ---------------------------------------------------------------------------------


def _left_indices(target: Equation, work: Work) -> tuple[Scope, tuple[Index, ...]]:
    """The scope of the right side, and the result's indices in order."""
    scope = Scope()
    found: list[Index] = []
    own = target.head.letters if target.head is not None else ()
    for letter in (*_declared_letters(target, own, work), *own):
        bound = definition_index(letter, work)
        found.append(bound.index)
        scope = scope.bind(letter, bound)
    _declared_result(target, tuple(found), work)
    return scope, tuple(found)


def _declared_result(target: Equation, indices: tuple[Index, ...], work: Work) -> None:
    """``o \\in \\mathbb{R}^{U}`` says how far the u of ``o_u = ...`` runs."""
    name = target.head.name if target.head is not None else ""
    declared_extents = work.declarations.extents.get(name, ())
    for index, extent in zip(indices, declared_extents, strict=False):
        with work.sizes_of(target.node):
            work.extents.equate(index.extent, extent)


def _declared_letters(target: Equation, own: tuple[str, ...], work: Work) -> tuple[str, ...]:
    """Indices that only a declaration gives: ``i = 1, ..., N`` for ``d(a_i, p_i)``."""
    loose = set[str]().union(*(loose_letters(side) for side in target.sides))
    return tuple(
        letter for letter in work.declarations.ranges if letter in loose and letter not in own
    )


def _derivative(head: Head | None, scope: Scope, work: Work) -> DerivativeOf | None:
    if head is None or head.derivative is None:
        return None
    variable = head.derivative.variables[0]
    base = variable.base if isinstance(variable, Subscript) else variable
    places: tuple[Node, ...] = variable.items if isinstance(variable, Subscript) else ()
    if not isinstance(base, Name):
        raise work.refuse(variable, "the derivative is by something that is no symbol")
    name = canonical_name(base)
    letters_here = tuple(p for p in places if isinstance(p, Name) and p.text in scope.indices)
    if len(letters_here) != len(places):
        name, letters_here = name_of(variable) or name, ()
    record = work.record(name, variable, len(letters_here))
    for axis, place in zip(record.axes, letters_here, strict=False):
        point(axis, position(place, work, scope), variable, work)
    return DerivativeOf(head.name or None, name)


# -- sides -------------------------------------------------------------------------------------


@attrs.frozen
class _Draft:
    indices: tuple[Index, ...]
    body: Term
    up_to_constant: bool


def _draft(
    side: Node, target: Equation, scope: Scope, indices: tuple[Index, ...], work: Work
) -> _Draft:
    written, up_to_constant = without_constant(side)
    value = work.value(written, scope)
    if value.kind == "boolean":
        raise work.refuse(side, "a condition, not a value")
    value = value if value.kind == "position" and value.base is None else as_number(value)
    if target.head is not None and target.head.negative:
        value = elementwise(construct.negate, value)
    axes = tuple(work.fresh_index(extent) for extent in value.extents)
    leading = tuple(axis for axis in axes if _is_batch_extent(work.extents.resolve(axis.extent)))
    rest = tuple(axis for axis in axes if axis not in leading)
    if target.head is not None and target.head.derivative is not None:
        _check_derivative_rank(side, target.head.derivative, value, work)
    return _Draft((*leading, *indices, *rest), value.element(axes), up_to_constant)


def _check_derivative_rank(side: Node, derivative: Derivative, value: Value, work: Work) -> None:
    """``dL/dz = p - y``: the gradient has the axes of z."""
    variable = derivative.variables[0]
    name = name_of(variable)
    if name is None or name not in work.records or not value.rank:
        return
    record = work.records[name]
    if len(record.axes) < value.rank:
        work.need_rank(name, value.rank, variable)
    for own, other in zip(record.axes, value.extents, strict=False):
        with work.sizes_of(side):
            work.extents.equate(own, other)


def _check_definitions(work: Work) -> None:
    """A statement that says nothing of the formula must not pass unread."""
    for record in work.definitions.values():
        if record.written and not record.used:
            raise NotRead(
                f"the formula makes no use of this statement about {record.name}",
                record.span,
                work.source,
                "leave it out, or verify one formula at a time",
            )


def _check_names(work: Work) -> None:
    """One name is a tensor or a size, a class or a number, never both."""
    for name in work.classes & set(work.counted):
        raise work.refuse(
            work.counted[name],
            f"{name} points at a class and is also used as a number",
            "the number of a class depends on where counting starts; compare labels instead",
        )
    extents = [axis for record in work.records.values() for axis in record.axes]
    sizes = {name for axis in extents for name in work.extents.resolve(axis).names}
    for record in work.records.values():
        if record.name in sizes | work.sizes and (record.axes or record.name in sizes):
            raise NotRead(
                f"{record.name} is used both as a size and as a tensor", record.span, work.source
            )


def _settle(work: Work, document: Document) -> None:
    try:
        work.extents.settle()
    except Conflict as conflict:
        raise NotRead(
            f"the extents of this formula contradict each other: {conflict}",
            Span(0, len(document.source)),
            document.source,
        ) from conflict
    _tie_loose_size(work)


def _tie_loose_size(work: Work) -> None:
    """``1/N`` with one Σ that has no limits: that Σ runs up to N."""
    open_extents = {
        work.extents.resolve(extent)
        for extent in work.unranged
        if all(is_placeholder(name) for name in work.extents.resolve(extent).names)
    }
    _tie_contracted_size(work)
    if len(work.loose_sizes) == 1 and len(open_extents) == 1:
        name = next(iter(work.loose_sizes))
        work.extents.equate(open_extents.pop(), Size.free(name))
        work.note(f"the index without limits runs up to {name}")
        return
    known = {n for record in work.records.values() for axis in record.axes for n in axis.names}
    for name, span in work.loose_sizes.items():
        if name not in known | work.sizes:
            raise NotRead(
                f"{name} is bound by nothing",
                span,
                work.source,
                f"let an index run up to {name}, or bind {name} to a number",
            )


def _tie_contracted_size(work: Work) -> None:
    """``d_k`` is the length of the vectors that ``QK^⊤`` multiplies."""
    for name in [name for name in work.loose_sizes if name.startswith("d")]:
        if work.contracted:
            work.extents.equate(work.contracted[0], Size.free(name))
            work.note(f"{name} is the length of the vectors multiplied")
            del work.loose_sizes[name]


def _taken(work: Work) -> set[str]:
    return {
        name
        for record in work.records.values()
        for axis in record.axes
        for name in work.extents.resolve(axis).names
        if not is_placeholder(name)
    } | set(work.sizes)


def _solved(size: Size, solution: Mapping[str, Size]) -> Size:
    total = Size.fixed(size.constant)
    for name, factor in size.coefficients:
        total = total + solution.get(name, Size.free(name)) * factor
    return total


def _expression(draft: _Draft, work: Work, solution: Mapping[str, Size]) -> Expression:
    definitions = _needed(draft.body, work)
    names = {tensor for d in definitions for tensor in tensors_used(d.body)}
    names |= tensors_used(draft.body)
    tensors = tuple(
        Tensor(r.name, tuple(r.axes), r.labels, r.integer)
        for r in work.records.values()
        if r.name in names
    )
    whole = Expression(tensors, definitions, draft.indices, draft.body)
    return rename_sizes(whole, solution)


def _needed(body: Term, work: Work) -> tuple[Definition, ...]:
    """The stored definitions the body refers to, directly or through others, in order."""
    stored = stored_definitions(work)
    wanted = set(tensors_used(body))
    for definition in reversed(stored):
        if definition.name in wanted:
            wanted |= tensors_used(definition.body)
    return tuple(definition for definition in stored if definition.name in wanted)


def _used(claims: tuple[Claim, ...], derivative: DerivativeOf | None) -> set[str]:
    names = {tensor.name for claim in claims for tensor in claim.expression.tensors}
    return names | ({derivative.variable} if derivative is not None else set())


def _batch(claims: tuple[Claim, ...], work: Work) -> tuple[bool, bool]:
    """Whether an index of the formula is the batch axis, and whether it is reduced."""
    uses = reduces = False
    for claim in claims:
        uses |= any(_is_batch(index, work) for index in claim.expression.indices)
        bodies = [claim.expression.body, *(d.body for d in claim.expression.definitions)]
        for definition in claim.expression.definitions:
            uses |= any(_is_batch(index, work) for index in definition.indices)
        for body in bodies:
            for term in walk(body):
                if isinstance(term, Reduce) and _is_batch(term.index, work):
                    uses = reduces = True
    return uses, reduces


def _is_batch(index: Index, work: Work) -> bool:
    return _is_batch_extent(index.extent) or index.name in work.batch


def _is_batch_extent(extent: Size) -> bool:
    return any(extent == Size.free(name) for name in BATCH_LETTERS)
