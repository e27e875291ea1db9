"""Steps between a formula and code: which are allowed, and which never are."""

from __future__ import annotations

import pytest
import torch

from torchtex.verify import verify

SQUARE = r"\ell = (x - y)^2"
NLL = r"\ell = -x_y"


@pytest.mark.parametrize(
    ("reduction", "relation"), [("mean", "mean"), ("sum", "sum"), ("none", None)]
)
def test_a_formula_of_one_element(reduction, relation):
    verdict = verify(SQUARE, f"F.mse_loss(x, y, reduction='{reduction}')")
    assert verdict.ok, str(verdict)
    assert verdict.status == ("agrees" if relation is None else "agrees_up_to")
    assert relation is None or relation in verdict.relation


@pytest.mark.parametrize(
    ("latex", "code"),
    [
        (r"\ell = \sum_{n=1}^{N} (x_n - y_n)^2", "F.mse_loss(x, y)"),
        (r"\ell = \frac{1}{N}\sum_{n=1}^{N} (x_n - y_n)^2", "F.mse_loss(x, y, reduction='sum')"),
        (SQUARE, "((x - y) ** 2).sum() / (2 * len(x))"),
        (SQUARE, "((x - y) ** 2).max()"),
        (SQUARE, "((x - y) ** 2).mean() + 0.01"),
    ],
)
def test_an_explicit_reduction_must_match(latex, code):
    verdict = verify(latex, code, {"x": torch.randn(6), "y": torch.randn(6)})
    assert verdict.status == "differs", str(verdict)
    assert verdict.counterexample is not None


def test_weighted_mean_of_the_kept_elements():
    code = "F.nll_loss(x, y, weight=w, ignore_index=1)"
    verdict = verify(r"\ell = -w_y x_y", code)
    assert verdict.status == "agrees_up_to", str(verdict)
    assert "weighted mean" in verdict.relation


def test_one_batch_element_decides_nothing():
    inputs = {"x": torch.randn(1), "y": torch.randn(1)}
    mean = verify(SQUARE, "((x - y) ** 2).mean()", inputs)
    total = verify(SQUARE, "((x - y) ** 2).sum()", inputs)
    assert "mean" in mean.relation
    assert "sum" in total.relation


def test_an_epsilon_of_the_code():
    verdict = verify(r"f = \frac{x}{\sqrt{v}}", "x / torch.sqrt(v + 1e-5)")
    assert verdict.status == "agrees_up_to", str(verdict)
    assert "1e-05" in verdict.relation
    assert verify(r"f = \frac{x}{\sqrt{v}}", "x / torch.sqrt(v + 0.1)").status == "differs"


def test_a_term_written_as_constant():
    code = "-torch.distributions.Normal(m, s).log_prob(x)"
    latex = r"\ell = \log s + \frac{(x-m)^2}{2 s^2}"
    open_term = verify(latex + r" + \text{const.}", code)
    assert open_term.status == "agrees_up_to", str(open_term)
    assert "const" in open_term.relation
    assert verify(latex, code).status == "differs"
    wrong = latex.replace(r"\log s", r"2 \log s") + r" + \text{const.}"
    assert verify(wrong, code).status == "differs"


def test_proportional_elements():
    inputs = {"z": torch.randn(5, dtype=torch.float64)}
    right = verify(r"p_i \propto \exp(z_i)", "F.softmax(z, dim=-1)", inputs)
    assert right.status == "agrees_up_to", str(right)
    assert verify(r"p_i \propto \exp(2 z_i)", "F.softmax(z, dim=-1)", inputs).status == "differs"


def test_an_index_over_all_elements_is_exact():
    verdict = verify(r"\ell = \sum_i |x_i - y_i|", "(x - y).abs().sum()")
    assert verdict.status == "agrees", str(verdict)
    norm = verify(r"\ell = \sqrt{\sum_i x_i^2}", "x.norm()")
    assert norm.status == "agrees", str(norm)


def test_the_class_axis_of_torch_stands_second():
    inputs = {"z": torch.randn(2, 4, 3, 5), "y": torch.randint(0, 4, (2, 3, 5))}
    latex = r"\ell = -\log\frac{\exp(z_y)}{\sum_{j=1}^{C}\exp(z_j)}"
    verdict = verify(latex, "F.cross_entropy(z, y, reduction='none')", inputs)
    assert verdict.status == "agrees", str(verdict)


def test_a_domain_that_only_the_cases_tell():
    latex = r"\ell = \begin{cases} -\log p & y = 1 \\ -\log(1-p) & y = 0 \end{cases}"
    code = "-(y * p.log() + (1 - y) * (1 - p).log())"
    assert "domain" in verify(latex, code).relation
    declared = verify(latex, code, declare=(r"y \in \{0, 1\}",))
    assert declared.status == "agrees", str(declared)


@pytest.mark.parametrize("code", ["F.relu(x).detach()", "F.relu(x) * 0 + F.relu(x).detach()"])
def test_a_missing_gradient_is_named(code):
    verdict = verify(r"f = \max(0, x)", code)
    assert verdict.status == "agrees_up_to", str(verdict)
    assert "value only" in verdict.relation


def test_a_wrong_gradient_differs():
    verdict = verify(r"f = x^2", "x ** 2 + (3 * x - (3 * x).detach())")
    assert verdict.status == "differs", str(verdict)
    assert verdict.counterexample.what == "gradient of x"


@pytest.mark.parametrize(
    ("latex", "code"),
    [
        (r"f = \max(0, x)", "F.relu(x)"),
        (r"f = |x|", "x.abs()"),
        (r"f = \max(x, y)", "torch.maximum(x, y)"),
        (r"f = \min(\max(x, -1), 1)", "x.clamp(-1, 1)"),
        (r"f = \sqrt{\sum_{i} x_i^2}", "x.norm(dim=-1)"),
    ],
)
def test_subgradients_at_kinks_are_no_alarm(latex, code):
    verdict = verify(latex, code)
    assert verdict.status == "agrees", str(verdict)


def test_an_axis_of_one_element_less_is_said():
    shortened = verify(r"p_i = \frac{\exp(z_i)}{\sum_{j=1}^{C-1}\exp(z_j)}", "F.softmax(z, dim=-1)")
    assert shortened.status != "agrees"
    assert "C - 1 elements" in (shortened.relation or shortened.reason)
    whole = verify(r"p_i = \frac{\exp(z_i)}{\sum_{j=1}^{C}\exp(z_j)}", "F.softmax(z, dim=-1)")
    assert whole.status == "agrees"
