"""Whether two formulas are the same function on a pair's declared domain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, Literal

import attrs
import numpy as np
from mpmath import mpf

from torchtex.index.terms import Expression, Number
from torchtex.index.traverse import walk
from torchtex.notation.reading import Reading

from .lifting import Bound, is_finite, lifted
from .oracle import Table, Unmatched
from .pair import Pair
from .points import Point, points_of
from .relations import REDUCTIONS, Relation, Weights
from .running import evaluate

# Relative differences: below the first two values are the same, below the second no comparison in
# float64 can be expected to tell them apart.
SAME = mpf(10) ** -12
VISIBLE = mpf(10) ** -7
# Rounding of the oracle itself, far below anything in the tested domain.
NOTHING = mpf(10) ** -30

COMMON_CONSTANTS = (1.0, 2.0, 3.0, 6.0, 0.5)

Kind = Literal["same", "differs", "invisible", "unmatched"]


@attrs.frozen
class Candidate:
    """A formula as read: its claims, which argument each symbol stands for, and the relation."""

    claims: tuple[Expression, ...]
    derivatives: tuple[str | None, ...]
    binding: Mapping[str, str]
    relation: Relation


@attrs.frozen
class Outcome:
    """What the oracle found; ``point`` is where, ``because`` in words."""

    kind: Kind
    because: str = ""
    point: Point | None = None


def candidate_of(reading: Reading, binding: Mapping[str, str], relation: Relation) -> Candidate:
    claims = tuple(claim.expression for claim in reading.claims)
    derivatives = tuple(
        claim.derivative.variable if claim.derivative else None for claim in reading.claims
    )
    return Candidate(claims, derivatives, binding, relation)


@attrs.define
class Judge:
    """Compares formulas with the base formula of one pair.

    The base's values are computed once per point and kept.
    """

    pair: Pair
    base: Candidate
    _kept: dict[tuple[int, str | None], Table] = attrs.field(factory=dict, init=False)

    @cached_property
    def points(self) -> tuple[Point, ...]:
        return points_of(self.pair, constants_of(self.base.claims))

    def outcome(self, candidate: Candidate) -> Outcome:
        """Whether ``candidate`` is the base's function, its relation applied."""
        if set(candidate.derivatives) != set(self.base.derivatives):
            return Outcome("differs", "it is a statement about another derivative")
        try:
            if candidate.relation.free != "nothing":
                return self._same_up_to(candidate, self._truth_table)
            if self.base.relation.free != "nothing":
                return self._same_as_truth(candidate)
            return self._same(candidate)
        except Unmatched as reason:
            return Outcome("unmatched", str(reason))

    def deviation_from_reference(self) -> Outcome:
        """Whether the base formula is what stands in plain NumPy, at the precision of floats."""
        if self.base.relation.free != "nothing":
            return self._same_up_to(self.base, self._truth_table)
        for point in self.points:
            with np.errstate(all="ignore"):
                truth = self.pair.truth(point.values)
            for claim in self.base.claims:
                because = _against_floats(self._table(self.base, claim, point), truth)
                if because:
                    return Outcome("differs", because, point)
        return Outcome("same")

    def _base_table(self, position: int, zeroed: str | None) -> Table:
        if (position, zeroed) not in self._kept:
            point = _with_zero(self.points[position], zeroed)
            self._kept[position, zeroed] = self._table(self.base, self.base.claims[-1], point)
        return self._kept[position, zeroed]

    def _table(self, candidate: Candidate, claim: Expression, point: Point) -> Table:
        bound = {
            symbol: self._bound(argument, point) for symbol, argument in candidate.binding.items()
        }
        weights = None
        if self.pair.weights is not None:
            values = np.asarray(self.pair.weights(**point.values)).reshape(-1).tolist()
            used = {candidate.binding.get(tensor.name) for tensor in claim.tensors}
            weights = Weights(values, in_formula=self.pair.weighted_by in used)
        return REDUCTIONS[candidate.relation.reduction](lifted(claim, bound), weights)

    def _bound(self, expression: str, point: Point) -> Bound:
        if expression in point.values:
            return Bound(point.values[expression], self.pair.argument(expression).parameter)
        return Bound(evaluate(expression, point.values).numpy(), parameter=False)

    def _same(self, candidate: Candidate) -> Outcome:
        smallest_seen: Outcome | None = None
        for position, point in enumerate(self.points):
            base = self._base_table(position, candidate.relation.zeroed)
            point = _with_zero(point, candidate.relation.zeroed)
            for claim in candidate.claims:
                found = self._table(candidate, claim, point)
                outcome = tables_compared(base, found, point)
                if outcome.kind == "differs":
                    return outcome
                if outcome.kind == "invisible":
                    smallest_seen = outcome
        return smallest_seen or Outcome("same")

    def _same_as_truth(self, candidate: Candidate) -> Outcome:
        """Where the base leaves a number open, what a formula without one must be."""
        for point in self.points:
            truth = self._truth_table(point)
            for claim in candidate.claims:
                outcome = tables_compared(truth, self._table(candidate, claim, point), point)
                if outcome.kind == "differs":
                    return outcome
        return Outcome("same")

    def _truth_table(self, point: Point) -> Table:
        with np.errstate(all="ignore"):
            truth = self.pair.truth(point.values)
        return Table(truth.shape, tuple(mpf(float(value)) for value in truth.ravel()))

    def _same_up_to(self, candidate: Candidate, expected: Callable[[Point], Table]) -> Outcome:
        """Equal to the truth by hand but for a number added, one for all points of the same sizes,
        or for a factor, one for each point; at the precision of floats."""
        free = candidate.relation.free
        offsets: dict[Any, list[mpf]] = defaultdict(list)
        for position, point in enumerate(self.points):
            base = expected(point)
            for claim in candidate.claims:
                found = self._table(candidate, claim, point)
                if found.shape != base.shape:
                    return Outcome("differs", "another shape", point)
                if any(is_finite(a) != is_finite(b) for a, b in _paired(base, found)):
                    continue
                key = position if free == "factor" else tuple(sorted(point.sizes.items()))
                offsets[key] += list(_offsets(base, found, free))
        for values in offsets.values():
            if any(abs(v - values[0]) > 1e-6 * max(abs(v), abs(values[0]), 1) for v in values):
                return Outcome("differs", f"the {free} is not one number")
        return Outcome("same")


def tables_compared(base: Table, found: Table, point: Point) -> Outcome:
    """The worst of the elementwise comparisons of two tables."""
    if base.shape != found.shape:
        return Outcome("differs", f"shape {found.shape} for {base.shape}", point)
    worst = Outcome("same")
    for expected, given in zip(base.elements, found.elements, strict=True):
        if is_finite(expected) != is_finite(given):
            return Outcome("differs", f"{shown(given)} for {shown(expected)}", point)
        if expected is None or given is None or not is_finite(expected):
            continue
        apart = relative(expected, given)
        if apart > VISIBLE:
            return Outcome("differs", f"{shown(given)} for {shown(expected)}", point)
        if apart > SAME:
            worst = Outcome("invisible", f"{shown(given)} for {shown(expected)}", point)
    return worst


def relative(expected: mpf, given: mpf) -> mpf:
    apart = abs(expected - given)
    return apart / max(abs(expected), abs(given)) if apart > NOTHING else mpf(0)


def shown(value: mpf | None) -> str:
    return "undefined" if value is None else f"{float(value):.9g}"


def constants_of(expressions: Iterable[Expression]) -> tuple[float, ...]:
    """The magnitudes of the numbers in formulas, their neighbours, and the commonest ones."""
    found = set(COMMON_CONSTANTS)
    for expression in expressions:
        bodies = [expression.body, *(definition.body for definition in expression.definitions)]
        for term in (term for body in bodies for term in walk(body)):
            if isinstance(term, Number) and 0 < abs(term.value) < 1000:
                value = abs(float(term.value))
                found |= {value, value + 1, abs(value - 1), value / 2, 2 * value}
    return tuple(sorted(found))


def _with_zero(point: Point, name: str | None) -> Point:
    if name is None or name not in point.values:
        return point
    value: Any = point.values[name]
    zero = np.zeros_like(value) if isinstance(value, np.ndarray) else 0.0
    return attrs.evolve(point, values={**point.values, name: zero})


def _paired(base: Table, found: Table) -> Iterable[tuple[mpf | None, mpf | None]]:
    return zip(base.elements, found.elements, strict=True)


def _offsets(base: Table, found: Table, free: str) -> Iterable[mpf]:
    for expected, given in _paired(base, found):
        if expected is None or given is None or not (is_finite(expected) and is_finite(given)):
            continue
        if free == "constant":
            yield expected - given
        elif given != 0:
            yield expected / given


def _against_floats(table: Table, truth: np.ndarray) -> str:
    if table.shape != truth.shape:
        return f"shape {table.shape}, by hand {truth.shape}"
    scale = max((abs(float(value)) for value in truth.ravel() if np.isfinite(value)), default=0.0)
    for given, expected in zip(table.elements, truth.ravel(), strict=True):
        if not np.isfinite(expected):
            continue
        if not is_finite(given):
            return f"{shown(given)}, by hand {expected:.9g}"
        if abs(float(given) - expected) > 1e-7 * abs(expected) + 1e-10 * (scale + 1):
            return f"{shown(given)}, by hand {expected:.9g}"
    return ""
