"""From terms to functions that evaluate them: everything that can be decided before the values.

Each term in its scope becomes a :class:`Node`: the sort of number it gives, the indices it depends
on, and a function of a :class:`~torchtex.index.frame.Frame`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

import attrs
import numpy as np

from torchtex.index import rational
from torchtex.index.arithmetic import Arithmetic
from torchtex.index.errors import IllFormed
from torchtex.index.frame import Frame, Live, Value
from torchtex.index.terms import Index, Size, Term

Kind = Literal["real", "exact", "boolean"]
Running = Callable[[Frame, Live], Value]
MAX_INDICES = 30
"""How many indices may be in scope at once: a NumPy array has few axes."""
Planner = Callable[[Term, "Scope"], "Node"]


@attrs.frozen
class Node:
    """A term, planned.

    ``whole``: an exact value that is known to be a whole number.  ``axes``: the axes of the scope
    that the value may depend on.
    """

    kind: Kind
    axes: frozenset[int]
    run: Running
    whole: bool = False


@attrs.frozen
class Held:
    """A tensor that elements can be taken of.

    ``lead``: how many axes of the scope its array begins with (0 for inputs and definitions, which
    depend on no index); ``axes``: on which of them it depends.
    """

    kind: Kind
    whole: bool
    rank: int
    lead: int = 0
    axes: frozenset[int] = frozenset()
    local: bool = False


@attrs.frozen
class Scope:
    """What is known around a term: its indices, outermost first, and the tensors it may use.

    ``work`` collects, for each node planned, the extents that its operations multiply to.
    """

    arithmetic: Arithmetic
    tensors: Mapping[str, Held]
    planner: Planner
    work: list[tuple[Size, ...]]
    indices: tuple[Index, ...] = ()

    def plan(self, term: Term) -> Node:
        """The term in this scope.  Raises IllFormed."""
        return self.planner(term, self)

    def over(self, *indices: Index) -> Scope:
        """The scope inside a binder of ``indices``.  Raises IllFormed for too many of them."""
        if len(self.indices) + len(indices) > MAX_INDICES:
            raise IllFormed(f"more than {MAX_INDICES} indices stand around one term")
        return attrs.evolve(self, indices=self.indices + indices)

    def holding(self, name: str, held: Held) -> Scope:
        """The scope with one more tensor."""
        return attrs.evolve(self, tensors={**self.tensors, name: held})

    def axis(self, index: Index) -> int:
        """The axis of the innermost index equal to this one.  Raises IllFormed if unbound."""
        for axis in reversed(range(len(self.indices))):
            if self.indices[axis] == index:
                return axis
        raise IllFormed(f"the index {index.name} is not bound")

    def node(self, kind: Kind, axes: Iterable[int], run: Running, *, whole: bool = False) -> Node:
        """A node whose work is one operation for each combination of its axes."""
        axes = frozenset(axes)
        self.work.append(tuple(self.indices[axis].extent for axis in sorted(axes)))
        return Node(kind, axes, run, whole)

    def real(self, term: Term) -> Node:
        """The term as a real number.  Raises IllFormed for a condition."""
        return as_real(self.plan(term), self.arithmetic)

    def condition(self, term: Term) -> Node:
        """The term as a condition.  Raises IllFormed for a number."""
        node = self.plan(term)
        if node.kind != "boolean":
            raise IllFormed("a number stands where a condition is needed")
        return node


def as_real(node: Node, arithmetic: Arithmetic) -> Node:
    """The node with its value converted from exact numbers.  Raises IllFormed for a condition."""
    if node.kind == "real":
        return node
    if node.kind == "boolean":
        raise IllFormed("a condition stands where a number is needed")
    run, convert = node.run, arithmetic.from_exact

    def converted(frame: Frame, live: Live) -> Value:
        return convert(run(frame, live))

    return Node("real", node.axes, converted)


def alike(nodes: list[Node], arithmetic: Arithmetic) -> tuple[Kind, list[Node]]:
    """The nodes with values of one kind: conditions, exact numbers, or else reals."""
    kinds = {node.kind for node in nodes}
    if len(kinds) == 1:
        return nodes[0].kind, nodes
    return "real", [as_real(node, arithmetic) for node in nodes]


def choose(kind: Kind, condition: Any, yes: Value, no: Value) -> Value:
    """``yes`` where the condition holds, else ``no``."""
    if kind != "exact":
        return np.where(condition, yes, no)
    if not np.ndim(condition):
        return yes if condition else no
    return rational.settle(np.where(condition, rational.as_array(yes), rational.as_array(no)))


def axes_of(nodes: Iterable[Node]) -> frozenset[int]:
    return frozenset[int]().union(*(node.axes for node in nodes))
