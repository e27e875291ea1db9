"""Comparing the two values of one sample, element by element."""

from __future__ import annotations

import attrs
import numpy as np

from torchtex.verify.slots import Array

TOLERANCE = 1e-9
ROUNDING = 8.0
OVERFLOW = 300.0
"""Beyond this magnitude exp overflows somewhere; there the code's overflow is only noted."""


@attrs.frozen(eq=False)
class Difference:
    """One element at which the two sides part, the values there, and how far out it is."""

    element: tuple[int, ...]
    formula: float
    code: float


@attrs.frozen(eq=False)
class Comparison:
    """How the values of one sample compare.

    ``error``: the largest difference relative to the code's scale.  ``difference``: the worst
    element that is out of tolerance, None when all agree.  ``undecided``: elements that are a
    known edge and were left out, with the reason.
    """

    compared: int
    error: float
    difference: Difference | None = None
    undecided: tuple[str, ...] = ()
    suspect: Array | None = None

    @property
    def agrees(self) -> bool:
        return self.difference is None


def scale_of(code: Array) -> float:
    """The largest finite magnitude of the code's values."""
    finite = np.abs(code[np.isfinite(code)])
    return float(finite.max()) if finite.size else 0.0


def same_non_finite(left: Array, right: Array) -> Array:
    """Where both sides are NaN, or the same infinity."""
    both_nan = np.isnan(left) & np.isnan(right)
    both_infinite = np.isinf(left) & np.isinf(right) & (np.sign(left) == np.sign(right))
    return np.asarray(both_nan | both_infinite)


def compare(single: Array, high: Array, code: Array, slack: float = 0.0) -> Comparison:
    """Compare ``code`` with the formula: ``single`` in float64, ``high`` settled.

    ``slack`` is an absolute allowance for a documented guard of torch.
    """
    code = np.asarray(code, dtype=np.float64)
    scale = scale_of(code)
    with np.errstate(all="ignore"):
        high64 = np.asarray(high, dtype=np.float64)
        gap = np.abs(np.asarray(high, dtype=np.longdouble) - code).astype(np.float64)
        rounding = np.abs(np.asarray(single, dtype=np.longdouble) - high).astype(np.float64)
    rounding = np.where(np.isfinite(rounding), rounding, 0.0)
    allowed = TOLERANCE * scale + ROUNDING * rounding + slack
    both_finite = np.isfinite(high64) & np.isfinite(code)
    same = same_non_finite(high64, code)
    wrong = np.where(both_finite, ~(gap <= allowed), ~same)
    error = _relative_error(np.maximum(gap - slack, 0.0), both_finite, scale)
    if not wrong.any():
        return Comparison(code.size, error)
    element = _worst(gap, both_finite, wrong)
    difference = Difference(element, float(high64[element]), float(code[element]))
    return Comparison(code.size, error, difference, suspect=wrong)


def _relative_error(gap: Array, both_finite: Array, scale: float) -> float:
    finite = gap[both_finite]
    if not finite.size:
        return 0.0
    largest = float(finite.max())
    return largest / scale if scale > 0 else largest


def _worst(gap: Array, both_finite: Array, wrong: Array) -> tuple[int, ...]:
    ranked = np.where(wrong, np.where(both_finite, gap, np.inf), -1.0)
    return tuple(int(place) for place in np.unravel_index(int(np.argmax(ranked)), ranked.shape))
