"""One sample put to both sides: the values, and how they compare under a relation."""

from __future__ import annotations

from collections.abc import Mapping

import attrs
import numpy as np

from torchtex.index.evaluate import FLOAT64
from torchtex.index.terms import Apply
from torchtex.index.traverse import walk
from torchtex.pytorch.code import CodeFailed
from torchtex.verify.comparison import (
    OVERFLOW,
    TOLERANCE,
    Comparison,
    Difference,
    compare,
    same_non_finite,
    scale_of,
)
from torchtex.verify.pairing import PRECISE, FormulaFailed, FormulaTooLarge, Pairing, arbitrary
from torchtex.verify.relations import Relation
from torchtex.verify.slots import Array, Sample

NOISE = 1e3
"""Rounding of the code grows this much at least from float64 to float32; a real gap does not."""


@attrs.frozen(eq=False)
class Trial:
    """Both values of one sample.

    ``single`` and ``high`` are the formula's values in float64 and extended precision, over batch
    axes and result indices; ``failure`` is why the formula has none, ``too_large`` that it would
    take too long.  ``code`` is the code's.
    """

    pairing: Pairing
    sample: Sample
    code: Array
    single: Array | None
    high: Array | None
    failure: str | None = None
    too_large: bool = False

    @property
    def elements(self) -> int:
        """How many elements went into the comparison, before any reduction."""
        if self.single is None:
            return 0
        if self.single.size > 1:
            return int(self.single.size)
        return max(
            (v.size for v in self.sample.values.values() if isinstance(v, np.ndarray)), default=1
        )


def attempt(pairing: Pairing, sample: Sample, code: Array) -> Trial:
    """Evaluate the formula for a sample whose code value is known."""
    try:
        symbols = pairing.symbol_values(sample)
        expression = pairing.expression
        single = pairing.formula_at(symbols, sample, expression, FLOAT64)
        high = pairing.formula_at(symbols, sample, expression, PRECISE)
    except FormulaFailed as failure:
        too_large = isinstance(failure, FormulaTooLarge)
        return Trial(pairing, sample, code, None, None, str(failure), too_large)
    return Trial(pairing, sample, code, single, high)


def judge(trial: Trial, relation: Relation, slack: float = 0.0) -> Comparison:
    """Compare the two values of a trial under a relation."""
    if trial.single is None or trial.high is None:
        return _without_formula(trial)
    with np.errstate(all="ignore"):
        return _judge(trial, trial.single, relation, slack)


def _judge(trial: Trial, single: Array, relation: Relation, slack: float) -> Comparison:
    high, open_elements = settled(trial, relation)
    if open_elements.any() and not relation.is_exact:
        note = f"{trial.sample.label}: the formula cancels there; not compared"
        return Comparison(0, 0.0, None, (note,))
    comparable = single
    if not relation.is_exact:
        # One overflow must not hide how far the rounding of the other elements goes.
        comparable = np.where(np.isfinite(single), single, np.asarray(high, np.float64))
    related_single = relation.apply(np.asarray(comparable, np.float64), trial.sample)
    related = relation.apply(high, trial.sample)
    comparison = compare(related_single, related, trial.code, slack)
    if comparison.agrees:
        return comparison
    return _excused(trial, relation, related_single, related, comparison, open_elements)


def constant_between(trial: Trial, relation: Relation) -> tuple[float, float] | None:
    """Factor and term that take the formula to the code's value at one element of the trial.

    A side that ends in *const.* leaves the term open, one behind a propto the factor.
    """
    claim = trial.pairing.claim
    value = _related(trial, relation)
    code = np.asarray(trial.code, dtype=np.float64)
    if value is None or value.shape != code.shape:
        return None
    usable = np.isfinite(value) & np.isfinite(code) & (value != 0)
    if not usable.any():
        return None
    place = np.unravel_index(int(np.argmax(np.where(usable, np.abs(value), -1.0))), value.shape)
    if claim.proportional:
        return float(code[place] / value[place]), 0.0
    return 1.0, float(code[place] - value[place])


def without_factor_per_sample(trial: Trial, relation: Relation) -> Trial | None:
    """The code's value with one factor taken out of each sample, that of its largest element.

    None where the formula is not finite, so that no factor can be told.
    """
    found = _related(trial, relation)
    code = np.asarray(trial.code, dtype=np.longdouble)
    if found is None or found.shape != code.shape or not np.isfinite(found).all():
        return None
    own = tuple(range(code.ndim - len(trial.pairing.claim.expression.indices), code.ndim))
    with np.errstate(all="ignore"):
        size = np.abs(found)
        largest = size == size.max(axis=own, keepdims=True)
        ratios = np.where(largest, code / found, -np.inf).max(axis=own, keepdims=True)
        usable = np.isfinite(ratios) & (ratios != 0)
        same_scale = np.where(usable, code / np.where(usable, ratios, 1), code)
    return attrs.evolve(trial, code=np.asarray(same_scale, dtype=np.float64))


def _related(trial: Trial, relation: Relation) -> Array | None:
    if trial.high is None:
        return None
    with np.errstate(all="ignore"):
        high, _ = settled(trial, relation)
        return np.asarray(relation.apply(high, trial.sample))


def without_constant(trial: Trial, factor: float, term: float) -> Trial:
    """The trial with the code's value taken back to the formula's."""
    with np.errstate(all="ignore"):
        back = (np.asarray(trial.code, dtype=np.float64) - term) / factor
    return attrs.evolve(trial, code=back)


def _without_formula(trial: Trial) -> Comparison:
    """The formula is undefined at the sample: a difference unless the code is undefined too."""
    code = np.asarray(trial.code, dtype=np.float64)
    finite = np.isfinite(code)
    if not finite.any():
        return Comparison(0, 0.0)
    element = tuple(int(place) for place in np.argwhere(finite)[0])
    return Comparison(0, float("inf"), Difference(element, float("nan"), float(code[element])))


def settled(trial: Trial, relation: Relation) -> tuple[Array, Array]:
    """The formula's values to be trusted, and the elements for which none could be had.

    Extended precision where it holds; where it or float64 overflowed or cancelled, decimal
    arithmetic with more and more digits, until two numbers of digits give the same.
    """
    assert trial.high is not None and trial.single is not None
    high = np.array(trial.high)
    code = np.asarray(trial.code, dtype=np.float64)
    # Where float64 breaks down, eleven more bits may only hide it: 1 - sigmoid(40).
    pending = ~np.isfinite(np.asarray(trial.single, np.float64)) | ~np.isfinite(high)
    if relation.is_exact:
        pending &= ~same_non_finite(np.asarray(high, np.float64), code)
    elif not np.isfinite(code).all():
        return high, np.zeros(high.shape, dtype=bool)
    before: Array | None = None
    for digits in _digits(trial.sample):
        if not pending.any():
            break
        exact = _recomputed(trial, high, pending, digits)
        if before is not None:
            stable = np.isfinite(exact) & (np.abs(exact - before) <= STABLE * np.abs(exact))
            high = np.where(pending, exact, high)
            pending = pending & ~stable & ~_tiny(exact, before, code)
        before = exact
    beyond = trial.sample.extreme and trial.sample.magnitude > MOST_DIGITS
    return high, pending if beyond else np.zeros(high.shape, dtype=bool)


STABLE = 1e-12
MOST_DIGITS = 2700


def _digits(sample: Sample) -> tuple[int, ...]:
    """Numbers of digits to try: exp(-x) beside 1 takes 0.43 x of them.

    Where the largest elements are out of reach, only those that settle early are asked for.
    """
    wanted = [50, 150]
    if sample.magnitude > MOST_DIGITS:
        return (*wanted, 450)
    while wanted[-1] < min(60 + sample.magnitude / 2, MOST_DIGITS / 2):
        wanted.append(3 * wanted[-1])
    return tuple(wanted)


def _tiny(exact: Array, before: Array, code: Array) -> Array:
    """Values that no number of digits makes matter beside the code's scale."""
    bound = STABLE * scale_of(code)
    return np.asarray((np.abs(exact) <= bound) & (np.abs(before) <= bound))


def _recomputed(trial: Trial, high: Array, broken: Array, digits: int) -> Array:
    pairing, sample = trial.pairing, trial.sample
    rows = _broken_rows(pairing, broken)
    try:
        symbols = pairing.symbol_values(sample)
        sizes: dict[str, int] = {}
        if rows is not None:
            symbols = _select(symbols, pairing.data, rows)
            sizes = {pairing.batch_indices[0].extent.names[0]: int(rows.size)}
        values = pairing.formula_at(symbols, sample, pairing.expression, arbitrary(digits), sizes)
    except FormulaFailed:
        return high
    exact = np.array(high)
    exact[... if rows is None else rows] = _as_long(values)
    return np.where(broken, exact, high)


def _as_long(values: Array) -> Array:
    return np.asarray(values, dtype=np.longdouble)


def _broken_rows(pairing: Pairing, broken: Array) -> Array | None:
    if pairing.batch == 0:
        return None
    others = tuple(range(1, broken.ndim))
    return np.asarray(np.flatnonzero(broken.any(axis=others) if others else broken))


def _select(symbols: Mapping[str, Array], data: frozenset[str], rows: Array) -> dict[str, Array]:
    return {name: array[rows] if name in data else array for name, array in symbols.items()}


def _excused(
    trial: Trial,
    relation: Relation,
    single: Array,
    related: Array,
    comparison: Comparison,
    open_elements: Array,
) -> Comparison:
    """Leave out where both break alike; far out and on the ends of a domain, rounding and edges."""
    assert comparison.suspect is not None
    code = np.asarray(trial.code, dtype=np.float64)
    high = np.asarray(related, dtype=np.float64)
    notes: dict[str, None] = {}
    excused = np.zeros(code.shape, dtype=bool)
    edges = _edges(trial, single, high, code)
    label = trial.sample.label
    if open_elements.shape == code.shape:
        note = f"{label}: the formula cancels there; not compared"
        edges.append((note, open_elements))
    if _has_logarithm(trial.pairing):
        edges.append((f"{label}: 0 log 0 is taken as 0", _at_limit(trial, relation, high, code)))
    for reason, where in edges:
        if (where & comparison.suspect).any():
            notes[reason] = None
        excused |= where
    left = comparison.suspect & ~excused
    kept = code.size - int((comparison.suspect & excused).sum())
    error = _error_outside(high, code, comparison.suspect & excused)
    if not left.any():
        return Comparison(kept, error, None, tuple(notes))
    element = tuple(int(place) for place in np.argwhere(left)[0])
    difference = Difference(element, float(high[element]), float(code[element]))
    return Comparison(kept, error, difference, tuple(notes), left)


def _error_outside(high: Array, code: Array, excused: Array) -> float:
    counted = ~excused & np.isfinite(high) & np.isfinite(code)
    if not counted.any():
        return 0.0
    scale = scale_of(code[counted])
    return float(np.abs(high - code)[counted].max() / (scale or 1.0))


def _edges(trial: Trial, single: Array, high: Array, code: Array) -> list[tuple[str, Array]]:
    label = trial.sample.label
    found: list[tuple[str, Array]] = []
    if trial.sample.edge:
        one_sided = np.isfinite(high) != np.isfinite(code)
        found.append(
            (f"{label}: only one side is finite (such as 0 log 0); not compared", one_sided)
        )
        return found
    breaks_alike = ~np.isfinite(code) & same_non_finite(single, code)
    found.append((f"{label}: in float64 both sides overflow alike; not compared", breaks_alike))
    neither = ~np.isfinite(code) & ~np.isfinite(high) & (np.isnan(code) | np.isnan(high))
    found.append((f"{label}: neither side is finite there", neither))
    if not trial.sample.extreme:
        return found
    if any(bound.argument is None for bound in trial.pairing.bound):
        underflow = ~np.isfinite(high) & np.isfinite(code)
        found.append((f"{label}: a bound expression overflows in float64", underflow))
    if trial.sample.magnitude >= OVERFLOW:
        overflow = ~np.isfinite(code)
        found.append((f"{label}: the code overflows where the formula is finite", overflow))
    noise = _is_noise(trial, high, code)
    if noise is not None:
        found.append((f"{label}: the code loses precision there; not compared", noise))
    return found


def _has_logarithm(pairing: Pairing) -> bool:
    expression = pairing.claim.expression
    bodies = (expression.body, *(definition.body for definition in expression.definitions))
    return any(
        isinstance(term, Apply) and term.operator == "log" for body in bodies for term in walk(body)
    )


ALMOST_ZERO = 1e-300


def _at_limit(trial: Trial, relation: Relation, high: Array, code: Array) -> Array:
    """Where the formula is undefined at zeros, but its limit is the code's value (0 log 0)."""
    undefined = np.isnan(high) & np.isfinite(code)
    if not undefined.any():
        return undefined
    values = {
        name: np.where(value == 0, ALMOST_ZERO, value)
        if isinstance(value, np.ndarray) and value.dtype.kind == "f"
        else value
        for name, value in trial.sample.values.items()
    }
    near = attempt(trial.pairing, attrs.evolve(trial.sample, values=values), code)
    found = _related(near, relation)
    if found is None or found.shape != code.shape:
        return np.zeros(code.shape, dtype=bool)
    return np.asarray(undefined & (np.abs(found - code) <= TOLERANCE * scale_of(code)))


def _is_noise(trial: Trial, high: Array, code: Array) -> Array | None:
    """Where the gap to the formula grows with the rounding unit, as only rounding errors do."""
    pairing, sample = trial.pairing, trial.sample
    try:
        narrow = pairing.code.value_in_single(pairing.code_values(sample), sample.seed)
    except CodeFailed:
        return None
    if narrow.shape != code.shape:
        return None
    with np.errstate(all="ignore"):
        wide_gap = np.abs(code - high)
        narrow_gap = np.abs(np.asarray(narrow, dtype=np.float64) - high)
    small = np.isfinite(wide_gap) & (wide_gap <= 0.1 * np.maximum(np.abs(high), scale_of(code)))
    grown = ~np.isfinite(narrow_gap) | (narrow_gap >= NOISE * wide_gap)
    return np.asarray(small & grown & np.isfinite(code))
