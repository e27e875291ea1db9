"""Declaring the inputs that a text leaves undeclared, from the indices they are taken at."""

from __future__ import annotations

from collections.abc import Iterable

from torchtex.index.errors import IllFormed
from torchtex.index.terms import Definition, Element, Index, Recurrence, Size, Tensor, Term
from torchtex.index.traverse import tensors_used, walk


def infer_tensors(
    declared: tuple[Tensor, ...], definitions: tuple[Definition, ...], result: Definition
) -> tuple[Tensor, ...]:
    """The declared tensors and those that are used undeclared, in order of appearance.

    The extent of an axis is that of the first index that stands alone there.  A tensor that
    stands alone at an axis holds labels below its extent.  Raises IllFormed where no index tells
    an extent.
    """
    assignments = (*definitions, result)
    known = {tensor.name for tensor in declared} | {each.name for each in definitions}
    elements = [each for assignment in assignments for each in _elements(assignment.body)]
    inferred: dict[str, Tensor] = {}
    for element in elements:
        name = element.tensor
        if name not in known and name not in inferred:
            inferred[name] = _inferred(name, [e for e in elements if e.tensor == name])
    tensors = (*declared, *inferred.values())
    return tuple(_with_labels(tensor, inferred, tensors, elements) for tensor in tensors)


def _elements(body: Term) -> Iterable[Element]:
    used = tensors_used(body)
    states = {node.state for node in walk(body) if isinstance(node, Recurrence)}
    for node in walk(body):
        if isinstance(node, Element) and (node.tensor in used or node.tensor not in states):
            yield node


def _inferred(name: str, uses: list[Element]) -> Tensor:
    rank = len(uses[0].indices)
    return Tensor(name, tuple(_extent(name, axis, uses) for axis in range(rank)))


def _extent(name: str, axis: int, uses: list[Element]) -> Size:
    for use in uses:
        if axis < len(use.indices) and isinstance(position := use.indices[axis], Index):
            return position.extent
    raise IllFormed(f"nothing tells the extent of axis {axis} of {name}; declare {name}: real[...]")


def _with_labels(
    tensor: Tensor,
    inferred: dict[str, Tensor],
    tensors: tuple[Tensor, ...],
    elements: list[Element],
) -> Tensor:
    if tensor.name not in inferred:
        return tensor
    extents = {each.name: each.extents for each in tensors}
    for use in elements:
        for axis, position in enumerate(use.indices):
            if isinstance(position, Element) and position.tensor == tensor.name:
                axes = extents.get(use.tensor, ())
                labels = axes[axis] if axis < len(axes) else None
                return Tensor(tensor.name, tensor.extents, labels)
    return tensor
