"""The steps that a verdict may name between a formula and the code, applied by the oracle."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from math import prod

import attrs
from mpmath import mpf

from .lifting import Lifted
from .oracle import Table, Unmatched


@attrs.frozen
class Weights:
    """The weight of each batch place; whether the formula multiplies by it already."""

    values: Sequence[float]
    in_formula: bool


@attrs.frozen
class Relation:
    """What is done to the formula before it is compared.

    ``reduction`` over the batch: none, mean, sum or weighted.  ``free``: nothing, a constant
    added that is the same wherever the sizes are, or a factor for each point.  ``zeroed``: the
    argument of the code that is taken as 0.  ``reading``: the row and the alternative of a lower
    reading.
    """

    reduction: str = "none"
    free: str = "nothing"
    zeroed: str | None = None
    reading: tuple[str, str] | None = None


def identity(formula: Lifted, weights: Weights | None) -> Table:
    return formula.table


def weighted(formula: Lifted, weights: Weights | None) -> Table:
    """The mean over the batch with the weights the code uses.  Raises Unmatched without any."""
    if weights is None:
        raise Unmatched("the code has no weighted mean")
    exact = [mpf(float(weight)) for weight in weights.values]
    factors = [mpf(1)] * len(exact) if weights.in_formula else exact
    return _combined(formula, factors, sum(exact))


def mean(formula: Lifted, weights: Weights | None) -> Table:
    return _combined(formula, [mpf(1)] * prod(formula.batch), mpf(prod(formula.batch)))


def total(formula: Lifted, weights: Weights | None) -> Table:
    return _combined(formula, [mpf(1)] * prod(formula.batch), mpf(1))


REDUCTIONS: Mapping[str, Callable[[Lifted, Weights | None], Table]] = {
    "none": identity,
    "mean": mean,
    "sum": total,
    "weighted": weighted,
}


def _combined(formula: Lifted, factors: Sequence[mpf], divisor: mpf) -> Table:
    """Over all batch places, for each element of the formula's own indices."""
    own_shape = formula.table.shape[len(formula.batch) :]
    width = prod(own_shape)
    elements = formula.table.elements
    if len(factors) != prod(formula.batch):
        raise Unmatched("a weight for each batch place is needed")
    combined = []
    for offset in range(width):
        column = elements[offset::width]
        if any(element is None for element in column):
            combined.append(None)
            continue
        summed = sum((w * e for w, e in zip(factors, column, strict=True)), mpf(0))
        combined.append(summed / divisor)
    return Table(own_shape, tuple(combined))


WORDS = (
    (re.compile(r"\bmean over the batch"), {"reduction": "mean"}),
    (re.compile(r"\bsum over the batch"), {"reduction": "sum"}),
    (re.compile(r"\bweighted mean over"), {"reduction": "weighted"}),
    (re.compile(r"\bwritten as const"), {"free": "constant"}),
    (re.compile(r"\bconstant factor"), {"free": "factor"}),
)
ZEROED = re.compile(r"equal when (\w+) = 0")
LOWER = re.compile(r"a lower reading of .* \(([\w-]+): ([^()]*)\)", re.S)


def named(text: str | None) -> Relation:
    """The relation that the words of a verdict name."""
    relation = Relation()
    for pattern, change in WORDS:
        if text and pattern.search(text):
            relation = attrs.evolve(relation, **change)
    zero, lower = ZEROED.search(text or ""), LOWER.search(text or "")
    relation = attrs.evolve(relation, zeroed=zero.group(1)) if zero else relation
    return attrs.evolve(relation, reading=lower.groups()) if lower else relation
