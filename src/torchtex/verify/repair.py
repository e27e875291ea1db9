"""Looking for a formula near this one that does agree: "did you mean ...?"."""

from __future__ import annotations

import time
from collections.abc import Iterator

import attrs
import numpy as np

from torchtex.notation.errors import NotRead
from torchtex.notation.reading import Context
from torchtex.notation.resolve import read
from torchtex.pytorch.code import CodeFailed
from torchtex.verify.attempts import Attempt, Doubtful, Unfilled, layouts_of
from torchtex.verify.compare import compare_attempt
from torchtex.verify.comparison import scale_of
from torchtex.verify.domains import BASE, GRID
from torchtex.verify.edits import edited
from torchtex.verify.filling import Draft, fill
from torchtex.verify.findings import Finding
from torchtex.verify.kinds import known_symbols
from torchtex.verify.pairing import FormulaFailed, Pairing
from torchtex.verify.question import Question
from torchtex.verify.relations import Relation
from torchtex.verify.setup import NoRoom, Setting, pairing_of
from torchtex.verify.shapes import MAIN, SECOND, NoSizes
from torchtex.verify.slots import Array, Sample

SECONDS = 2.5
QUICK = 1e-7
FIRST_STEPS = 60
MAX_CHECKED = 12


@attrs.frozen(eq=False)
class _Evidence:
    """Samples with the code's values, on which a candidate has to hold first."""

    pairing: Pairing
    relations: tuple[Relation, ...]
    cases: tuple[tuple[Sample, Array], ...]


def suggest(question: Question, finding: Finding) -> str | None:
    """The nearest formula that agrees with the code, as LaTeX; None if none was found in time."""
    if finding.layout is None or finding.attempt is None:
        return None
    deadline = min(question.deadline, time.monotonic() + SECONDS)
    evidence = _evidence(question, finding)
    checked = 0
    for candidate in _candidates(question.latex, deadline):
        attempt = _reading_of(question, finding, candidate)
        if attempt is None or not _holds(evidence, attempt):
            continue
        checked += 1
        if checked > MAX_CHECKED or time.monotonic() > deadline:
            return None
        if _agrees(question, attempt, candidate):
            return candidate
    return None


def _candidates(latex: str, deadline: float) -> Iterator[str]:
    """One edit away, smallest first; then two edits away, from the smallest ones."""
    single = edited(latex)
    seen = {latex}
    for _, candidate in single:
        if time.monotonic() > deadline:
            return
        if candidate not in seen:
            seen.add(candidate)
            yield candidate
    for _, first in single[:FIRST_STEPS]:
        for _, candidate in edited(first)[:FIRST_STEPS]:
            if time.monotonic() > deadline:
                return
            if candidate not in seen:
                seen.add(candidate)
                yield candidate


def _reading_of(question: Question, finding: Finding, candidate: str) -> Setting | None:
    """The candidate, read with the binding of the formula; None where it says something else."""
    assert finding.attempt is not None
    setting = finding.attempt.setting
    known = known_symbols(setting.binding, setting.tokens, setting.samples)
    try:
        reading = read(candidate, Context(known, question.declare), dict(question.choices))
    except NotRead:
        return None
    if any(symbol.name not in setting.binding.bound for symbol in reading.symbols):
        return None
    return attrs.evolve(setting, reading=reading)


def _evidence(question: Question, finding: Finding) -> _Evidence:
    assert finding.layout is not None and finding.examination is not None
    accepted = finding.layout.accepted
    pairing = accepted.pairing
    cases = [(t.sample, t.code) for t in finding.examination.trials[-2:]]
    for turn, style in ((1, BASE), (2, GRID), (3, BASE)):
        plan = MAIN if turn % 2 else SECOND
        draft = Draft("repair", plan, style, turn=turn, dyadic=style is GRID)
        try:
            sample = fill(pairing, draft, question.seed, accepted.sizing)
            cases.append((sample, pairing.code_value(sample)))
        except (CodeFailed, NoSizes, ValueError):
            continue
    return _Evidence(pairing, accepted.relations, tuple(cases))


def _holds(evidence: _Evidence, setting: Setting) -> bool:
    """Whether a candidate gives the code's values on all evidence, under one relation."""
    try:
        pairing = pairing_of(setting, setting.reading.claims[0], evidence.pairing.batch)
    except NoRoom:
        return False
    candidate = attrs.evolve(
        evidence.pairing, reading=pairing.reading, claim=pairing.claim, bound=pairing.bound
    )
    alive = list(evidence.relations)
    for sample, code in evidence.cases:
        try:
            value = candidate.formula_value(sample)
        except (FormulaFailed, KeyError):
            return False
        alive = [r for r in alive if _close(r, value, sample, code)]
        if not alive:
            return False
    return True


def _close(relation: Relation, value: Array, sample: Sample, code: Array) -> bool:
    if relation.axes and max(relation.axes) >= value.ndim:
        return False
    with np.errstate(all="ignore"):
        related = np.asarray(relation.apply(value, sample), dtype=np.float64)
        if related.shape != code.shape:
            return False
        finite = np.isfinite(code)
        gap = np.abs(related - code)[finite]
    return bool((gap <= QUICK * scale_of(code)).all()) if gap.size else False


def _agrees(question: Question, setting: Setting, candidate: str) -> bool:
    asked = attrs.evolve(question, latex=candidate)
    try:
        found = tuple(
            (claim, layouts_of(asked, setting, claim)) for claim in setting.reading.claims
        )
    except (Unfilled, Doubtful):
        return False
    return compare_attempt(asked, Attempt(setting, found)).ok
