"""Evaluating what binds a whole array: arguments of named calls, and states of recurrences."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import attrs
import numpy as np

from torchtex.index import rational
from torchtex.index.errors import IllFormed, NotAPosition, OutsideTensor, TooLarge
from torchtex.index.frame import Frame, Live, Run, Value, inside, narrowed, padded
from torchtex.index.lookup import inside_extent
from torchtex.index.named import OpenedCall, open_call, unfold
from torchtex.index.plan import Held, Kind, Node, Scope, as_real, axes_of, choose
from torchtex.index.terms import Call, Definition, Element, Index, Recurrence, Size


def plan_call(term: Call, scope: Scope) -> Node:
    """Evaluates each argument once, and the function's body over them.

    Where an argument is not defined at some position that the body does not look at, or is too
    large to hold, the call is evaluated unfolded instead: both mean the same.
    """
    opened = open_call(term, f"{term.name}.{len(scope.tensors)}.")
    arguments, within = _plan_arguments(opened, scope)
    body = within.plan(opened.body)
    unfolded = _unfolded(term, scope)
    depth = len(scope.indices)

    def run(frame: Frame, live: Live) -> Value:
        inner = frame
        try:
            for argument in arguments:
                value = argument.value(frame, live, depth)
                if value is None:
                    return unfolded(frame.run).run(frame, live)
                inner = inner.holding(argument.name, value)
            return body.run(inner, live)
        except (OutsideTensor, NotAPosition):
            return unfolded(frame.run).run(frame, live)

    return Node(body.kind, body.axes, run, body.whole)


def _unfolded(term: Call, scope: Scope) -> Callable[[Run], Node]:
    """Plans the unfolded call when it is first needed, and accounts for its work."""

    @cache
    def planned() -> tuple[Node, list[tuple[Size, ...]]]:
        fresh = attrs.evolve(scope, work=[])
        return fresh.plan(unfold(term)), fresh.work

    def checked(run: Run) -> Node:
        node, work = planned()
        require(run, work)
        return node

    return checked


def require(run: Run, work: Iterable[tuple[Size, ...]]) -> None:
    """Raises TooLarge if that much work is beyond the budget."""
    operations = run.arithmetic.cost * sum(
        math.prod(run.length(extent) for extent in extents) for extents in work
    )
    if operations > run.budget.operations:
        raise TooLarge(operations, run.budget.operations)


@attrs.frozen
class Argument:
    """An argument of a call, planned: an array over its own indices, in each outer position."""

    name: str
    indices: tuple[Index, ...]
    node: Node

    def value(self, frame: Frame, live: Live, depth: int) -> Any:
        """The array with the axes of the scope in front; None if it is too large to hold."""
        lengths = [frame.run.length(index.extent) for index in self.indices]
        outer = (frame.width(axis) for axis in self.node.axes if axis < depth)
        if math.prod(lengths) * math.prod(outer) > 4 * frame.run.budget.elements:
            return None
        if not self.indices:
            return self._scalar(frame, live, depth)
        if 0 in lengths:
            return np.zeros((1,) * depth + tuple(lengths), dtype=_dtype(self.node.kind, frame))
        alive = live
        for _ in self.indices:
            alive = inside(alive)
        value = self.node.run(frame.over(*((0, length) for length in lengths)), alive)
        return spread(rational.as_array(value), depth, tuple(lengths))

    def _scalar(self, frame: Frame, live: Live, depth: int) -> Any:
        value = self.node.run(frame, live)
        return padded(value, depth) if np.ndim(value) else value


def _dtype(kind: Kind, frame: Frame) -> Any:
    return frame.run.arithmetic.dtype if kind == "real" else np.int64


def spread(value: Any, depth: int, lengths: tuple[int, ...]) -> Any:
    """``value`` with ``depth`` axes of the scope in front and its last axes of those lengths."""
    full = padded(value, depth + len(lengths))
    return np.broadcast_to(full, full.shape[:depth] + lengths)


def _plan_arguments(opened: OpenedCall, scope: Scope) -> tuple[list[Argument], Scope]:
    arguments: list[Argument] = []
    within = scope
    for definition in opened.arguments:
        node = scope.over(*definition.indices).plan(definition.body)
        if node.kind == "boolean":
            raise IllFormed("a condition stands where a number is needed")
        arguments.append(Argument(definition.name, definition.indices, node))
        within = within.holding(definition.name, _held(definition, node, scope))
    return arguments, within


def _held(definition: Definition, node: Node, scope: Scope) -> Held:
    depth = len(scope.indices)
    outer = frozenset(axis for axis in node.axes if axis < depth)
    return Held(node.kind, node.whole, len(definition.indices), depth, outer, local=True)


def plan_recurrence(term: Recurrence, scope: Scope) -> Node:
    """Evaluates the state over all its indices, step by step."""
    steps = _plan_steps(term, scope)
    count = scope.plan(term.count)
    if count.kind != "exact":
        raise IllFormed("the number of steps of a recurrence has to be exact")
    depth = len(scope.indices)
    outer = frozenset(axis for axis in steps.axes | count.axes if axis < depth)
    name = f"{term.state}.{len(scope.tensors)}."
    held = Held(steps.kind, False, len(term.indices), depth, outer, local=True)
    at = scope.holding(name, held).plan(Element(name, term.at))

    def run(frame: Frame, live: Live) -> Value:
        counts = _counts(term, count.run(frame, live), frame, live)
        return at.run(frame.holding(name, steps.after(counts, frame, live)), live)

    return Node(steps.kind, at.axes | outer, run)


@attrs.frozen
class Steps:
    """A recurrence's initial and following state, planned; both give numbers of one kind."""

    term: Recurrence
    depth: int
    kind: Kind
    initial: Node
    following: Node

    @property
    def axes(self) -> frozenset[int]:
        return axes_of((self.initial, self.following))

    def after(self, counts: Any, frame: Frame, live: Live) -> Any:
        """The state after ``counts`` steps, with the axes of the scope in front."""
        lengths = tuple(frame.run.length(index.extent) for index in self.term.indices)
        if 0 in lengths:
            return np.zeros((1,) * self.depth + lengths, dtype=_dtype(self.kind, frame))
        whole = tuple((0, length) for length in lengths)
        own = len(lengths)
        state = self._laid_out(self.initial.run(frame.over(*whole), _deeper(live, own)), lengths)
        for step in range(int(np.max(counts))):
            goes_on = _deeper(np.asarray(counts > step), own)
            inner = frame.holding(self.term.state, state).over(*whole, (step, step + 1))
            alive = _deeper(narrowed(live, np.asarray(counts > step)), own + 1)
            value = self.following.run(inner, alive)
            value = value[..., 0] if np.ndim(value) else value
            state = self._laid_out(choose(self.kind, goes_on, value, state), lengths)
        return state

    def _laid_out(self, value: Value, lengths: tuple[int, ...]) -> Any:
        return spread(rational.as_array(value), self.depth, lengths)


def _deeper(live: Any, axes: int) -> Any:
    return None if live is None else live[(...,) + (None,) * axes]


def _plan_steps(term: Recurrence, scope: Scope) -> Steps:
    inner = scope.over(*term.indices)
    initial = inner.plan(term.initial)
    following = _plan_following(term, initial.kind, scope)
    if initial.kind == "boolean" or following.kind == "boolean":
        raise IllFormed("the state of a recurrence is a number, not a condition")
    if initial.kind == following.kind:
        return Steps(term, len(scope.indices), initial.kind, initial, following)
    real = scope.arithmetic
    following = as_real(_plan_following(term, "real", scope), real)
    return Steps(term, len(scope.indices), "real", as_real(initial, real), following)


def _plan_following(term: Recurrence, kind: Kind, scope: Scope) -> Node:
    depth = len(scope.indices)
    outer = frozenset(range(depth))
    held = Held(kind, False, len(term.indices), depth, outer, local=True)
    repeated = attrs.evolve(scope, work=[])
    within = repeated.holding(term.state, held).over(*term.indices, term.step)
    node = within.plan(term.following)
    scope.work.extend((*extents, term.step.extent) for extents in repeated.work)
    return node


def _counts(term: Recurrence, value: Value, frame: Frame, live: Live) -> Any:
    """How many steps are taken, 0 where that is not live.  Raises OutsideTensor for too many."""
    most = frame.run.length(term.step.extent)
    return inside_extent(f"the steps of {term.state}", 0, most + 1, value, live)
