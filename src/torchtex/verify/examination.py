"""The full comparison of one pairing: all samples of the plan, values and gradients."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence

import attrs
import numpy as np

from torchtex.pytorch.code import CodeFailed, Outcome
from torchtex.verify.acceptance import Accepted, fitting
from torchtex.verify.comparison import TOLERANCE, Difference, scale_of
from torchtex.verify.coverage import Coverage
from torchtex.verify.edges import Edge, edges_met, slack_of
from torchtex.verify.filling import Draft, fill
from torchtex.verify.gradient import compare_gradients, differentiable, pull_back
from torchtex.verify.pairing import FormulaFailed, Pairing
from torchtex.verify.relations import Relation
from torchtex.verify.roles import Roles
from torchtex.verify.sampling import Planned, more_samples
from torchtex.verify.shapes import MAIN, NoSizes
from torchtex.verify.slots import Sample
from torchtex.verify.trial import (
    Trial,
    attempt,
    constant_between,
    judge,
    without_constant,
    without_factor_per_sample,
)

MIN_ELEMENTS = 200
TOP_UP = 240
FEW = 12
GIVEN = Planned(Draft("inputs", MAIN), gradient=True)


@attrs.frozen(eq=False)
class Failure:
    """A sample at which the two sides part under ``relation``; ``what`` is value or gradient."""

    sample: Sample
    relation: Relation
    what: str
    difference: Difference


@attrs.frozen(eq=False)
class Examination:
    """What the samples say.

    ``unfinished`` says why not all samples were compared.

    ``relation``: the one that held on all of them, None when none did.  ``silent``: arguments
    without a gradient although the formula depends on them.  ``unreached``: branches that no
    sample reached.  ``trials``: the values compared, for the search of a repair.
    """

    relation: Relation | None
    samples: int = 0
    max_error: float = 0.0
    max_gradient_error: float | None = None
    failure: Failure | None = None
    silent: tuple[str, ...] = ()
    without_gradient: Mapping[str, str] = attrs.field(factory=dict)
    unreached: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    trials: tuple[Trial, ...] = ()
    decided: bool = True
    unfinished: str | None = None

    @property
    def agrees(self) -> bool:
        return self.relation is not None


@attrs.define
class _Course:
    """One examination under way."""

    accepted: Accepted
    roles: Roles
    seed: int
    deadline: float
    alive: list[Relation]
    failures: list[Failure] = attrs.field(factory=list)
    trials: list[Trial] = attrs.field(factory=list)
    notes: dict[str, None] = attrs.field(factory=dict)
    silent: dict[str, None] = attrs.field(factory=dict)
    without_gradient: dict[str, str] = attrs.field(factory=dict)
    samples: int = 0
    error: float = 0.0
    gradient_error: float | None = None
    decided: bool = False
    unfinished: str | None = None
    constants: dict[tuple[object, ...], tuple[float, float]] = attrs.field(factory=dict)

    @property
    def pairing(self) -> Pairing:
        return self.accepted.pairing

    def put(self, sample: Sample, planned: Planned) -> None:
        """Compare one sample under every relation that is still alive."""
        edges = edges_met(self.roles, sample)
        for edge in edges:
            self.notes[edge.note] = None
        if any(edge.gradient_of is None for edge in edges):
            return
        outcome = self._run(sample, planned)
        if outcome is None:
            return
        if planned.optional and not np.isfinite(outcome.value).any():
            self.notes[f"{sample.label}: the code's value is not finite; not compared"] = None
            return
        trial = attempt(self.pairing, sample, outcome.value)
        if trial.too_large:
            self.notes[f"{sample.label}: {trial.failure}; not compared"] = None
            return
        if not self._shape_fits(trial, planned):
            return
        self.trials.append(trial)
        self._values(trial)
        if self.alive and self._wants_gradient(planned):
            self._gradients(trial, outcome, edges)

    def _wants_gradient(self, planned: Planned) -> bool:
        claim = self.pairing.claim
        is_value = claim.derivative is None and not claim.proportional
        return planned.gradient and is_value and bool(differentiable(self.pairing))

    def _run(self, sample: Sample, planned: Planned) -> Outcome | None:
        try:
            if self._wants_gradient(planned):
                return pull_back(self.pairing, sample, self.seed)
            return Outcome(self.pairing.code_value(sample))
        except CodeFailed as failure:
            if not planned.optional:
                self.notes[f"{sample.label}: the code fails: {failure}"] = None
            return None

    def _shape_fits(self, trial: Trial, planned: Planned) -> bool:
        """The code's shape has to follow the formula's at every size."""
        sample, code = trial.sample, trial.code
        weights = next(
            ((r.weights, r.weighted_terms) for r in self.alive if r.weights is not None), None
        )
        found = {r.name for r in fitting(self.pairing, sample, code, weights)}
        if found.intersection(r.name for r in self.alive):
            return True
        if code.size == 1 and trial.high is not None and trial.high.size == 1:
            return True
        if planned.optional:
            return False
        shape = self.pairing.result_shape(sample)
        self.notes[
            f"{sample.label}: the formula's result has shape {shape}, the code's {code.shape}"
        ] = None
        element = (0,) * code.ndim
        formula = float("nan") if trial.high is None else float(trial.high.reshape(-1)[0])
        difference = Difference(element, formula, float(code.reshape(-1)[0]))
        for relation in self.alive:
            self.failures.append(Failure(sample, relation, "shape", difference))
        self.alive.clear()
        return False

    def _values(self, trial: Trial) -> None:
        kept: list[Relation] = []
        for relation in self.alive:
            comparable = self._comparable(trial, relation)
            if comparable is None:
                kept.append(relation)
                continue
            comparison = judge(comparable, relation, self._slack(trial))
            if comparison.agrees:
                kept.append(relation)
                self.notes.update(dict.fromkeys(comparison.undecided))
                if not (trial.sample.extreme or trial.sample.edge):
                    self.error = max(self.error, comparison.error)
                continue
            assert comparison.difference is not None
            self.failures.append(Failure(trial.sample, relation, "value", comparison.difference))
        self.samples += trial.elements
        if trial.high is not None and len(self.accepted.relations) > 1:
            shape = trial.high.shape
            self.decided |= self.accepted.relations[0].decides(trial.sample, shape)
        self.alive[:] = kept

    def _slack(self, trial: Trial) -> float:
        """The absolute allowance: torch's guards, and the rounding of a constant taken out."""
        slack = slack_of(self.roles)
        if self.pairing.claim.up_to_constant:
            slack += TOLERANCE * scale_of(np.asarray(trial.code, dtype=np.float64))
        return slack

    def _comparable(self, trial: Trial, relation: Relation) -> Trial | None:
        """The trial without the constant that the formula leaves open; None if none is told.

        A factor may differ from sample to sample where the result has elements to compare within
        one.  Any other constant may depend on sizes and settings, not on data: the first sample of
        the same ones fixes it for the others.
        """
        claim = self.pairing.claim
        if claim.proportional and claim.expression.indices:
            return without_factor_per_sample(trial, relation)
        if not (claim.up_to_constant or claim.proportional):
            return trial
        key = (relation.name, *_circumstances(trial.sample))
        if key not in self.constants:
            found = constant_between(trial, relation)
            if found is None:
                return None
            self.constants[key] = found
        return without_constant(trial, *self.constants[key])

    def _gradients(self, trial: Trial, outcome: Outcome, edges: Sequence[Edge]) -> None:
        self.without_gradient.update(outcome.without_gradient)
        if outcome.cotangent is None:
            return
        skipped = {self.roles.given(e.gradient_of) for e in edges if e.gradient_of is not None}
        kept: list[Relation] = []
        for relation in self.alive:
            try:
                found = compare_gradients(
                    self.pairing,
                    trial.sample,
                    relation,
                    outcome,
                    frozenset(skipped),
                )
            except FormulaFailed as failure:
                self.notes[f"{trial.sample.label}: no gradient of the formula: {failure}"] = None
                kept.append(relation)
                continue
            self.silent.update(dict.fromkeys(found.silent))
            if found.compared:
                self.gradient_error = max(self.gradient_error or 0.0, found.error)
            if found.agrees:
                kept.append(relation)
                continue
            assert found.difference is not None
            what = f"gradient of {found.argument}"
            self.failures.append(Failure(trial.sample, relation, what, found.difference))
        self.alive[:] = kept

    def result(self, unreached: tuple[str, ...]) -> Examination:
        relation = self.alive[0] if self.alive else None
        return Examination(
            relation=relation,
            samples=self.samples,
            max_error=self.error,
            max_gradient_error=self.gradient_error,
            failure=None if self.alive else _most_telling(self.failures),
            silent=tuple(self.silent),
            without_gradient=dict(self.without_gradient),
            unreached=unreached,
            notes=tuple(self.notes),
            trials=tuple(self.trials),
            decided=self.decided or len(self.accepted.relations) == 1,
            unfinished=self.unfinished,
        )


def _circumstances(sample: Sample) -> tuple[object, ...]:
    settings = tuple(
        (name, value)
        for name, value in sorted(sample.values.items())
        if isinstance(value, (int, float, str))
    )
    return (tuple(sorted(sample.sizes.items())), sample.batch, settings)


def _most_telling(failures: Sequence[Failure]) -> Failure | None:
    """The failure that no relation survived, under the first relation that fell there."""
    if not failures:
        return None
    last = failures[-1].sample
    return next(failure for failure in failures if failure.sample is last)


def examine(
    accepted: Accepted,
    roles: Roles,
    given: Sequence[Sample],
    plan: Sequence[Planned],
    seed: int,
    deadline: float,
    at_least: int = MIN_ELEMENTS,
) -> Examination:
    """Compare the given samples first, then those of the plan, until no relation is left.

    More samples are drawn until ``at_least`` elements are compared.
    """
    course = _Course(accepted, roles, seed, deadline, list(accepted.relations))
    coverage = Coverage.of(accepted.pairing)
    for sample in given:
        if course.alive:
            course.put(sample, GIVEN)
            coverage.reach(sample)
    for planned in plan:
        if not course.alive:
            break
        if time.monotonic() > deadline:
            course.unfinished = (
                f"the time budget ran out after {course.samples} elements, all of which agree"
            )
            break
        for sample in _drawn_often(accepted, planned, seed):
            before = len(course.trials)
            course.put(sample, planned)
            if len(course.trials) > before and not (planned.draft.extreme or planned.draft.edge):
                coverage.reach(sample)
            if not course.alive:
                break
    _top_up(course, at_least)
    return course.result(tuple(branch.description for branch in coverage.missing))


def _top_up(course: _Course, at_least: int) -> None:
    """More samples where each holds only few elements."""
    for planned in more_samples(TOP_UP):
        if course.samples >= at_least or not course.alive or time.monotonic() > course.deadline:
            return
        sample = _drawn(course.accepted, planned, course.seed)
        if sample is not None:
            course.put(sample, planned)


def _drawn_often(accepted: Accepted, planned: Planned, seed: int) -> Iterator[Sample]:
    """The planned sample; where it holds only a few numbers, more of its kind."""
    first = _drawn(accepted, planned, seed)
    if first is None:
        return
    yield first
    tensors = [s.name for s in accepted.pairing.slots if s.kind == "tensor"]
    numbers = [np.asarray(first.values[name]).size for name in tensors]
    if planned.gradient or not numbers or max(numbers) >= FEW:
        return
    for again in range(1, FEW // max(numbers)):
        sample = _drawn(accepted, planned, seed + 1000 * again)
        if sample is not None:
            yield sample


def _drawn(accepted: Accepted, planned: Planned, seed: int) -> Sample | None:
    try:
        return fill(accepted.pairing, planned.draft, seed, accepted.sizing)
    except (NoSizes, ValueError):
        return None
