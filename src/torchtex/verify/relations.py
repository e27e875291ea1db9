"""Steps between a formula for one sample and code for a batch: mean, sum, weighted mean.

Only a formula that does not reduce the batch itself may be related, and only over batch axes.
The candidates follow from the shapes, before any value is compared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import numpy as np

from torchtex.verify.pairing import Pairing
from torchtex.verify.slots import Array, Sample

Weights = Callable[[Sample, "tuple[int, ...]"], Array]


@attrs.frozen(eq=False)
class Relation:
    """How the formula's value becomes the code's.

    ``axes``: the axes of the formula's value that are reduced.  ``weights`` gives the weight of
    each batch element; None weighs all alike.
    """

    name: str
    axes: tuple[int, ...] = ()
    operation: str = "same"
    weights: Weights | None = None
    weighted_terms: bool = False

    @property
    def is_exact(self) -> bool:
        """Whether the formula's elements are the code's, one by one."""
        return self.operation == "same"

    def apply(self, values: Array, sample: Sample, stacked: int = 0) -> Array:
        """The related value.  ``stacked`` leading axes of ``values`` are left alone."""
        return _OPERATIONS[self.operation](self, values, sample, stacked)

    def decides(self, sample: Sample, shape: tuple[int, ...]) -> bool:
        """Whether this sample tells it from the other relations: more than one batch element."""
        return not self.axes or int(np.prod([shape[a] for a in self.axes])) > 1


EXACT = Relation("")


def _moved(relation: Relation, stacked: int) -> tuple[int, ...]:
    return tuple(axis + stacked for axis in relation.axes)


def _same(relation: Relation, values: Array, sample: Sample, stacked: int) -> Array:
    return values


def _mean(relation: Relation, values: Array, sample: Sample, stacked: int) -> Array:
    axes = _moved(relation, stacked)
    count = int(np.prod([values.shape[axis] for axis in axes]))
    return np.asarray(values.sum(axis=axes) / count)


def _sum(relation: Relation, values: Array, sample: Sample, stacked: int) -> Array:
    return np.asarray(values.sum(axis=_moved(relation, stacked)))


def _weighted(relation: Relation, values: Array, sample: Sample, stacked: int) -> Array:
    assert relation.weights is not None
    axes = _moved(relation, stacked)
    weights = relation.weights(sample, tuple(values.shape[axis] for axis in axes))
    kept = weights != 0
    factors = kept.astype(np.float64) if relation.weighted_terms else weights
    spread = _spread(factors, values, axes)
    counted = np.where(spread != 0, values * np.where(spread != 0, spread, 1), 0)
    return np.asarray(counted.sum(axis=axes) / weights.sum())


def _spread(factors: Array, values: Array, axes: tuple[int, ...]) -> Array:
    shape = [values.shape[axis] if axis in axes else 1 for axis in range(values.ndim)]
    return np.broadcast_to(factors.reshape(shape), values.shape)


def _divide(relation: Relation, values: Array, sample: Sample, stacked: int) -> Array:
    count = int(np.prod([values.shape[axis] for axis in _moved(relation, stacked)]))
    return np.asarray(values / count)


_OPERATIONS: dict[str, Callable[[Relation, Array, Sample, int], Array]] = {
    "same": _same,
    "mean": _mean,
    "sum": _sum,
    "weighted mean": _weighted,
    "divide": _divide,
}


def candidates(
    pairing: Pairing, shape: tuple[int, ...], code_shape: tuple[int, ...], weights: Any
) -> tuple[Relation, ...]:
    """The relations that the two shapes allow; empty where the shapes do not fit."""
    if shape == code_shape:
        return (EXACT,)
    axes = _batch_axes(pairing, shape)
    kept = tuple(length for axis, length in enumerate(shape) if axis not in axes)
    if not axes or kept != code_shape:
        return ()
    mean = Relation("mean over the batch", axes, "mean")
    total = Relation("sum over the batch", axes, "sum")
    if weights is None:
        return (mean, total)
    return (mean, total, *_weighted_relations(axes, weights))


def _weighted_relations(axes: tuple[int, ...], weights: Any) -> tuple[Relation, ...]:
    function, in_formula = weights
    name = "weighted mean over the kept elements of the batch"
    return (Relation(name, axes, "weighted mean", function, in_formula),)


def derivative_relations(pairing: Pairing, sample: Sample, code: Array) -> tuple[Relation, ...]:
    """For a gradient: that of one sample, or its N-th part where the code averages."""
    shape = pairing.result_shape(sample)
    if shape != code.shape:
        return ()
    axes = _batch_axes(pairing, shape)
    if not axes or pairing.output_shape(sample) != ():
        return (EXACT,)
    total = Relation("sum over the batch", axes, "same")
    mean = Relation("mean over the batch", axes, "divide")
    return (mean, total)


BATCH_SIZES = frozenset({"N", "n", "m", "B"})


def _batch_axes(pairing: Pairing, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The batch axes of the formula's value that a relation may reduce."""
    if pairing.reading.reduces_batch:
        return ()
    if pairing.batch:
        return tuple(range(pairing.batch))
    if not pairing.reading.uses_batch:
        return ()
    return tuple(
        axis
        for axis, index in enumerate(pairing.claim.expression.indices)
        if index.name in BATCH_SIZES or BATCH_SIZES.intersection(index.extent.names)
    )
