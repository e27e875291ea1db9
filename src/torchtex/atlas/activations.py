"""Activations: elementwise functions of one input, one row each."""

from __future__ import annotations

from torchtex.atlas.arguments import INPLACE
from torchtex.atlas.entry import Argument, Entry, Value

SYMBOLS = ("x", "z", "a", "input")


def _option(name: str, default: Value, *symbols: str) -> Argument:
    return Argument(name, "parameter", symbols=(name, *symbols), default=default)


def _activation(
    function: str,
    module: str | None,
    *options: Argument,
    aliases: tuple[str, ...] = (),
    edges: tuple[str, ...] = (),
) -> Entry:
    return Entry(
        name=f"torch.nn.functional.{function}",
        module=None if module is None else f"torch.nn.{module}",
        arguments=(Argument("input", "data", symbols=SYMBOLS), *options),
        aliases=aliases,
        edges=edges,
    )


def _named_everywhere(function: str) -> tuple[str, ...]:
    return (f"torch.{function}", f"torch.Tensor.{function}")


ENTRIES: tuple[Entry, ...] = (
    _activation("relu", "ReLU", INPLACE, aliases=_named_everywhere("relu")),
    _activation("relu6", "ReLU6", INPLACE),
    _activation(
        "sigmoid", "Sigmoid", aliases=(*_named_everywhere("sigmoid"), "torch.special.expit")
    ),
    _activation("tanh", "Tanh", aliases=_named_everywhere("tanh")),
    _activation("silu", "SiLU", INPLACE),
    _activation("mish", "Mish", INPLACE),
    _activation(
        "gelu",
        "GELU",
        Argument("approximate", "option", default="none", choices=("none", "tanh")),
    ),
    _activation("elu", "ELU", _option("alpha", 1.0), INPLACE),
    _activation("celu", "CELU", _option("alpha", 1.0), INPLACE, aliases=("torch.celu",)),
    _activation("selu", "SELU", INPLACE, aliases=("torch.selu",)),
    _activation("leaky_relu", "LeakyReLU", _option("negative_slope", 0.01, "alpha", "a"), INPLACE),
    _activation(
        "prelu",
        "PReLU",
        Argument("weight", "parameter", symbols=("a", "w", "weight", "alpha")),
        aliases=("torch.prelu", "torch.Tensor.prelu"),
    ),
    _activation(
        "softplus",
        "Softplus",
        Argument("beta", "parameter", "positive", symbols=("beta",), default=1.0),
        Argument("threshold", "option", symbols=("threshold",), default=20.0),
        edges=(
            "input: above beta * input = threshold the code returns input itself; at the default "
            "threshold of 20 that is 2.1e-9 less than the formula",
        ),
    ),
    _activation("logsigmoid", "LogSigmoid"),
    _activation("softsign", "Softsign"),
    _activation("tanhshrink", "Tanhshrink"),
    _activation("hardtanh", "Hardtanh", _option("min_val", -1.0), _option("max_val", 1.0), INPLACE),
    _activation("hardsigmoid", "Hardsigmoid", INPLACE),
    _activation("hardswish", "Hardswish", INPLACE),
    _activation(
        "hardshrink",
        "Hardshrink",
        _option("lambd", 0.5, "lambda"),
        aliases=("torch.hardshrink", "torch.Tensor.hardshrink"),
    ),
    _activation("softshrink", "Softshrink", _option("lambd", 0.5, "lambda")),
)
