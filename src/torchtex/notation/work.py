"""The state of reading one formula: symbols met, extents, definitions, notes.

A reading may find late that a symbol is a vector (``b`` in ``Wx + b``).  It then notes the rank and
starts again (:class:`Restart`); ranks only grow, so this ends.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import attrs

from torchtex.index.terms import Element, Index, Size, Tensor, Term
from torchtex.notation.ambiguous import Decisions
from torchtex.notation.declare import Declarations
from torchtex.notation.errors import NotRead
from torchtex.notation.extents import Conflict, Extents
from torchtex.notation.reading import Context, Symbol
from torchtex.notation.scope import Scope
from torchtex.notation.spelling import GREEK_LETTERS
from torchtex.notation.syntax import Ambiguity, Name, Node, Span, Subscript
from torchtex.notation.values import Value

MAX_RANK = 5
GREEK = frozenset(GREEK_LETTERS.values()) | {"varepsilon", "varphi", "vartheta"}
BATCH_LETTERS = frozenset({"N", "n", "m", "B"})
# Greek letters that name data more often than a setting: mean, deviation, states, policies.
DATA_LETTERS = frozenset({"mu", "sigma", "xi", "phi", "psi", "pi", "varphi"})


class Restart(Exception):
    """A symbol turned out to have a higher rank; read again from the start."""


@attrs.define
class Record:
    """A free symbol as far as it is known."""

    name: str
    latex: str
    span: Span
    axes: list[Size]
    labels: Size | None = None
    integer: bool = False
    parameter: bool | None = None
    constants: set[float] = attrs.field(factory=set)


@attrs.define
class DefinitionRecord:
    """An equation whose left side the formula uses: ``l_n = ...`` or ``d(x, y) = ...``."""

    name: str
    letters: tuple[str, ...]
    formals: tuple[Node, ...]
    body: Node
    span: Span
    value: Value | None = None
    indices: tuple[Index, ...] = ()
    takes_vectors: bool = False
    written: bool = True  # in the formula itself, not only in a declaration
    used: bool = False
    busy: bool = False
    stored: bool = False


@attrs.define
class Work:
    """What one attempt at reading a formula has found so far."""

    source: str
    context: Context
    declarations: Declarations
    decisions: Decisions
    ranks: dict[str, int]
    sizes: frozenset[str]
    indexed: frozenset[str]
    letters: frozenset[str]
    elaborate: Callable[[Work, Node, Scope], Value]
    definitions: dict[str, DefinitionRecord] = attrs.field(factory=dict)
    extents: Extents = attrs.field(factory=Extents)
    records: dict[str, Record] = attrs.field(factory=dict)
    stored: list[tuple[str, tuple[Index, ...], Term]] = attrs.field(factory=list)
    notes: dict[str, None] = attrs.field(factory=dict)
    batch: dict[str, str] = attrs.field(factory=dict)
    unranged: list[Size] = attrs.field(factory=list)
    loose_sizes: dict[str, Span] = attrs.field(factory=dict)
    contracted: list[Size] = attrs.field(factory=list)
    classes: set[str] = attrs.field(factory=set)  # labels that point at a class somewhere
    counted: dict[str, Node] = attrs.field(factory=dict)  # labels used as numbers somewhere
    lowers: frozenset[int] = frozenset()  # every lower limit written
    _fresh: Iterator[int] = attrs.field(factory=itertools.count)

    def value(self, node: Node, scope: Scope) -> Value:
        return self.elaborate(self, node, scope)

    def text(self, node: Node) -> str:
        return self.source[node.span.start : node.span.end]

    def refuse(self, node: Node, message: str, hint: str = "") -> NotRead:
        return NotRead(message, node.span, self.source, hint)

    def note(self, line: str) -> None:
        if line:
            self.notes[line] = None

    def choose(self, row: str, node: Node, default: str, *alternatives: str) -> str:
        """The reading of an ambiguous place: the default unless the caller chose otherwise."""
        return self.decisions.take(row, node.span, default, *alternatives)

    @property
    def ambiguities(self) -> tuple[Ambiguity, ...]:
        """The ambiguous places met, each once."""
        return tuple(dict.fromkeys(self.decisions.met))

    def fresh_index(self, extent: Size) -> Index:
        """An index whose name the formula does not use."""
        for letter in "ijkpqrsuv":
            if letter not in self.letters:
                return Index(f"{letter}{next(self._fresh) or ''}", extent)
        return Index(f"i{next(self._fresh)}", extent)

    @contextmanager
    def sizes_of(self, node: Node) -> Iterator[None]:
        """Turn two extents that cannot be one into a refusal at ``node``."""
        try:
            yield
        except Conflict as conflict:
            raise self.refuse(node, f"the extents do not fit here: {conflict}") from conflict

    # -- symbols ------------------------------------------------------------------------------

    def record(self, name: str, node: Node, needed: int = 0) -> Record:
        """The symbol ``name``, with at least ``needed`` axes."""
        declared = self.declarations.extents.get(name)
        rank = len(declared) if declared is not None else max(self.ranks.get(name, 0), 0)
        if rank < needed:
            self.need_rank(name, needed, node)
        if name not in self.records:
            axes = list(declared) if declared is not None else self._axes(name, rank)
            self.records[name] = self._new_record(name, node, axes)
        return self.records[name]

    def _axes(self, name: str, rank: int) -> list[Size]:
        known = self.context.known.get(name)
        if rank == 1 and known is not None and known.members is not None:
            return [Size.fixed(known.members)]
        return [self.extents.fresh("D") for _ in range(rank)]

    def _new_record(self, name: str, node: Node, axes: list[Size]) -> Record:
        known = self.context.known.get(name)
        labels = self.declarations.labels.get(name)
        integer = known is not None and known.sort == "integer"
        parameter = self.declarations.roles.get(name)
        if parameter is None and axes and is_setting(name):
            parameter = True
        return Record(name, self.text(node), node.span, axes, labels, integer, parameter)

    def need_rank(self, name: str, rank: int, node: Node) -> None:
        """Give ``name`` at least ``rank`` axes.  Raises Restart, or NotRead if it cannot."""
        if name in self.declarations.extents:
            given = len(self.declarations.extents[name])
            raise self.refuse(node, f"{name} is declared with {given} axes but used with {rank}")
        if rank > MAX_RANK:
            raise self.refuse(node, f"{name} would need {rank} axes")
        if self.ranks.get(name, 0) < rank:
            self.ranks[name] = rank
            raise Restart

    def is_known(self, name: str) -> bool:
        return name in self.context.known

    def is_label(self, name: str) -> bool:
        known = self.context.known.get(name)
        return name in self.declarations.labels or (known is not None and known.sort == "labels")

    def label_element(
        self, name: str, node: Node, positions: tuple[Term, ...]
    ) -> tuple[Element, Size]:
        """An element of a label symbol, and the extent its labels lie below."""
        record = self.record(name, node, len(positions))
        if record.labels is None:
            record.labels = self.extents.fresh("C")
        if len(record.axes) != len(positions):
            raise self.refuse(node, f"{name} has {len(record.axes)} axes here {len(positions)}")
        return Element(name, positions), record.labels

    def symbols(self, solve: Callable[[Size], Size]) -> tuple[Symbol, ...]:
        return tuple(self._symbol(record, solve) for record in self.records.values())

    def _symbol(self, record: Record, solve: Callable[[Size], Size]) -> Symbol:
        labels = None if record.labels is None else solve(record.labels)
        axes = tuple(solve(axis) for axis in record.axes)
        tensor = Tensor(record.name, axes, labels, record.integer)
        declared = self.declarations.domains.get(record.name)
        constants = tuple(sorted(record.constants)) or None
        return Symbol(
            latex=record.latex,
            tensor=tensor,
            parameter=record.parameter,
            span=record.span,
            domain=declared if declared is not None else constants,
            declared=declared is not None,
        )


def is_setting(name: str) -> bool:
    """Whether a letter names a setting or a weight rather than data: γ, β, w, θ, b."""
    base = name.split("_")[0]
    return (base in GREEK and base not in DATA_LETTERS) or base in {"W", "b", "w"}


def liftable(node: Node) -> str | None:
    """The Latin letter of a symbol written alone, which may turn out to be a vector."""
    if isinstance(node, Subscript) and isinstance(node.base, Name):
        return liftable(node.base)
    if isinstance(node, Name) and node.text not in GREEK and node.text != "1":
        return node.text
    return None
