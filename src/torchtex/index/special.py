"""Special functions on float64 and longdouble arrays; none raises.

float64 goes through the standard library and an asymptotic series; longdouble, which neither
covers, goes through mpmath number by number.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from torchtex.index import multiprecision
from torchtex.index.multiprecision import Context, new_context

Reals = NDArray[Any]

_EXTENDED_DIGITS = 30
_DIGAMMA_SHIFT = 12
# Bernoulli numbers B_2k over 2k: the asymptotic series of digamma in 1/x^2.
_DIGAMMA_SERIES = (1 / 12, -1 / 120, 1 / 252, -1 / 240, 5 / 660, -691 / 32760, 1 / 12)


def erf(x: Reals) -> Reals:
    return _each(x, math.erf, multiprecision.erf)


def gamma(x: Reals) -> Reals:
    return _each(x, _gamma, multiprecision.gamma)


def loggamma(x: Reals) -> Reals:
    """log |gamma(x)|, as ``lgamma`` everywhere: infinite at 0, -1, -2, ..."""
    return _each(x, _loggamma, multiprecision.loggamma)


def factorial(x: Reals) -> Reals:
    return gamma(x + 1)


def digamma(x: Reals) -> Reals:
    """The derivative of loggamma: -inf at 0, NaN at the other poles."""
    x = np.asarray(x)
    if x.dtype == np.float64:
        return np.asarray(_digamma(x))
    return _each(x, math.nan.__add__, multiprecision.digamma)


def _each(
    x: Reals, standard: Callable[[float], float], precise: Callable[[Context, Any], Any]
) -> Reals:
    x = np.asarray(x)
    if x.dtype == np.float64:
        return np.asarray(np.frompyfunc(standard, 1, 1)(x), dtype=np.float64)
    context = _extended_context()

    def through(value: Any) -> np.longdouble:
        return to_longdouble(context, precise(context, from_longdouble(context, value)))

    return np.asarray(np.frompyfunc(through, 1, 1)(x.astype(object)), dtype=np.longdouble)


def _gamma(x: float) -> float:
    if x == 0:
        return math.inf
    try:
        return math.gamma(x)
    except OverflowError:
        return math.inf if x > 0 or math.floor(x) % 2 == 0 else -math.inf
    except ValueError:
        return math.nan


def _loggamma(x: float) -> float:
    try:
        return math.lgamma(x)
    except (OverflowError, ValueError):
        return math.inf


def _digamma(x: Reals) -> Reals:
    reflected = np.where(x < 0.5, 1 - x, x)
    shifted, lowered = reflected, np.zeros_like(reflected)
    for _ in range(_DIGAMMA_SHIFT):
        small = shifted < _DIGAMMA_SHIFT
        lowered = np.where(small, lowered - 1 / shifted, lowered)
        shifted = np.where(small, shifted + 1, shifted)
    inverse_square = 1 / (shifted * shifted)
    series = np.zeros_like(shifted)
    for coefficient in reversed(_DIGAMMA_SERIES):
        series = inverse_square * (coefficient + series)
    value = lowered + np.log(shifted) - 0.5 / shifted - series
    # The fractional part first: tan(pi x) loses its digits for a large x.
    part = x - np.rint(x)
    value = np.where(x < 0.5, value - np.pi / np.tan(np.pi * part), value)
    poles = (x <= 0) & (x == np.floor(x))
    return np.where(poles, np.where(x == 0, -np.inf, np.nan), value)


@lru_cache(maxsize=1)
def _extended_context() -> Context:
    return new_context(_EXTENDED_DIGITS)


def from_longdouble(context: Context, value: Any) -> Any:
    """The mpf of exactly that value; works for float64 too."""
    value = np.longdouble(value)
    if not np.isfinite(value):
        return context.mpf(float(value))
    fraction, exponent = np.frexp(value)
    high = float(fraction)
    low = float(fraction - np.longdouble(high))
    return context.ldexp(context.mpf(high) + context.mpf(low), int(exponent))


def to_longdouble(context: Context, value: Any) -> np.longdouble:
    """The longdouble nearest to an mpf, to within a unit in its last place."""
    if not context.isfinite(value):
        return np.longdouble(float(value))
    fraction, exponent = context.frexp(value)
    if abs(exponent) > 20_000:
        overflowed = math.inf if exponent > 0 else 0.0
        return np.longdouble(math.copysign(overflowed, float(fraction)))
    high = float(fraction)
    low = float(fraction - high)
    return np.longdouble(np.ldexp(np.longdouble(high) + np.longdouble(low), exponent))
