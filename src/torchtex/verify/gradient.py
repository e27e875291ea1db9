"""Comparing gradients: autograd of the code against differences of the formula.

The formula is differentiated numerically, in extended precision, by shifting one element at a
time; all shifted copies are evaluated in one go along a stacking axis.  One-sided derivatives are
kept apart: where they agree they are the gradient, where they do not the formula has a kink and
the code's gradient has to lie between them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs
import numpy as np

from torchtex.index.lift import lift
from torchtex.index.terms import Expression, Index, Size
from torchtex.pytorch.code import NO_GRADIENT, CodeFailed, Outcome
from torchtex.verify.comparison import Difference
from torchtex.verify.pairing import PRECISE, Bound, Pairing
from torchtex.verify.relations import Relation
from torchtex.verify.slots import Array, Sample, Slot, from_code

ALL_COORDINATES = 60
SOME_COORDINATES = 20
MOST_NUMBERS = 600_000
STEP = 1e-4
TOLERANCE = 1e-6
SMOOTH = 1e-5
RESOLVED = 1e-3
REFINEMENTS = 2
FINER = 64
STACK = Index("shift", Size.free("number of shifts"))


@attrs.frozen(eq=False)
class Slopes:
    """The derivatives of a function of one tensor at some of its elements.

    ``places``: flat positions.  ``central`` is the derivative; ``left`` and ``right`` are the
    one-sided ones; ``unsettled`` is how far shorter steps still changed them, ``noise`` how far
    off they may be in all, rounding included.
    """

    places: Array
    central: Array
    left: Array
    right: Array
    unsettled: Array
    noise: Array

    def replaced(self, which: Array, better: Slopes) -> Slopes:
        """With the slopes at the positions ``which`` measured again."""
        fields = {}
        for name in ("central", "left", "right", "unsettled", "noise"):
            values = np.array(getattr(self, name))
            values[which] = getattr(better, name)
            fields[name] = values
        return attrs.evolve(self, **fields)

    def resolved(self, scale: float) -> Array:
        """Where the steps were short enough to tell a gradient of this scale."""
        finite = np.isfinite(self.left) & np.isfinite(self.right) & np.isfinite(self.central)
        top = np.max(np.abs(self.central), initial=0.0, where=finite)
        settled = self.unsettled <= RESOLVED * top
        return np.asarray(finite & settled & (self.noise <= RESOLVED * max(top, scale)))

    @property
    def smooth(self) -> Array:
        """Where the one-sided derivatives agree."""
        with np.errstate(all="ignore"):
            return self._is_smooth()

    def _is_smooth(self) -> Array:
        top = np.max(np.abs(self.central), initial=0.0, where=np.isfinite(self.central))
        span = np.abs(self.right - self.left)
        return np.asarray(span <= SMOOTH * top + SMOOTH * np.abs(self.central) + 4 * self.noise)


@attrs.frozen(eq=False)
class GradientComparison:
    """How the gradients of one sample compare.

    ``difference``: the first argument and element that is out of tolerance.  ``silent``:
    arguments the formula depends on and the code gave no gradient or only zeros.
    """

    compared: int
    error: float
    argument: str | None = None
    difference: Difference | None = None
    silent: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        return self.difference is None


DISCRETE = frozenset({"signs", "binary", "counts"})


def differentiable(pairing: Pairing) -> tuple[str, ...]:
    """The arguments that a gradient is asked for: real tensors whose values may move."""
    return tuple(
        slot.name
        for slot in pairing.slots
        if slot.kind == "tensor" and slot.differentiable and not _is_discrete(slot)
    )


def _is_discrete(slot: Slot) -> bool:
    return isinstance(slot.domain, tuple) or slot.domain in DISCRETE


def pull_back(pairing: Pairing, sample: Sample, seed: int) -> Outcome:
    """The code's value and the gradients for a random cotangent.

    An argument that torch refuses to differentiate by is named in the outcome; the others are
    still differentiated.  Raises CodeFailed where the code itself does not run.
    """
    names = differentiable(pairing)
    try:
        return _pulled(pairing, sample, names, seed)
    except CodeFailed as failure:
        refused = {name: str(failure) for name in names if not _takes(pairing, sample, name, seed)}
        if not refused:
            raise
    kept = tuple(name for name in names if name not in refused)
    if not kept:
        return Outcome(pairing.code_value(sample), without_gradient=refused)
    outcome = _pulled(pairing, sample, kept, seed)
    return attrs.evolve(outcome, without_gradient={**outcome.without_gradient, **refused})


def _pulled(pairing: Pairing, sample: Sample, names: tuple[str, ...], seed: int) -> Outcome:
    random = np.random.default_rng(seed)

    def cotangent(shape: tuple[int, ...]) -> Array:
        return np.asarray(random.standard_normal(shape))

    return pairing.code.pull_back(pairing.code_values(sample), names, cotangent, sample.seed)


def _takes(pairing: Pairing, sample: Sample, name: str, seed: int) -> bool:
    try:
        _pulled(pairing, sample, (name,), seed)
    except CodeFailed:
        return False
    return True


def compare_gradients(
    pairing: Pairing,
    sample: Sample,
    relation: Relation,
    outcome: Outcome,
    skipped: frozenset[str | None] = frozenset(),
) -> GradientComparison:
    """Compare the code's gradients with the formula's, for every differentiable argument.

    Arguments in ``skipped`` are left out.

    Raises :class:`FormulaFailed` where the formula has no value at the sample.
    """
    assert outcome.cotangent is not None
    symbols = pairing.symbol_values(sample)
    compared, worst, silent = 0, 0.0, []
    refused = {n for n, why in outcome.without_gradient.items() if why != NO_GRADIENT}
    for name in differentiable(pairing):
        if name in skipped:
            continue
        slot = pairing.slot(name)
        slopes = _argument_slopes(pairing, sample, symbols, relation, slot, outcome.cotangent)
        if slopes is None:
            continue
        code = outcome.gradients.get(name)
        if code is None or not np.any(code):
            if _depends(slopes) and name not in refused:
                silent.append(name)
            continue
        flat = np.asarray(from_code(slot, code)).reshape(-1)[slopes.places]
        wrong, error = _out_of_tolerance(slopes, flat)
        compared += int(slopes.places.size)
        worst = max(worst, error)
        if wrong.any():
            difference = _difference(slot, sample, pairing, slopes, flat, wrong)
            return GradientComparison(compared, error, name, difference, tuple(silent))
    return GradientComparison(compared, worst, silent=tuple(silent))


def _depends(slopes: Slopes) -> bool:
    known = np.isfinite(slopes.central) & slopes.smooth
    return bool((np.abs(slopes.central[known]) > 1e-6 + 10 * slopes.noise[known]).any())


def _out_of_tolerance(slopes: Slopes, code: Array) -> tuple[Array, float]:
    with np.errstate(all="ignore"):
        finite = code[np.isfinite(code)]
        top = float(np.abs(finite).max()) if finite.size else 0.0
        allowed = TOLERANCE * top + slopes.noise
        smooth = slopes.smooth
        low = np.minimum(slopes.left, slopes.right) - allowed - SMOOTH * top
        high = np.maximum(slopes.left, slopes.right) + allowed + SMOOTH * top
        off = ~(np.abs(code - slopes.central) <= allowed)
        outside = ~((code >= low) & (code <= high))
        known = slopes.resolved(top)
        wrong = known & np.where(smooth, off, outside)
        counted = known & smooth & np.isfinite(code)
        gaps = np.abs(code - slopes.central)[counted]
    error = float(gaps.max() / (top or 1.0)) if gaps.size else 0.0
    return np.asarray(wrong), error


def _difference(
    slot: Slot, sample: Sample, pairing: Pairing, slopes: Slopes, code: Array, wrong: Array
) -> Difference:
    gaps = np.where(wrong, np.nan_to_num(np.abs(code - slopes.central), nan=np.inf), -1.0)
    place = int(np.argmax(gaps))
    shape = slot.shape(pairing.sizes(sample), sample.batch)
    element = tuple(int(p) for p in np.unravel_index(int(slopes.places[place]), shape))
    return Difference(element, float(slopes.central[place]), float(code[place]))


def _argument_slopes(
    pairing: Pairing,
    sample: Sample,
    symbols: Mapping[str, Array],
    relation: Relation,
    slot: Slot,
    cotangent: Array,
) -> Slopes | None:
    """The derivative of the formula, related and contracted, with respect to one argument."""
    users = [b for b in pairing.bound if slot.name in b.arguments and _is_used(pairing, b)]
    if not users:
        return _zero_slopes(slot, pairing, sample)
    if len(users) == 1 and users[0].argument is not None:
        return _symbol_slopes(
            pairing, sample, symbols, relation, users[0].symbol, cotangent, _random(sample)
        )
    return _chained(pairing, sample, symbols, relation, slot, users, cotangent)


def _random(sample: Sample) -> np.random.Generator:
    return np.random.default_rng([sample.seed, 977])


def _is_used(pairing: Pairing, bound: Bound) -> bool:
    return pairing.claim_tensor(bound.symbol) is not None


def _zero_slopes(slot: Slot, pairing: Pairing, sample: Sample) -> Slopes:
    count = int(np.prod(slot.shape(pairing.sizes(sample), sample.batch)))
    zero = np.zeros(count)
    return Slopes(np.arange(count), zero, zero, zero, zero, zero)


def _chained(
    pairing: Pairing,
    sample: Sample,
    symbols: Mapping[str, Array],
    relation: Relation,
    slot: Slot,
    users: list[Bound],
    cotangent: Array,
) -> Slopes | None:
    """Through expressions such as p = softmax(z): slopes in p, pulled back by autograd to z."""
    parts = []
    for bound in users:
        slopes = _symbol_slopes(pairing, sample, symbols, relation, bound.symbol, cotangent, None)
        if slopes is None or not np.isfinite(slopes.central).all() or not slopes.smooth.all():
            return None
        pulled = _pulled_to_argument(pairing, sample, slot, bound, slopes)
        if pulled is None:
            return None
        parts.append(pulled)
    central = np.sum([gradient for gradient, _ in parts], axis=0)
    noise = np.sum([level for _, level in parts], axis=0)
    settled = np.zeros(central.size)
    return Slopes(np.arange(central.size), central, central, central, settled, noise)


def _pulled_to_argument(
    pairing: Pairing, sample: Sample, slot: Slot, bound: Bound, slopes: Slopes
) -> tuple[Array, Array] | None:
    shape = np.shape(pairing.symbol_value(bound, sample.values, sample))
    if bound.argument is not None:
        return slopes.central, slopes.noise
    assert bound.code is not None
    values = {name: sample.values[name] for name in bound.code.argument_names}
    try:
        outcome = bound.code.pull_back(
            values, (slot.name,), lambda _: slopes.central.reshape(shape), sample.seed
        )
    except CodeFailed:
        return None
    gradient = outcome.gradients.get(slot.name)
    if gradient is None:
        gradient = np.zeros_like(np.asarray(sample.values[slot.name], dtype=np.float64))
    flat = np.asarray(gradient).reshape(-1)
    level = float(slopes.noise.max(initial=0.0)) * max(1.0, np.abs(flat).max(initial=0.0))
    return flat, np.full(flat.shape, 10 * level)


def _symbol_slopes(
    pairing: Pairing,
    sample: Sample,
    symbols: Mapping[str, Array],
    relation: Relation,
    symbol: str,
    cotangent: Array,
    random: np.random.Generator | None,
) -> Slopes | None:
    """One-sided and central derivatives with respect to (some) elements of a symbol."""
    values = np.asarray(symbols[symbol])
    if values.dtype.kind != "f":
        return None
    places = _places(values.size, random)
    steps = _powers_of_two(STEP * np.clip(np.abs(values.reshape(-1)[places]), 1e-3, 1.0))

    def slopes_at(chosen: Array, lengths: Array) -> Slopes:
        shifted = _shifted(values, chosen, lengths)
        totals = _contracted(pairing, sample, symbols, relation, symbol, shifted, cotangent)
        return _slopes(totals, chosen, lengths)

    return _refined(slopes_at(places, steps), steps, slopes_at)


def _refined(slopes: Slopes, steps: Array, slopes_at: Callable[[Array, Array], Slopes]) -> Slopes:
    """Measure again, with shorter steps, where the function turns within one step."""
    for _ in range(REFINEMENTS):
        top = np.max(np.abs(slopes.central), initial=0.0, where=np.isfinite(slopes.central))
        coarse = np.flatnonzero(~(slopes.unsettled <= TOLERANCE * top))
        if not coarse.size:
            return slopes
        steps = steps.copy()
        steps[coarse] /= FINER
        slopes = slopes.replaced(coarse, slopes_at(slopes.places[coarse], steps[coarse]))
    return slopes


def _places(count: int, random: np.random.Generator | None) -> Array:
    if count <= ALL_COORDINATES or random is None:
        return np.arange(count)
    some = min(SOME_COORDINATES, max(2, MOST_NUMBERS // (len(SHIFTS) * count)))
    return np.sort(random.choice(count, some, replace=False))


SHIFTS = (-1.0, -0.5, -0.25, 0.25, 0.5, 1.0)


def _powers_of_two(steps: Array) -> Array:
    """Steps that change a number by exactly their length."""
    return np.asarray(np.ldexp(1.0, np.round(np.log2(steps)).astype(int)), dtype=np.longdouble)


def _shifted(values: Array, places: Array, steps: Array) -> Array:
    """``values`` itself, then each shift of each place."""
    base = values.reshape(-1)
    count = 1 + len(SHIFTS) * places.size
    copies = np.repeat(base[None], count, axis=0).astype(np.longdouble)
    for turn, factor in enumerate(SHIFTS):
        rows = 1 + turn * places.size + np.arange(places.size)
        copies[rows, places] += factor * steps
    return copies.reshape((-1, *values.shape))


def _contracted(
    pairing: Pairing,
    sample: Sample,
    symbols: Mapping[str, Array],
    relation: Relation,
    symbol: str,
    shifted: Array,
    cotangent: Array,
) -> Array:
    """The cotangent's product with the related formula, for every shifted copy."""
    expression = _stacked(pairing.expression, symbol)
    sizes = {STACK.extent.names[0]: int(shifted.shape[0])}
    values = pairing.formula_at({**symbols, symbol: shifted}, sample, expression, PRECISE, sizes)
    with np.errstate(all="ignore"):
        related = relation.apply(values, sample, stacked=1)
    flat = related.reshape(related.shape[0], -1)
    with np.errstate(all="ignore"):
        return np.asarray(flat @ np.asarray(cotangent, dtype=np.longdouble).reshape(-1))


def _stacked(expression: Expression, symbol: str) -> Expression:
    return lift(expression, frozenset({symbol}), (STACK,))


def _slopes(totals: Array, places: Array, steps: Array) -> Slopes:
    """Slopes from the values at the shifts, each extrapolated from two steps to step zero.

    The difference between the extrapolations from the longer and from the shorter two steps says
    how good they are.
    """
    base = totals[0]
    shifted = totals[1:].reshape(len(SHIFTS), places.size)
    with np.errstate(all="ignore"):
        left = [base - shifted[turn] for turn in (0, 1, 2)]
        right = [shifted[turn] - base for turn in (5, 4, 3)]
        one_sided_left, left_gap = _one_sided(left, steps)
        one_sided_right, right_gap = _one_sided(right, steps)
        both = [(r + b) / 2 for r, b in zip(right, left, strict=True)]
        longer, central = _central(both[0], both[1], steps), _central(both[1], both[2], steps / 2)
        size = np.maximum(np.abs(shifted).max(axis=0), np.abs(base))
        gap = np.maximum(np.abs(longer - central), np.maximum(left_gap, right_gap) / 8)
        noise = 1e-15 * size / steps + gap
    return Slopes(
        places, *(_double(a) for a in (central, one_sided_left, one_sided_right, gap, noise))
    )


def _double(values: Array) -> Array:
    with np.errstate(all="ignore"):
        return np.asarray(values, dtype=np.float64)


def _one_sided(gaps: list[Array], steps: Array) -> tuple[Array, Array]:
    """A one-sided derivative from three steps, exact for cubics, and how far from settled it is."""
    first = 4 * gaps[1] / steps - gaps[0] / steps
    second = 8 * gaps[2] / steps - 2 * gaps[1] / steps
    extrapolated = np.asarray((4 * second - first) / 3)
    curvature = np.abs(first - gaps[0] / steps)
    unsettled = np.abs(extrapolated - second) > 0.2 * curvature + 1e-6 * np.abs(second)
    return extrapolated, np.where(unsettled, np.abs(extrapolated - second), 0.0)


def _central(far: Array, near: Array, steps: Array) -> Array:
    """A central derivative from two steps, exact up to the fourth power."""
    return np.asarray((4 * (2 * near / steps) - far / steps) / 3)
