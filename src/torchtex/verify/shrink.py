"""The smallest counterexample: fewer elements, smaller sizes, rounder numbers, still failing."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from typing import Any

import attrs
import numpy as np

from torchtex.pytorch.code import CodeFailed
from torchtex.verify.acceptance import fitting
from torchtex.verify.attempts import Layout
from torchtex.verify.comparison import Difference
from torchtex.verify.domains import BASE, GRID
from torchtex.verify.examination import Failure
from torchtex.verify.filling import Draft, fill
from torchtex.verify.gradient import compare_gradients, pull_back
from torchtex.verify.pairing import FormulaFailed, Pairing
from torchtex.verify.relations import Relation
from torchtex.verify.shapes import NoSizes, SizePlan
from torchtex.verify.slots import Sample, Slot, Value, for_code
from torchtex.verify.trial import attempt, judge
from torchtex.verify.verdict import Counterexample

SECONDS = 1.0
DRAWS = 4
MAX_ELEMENTS = 40
SMALL_LENGTHS = ((1, 1), (2, 1), (1, 2), (2, 2), (3, 1), (3, 2), (4, 2))
SMALL_PLANS = (
    *(SizePlan("small", (batch, batch), (length,) * 7) for length, batch in SMALL_LENGTHS),
    SizePlan("small", (2, 3), (3, 2, 4, 5, 2, 3, 4)),
)


@attrs.frozen(eq=False)
class _Check:
    """Whether a sample still fails, and how."""

    layout: Layout
    relation: Relation
    what: str
    finite: bool
    seed: int
    deadline: float

    @property
    def pairing(self) -> Pairing:
        return self.layout.pairing

    def difference(self, sample: Sample) -> Difference | None:
        """How both sides part at the sample; None where they agree or one does not run."""
        try:
            found = self._value(sample) if self.what == "value" else self._gradient(sample)
        except (CodeFailed, FormulaFailed, NoSizes, ValueError, IndexError):
            return None
        if found is None or not math.isfinite(found.code):
            return None
        return found if math.isfinite(found.formula) or not self.finite else None

    def _value(self, sample: Sample) -> Difference | None:
        code = self.pairing.code_value(sample)
        names = {r.name for r in fitting(self.pairing, sample, code, self._weights())}
        if self.relation.name not in names:
            return None
        return judge(attempt(self.pairing, sample, code), self.relation).difference

    def _gradient(self, sample: Sample) -> Difference | None:
        outcome = pull_back(self.pairing, sample, self.seed)
        if outcome.cotangent is None:
            return None
        found = compare_gradients(self.pairing, sample, self.relation, outcome)
        return found.difference if f"gradient of {found.argument}" == self.what else None

    def _weights(self) -> Any:
        weights = self.relation.weights
        return None if weights is None else (weights, self.relation.weighted_terms)

    @property
    def out_of_time(self) -> bool:
        return time.monotonic() > self.deadline


def counterexample(layout: Layout, failure: Failure, seed: int, deadline: float) -> Counterexample:
    """The smallest failing sample found within a second."""
    if failure.what == "shape":
        return _told(layout.pairing, failure.sample, failure.difference, "value")
    check = _Check(
        layout,
        failure.relation,
        failure.what,
        math.isfinite(failure.difference.formula),
        seed,
        min(deadline, time.monotonic() + SECONDS),
    )
    sample, difference = _smaller(check, failure)
    sample, difference = _rounder(check, sample, difference)
    return _told(layout.pairing, sample, difference, failure.what)


def _told(pairing: Pairing, sample: Sample, difference: Difference, what: str) -> Counterexample:
    inputs = {slot.name: _plain(for_code(slot, sample.values[slot.name])) for slot in pairing.slots}
    # Adding zero turns -0.0 into 0.0.
    formula, code = difference.formula + 0.0, difference.code + 0.0
    return Counterexample(inputs, formula, code, difference.element, what)


def _plain(value: Value) -> Any:
    return value.tolist() if isinstance(value, np.ndarray) else value


def _smaller(check: _Check, failure: Failure) -> tuple[Sample, Difference]:
    """A small sample of round numbers that fails too; else the failing one with fewer rows."""
    for sample in _small_samples(check):
        if check.out_of_time:
            break
        difference = check.difference(sample)
        if difference is not None:
            return sample, difference
    return _fewer_rows(check, failure.sample, failure.difference)


def _small_samples(check: _Check) -> Iterator[Sample]:
    accepted = check.layout.accepted
    for plan in SMALL_PLANS:
        for turn in range(DRAWS):
            style = GRID if turn % 2 == 0 else BASE
            draft = Draft("smallest", plan, style, turn=turn, dyadic=True, ties=turn > 1)
            try:
                yield fill(accepted.pairing, draft, check.seed, accepted.sizing)
            except (NoSizes, ValueError):
                continue


def _fewer_rows(check: _Check, sample: Sample, difference: Difference) -> tuple[Sample, Difference]:
    """One row of the first batch axis, where one is enough."""
    if not sample.batch:
        return sample, difference
    for count in (1, 2):
        for start in range(0, min(sample.batch[0], 64), count):
            if check.out_of_time:
                return sample, difference
            rows = _rows(check.pairing, sample, slice(start, start + count))
            found = check.difference(rows)
            if found is not None:
                return rows, found
    return sample, difference


def _rows(pairing: Pairing, sample: Sample, rows: slice) -> Sample:
    values: dict[str, Value] = {}
    for slot in pairing.slots:
        value = sample.values[slot.name]
        is_row = slot.batched and isinstance(value, np.ndarray)
        values[slot.name] = value[rows] if is_row and isinstance(value, np.ndarray) else value
    count = len(range(*rows.indices(sample.batch[0])))
    return attrs.evolve(sample, values=values, batch=(count, *sample.batch[1:]))


def _rounder(check: _Check, sample: Sample, difference: Difference) -> tuple[Sample, Difference]:
    """Replace numbers by rounder ones, one at a time, as long as it still fails."""
    for slot in check.pairing.slots:
        value = sample.values[slot.name]
        if slot.kind == "number" and isinstance(value, float):
            for rounder in _round_numbers(slot, value):
                changed = _with(sample, slot.name, rounder)
                found = None if check.out_of_time else check.difference(changed)
                if found is not None:
                    sample, difference = changed, found
                    break
        if slot.kind == "tensor" and isinstance(value, np.ndarray) and value.size <= MAX_ELEMENTS:
            sample, difference = _rounder_tensor(check, slot, sample, difference)
    return sample, difference


def _rounder_tensor(
    check: _Check, slot: Slot, sample: Sample, difference: Difference
) -> tuple[Sample, Difference]:
    value = np.asarray(sample.values[slot.name])
    for place in np.ndindex(value.shape):
        for rounder in _round_numbers(slot, float(value[place])):
            if check.out_of_time:
                return sample, difference
            trial = np.array(value)
            trial[place] = rounder
            changed = _with(sample, slot.name, trial)
            found = check.difference(changed)
            if found is not None:
                sample, difference, value = changed, found, trial
                break
    return sample, difference


def _with(sample: Sample, name: str, value: Value) -> Sample:
    values: Mapping[str, Value] = {**sample.values, name: value}
    return attrs.evolve(sample, values=values, extreme=False, edge=False)


def _round_numbers(slot: Slot, value: float) -> Iterator[float]:
    """Rounder numbers of the slot's domain, the roundest first."""
    allowed = ROUND_NUMBERS.get(slot.domain) if isinstance(slot.domain, str) else None
    if allowed is None:
        return
    seen = {value}
    rounded = [float(round(value, digits)) for digits in (0, 1, 2)] if abs(value) < 1e15 else []
    for candidate in (*allowed, *rounded):
        if candidate == value:
            return
        if candidate not in seen and _inside(slot.domain, candidate):
            seen.add(candidate)
            yield candidate


ROUND_NUMBERS: Mapping[str, tuple[float, ...]] = {
    "real": (0.0, 1.0),
    "positive": (1.0,),
    "unit": (0.5,),
    "counts": (0.0, 1.0),
}


def _inside(domain: Any, value: float) -> bool:
    if domain == "positive":
        return value > 0
    return 0 < value < 1 if domain == "unit" else True
