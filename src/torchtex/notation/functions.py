"""The functions formulas name, one row each: what LaTeX calls them and what they mean.

``scalar`` functions act on each element; ``vector`` functions take a whole vector (the last axis
of a matrix) and give a vector; ``reducing`` ones take a whole tensor, or a vector, to a number;
``pairing`` ones take two vectors to a number.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import attrs

Shape = Literal[
    "scalar", "vector", "reducing", "pairing", "variadic", "clip", "mean", "variance", "total"
]


@attrs.frozen
class Function:
    """A function by its meaning: an operator of the index language or a named function."""

    shape: Shape
    operator: str | None = None  # an elementwise operator of index/operators.py
    named: str | None = None  # a named function of index/named.py
    says: str = ""  # what is printed about it, where a reader may doubt


def _operator(name: str, says: str = "") -> Function:
    return Function("scalar", operator=name, says=says)


def _named(name: str, shape: Shape = "scalar", says: str = "") -> Function:
    return Function(shape, named=name, says=says)


NATURAL = "log is the natural logarithm"
SIGMOID = "σ(x) is the sigmoid 1/(1 + exp(-x))"

FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "exp": _operator("exp"),
        "log": _operator("log", NATURAL),
        "ln": _operator("log"),
        "sqrt": _operator("sqrt"),
        "abs": _operator("absolute"),
        "sin": _operator("sin"),
        "cos": _operator("cos"),
        "tan": _operator("tan"),
        "arcsin": _operator("arcsin"),
        "arccos": _operator("arccos"),
        "arctan": _operator("arctan"),
        "sinh": _operator("sinh"),
        "cosh": _operator("cosh"),
        "tanh": _operator("tanh"),
        "Tanh": _operator("tanh"),
        "erf": _operator("erf"),
        "sign": _operator("sign"),
        "sgn": _operator("sign"),
        "floor": _operator("floor"),
        "ceil": _operator("ceil"),
        "round": _operator("round"),
        "Gamma": _operator("gamma", "Γ(x) is the gamma function"),
        "max": Function("variadic", operator="maximum"),
        "min": Function("variadic", operator="minimum"),
        "clip": Function("clip"),
        "clamp": Function("clip"),
        "sigma": _named("sigmoid", says=SIGMOID),
        "sigmoid": _named("sigmoid"),
        "Sigmoid": _named("sigmoid"),
        "logsigmoid": _named("logsigmoid"),
        "LogSigmoid": _named("logsigmoid"),
        "relu": _named("relu"),
        "ReLU": _named("relu"),
        "RELU": _named("relu"),
        "ReLu": _named("relu"),
        "softplus": _named("softplus"),
        "Softplus": _named("softplus"),
        "SoftPlus": _named("softplus"),
        "silu": _named("silu"),
        "SiLU": _named("silu"),
        "swish": _named("silu"),
        "gelu": _named("gelu"),
        "GELU": _named("gelu"),
        "softsign": _named("softsign"),
        "SoftSign": _named("softsign"),
        "softmax": _named("softmax", "vector"),
        "Softmax": _named("softmax", "vector"),
        "SoftMax": _named("softmax", "vector"),
        "logsoftmax": _named("log_softmax", "vector"),
        "log_softmax": _named("log_softmax", "vector"),
        "LogSoftmax": _named("log_softmax", "vector"),
        "logsumexp": _named("logsumexp", "reducing"),
        "LogSumExp": _named("logsumexp", "reducing"),
        "LSE": _named("logsumexp", "reducing"),
        "cosine_similarity": _named("cosine_similarity", "pairing"),
        "cossim": _named("cosine_similarity", "pairing"),
        "dot": _named("dot", "pairing"),
        "mean": Function("mean", says="mean is over all elements"),
        "sum": Function("total", says="sum is over all elements"),
        "E": Function("mean", says="E[x] is the mean over all axes of x"),
        "Var": Function("variance", says="Var[x] is over all axes of x, biased (divided by n)"),
        "var": Function("variance", says="Var[x] is over all axes of x, biased (divided by n)"),
    }
)

# With two vectors cos is the cosine of the angle between them.
PAIRED: Mapping[str, Function] = MappingProxyType(
    {"cos": _named("cosine_similarity", "pairing", "cos(u, v) is the cosine similarity")}
)

INVERSES: Mapping[str, str] = MappingProxyType(
    {
        "sin": "arcsin",
        "cos": "arccos",
        "tan": "arctan",
        "tanh": "arctanh",
        "sinh": "arcsinh",
        "cosh": "arccosh",
    }
)
