"""The fourteen everyday formulas that no other reader reads: each against NumPy written by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from torchtex.index.evaluate import evaluate
from torchtex.notation.reading import Context, Known
from torchtex.notation.resolve import read

RANDOM = np.random.default_rng(20261121)
REAL, LABELS = Known("real"), Known("labels")


def softmax(z: np.ndarray) -> np.ndarray:
    shifted = np.exp(z - z.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


def simplex(*shape: int) -> np.ndarray:
    return softmax(RANDOM.normal(size=shape))


def value(latex: str, arrays: Mapping[str, Any], *declare: str, **sorts: Known) -> Any:
    known = {name: sorts.get(name, REAL) for name in arrays}
    reading = read(latex, Context(known=known, declarations=declare))
    assert {symbol.name for symbol in reading.symbols} <= set(arrays), reading.symbols
    results = [evaluate(claim.expression, arrays) for claim in reading.claims]
    assert len(results) == 1
    return results[0]


def test_1_cross_entropy() -> None:
    z = RANDOM.normal(size=5)
    latex = r"\mathcal{L}_{\text{CE}} = -\log\left(\frac{\exp(z_y)}{\sum_{j=1}^{C}\exp(z_j)}\right)"
    for label in range(5):
        got = value(latex, {"z": z, "y": label}, y=LABELS)
        assert got == pytest.approx(-math.log(softmax(z)[label]))


def test_2_mean_squared_error() -> None:
    y, y_hat = RANDOM.normal(size=(2, 7))
    latex = r"\mathcal{L}_{MSE} = \frac{1}{n}\sum_{i=1}^n (y_i-\hat{y}_i)^2"
    got = value(latex, {"y": y, "y_hat": y_hat})
    assert got == pytest.approx(np.mean((y - y_hat) ** 2))


def test_3_binary_cross_entropy() -> None:
    latex = (
        r"\mathcal{L}_{\text{BCE}} = -\left[y\cdot\log(\sigma(x)) + (1-y)\cdot"
        r"\log(1-\sigma(x))\right]"
    )
    x, y = 0.7, 0.25
    s = 1 / (1 + math.exp(-x))
    got = value(latex, {"x": x, "y": y})
    assert got == pytest.approx(-(y * math.log(s) + (1 - y) * math.log(1 - s)))


def test_4_cross_entropy_of_distributions() -> None:
    y, p = simplex(2, 6)
    assert value(r"-\sum_c y_c \log p_c", {"y": y, "p": p}) == pytest.approx(-(y @ np.log(p)))


def test_5_hidden_layer() -> None:
    W, x, b = RANDOM.normal(size=(3, 4)), RANDOM.normal(size=4), RANDOM.normal(size=3)
    latex = r"\mathbf{h} = \text{ReLU}(W_1\mathbf{x}+\mathbf{b}_1)"
    got = value(latex, {"W_1": W, "x": x, "b_1": b})
    np.testing.assert_allclose(got, np.maximum(W @ x + b, 0))


def test_6_attention_weights() -> None:
    q, k = RANDOM.normal(size=4), RANDOM.normal(size=(5, 4))
    got = value(r"\alpha_i = \frac{\exp(q^\top k_i)}{\sum_j\exp(q^\top k_j)}", {"q": q, "k": k})
    np.testing.assert_allclose(got, softmax(k @ q))


def test_7_attention() -> None:
    Q, K, V = RANDOM.normal(size=(3, 4)), RANDOM.normal(size=(5, 4)), RANDOM.normal(size=(5, 2))
    latex = r"\text{Attention}(Q,K,V)=\text{softmax}\left(\frac{QK^\top}{\sqrt{d_k}}\right)V"
    got = value(latex, {"Q": Q, "K": K, "V": V})
    np.testing.assert_allclose(got, softmax(Q @ K.T / 2) @ V)


def test_8_gradient_of_cross_entropy() -> None:
    latex = r"\frac{\partial\mathcal{L}}{\partial z_k} = p_k - y_k"
    known = dict.fromkeys("zpy", REAL)
    reading = read(latex, Context(known=known))
    (claim,) = reading.claims
    assert claim.derivative is not None
    assert (claim.derivative.function, claim.derivative.variable) == ("L", "z")
    p, y = simplex(2, 5)
    np.testing.assert_allclose(evaluate(claim.expression, {"p": p, "y": y}), p - y)


@pytest.mark.parametrize("names", [("p_t", "alpha_t"), ("p", "alpha")])
def test_9_focal_loss(names: tuple[str, str]) -> None:
    p, a, g = RANDOM.uniform(0.1, 0.9, size=7), RANDOM.uniform(size=7), 2.5
    latex = r"\text{FL}(p_t) = -\alpha_t(1-p_t)^\gamma\log(p_t)"
    expected = -a * (1 - p) ** g * np.log(p)
    if names == ("p", "alpha"):
        np.testing.assert_allclose(value(latex, {"p": p, "alpha": a, "gamma": g}), expected)
        return
    got = [value(latex, {"p_t": p[i], "alpha_t": a[i], "gamma": g}) for i in range(7)]
    np.testing.assert_allclose(got, expected)


@pytest.mark.parametrize("x", [-3.0, -0.4, 0.0, 0.5, 4.0])
def test_10_smooth_l1(x: float) -> None:
    latex = (
        r"\ell(x,y)=\begin{cases}0.5(x-y)^2/\beta & |x-y|<\beta\\ |x-y|-0.5\beta &"
        r" \text{otherwise}\end{cases}"
    )
    y, beta = 0.25, 0.75
    d = abs(x - y)
    expected = 0.5 * d**2 / beta if d < beta else d - 0.5 * beta
    assert value(latex, {"x": x, "y": y, "beta": beta}) == pytest.approx(expected)


def test_11_kullback_leibler() -> None:
    p, q = simplex(2, 6)
    got = value(r"D_{KL}(P\|Q)=\sum_x P(x)\log\frac{P(x)}{Q(x)}", {"P": p, "Q": q})
    assert got == pytest.approx(np.sum(p * np.log(p / q)))


def test_12_layer_norm() -> None:
    x, gamma, beta = RANDOM.normal(size=(3, 8))
    latex = r"y = \frac{x-\mathrm{E}[x]}{\sqrt{\mathrm{Var}[x]+\epsilon}}*\gamma+\beta"
    declare = [rf"{name} \in \mathbb{{R}}^D" for name in ("x", r"\gamma", r"\beta")]
    arrays = {"x": x, "gamma": gamma, "beta": beta, "epsilon": 0.3}
    got = value(latex, arrays, *declare)
    np.testing.assert_allclose(got, (x - x.mean()) / np.sqrt(x.var() + 0.3) * gamma + beta)


def test_13_contrastive() -> None:
    N, D, tau = 3, 4, 0.4
    z, j = RANDOM.normal(size=(2 * N, D)), (np.arange(2 * N) + N) % (2 * N)
    latex = (
        r"\mathcal{L}_i=-\log\frac{\exp(\mathrm{sim}(z_i,z_j)/\tau)}{\sum_{k=1}^{2N}"
        r"\mathbb{1}_{[k\neq i]}\exp(\mathrm{sim}(z_i,z_k)/\tau)}"
    )
    declare = (
        r"z \in \mathbb{R}^{2N \times D}",
        "sim = cosine_similarity",
        r"j(i) \in \{1, \dots, 2N\}",
    )
    got = value(latex, {"z": z, "j": j, "tau": tau}, *declare, j=LABELS)
    unit = z / np.linalg.norm(z, axis=1, keepdims=True)
    similar = np.exp(unit @ unit.T / tau)
    expected = [
        -math.log(similar[i, j[i]] / (similar[i].sum() - similar[i, i])) for i in range(2 * N)
    ]
    np.testing.assert_allclose(got, expected)


@pytest.mark.parametrize("padding", [0, 1, 3])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_14_output_size(padding: int, stride: int) -> None:
    latex = (
        r"H_{out}=\left\lfloor\frac{H_{in}+2\times\text{padding}[0]-\text{dilation}[0]\times"
        r"(\text{kernel\_size}[0]-1)-1}{\text{stride}[0]}+1\right\rfloor"
    )
    options = {"padding": padding, "dilation": 2, "kernel_size": 3, "stride": stride}
    arrays = {"H_in": 17, **{name: np.array([number, 9]) for name, number in options.items()}}
    known = dict.fromkeys(arrays, Known("integer"))
    got = value(latex, arrays, **known)
    assert got == (17 + 2 * padding - 2 * (3 - 1) - 1) // stride + 1
