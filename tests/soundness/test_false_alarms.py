"""Right formulas that a careless comparison calls wrong: each must be verified."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from torchtex.verify import verify

CROSS_ENTROPY = r"L = -\log\frac{\exp(z_y)}{\sum_{j=1}^{C}\exp(z_j)}"


def batch() -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    return {
        "z": torch.randn(7, 5, dtype=torch.float64),
        "y": torch.randint(0, 5, (7,)),
    }


# --- differences near poles -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        (r"f(x) = \frac{1}{x}", "1 / x"),
        (r"f(x) = \log x", "torch.log(x)"),
        (r"f(x) = \frac{1}{\sqrt{x}}", "torch.rsqrt(x)"),
        (r"f(x) = \log\frac{x}{1 - x}", "torch.logit(x)"),
        (r"f = \frac{x}{x - y}", "x / (x - y)"),
        (r"f(x) = \tan(x)", "torch.tan(x)"),
        (r"\ell = -y \log x - (1 - y)\log(1 - x)", "-y * x.log() - (1 - y) * (1 - x).log()"),
    ],
)
def test_steep_gradients_near_poles(formula: str, code: str):
    assert verify(formula, code).ok


# --- gradients that are zero ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        (r"f(x) = \sin(x)^2 + \cos(x)^2", "torch.sin(x) ** 2 + torch.cos(x) ** 2"),
        (r"f(x) = \max(0, x)", "F.relu(x)"),
        (r"f(x) = \lfloor x \rfloor", "torch.floor(x)"),
        (
            r"s_n = \sum_{i=1}^{K} \frac{e^{z_{n,i}}}{\sum_{j=1}^{K} e^{z_{n,j}}}",
            "F.softmax(z, 1).sum(1)",
        ),
    ],
)
def test_gradients_that_vanish(formula: str, code: str):
    assert verify(formula, code).ok


# --- torch's own guards ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        (r"f(x) = \log(1 + \exp(x))", "F.softplus(x)"),
        (
            r"\ell_n = x_n - y_n \log(x_n)",
            "F.poisson_nll_loss(x, y, log_input=False, reduction='none')",
        ),
        (
            r"\ell = \max\left(\|a - p\|_2 - \|a - n\|_2 + m, 0\right)",
            "F.triplet_margin_loss(a, p, n, margin=m)",
        ),
        (
            r"s = \frac{\sum_{i} a_i b_i}{\sqrt{\sum_{i} a_i^2} \sqrt{\sum_{i} b_i^2}}",
            "F.cosine_similarity(a, b, dim=-1)",
        ),
        (r"\ell = -[y \log x + (1 - y) \log(1 - x)]", "F.binary_cross_entropy(x, y)"),
    ],
)
def test_the_guards_of_torch_are_known_edges(formula: str, code: str):
    verdict = verify(formula, code)
    assert verdict.ok, verdict


# --- subgradients at kinks ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        (r"f(x) = \max(0, x)", "F.relu(x)"),
        (r"f(x) = \max(0, x)", "torch.clamp(x, min=0)"),
        (r"f(x) = \max(0, x)", "torch.maximum(x, torch.zeros_like(x))"),
        (r"f(x) = \max(0, x)", "torch.where(x > 0, x, torch.zeros_like(x))"),
        (r"f(x) = |x|", "torch.abs(x)"),
        (
            r"f(x) = \begin{cases} 0, & \text{if } x \leq -3 \\ x, & \text{if } x \geq 3 \\"
            r" x (x + 3) / 6, & \text{otherwise} \end{cases}",
            "F.hardswish(x)",
        ),
        (r"f(x) = \min(\max(0, x), 6)", "F.relu6(x)"),
        (r"s = \sqrt{\sum_{i} a_i^2}", "torch.linalg.vector_norm(a, dim=-1)"),
        (r"f = \max(x, y)", "torch.maximum(x, y)"),
    ],
)
def test_any_subgradient_will_do(formula: str, code: str):
    assert verify(formula, code).ok


# --- reductions -----------------------------------------------------------------------------------


def test_a_weighted_mean_for_a_formula_per_sample():
    formula = r"\ell_n = - w_{y_n} x_{n,y_n}"
    verdict = verify(formula, "F.nll_loss(x, y, weight=w)")
    assert verdict.status == "agrees_up_to"
    assert verdict.relation and "weighted" in verdict.relation


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_a_formula_per_sample_for_a_loss_of_a_batch(reduction: str):
    verdict = verify(CROSS_ENTROPY, f"F.cross_entropy(z, y, reduction='{reduction}')", batch())
    assert verdict.status == "agrees_up_to"
    assert verdict.relation and reduction in verdict.relation


def test_a_formula_per_sample_for_losses_per_sample():
    assert verify(CROSS_ENTROPY, "F.cross_entropy(z, y, reduction='none')", batch()).ok


# --- conventions ----------------------------------------------------------------------------------


@pytest.mark.parametrize("limits", ["j=1}^{C", "j=0}^{C-1", "j", "c=1}^{C"])
def test_indices_from_zero_or_from_one(limits: str):
    letter = limits[0]
    formula = rf"L = -\log\frac{{\exp(z_y)}}{{\sum_{{{limits}}}\exp(z_{letter})}}"
    assert verify(formula, "F.cross_entropy(z, y)", batch()).ok


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        (r"f(x) = \log_2 x", "torch.log2(x)"),
        (r"f(x) = \log_{10} x", "torch.log10(x)"),
        (r"f(x) = \ln x", "torch.log(x)"),
    ],
)
def test_a_stated_base_of_the_logarithm(formula: str, code: str):
    assert verify(formula, code).ok


def test_a_constant_that_is_left_out_and_said():
    formula = r"\ell_n = \frac{1}{2}\log v_n + \frac{(x_n - \mu_n)^2}{2 v_n} + \text{const.}"
    verdict = verify(formula, "-torch.distributions.Normal(mu, v ** 0.5).log_prob(x)")
    assert verdict.status == "agrees_up_to"


def test_proportional_to():
    formula = r"p_i \propto \exp(z_i)"
    inputs = {"z": torch.randn(5, dtype=torch.float64)}
    assert verify(formula, "F.softmax(z, dim=-1)", inputs).status == "agrees_up_to"


def test_zero_times_the_logarithm_of_zero():
    formula = r"L = -\sum_{c} y_c \log p_c"
    inputs = {
        "y": torch.tensor([0.0, 1.0, 0.0], dtype=torch.float64),
        "p": torch.tensor([0.0, 0.75, 0.25], dtype=torch.float64),
    }
    assert verify(formula, "-torch.xlogy(y, p).sum()", inputs).ok


def test_the_users_function_and_module():
    assert verify(CROSS_ENTROPY, lambda z, y: F.cross_entropy(z, y), batch()).ok
    assert verify(r"f(x) = \max(0, x)", torch.nn.ReLU()).ok
