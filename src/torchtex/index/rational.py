"""Exact values: positions, sizes, labels, and rational arithmetic on them.

A value that depends on no index is a Python int or Fraction; one that does is an int64 array, or
an object array of ints and Fractions.  Where a rational has no value (1/0) the IEEE one, a float
that is infinite or NaN, stands in its place, so that an expression may divide by zero at positions
that a guard leaves out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import numpy as np

from torchtex.index.errors import TooLarge

Exact = Any  # int | Fraction | float (infinite or NaN) | int64 array | object array of these
_INT64_LIMIT = 2**62
_POWER_BITS = 1 << 16
_INT64 = np.dtype(np.int64)


def settle(value: Exact) -> Exact:
    """``value`` in its cheapest form: a scalar if it has no axes, int64 where that holds it."""
    if not isinstance(value, np.ndarray):
        return int(value) if isinstance(value, np.integer) else value
    if value.ndim == 0:
        return settle(value.item())
    if value.dtype != object:
        return value.astype(np.int64, copy=False)
    whole = all(type(each) is int or _is_whole(each) for each in value.flat)
    if not whole or bound(value) >= _INT64_LIMIT:
        return value
    return value.astype(np.int64)


def as_array(value: Any) -> Any:
    """The value as an array; in an object array where int64 does not hold it."""
    if isinstance(value, np.ndarray | np.generic):
        return np.asarray(value)
    if type(value) is int and abs(value) < _INT64_LIMIT:
        return np.asarray(value)
    box = np.empty((), dtype=object)
    box[()] = value
    return box


def _is_whole(value: Any) -> bool:
    return not isinstance(value, float) and value == math.floor(value)


def bound(value: Exact) -> Any:
    """The largest magnitude among the elements (0 if there are none)."""
    if not isinstance(value, np.ndarray):
        return abs(value)
    if value.size == 0:
        return 0
    if value.dtype == object:
        return max(abs(each) for each in value.flat)
    return max(abs(int(value.max())), abs(int(value.min())))


def apply(operator: str, arguments: list[Exact]) -> Exact:
    """The operator on exact values, exactly.  ``operator`` is a key of :data:`EXACT`."""
    function = EXACT[operator]
    result = arguments[0]
    if len(arguments) == 1:
        return _unary(operator, function, result)
    for argument in arguments[1:]:
        result = _binary(operator, function, result, argument)
    return result


def fold(operator: str, values: Any) -> Exact:
    """``add``, ``maximum`` or ``minimum`` over the last axis, which is not empty."""
    if values.dtype == _INT64 and bound(values) * values.shape[-1] < _INT64_LIMIT:
        return settle(_INT64_BINARY[operator].reduce(values, axis=-1))
    folded = np.frompyfunc(EXACT[operator], 2, 1).reduce(values.astype(object), axis=-1)
    return settle(folded)


def compare(operator: Callable[..., Any], left: Exact, right: Exact) -> Any:
    """A NumPy comparison of exact values: a bool, or a boolean array."""
    if isinstance(left, np.ndarray) or isinstance(right, np.ndarray):
        left, right = _comparable(left), _comparable(right)
    return np.asarray(operator(left, right), dtype=bool)


def _comparable(value: Exact) -> Any:
    if isinstance(value, np.ndarray) or (type(value) is int and abs(value) < _INT64_LIMIT):
        return value
    return _boxed(value)


def _unary(operator: str, function: Callable[..., Any], value: Exact) -> Exact:
    if not isinstance(value, np.ndarray):
        return function(value)
    if value.dtype == _INT64 and operator in _INT64_UNARY:
        return _INT64_UNARY[operator](value)
    return settle(_elementwise(function, value))


def _binary(operator: str, function: Callable[..., Any], left: Exact, right: Exact) -> Exact:
    if not isinstance(left, np.ndarray) and not isinstance(right, np.ndarray):
        return function(left, right)
    fast = _INT64_BINARY.get(operator)
    if fast is not None and _fits(operator, left, right):
        return fast(left, right)
    return settle(_elementwise(function, left, right))


def _fits(operator: str, left: Exact, right: Exact) -> bool:
    """Whether int64 arithmetic gives the exact result."""
    for value in (left, right):
        if isinstance(value, np.ndarray) and value.dtype != _INT64:
            return False
        if not isinstance(value, np.ndarray) and type(value) is not int:
            return False
    left_bound, right_bound = bound(left), bound(right)
    if operator == "modulo" and _has_zero(right):
        return False
    if operator == "multiply":
        return bool(left_bound * right_bound < _INT64_LIMIT)
    return bool(left_bound + right_bound < _INT64_LIMIT)


def _has_zero(value: Exact) -> bool:
    return bool(np.any(value == 0)) if isinstance(value, np.ndarray) else bool(value == 0)


def _elementwise(function: Callable[..., Any], *values: Exact) -> Any:
    boxed = [_boxed(value) for value in values]
    return np.frompyfunc(function, len(values), 1)(*boxed)


def _boxed(value: Exact) -> Any:
    if isinstance(value, np.ndarray):
        return value.astype(object)
    box = np.empty((), dtype=object)
    box[()] = value
    return box


def _tame(value: Any, other: Any) -> Any:
    """A rational as a float of its sign when it meets an infinity or NaN; else itself."""
    if isinstance(other, float) and not isinstance(value, float):
        return float((value > 0) - (value < 0))
    return value


def _add(x: Any, y: Any) -> Any:
    return _tame(x, y) + _tame(y, x)


def _subtract(x: Any, y: Any) -> Any:
    return _tame(x, y) - _tame(y, x)


def _multiply(x: Any, y: Any) -> Any:
    return _tame(x, y) * _tame(y, x)


def _divide(x: Any, y: Any) -> Any:
    if isinstance(y, float):
        return math.nan if isinstance(x, float) or math.isnan(y) else 0
    if isinstance(x, float):
        return x if y >= 0 else -x
    if y == 0:
        return math.nan if x == 0 else math.copysign(math.inf, x)
    return _reduced(Fraction(x) / y)


def _reduced(value: Fraction) -> Any:
    return value.numerator if value.denominator == 1 else value


def _floor(x: Any) -> Any:
    return x if isinstance(x, float) else math.floor(x)


def _ceil(x: Any) -> Any:
    return x if isinstance(x, float) else math.ceil(x)


def _round(x: Any) -> Any:
    return x if isinstance(x, float) else round(x)


def _sign(x: Any) -> Any:
    if isinstance(x, float):
        return x if math.isnan(x) else int(math.copysign(1, x))
    return (x > 0) - (x < 0)


def _modulo(x: Any, y: Any) -> Any:
    if isinstance(x, float) or y == 0 or y != y:
        return math.nan
    if isinstance(y, float):
        return x if x == 0 or (x > 0) == (y > 0) else y
    remainder = x % y
    return _reduced(remainder) if isinstance(remainder, Fraction) else remainder


def _power(x: Any, y: Any) -> Any:
    """``x**y`` for a whole ``y``.  Raises TooLarge beyond some twenty thousand digits."""
    if isinstance(x, float) or isinstance(y, float):
        return _special_power(x, y)
    if x == 0 and y < 0:
        return math.inf
    bits = max(abs(Fraction(x).numerator), Fraction(x).denominator).bit_length() * abs(y)
    if abs(x) != 1 and x != 0 and bits > _POWER_BITS:
        raise TooLarge(int(bits), _POWER_BITS)
    result = Fraction(x) ** int(y) if y < 0 else x ** int(y)
    return _reduced(result) if isinstance(result, Fraction) else result


def _special_power(x: Any, y: Any) -> Any:
    if not isinstance(y, float):
        return _power_of_special(x, y)
    value = float(np.power(np.float64(_ordered(x)), np.float64(y)))
    return int(value) if math.isfinite(value) else value


def _power_of_special(x: float, y: Any) -> Any:
    if y == 0:
        return 1
    if math.isnan(x):
        return x
    magnitude = math.inf if y > 0 else 0
    return -magnitude if x < 0 and y % 2 == 1 else magnitude


def _ordered(x: Any) -> float:
    """A float on the same side of -1, 0 and 1: all that a power with an infinity depends on."""
    if isinstance(x, float) or x in (-1, 0, 1):
        return float(x)
    return math.copysign(2.0 if abs(x) > 1 else 0.5, x)


def _maximum(x: Any, y: Any) -> Any:
    if x != x or y != y:
        return math.nan
    return max(x, y)


def _minimum(x: Any, y: Any) -> Any:
    if x != x or y != y:
        return math.nan
    return min(x, y)


def _negate(x: Any) -> Any:
    return -x


EXACT: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "add": _add,
        "subtract": _subtract,
        "multiply": _multiply,
        "divide": _divide,
        "negate": _negate,
        "floor": _floor,
        "ceil": _ceil,
        "round": _round,
        "absolute": abs,
        "sign": _sign,
        "modulo": _modulo,
        "power": _power,
        "maximum": _maximum,
        "minimum": _minimum,
    }
)
"""The operators that rational arithmetic has, on single numbers."""


def _same(value: Any) -> Any:
    return value


_INT64_UNARY: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "negate": np.negative,
        "floor": _same,
        "ceil": _same,
        "round": _same,
        "absolute": np.absolute,
        "sign": np.sign,
    }
)
_INT64_BINARY: Mapping[str, np.ufunc] = MappingProxyType(
    {
        "add": np.add,
        "subtract": np.subtract,
        "multiply": np.multiply,
        "modulo": np.mod,
        "maximum": np.maximum,
        "minimum": np.minimum,
    }
)
