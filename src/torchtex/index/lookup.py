"""Evaluating an element of a tensor: a view where the positions are indices, else a gather."""

from __future__ import annotations

from typing import Any

import numpy as np

from torchtex.index import rational
from torchtex.index.errors import IllFormed, NotAPosition, OutsideTensor
from torchtex.index.frame import Frame, Live, Value, positions
from torchtex.index.plan import Held, Node, Running, Scope, axes_of
from torchtex.index.terms import Element, Index


def plan_element(term: Element, scope: Scope) -> Node:
    """Raises IllFormed for an unknown tensor, a wrong rank, or a condition as a position."""
    held = scope.tensors.get(term.tensor)
    if held is None:
        raise IllFormed(f"there is no tensor {term.tensor}")
    if held.rank != len(term.indices):
        raise IllFormed(
            f"{term.tensor} has {held.rank} axes, but {len(term.indices)} positions stand behind it"
        )
    nodes = [scope.plan(index) for index in term.indices]
    if any(node.kind == "boolean" for node in nodes):
        raise IllFormed(f"a condition stands where a position of {term.tensor} is needed")
    axes = held.axes | axes_of(nodes)
    gather = _gather(term.tensor, held, nodes, len(scope.indices))
    return scope.node(held.kind, axes, _view(term, held, scope, gather), whole=held.whole)


def _view(term: Element, held: Held, scope: Scope, gather: Running) -> Running:
    """Slices and moves axes where every position is an index of its own, inside the tensor."""
    if not all(isinstance(position, Index) for position in term.indices):
        return gather
    along = [scope.axis(position) for position in term.indices if isinstance(position, Index)]
    if len(set(along)) < len(along) or any(axis < held.lead for axis in along):
        return gather
    name, lead, local = term.tensor, held.lead, held.local
    order = (*range(lead), *(lead + k for k in sorted(range(len(along)), key=along.__getitem__)))
    identity = order == tuple(range(len(order)))
    spread = tuple(
        slice(None) if axis < lead or axis in along else None for axis in range(len(scope.indices))
    )
    kept = all(each is not None for each in spread)

    def view(frame: Frame, live: Live) -> Value:
        array = frame.local[name] if local else frame.run.tensors[name]
        if not isinstance(array, np.ndarray):
            return array
        for own, axis in enumerate(along, start=lead):
            start, stop = frame.ranges[axis]
            if stop > array.shape[own]:
                return gather(frame, live)
            if start > 0 or stop < array.shape[own]:
                array = array[(slice(None),) * own + (slice(start, stop),)]
        if not identity:
            array = array.transpose(order)
        return array if kept else array[spread]

    return view


def _gather(name: str, held: Held, nodes: list[Node], scope_axes: int) -> Running:
    lead, local = held.lead, held.local

    def gather(frame: Frame, live: Live) -> Value:
        array = frame.local[name] if local else frame.run.tensors[name]
        if not isinstance(array, np.ndarray):
            return array
        selected: list[Any] = [
            positions(0, frame.width(axis), scope_axes - 1 - axis) if array.shape[axis] > 1 else 0
            for axis in range(lead)
        ]
        for own, node in enumerate(nodes, start=lead):
            position = node.run(frame, live)
            selected.append(inside_extent(name, own - lead, array.shape[own], position, live))
        if 0 in array.shape:
            return frame.run.arithmetic.from_exact(0) if held.kind == "real" else 0
        return _taken(array, tuple(selected), held)

    return gather


def _taken(array: Any, selected: tuple[Any, ...], held: Held) -> Value:
    value = array[selected]
    if held.kind == "exact" and not isinstance(value, np.ndarray):
        return rational.settle(value)
    return value


def inside_extent(name: str, axis: int, extent: int, position: Value, live: Live) -> Any:
    """Whole positions with those that are not live moved inside.

    Raises OutsideTensor or NotAPosition for a live one.
    """
    whole = _whole(name, position, live)
    if not isinstance(whole, np.ndarray):
        if 0 <= whole < extent:
            return whole
        if live is None or live.any():
            raise OutsideTensor(name, int(whole), extent, axis)
        return 0
    if whole.size == 0 or (whole.min() >= 0 and whole.max() < extent):
        return whole
    outside = (whole < 0) | (whole >= extent)
    wrong = outside if live is None else outside & live
    if wrong.any():
        first = np.broadcast_to(whole, wrong.shape)[wrong][0]
        raise OutsideTensor(name, int(first), extent, axis)
    return np.where(outside, 0, whole)


def _whole(name: str, position: Value, live: Live) -> Any:
    """The position as an int or an int64 array; -1 where it is not whole and not live."""
    if type(position) is int:
        return position
    if isinstance(position, np.ndarray) and position.dtype == np.int64:
        return position
    array = np.asarray(position, dtype=object) if not isinstance(position, np.ndarray) else position
    whole = np.asarray(np.frompyfunc(_is_whole, 1, 1)(array.astype(object)), dtype=bool)
    wrong = ~whole if live is None else ~whole & live
    if wrong.any():
        first = np.broadcast_to(array, wrong.shape)[wrong][0]
        raise NotAPosition(f"a position of {name} is {first}, not a whole number")
    return np.asarray(np.where(whole, array, -1)).astype(np.int64)


def _is_whole(value: Any) -> bool:
    return bool(abs(value) < 2**62 and value == int(value))
