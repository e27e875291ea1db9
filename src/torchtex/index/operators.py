"""The elementwise operators: one row each.

Every arithmetic gives them the IEEE meaning: outside its domain a function is NaN, log 0 is -inf,
a non-zero number over zero is infinite, and no row ever raises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Literal

import attrs
import numpy as np

from torchtex.index import multiprecision as mp
from torchtex.index import special

Sort = Literal["real", "boolean"]


@attrs.frozen
class Operator:
    """One elementwise operator.

    ``arity``: how many arguments; None for two or more.  ``symbol``: how ``text`` writes it
    between its arguments, or its name where it is written as a function.  ``numpy``: on float64
    or longdouble arrays (two arguments at a time when n-ary).  ``mpmath``: on single mpf numbers,
    after the mpmath context.  ``takes`` and ``result``: the sort of arguments and value.
    """

    name: str
    arity: int | None
    symbol: str
    numpy: Callable[..., Any]
    mpmath: Callable[..., Any]
    takes: Sort = "real"
    result: Sort = "real"

    def accepts(self, count: int) -> bool:
        """Whether it may be applied to ``count`` arguments."""
        return count >= 2 if self.arity is None else count == self.arity


def _indicator(condition: Any) -> Any:
    return np.asarray(condition, dtype=np.int64)


def _arithmetic() -> tuple[Operator, ...]:
    return (
        Operator("add", None, "+", np.add, mp.add),
        Operator("subtract", 2, "-", np.subtract, mp.subtract),
        Operator("multiply", None, "*", np.multiply, mp.multiply),
        Operator("divide", 2, "/", np.divide, mp.divide),
        Operator("negate", 1, "-", np.negative, mp.negate),
        Operator("power", 2, "^", np.power, mp.power),
        Operator("modulo", 2, "modulo", np.mod, mp.modulo),
        Operator("floor", 1, "floor", np.floor, mp.floor),
        Operator("ceil", 1, "ceil", np.ceil, mp.ceil),
        Operator("round", 1, "round", np.rint, mp.round_half_even),
        Operator("absolute", 1, "absolute", np.absolute, mp.absolute),
        Operator("sign", 1, "sign", np.sign, mp.sign),
        Operator("maximum", None, "maximum", np.maximum, mp.maximum),
        Operator("minimum", None, "minimum", np.minimum, mp.minimum),
    )


def _functions() -> tuple[Operator, ...]:
    return (
        Operator("exp", 1, "exp", np.exp, mp.exp),
        Operator("expm1", 1, "expm1", np.expm1, mp.expm1),
        Operator("log", 1, "log", np.log, mp.log),
        Operator("log1p", 1, "log1p", np.log1p, mp.log1p),
        Operator("sqrt", 1, "sqrt", np.sqrt, mp.sqrt),
        Operator("sin", 1, "sin", np.sin, mp.circular("sin")),
        Operator("cos", 1, "cos", np.cos, mp.circular("cos")),
        Operator("tan", 1, "tan", np.tan, mp.circular("tan")),
        Operator("arcsin", 1, "arcsin", np.arcsin, mp.arcsin),
        Operator("arccos", 1, "arccos", np.arccos, mp.arccos),
        Operator("arctan", 1, "arctan", np.arctan, mp.arctan),
        Operator("sinh", 1, "sinh", np.sinh, mp.sinh),
        Operator("cosh", 1, "cosh", np.cosh, mp.cosh),
        Operator("tanh", 1, "tanh", np.tanh, mp.tanh),
        Operator("arcsinh", 1, "arcsinh", np.arcsinh, mp.arcsinh),
        Operator("arccosh", 1, "arccosh", np.arccosh, mp.arccosh),
        Operator("arctanh", 1, "arctanh", np.arctanh, mp.arctanh),
        Operator("erf", 1, "erf", special.erf, mp.erf),
        Operator("gamma", 1, "gamma", special.gamma, mp.gamma),
        Operator("loggamma", 1, "loggamma", special.loggamma, mp.loggamma),
        Operator("digamma", 1, "digamma", special.digamma, mp.digamma),
        Operator("factorial", 1, "factorial", special.factorial, mp.factorial),
    )


def _conditions() -> tuple[Operator, ...]:
    return (
        Operator("less", 2, "<", np.less, mp.less, result="boolean"),
        Operator("less_equal", 2, "<=", np.less_equal, mp.less_equal, result="boolean"),
        Operator("greater", 2, ">", np.greater, mp.greater, result="boolean"),
        Operator("greater_equal", 2, ">=", np.greater_equal, mp.greater_equal, result="boolean"),
        Operator("equal", 2, "=", np.equal, mp.equal, result="boolean"),
        Operator("not_equal", 2, "!=", np.not_equal, mp.not_equal, result="boolean"),
        Operator("and", None, "and", np.logical_and, mp.conjunction, "boolean", "boolean"),
        Operator("or", None, "or", np.logical_or, mp.disjunction, "boolean", "boolean"),
        Operator("not", 1, "not", np.logical_not, mp.negation, "boolean", "boolean"),
        Operator("indicator", 1, "indicator", _indicator, mp.indicator, "boolean", "real"),
    )


OPERATORS: Mapping[str, Operator] = MappingProxyType(
    {row.name: row for row in (*_arithmetic(), *_functions(), *_conditions())}
)
"""The table, by name."""

REDUCTIONS = ("sum", "product", "maximum", "minimum", "argmax", "argmin")
"""The operators of a :class:`~torchtex.index.terms.Reduce`."""

CONSTANTS = ("pi", "e", "infinity")
"""The names of a :class:`~torchtex.index.terms.Constant`."""
