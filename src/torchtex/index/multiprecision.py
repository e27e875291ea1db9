"""The elementwise functions on mpf numbers, with the edges of IEEE arithmetic.

mpmath raises, or leaves the real line, where IEEE has an infinity or a NaN; these do not.  Numbers
beyond 2**(2**64), which mpmath would try to hold, are infinite here, and their inverses zero.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath

Context = Any
Real = Any

_EXPONENT_BITS = 64
"""An exponential of an argument with more bits than this before the point is infinite or zero."""
_ARGUMENT_BITS = 1 << 14
"""A sine, or a remainder, of a number with more bits than this is not known: NaN."""


def new_context(digits: int) -> Context:
    """An mpmath context of its own, with that many decimal digits."""
    context = mpmath.MPContext()
    context.dps = digits
    return context


def add(_: Context, x: Real, y: Real) -> Real:
    return x + y


def subtract(_: Context, x: Real, y: Real) -> Real:
    return x - y


def multiply(_: Context, x: Real, y: Real) -> Real:
    return x * y


def negate(_: Context, x: Real) -> Real:
    return -x


def divide(c: Context, x: Real, y: Real) -> Real:
    if y != 0:
        return x / y
    return c.nan if x == 0 or c.isnan(x) or c.isnan(y) else c.sign(x) * c.inf


def power(c: Context, x: Real, y: Real) -> Real:
    if y == 0 or x == 1:
        return c.one
    if c.isnan(x) or c.isnan(y):
        return c.nan
    if x < 0 and c.isfinite(x) and c.isfinite(y) and y != c.floor(y):
        return c.nan
    odd = x < 0 and c.isfinite(y) and _is_odd(c, y)
    magnitude = _power_of_magnitude(c, abs(x), y)
    return -magnitude if odd else magnitude


def _is_odd(c: Context, y: Real) -> bool:
    return bool(y - 2 * c.floor(y / 2) == 1)


def _power_of_magnitude(c: Context, x: Real, y: Real) -> Real:
    if x == 1:
        return c.one
    if x == 0 or c.isinf(x):
        return c.inf if (x == 0) == (y < 0) else c.zero
    if c.isinf(y):
        return c.inf if (x > 1) == (y > 0) else c.zero
    exponent = y * c.log(x)
    if c.mag(exponent) > _EXPONENT_BITS:
        return c.inf if exponent > 0 else c.zero
    return c.power(x, y)


def modulo(c: Context, x: Real, y: Real) -> Real:
    """x - y floor(x / y), with the sign of y."""
    if y == 0 or not c.isfinite(x) or c.isnan(y):
        return c.nan
    if c.isinf(y):
        return x if x == 0 or (x > 0) == (y > 0) else y
    if x == 0:
        return c.zero
    if abs(c.mag(x) - c.mag(y)) > _ARGUMENT_BITS:
        return c.nan
    return x % y


def floor(c: Context, x: Real) -> Real:
    return c.floor(x) if c.isfinite(x) else x


def ceil(c: Context, x: Real) -> Real:
    return c.ceil(x) if c.isfinite(x) else x


def round_half_even(c: Context, x: Real) -> Real:
    return c.nint(x) if c.isfinite(x) else x


def absolute(_: Context, x: Real) -> Real:
    return abs(x)


def sign(c: Context, x: Real) -> Real:
    return x if c.isnan(x) else c.sign(x)


def maximum(c: Context, x: Real, y: Real) -> Real:
    if c.isnan(x) or c.isnan(y):
        return c.nan
    return x if x >= y else y


def minimum(c: Context, x: Real, y: Real) -> Real:
    if c.isnan(x) or c.isnan(y):
        return c.nan
    return x if x <= y else y


def exp(c: Context, x: Real) -> Real:
    if c.isnan(x):
        return x
    if c.isinf(x) or c.mag(x) > _EXPONENT_BITS:
        return c.inf if x > 0 else c.zero
    return c.exp(x)


def expm1(c: Context, x: Real) -> Real:
    if c.isnan(x):
        return x
    if c.isinf(x) or c.mag(x) > _EXPONENT_BITS:
        return c.inf if x > 0 else -c.one
    return c.expm1(x)


def log(c: Context, x: Real) -> Real:
    if c.isnan(x) or x < 0:
        return c.nan
    return c.log(x) if x != 0 else -c.inf


def log1p(c: Context, x: Real) -> Real:
    if c.isnan(x) or x < -1:
        return c.nan
    if c.isinf(x):
        return x
    return c.log1p(x) if x != -1 else -c.inf


def sqrt(c: Context, x: Real) -> Real:
    return c.nan if c.isnan(x) or x < 0 else c.sqrt(x)


def circular(name: str) -> Callable[[Context, Real], Real]:
    """sin, cos or tan: NaN at infinities and where the argument is too large to reduce."""

    def function(c: Context, x: Real) -> Real:
        if not c.isfinite(x) or (x != 0 and c.mag(x) > _ARGUMENT_BITS):
            return c.nan
        return getattr(c, name)(x)

    return function


def arcsin(c: Context, x: Real) -> Real:
    return c.asin(x) if abs(x) <= 1 else c.nan


def arccos(c: Context, x: Real) -> Real:
    return c.acos(x) if abs(x) <= 1 else c.nan


def arctan(c: Context, x: Real) -> Real:
    return x if c.isnan(x) else c.atan(x)


def sinh(c: Context, x: Real) -> Real:
    if not c.isfinite(x):
        return x
    if x != 0 and c.mag(x) > _EXPONENT_BITS:
        return c.sign(x) * c.inf
    return c.sinh(x)


def cosh(c: Context, x: Real) -> Real:
    if not c.isfinite(x):
        return abs(x)
    if x != 0 and c.mag(x) > _EXPONENT_BITS:
        return c.inf
    return c.cosh(x)


def tanh(c: Context, x: Real) -> Real:
    if c.isnan(x):
        return x
    if c.isinf(x) or (x != 0 and c.mag(x) > _EXPONENT_BITS):
        return c.sign(x)
    return c.tanh(x)


def arcsinh(c: Context, x: Real) -> Real:
    return c.asinh(x) if c.isfinite(x) else x


def arccosh(c: Context, x: Real) -> Real:
    if c.isnan(x) or x < 1:
        return c.nan
    return x if c.isinf(x) else c.acosh(x)


def arctanh(c: Context, x: Real) -> Real:
    if c.isnan(x) or abs(x) > 1:
        return c.nan
    return c.sign(x) * c.inf if abs(x) == 1 else c.atanh(x)


def erf(c: Context, x: Real) -> Real:
    if c.isnan(x):
        return x
    return c.sign(x) if c.isinf(x) else c.erf(x)


def gamma(c: Context, x: Real) -> Real:
    if c.isnan(x) or x == -c.inf:
        return c.nan
    if x == 0:
        return c.inf
    if x < 0 and x == c.floor(x):
        return c.nan
    if c.mag(x) > _EXPONENT_BITS:
        return c.inf if x > 0 else c.zero
    return c.gamma(x)


def loggamma(c: Context, x: Real) -> Real:
    if c.isnan(x):
        return x
    if c.isinf(x) or (x <= 0 and x == c.floor(x)):
        return c.inf
    return c.re(c.loggamma(x))


def digamma(c: Context, x: Real) -> Real:
    if c.isnan(x) or x == -c.inf:
        return c.nan
    if x <= 0 and x == c.floor(x):
        return -c.inf if x == 0 else c.nan
    return x if c.isinf(x) else c.digamma(x)


def factorial(c: Context, x: Real) -> Real:
    return gamma(c, x + 1)


def less(_: Context, x: Real, y: Real) -> bool:
    return bool(x < y)


def less_equal(_: Context, x: Real, y: Real) -> bool:
    return bool(x <= y)


def greater(_: Context, x: Real, y: Real) -> bool:
    return bool(x > y)


def greater_equal(_: Context, x: Real, y: Real) -> bool:
    return bool(x >= y)


def equal(_: Context, x: Real, y: Real) -> bool:
    return bool(x == y)


def not_equal(_: Context, x: Real, y: Real) -> bool:
    return bool(x != y)


def conjunction(_: Context, x: bool, y: bool) -> bool:
    return x and y


def disjunction(_: Context, x: bool, y: bool) -> bool:
    return x or y


def negation(_: Context, x: bool) -> bool:
    return not x


def indicator(c: Context, x: bool) -> Real:
    return c.one if x else c.zero
