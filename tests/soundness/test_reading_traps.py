"""Formulas that a careless reader takes for others: no part may be dropped in silence."""

from __future__ import annotations

import pytest
import torch

from torchtex import verify


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        (r"L = -\log\frac{\exp(z_y)}{\exp(\sum_{j=1}^{C} z_j)}", "F.cross_entropy(z, y)"),
        (r"L = -\log\frac{\exp(z_y)}{C \exp(z_y)}", "F.cross_entropy(z, y)"),
        (r"L = -\frac{1}{N}\sum_{i=1}^N y_i \log \hat{y}_i", "-(y * y_hat.log()).sum(-1).mean()"),
    ],
)
def test_silent_misreadings_do_not_pass(formula: str, code: str):
    torch.manual_seed(0)
    inputs = {
        "z": torch.randn(5, 3),
        "y": torch.randint(0, 3, (5,)),
        "y_hat": torch.softmax(torch.randn(5, 3), -1),
    }
    if "y_hat" in code:
        inputs["y"] = torch.softmax(torch.randn(5, 3), -1)
    used = {name: value for name, value in inputs.items() if name in code}
    assert not verify(formula, code, used).ok


@pytest.mark.parametrize(
    ("formula", "code", "other"),
    [
        (r"s = \sum_{i} a_i + b_i", "(a + b).sum()", "a.sum() + b"),
        (r"f = \log\frac{a}{b} y", "torch.log(a / b) * y", "torch.log(a / b * y)"),
        (r"f = 1/2 x^2", "0.5 * x ** 2", "1 / (2 * x ** 2)"),
        (r"f = w \left[ y + x \right]", "w * (y + x)", "w + y + x"),
        (r"\begin{aligned} f &= (x - y)^2 \\ \end{aligned}", "(x - y) ** 2", "(x + y) ** 2"),
        (r"f = -x^2", "-(x ** 2)", "(-x) ** 2"),
        (r"f = \exp -x", "torch.exp(-x)", "torch.exp(x)"),
    ],
)
def test_what_may_be_read_in_two_ways_is_never_both(formula: str, code: str, other: str):
    assert verify(formula, code).ok
    assert verify(formula, other).status not in ("agrees", "proved")


RIDGE = (
    r"J = \frac{1}{n}\sum_{i=1}^{n} \left(y_i - \sum_{j=1}^{d} x_{i,j} w_j\right)^2"
    r" + \lambda \sum_{j=1}^{LIMIT} w_j^2"
)
RIDGE_CODE = "((y - x @ w) ** 2).mean() + lam * (w ** 2).sum()"
POOL = r"o_u = \max_{a=0}^{1} x_{2u+a}, \quad RANGE"
POOL_CODE = "F.max_pool1d(x[None], 2)[0]"
SOFTMAX = r"p_i = \frac{\exp(z_i)}{\sum_{j=1}^{LIMIT} \exp(z_j)}"
NAMES = {r"\lambda": "lam"}
EVEN = (r"x \in \mathbb{R}^{2U}",)


@pytest.mark.parametrize(("limit", "right"), [("d", True), ("d^2", False), ("w", False)])
def test_an_upper_limit_is_never_dropped(limit: str, right: bool):
    verdict = verify(RIDGE.replace("LIMIT", limit), RIDGE_CODE, names=NAMES)
    assert verdict.ok is right


@pytest.mark.parametrize(("limit", "right"), [("K", True), ("z", False), ("i", False)])
def test_an_upper_limit_is_a_size(limit: str, right: bool):
    assert verify(SOFTMAX.replace("LIMIT", limit), "F.softmax(z, dim=-1)").ok is right


@pytest.mark.parametrize(
    ("range_", "right"),
    [
        (r"u = 0, \dots, U-1", True),
        (r"u = 0, \dots, U^2-1", False),
        (r"u = 0, \dots, x-1", False),
        (r"u^2 = 0, \dots, U-1", False),
    ],
)
def test_a_range_beside_the_formula_is_never_dropped(range_: str, right: bool):
    assert verify(POOL.replace("RANGE", range_), POOL_CODE, declare=EVEN).ok is right


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        (r"L = \frac{1}{n}\sum_{i=1}^{n} (n_i - \hat{y}_i)^2", "F.mse_loss(y_hat, y)"),
        (r"L = -\frac{1}{N}\sum_{n=1}^{N} N_{n,y_n}", "F.nll_loss(x, y)"),
        (r"o_{n,i} = \sum_{j=1}^{D} D_{i,j} x_{n,j} + b_i", "F.linear(x, W, b)"),
    ],
)
def test_one_name_is_not_a_size_and_a_tensor(formula: str, code: str):
    assert not verify(formula, code).ok


@pytest.mark.parametrize(("label", "right"), [("y", True), ("{y+1}", False), ("{y-1}", False)])
def test_a_label_is_compared_at_its_own_place(label: str, right: bool):
    formula = rf"\ell = \frac{{1}}{{C}} \sum_{{i=1, i \neq {label}}}^{{C}} \max(0, m - x_y + x_i)"
    assert verify(formula, "F.multi_margin_loss(x, y, margin=m)").ok is right


@pytest.mark.parametrize(("other", "right"), [("i", True), ("{i+1}", False)])
def test_indices_of_one_axis_share_their_base(other: str, right: bool):
    formula = r"s_i = \sum_{k=1}^{M} \mathbb{1}_{[k \neq OTHER]} s_{i,k}".replace("OTHER", other)
    code = "s.sum(1) - s.diagonal()"
    assert verify(formula, code, {"s": torch.randn(5, 5, dtype=torch.float64)}).ok is right


@pytest.mark.parametrize(("name", "right"), [(r"\tanh", True), (r"\sinh", False), ("f", True)])
def test_a_function_on_the_left_is_a_claim(name: str, right: bool):
    formula = name + r"(x) = \frac{\exp(x) - \exp(-x)}{\exp(x) + \exp(-x)}"
    assert verify(formula, "torch.tanh(x)").ok is right


def test_an_index_that_shadows_another():
    """As torch prints it: n runs inside and outside."""
    formula = (
        r"\ell = \sum_{n=1}^N \frac{1}{\sum_{n=1}^N w_{y_n}} l_n, \quad l_n = - w_{y_n} x_{n,y_n}"
    )
    assert verify(formula, "F.nll_loss(x, y, weight=w)").ok
    assert not verify(formula, "F.nll_loss(x, y, weight=w, reduction='sum')").ok
    assert not verify(formula.replace("w_{y_n}} l", "w_{y_n}^2} l"), NLL).ok


NLL = "F.nll_loss(x, y, weight=w)"


@pytest.mark.parametrize(("limit", "right"), [("2N", True), ("N", False), ("2N-1", False)])
def test_twice_a_size(limit: str, right: bool):
    formula = (
        r"\ell_i = -\log\frac{\exp(s_{i,j_i}/\tau)}"
        r"{\sum_{k=1}^{%s}\mathbb{1}_{[k\neq i]}\exp(s_{i,k}/\tau)}"
    )
    code = (
        "F.cross_entropy(s.masked_fill(torch.eye(len(s), dtype=torch.bool), -torch.inf) / tau,"
        " j, reduction='none')"
    )
    torch.manual_seed(0)
    inputs = {
        "s": torch.randn(6, 6, dtype=torch.float64),
        "j": torch.tensor([1, 0, 3, 2, 5, 4]),
        "tau": 0.7,
    }
    declare = (r"s \in \mathbb{R}^{2N \times 2N}",)
    assert verify(formula % limit, code, inputs, declare=declare).ok is right
