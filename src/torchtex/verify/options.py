"""Formulas about whole numbers only (an output size): every combination compared exactly."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from torchtex.index.evaluate import FLOAT64
from torchtex.index.lift import lift
from torchtex.index.terms import Index, Size
from torchtex.pytorch.code import CodeFailed
from torchtex.verify.acceptance import Accepted
from torchtex.verify.comparison import Difference
from torchtex.verify.examination import Examination, Failure
from torchtex.verify.filling import Draft, fill
from torchtex.verify.pairing import FormulaFailed, Pairing
from torchtex.verify.relations import EXACT
from torchtex.verify.shapes import FREE, MAIN
from torchtex.verify.slots import Array, Sample

WANTED = 300
TRIES = 6000
GRID = Index("option", Size.free("number of options"))


def only_options(pairing: Pairing) -> bool:
    """Whether nothing but whole numbers goes in."""
    return bool(pairing.slots) and all(
        slot.kind in ("integer", "integers", "fixed") for slot in pairing.slots
    )


def accept_options(pairing: Pairing, seed: int) -> Accepted | None:
    """The pairing as it is, if the code takes enough combinations and gives one number."""
    samples = _accepted(pairing, seed, 4)
    if not samples or any(value.size != 1 for _, value in samples):
        return None
    return Accepted(pairing, (EXACT,), FREE)


def _accepted(pairing: Pairing, seed: int, wanted: int) -> list[tuple[Sample, Array]]:
    """Combinations the code takes, with its values; those it rejects lie outside its domain."""
    found: list[tuple[Sample, Array]] = []
    for turn in range(TRIES):
        if len(found) >= wanted:
            break
        sample = fill(pairing, Draft("options", MAIN, turn=turn), seed)
        try:
            found.append((sample, pairing.code_value(sample)))
        except CodeFailed:
            continue
    return found


def examine_options(
    accepted: Accepted, given: Sequence[Sample], seed: int, deadline: float
) -> Examination:
    """Compare on a grid of options, exactly."""
    pairing = accepted.pairing
    samples = _given(pairing, given) + _accepted(pairing, seed, WANTED)
    if time.monotonic() > deadline:
        return Examination(EXACT, unfinished="the time budget ran out")
    code = np.array([float(value.reshape(-1)[0]) for _, value in samples])
    try:
        formula = _stacked_value(pairing, [sample for sample, _ in samples])
    except FormulaFailed as failure:
        difference = Difference((), float("nan"), float(code[0]))
        failed = Failure(samples[0][0], EXACT, "value", difference)
        return Examination(None, failure=failed, notes=(str(failure),))
    wrong = np.flatnonzero(~(formula == code))
    if wrong.size:
        place = int(wrong[0])
        difference = Difference((), float(formula[place]), float(code[place]))
        failed = Failure(samples[place][0], EXACT, "value", difference)
        return Examination(None, len(samples), failure=failed)
    return Examination(EXACT, len(samples), 0.0)


def _given(pairing: Pairing, given: Sequence[Sample]) -> list[tuple[Sample, Array]]:
    found = []
    for sample in given:
        try:
            found.append((sample, pairing.code_value(sample)))
        except CodeFailed:
            continue
    return found


def _stacked_value(pairing: Pairing, samples: list[Sample]) -> Array:
    """The formula's value for all samples in one evaluation."""
    each = [pairing.symbol_values(sample) for sample in samples]
    names = frozenset(tensor.name for tensor in pairing.claim.expression.tensors)
    stacked = {name: np.stack([values[name] for values in each]) for name in names}
    lifted = lift(pairing.claim.expression, names, (GRID,))
    sizes = {GRID.extent.names[0]: len(samples)}
    return pairing.formula_at(stacked, samples[0], lifted, FLOAT64, sizes)
