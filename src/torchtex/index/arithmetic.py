"""The number systems an expression can be evaluated in.

``FLOAT64`` is what PyTorch computes in, ``EXTENDED`` has at least eleven more bits, and
``ARBITRARY(digits)`` as many digits as asked for and an exponent that does not overflow.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache, partial
from typing import Any, Protocol

import attrs
import numpy as np
from numpy.typing import NDArray

from torchtex.index import special
from torchtex.index.multiprecision import new_context
from torchtex.index.operators import Operator

Array = NDArray[Any]


class Arithmetic(Protocol):
    """Real numbers as elements of NumPy arrays.

    ``cost`` is the time of one operation, in units of a float64 one.
    """

    @property
    def cost(self) -> int: ...

    @property
    def dtype(self) -> np.dtype[Any]: ...

    def __hash__(self) -> int: ...

    def from_values(self, values: Any) -> Array:
        """The array of the numbers nearest to a user's values."""
        ...

    def from_exact(self, value: Any) -> Any:
        """The number or array nearest to an exact value of ``rational``."""
        ...

    def constant(self, name: str) -> Any:
        """``pi``, ``e`` or ``infinity``."""
        ...

    def function(self, operator: Operator) -> Any:
        """The operator on arrays; a ufunc (with ``reduce``) if it takes two arguments."""
        ...


_CONSTANT_DIGITS = {
    "pi": "3.14159265358979323846264338327950288419716939937511",
    "e": "2.71828182845904523536028747135266249775724709369996",
    "infinity": "inf",
}


@attrs.frozen
class Binary:
    """IEEE arithmetic of one NumPy floating type."""

    name: str
    scalar: type[np.floating[Any]]
    cost: int

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.dtype(self.scalar)

    def from_values(self, values: Any) -> Array:
        array = np.asarray(values)
        if array.dtype == object:
            return self._from_objects(array)
        return np.asarray(array, dtype=self.scalar)

    def from_exact(self, value: Any) -> Any:
        if not isinstance(value, np.ndarray):
            return self._nearest(value)
        if value.dtype == object:
            return self._from_objects(value)
        return value.astype(self.scalar)

    def _from_objects(self, array: Array) -> Array:
        return np.asarray(np.frompyfunc(self._nearest, 1, 1)(array), dtype=self.scalar)

    def _nearest(self, value: Any) -> Any:
        if self.scalar is np.float64:
            return np.float64(_to_float(value))
        if isinstance(value, int | float):
            return _exact_longdouble(value)
        if isinstance(value, Fraction):
            return _exact_longdouble(value.numerator) / _exact_longdouble(value.denominator)
        if hasattr(value, "_mpf_"):
            return special.to_longdouble(new_context(40), new_context(40).mpf(value))
        return np.longdouble(value)

    def constant(self, name: str) -> Any:
        return self.scalar(_CONSTANT_DIGITS[name])

    def function(self, operator: Operator) -> Any:
        return operator.numpy


def _to_float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _exact_longdouble(value: int | float) -> Any:
    if isinstance(value, int) and abs(value) >= 2**53:
        return np.longdouble(str(value))
    return np.longdouble(value)


@attrs.frozen
class Arbitrary:
    """mpmath numbers of ``digits`` decimal digits in object arrays, in a context of their own."""

    digits: int
    context: Any = attrs.field(
        init=False,
        eq=False,
        repr=False,
        default=attrs.Factory(lambda s: new_context(s.digits), True),
    )
    cost: int = attrs.field(init=False, default=1000)

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.dtype(object)

    def from_values(self, values: Any) -> Array:
        array = np.asarray(values)
        if array.dtype in (np.float64, np.float32):
            return _boxed(np.frompyfunc(self.context.mpf, 1, 1)(array.astype(object)))
        return _boxed(np.frompyfunc(self._nearest, 1, 1)(array.astype(object)))

    def from_exact(self, value: Any) -> Any:
        if not isinstance(value, np.ndarray):
            return _boxed(self._nearest(value))
        return np.frompyfunc(self._nearest, 1, 1)(value.astype(object))

    def _nearest(self, value: Any) -> Any:
        if isinstance(value, Fraction):
            return self.context.mpf(value.numerator) / value.denominator
        if isinstance(value, np.longdouble):
            return special.from_longdouble(self.context, value)
        if isinstance(value, int | float) or hasattr(value, "_mpf_"):
            return self.context.mpf(value)
        return self.context.mpf(float(value))

    def constant(self, name: str) -> Any:
        return _boxed(
            {"pi": +self.context.pi, "e": +self.context.e, "infinity": self.context.inf}[name]
        )

    def function(self, operator: Operator) -> Any:
        return _multiprecision_function(self, operator)


def _boxed(value: Any) -> Array:
    """An object array, also of a single number."""
    if isinstance(value, np.ndarray):
        return value
    box = np.empty((), dtype=object)
    box[()] = value
    return box


@lru_cache(maxsize=512)
def _multiprecision_function(arithmetic: Arbitrary, operator: Operator) -> Any:
    arity = operator.arity or 2
    function = np.frompyfunc(partial(operator.mpmath, arithmetic.context), arity, 1)
    if operator.result == "real":
        return function
    return lambda *arguments: np.asarray(function(*arguments), dtype=bool)


@lru_cache(maxsize=32)
def arbitrary(digits: int) -> Arbitrary:
    """Numbers of that many decimal digits, with exponents that do not overflow."""
    return Arbitrary(digits)


ARBITRARY = arbitrary

FLOAT64: Arithmetic = Binary("float64", np.float64, 1)

EXTENDED: Arithmetic = (
    Binary("extended", np.longdouble, 4)
    if np.finfo(np.longdouble).nmant > np.finfo(np.float64).nmant
    else arbitrary(34)
)
