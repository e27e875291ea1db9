"""Activations of torch, each with its formula and the truth in plain NumPy."""

from __future__ import annotations

import math

import numpy as np

from .losses import log_sigmoid, sigmoid
from .pair import Pair, data, parameter

SELU_SCALE = 1.0507009873554804934193349852946
SELU_ALPHA = 1.6732632423543772848170429916717

_erf = np.vectorize(math.erf, otypes=[float])
_erfc = np.vectorize(math.erfc, otypes=[float])


def gelu(x):
    return 0.5 * x * _erfc(-x / math.sqrt(2))


def gelu_tanh(x):
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def elu(x, alpha):
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def celu(x, alpha):
    return np.maximum(0, x) + np.minimum(0, alpha * np.expm1(np.minimum(x, 0) / alpha))


def selu(x):
    negative = SELU_ALPHA * np.expm1(np.minimum(x, 0))
    return SELU_SCALE * (np.maximum(0, x) + np.minimum(0, negative))


def hard_swish(x):
    return x * np.clip(x + 3, 0, 6) / 6


def soft_shrink(x, lam):
    return np.where(x > lam, x - lam, np.where(x < -lam, x + lam, 0.0))


ROW = (data("x", "N"),)

ACTIVATIONS: tuple[Pair, ...] = (
    Pair(
        "relu",
        r"\text{ReLU}(x) = \max(0, x)",
        "F.relu(x)",
        ROW,
        lambda x: np.maximum(0, x),
    ),
    Pair(
        "relu6",
        r"\text{ReLU6}(x) = \min(\max(0,x), 6)",
        "F.relu6(x)",
        ROW,
        lambda x: np.clip(x, 0, 6),
    ),
    Pair(
        "leaky-relu",
        r"f(x) = \begin{cases} x, & \text{if } x \geq 0 \\ a x, & \text{otherwise} \end{cases}",
        "F.leaky_relu(x, a)",
        (data("x", "N"), parameter("a")),
        lambda x, a: np.where(x >= 0, x, a * x),
    ),
    Pair(
        "elu",
        r"\text{ELU}(x) = \begin{cases} x, & \text{if } x > 0 \\"
        r" \alpha (\exp(x) - 1), & \text{if } x \leq 0 \end{cases}",
        "F.elu(x, alpha)",
        (data("x", "N"), parameter("alpha")),
        elu,
    ),
    Pair(
        "celu",
        r"\text{CELU}(x) = \max(0,x) + \min(0, \alpha (\exp(x/\alpha) - 1))",
        "F.celu(x, alpha)",
        (data("x", "N"), parameter("alpha")),
        celu,
    ),
    Pair(
        "selu",
        r"f(x) = 1.0507009873554804934193349852946 \cdot"
        r" (\max(0,x) + \min(0, 1.6732632423543772848170429916717 \cdot (\exp(x) - 1)))",
        "F.selu(x)",
        ROW,
        selu,
    ),
    Pair(
        "gelu",
        r"\text{GELU}(x) = \frac{x}{2}"
        r"\left(1 + \operatorname{erf}\left(\frac{x}{\sqrt{2}}\right)\right)",
        "F.gelu(x)",
        ROW,
        gelu,
    ),
    Pair(
        "gelu-tanh",
        r"f(x) = 0.5 x \left(1 + \tanh\left(\sqrt{2/\pi} (x + 0.044715 x^3)\right)\right)",
        "F.gelu(x, approximate='tanh')",
        (data("x", "N", "modest"),),
        gelu_tanh,
    ),
    Pair(
        "silu",
        r"\text{silu}(x) = x \cdot \sigma(x)",
        "F.silu(x)",
        ROW,
        lambda x: x * sigmoid(x),
    ),
    Pair(
        "softplus",
        r"f(x) = \frac{1}{\beta} \log(1 + \exp(\beta x))",
        "F.softplus(x, beta=beta, threshold=1e9)",
        (data("x", "N"), parameter("beta")),
        lambda x, beta: np.logaddexp(0, beta * x) / beta,
    ),
    Pair(
        "softsign",
        r"\text{SoftSign}(x) = \frac{x}{1 + |x|}",
        "F.softsign(x)",
        ROW,
        lambda x: x / (1 + np.abs(x)),
    ),
    Pair(
        "hardtanh",
        r"f(x) = \begin{cases} 2, & \text{if } x > 2 \\ -1, & \text{if } x < -1 \\"
        r" x, & \text{otherwise} \end{cases}",
        "F.hardtanh(x, min_val=-1.0, max_val=2.0)",
        ROW,
        lambda x: np.clip(x, -1, 2),
    ),
    Pair(
        "hardswish",
        r"\text{Hardswish}(x) = \begin{cases} 0, & \text{if } x \leq -3 \\"
        r" x, & \text{if } x \geq +3 \\ x \cdot (x + 3) / 6, & \text{otherwise} \end{cases}",
        "F.hardswish(x)",
        ROW,
        hard_swish,
    ),
    Pair(
        "hardsigmoid",
        r"f(x) = \begin{cases} 0, & \text{if } x \leq -3 \\ 1, & \text{if } x \geq 3 \\"
        r" x / 6 + 1 / 2, & \text{otherwise} \end{cases}",
        "F.hardsigmoid(x)",
        ROW,
        lambda x: np.clip(x + 3, 0, 6) / 6,
    ),
    Pair(
        "tanhshrink",
        r"\text{Tanhshrink}(x) = x - \tanh(x)",
        "F.tanhshrink(x)",
        ROW,
        lambda x: x - np.tanh(x),
    ),
    Pair(
        "softshrink",
        r"f(x) = \begin{cases} x - \lambda, & \text{if } x > \lambda \\"
        r" x + \lambda, & \text{if } x < -\lambda \\ 0, & \text{otherwise} \end{cases}",
        "F.softshrink(x, lam)",
        (data("x", "N"), parameter("lam")),
        soft_shrink,
        names={r"\lambda": "lam"},
    ),
    Pair(
        "mish",
        r"\text{Mish}(x) = x \cdot \tanh(\log(1 + e^x))",
        "F.mish(x)",
        ROW,
        lambda x: x * np.tanh(np.logaddexp(0, x)),
    ),
    Pair(
        "log-sigmoid",
        r"f(x) = \log\left(\frac{1}{1 + \exp(-x)}\right)",
        "F.logsigmoid(x)",
        ROW,
        log_sigmoid,
    ),
    Pair(
        "sigmoid",
        r"\sigma(x) = \frac{1}{1 + e^{-x}}",
        "torch.sigmoid(x)",
        ROW,
        sigmoid,
    ),
    Pair(
        "tanh",
        r"\tanh(x) = \frac{\exp(x) - \exp(-x)}{\exp(x) + \exp(-x)}",
        "torch.tanh(x)",
        (data("x", "N", "modest"),),
        lambda x: np.tanh(x),
    ),
)
