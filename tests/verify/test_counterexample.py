"""What a verdict that differs carries: a smallest counterexample and the nearest right formula."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from torchtex.verify import verify
from torchtex.verify.edits import edited

SWAPPED = r"\mathcal{L} = -\log\frac{\exp(z_y)}{\exp(\sum_{j=1}^{C} z_j)}"


def test_the_smallest_counterexample_of_cross_entropy():
    smallest = verify(SWAPPED, "F.cross_entropy(z, y)").counterexample
    z, y = np.array(smallest.inputs["z"]), smallest.inputs["y"]
    assert z.size <= 3
    assert smallest.what == "value"
    assert smallest.formula == pytest.approx(-z[y] + z.sum(), abs=1e-12)
    expected = F.cross_entropy(torch.tensor(z), torch.tensor(y)).item()
    assert smallest.code == pytest.approx(expected, abs=1e-12)
    assert abs(smallest.formula - smallest.code) > 1e-3


def test_a_counterexample_keeps_what_makes_it_fail():
    verdict = verify(r"f = \max(0, x)", "torch.where(x > 60, x + 1, torch.relu(x))")
    assert verdict.status == "differs", str(verdict)
    values = np.atleast_1d(verdict.counterexample.inputs["x"])
    assert values.max() > 60


def test_the_exact_tie():
    latex = r"f = \begin{cases} 1 & x > c \\ 0 & \text{otherwise} \end{cases}"
    verdict = verify(latex, "torch.where(x >= c, 1.0, 0.0)")
    assert verdict.status == "differs", str(verdict)
    inputs = verdict.counterexample.inputs
    assert np.any(np.atleast_1d(inputs["x"]) == np.asarray(inputs["c"]))
    assert verify(latex, "torch.where(x > c, 1.0, 0.0)").ok


def test_a_gradient_counterexample_says_whose():
    verdict = verify(r"f = x^2 y", "x ** 2 * y + (y - y.detach())")
    assert verdict.counterexample.what == "gradient of y"
    assert verdict.counterexample.code != pytest.approx(verdict.counterexample.formula, rel=1e-6)


@pytest.mark.parametrize(
    ("wrong", "code", "right"),
    [
        (SWAPPED, "F.cross_entropy(z, y)", r"\sum_{j=1}^{C} \exp(z_j)"),
        (
            r"\ell = \frac{1}{n}\sum_{i=1}^n (y_i+\hat{y}_i)^2",
            "F.mse_loss(y_hat, y)",
            r"(y_i-\hat{y}_i)^2",
        ),
        (r"\ell = \sum_{i=1}^n (y_i-\hat{y}_i)^2", "F.mse_loss(y_hat, y)", r"\frac{1}{n}"),
        (r"\ell = \max(0, -t (u - v) - m)", "F.margin_ranking_loss(u, v, t, margin=m)", "+ m"),
        (
            r"y = \frac{x - \mu}{\sqrt{v} + \epsilon}",
            "(x - mu) / torch.sqrt(v + epsilon)",
            r"\sqrt{v + \epsilon}",
        ),
        (r"f = \alpha (1-p)^\gamma \log p", "-alpha * (1 - p) ** gamma * torch.log(p)", "-"),
        (r"f = \log(x)", "torch.exp(x)", r"\exp"),
    ],
)
def test_a_small_edit_that_agrees_is_suggested(wrong, code, right):
    verdict = verify(wrong, code)
    assert verdict.status == "differs", str(verdict)
    assert verdict.suggestion is not None
    assert right in verdict.suggestion
    assert verify(verdict.suggestion, code).ok


def test_nothing_is_suggested_where_no_small_edit_helps():
    verdict = verify(r"f = x", "torch.sin(3 * x) + x ** 5", budget=3.0)
    assert verdict.status == "differs"
    assert verdict.suggestion is None


def test_edits_are_of_the_right_side_and_ordered_by_size():
    found = edited(r"L = a + \exp(b)")
    sizes = [size for size, _ in found]
    assert sizes == sorted(sizes)
    assert all(text.startswith("L = ") for _, text in found)
    assert r"L = a - \exp(b)" in [text for _, text in found]
    assert r"L = a + (b)" in [text for _, text in found]
    assert len({text for _, text in found}) == len(found)


def test_what_does_not_parse_has_no_edits():
    assert edited(r"L = \frac{a") == []
