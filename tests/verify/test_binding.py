"""Symbols and arguments: by the user, by name, by role, by search that must not choose."""

from __future__ import annotations

import pytest
import torch

from torchtex.verify import verify

KL = r"D = \sum_{i} P_i \log\frac{P_i}{Q_i}"


@pytest.mark.parametrize(
    ("latex", "code", "binding"),
    [
        (r"L = (\hat{y} - y)^2", "(y_hat - y) ** 2", {"y_hat": "y_hat", "y": "y"}),
        (r"L = (\hat{y} - y)^2", "(y_pred - y_true) ** 2", {"y_hat": "y_pred", "y": "y_true"}),
        (r"L = (x - y)^2", "F.mse_loss(first, second, reduction='none')", {"x": "first"}),
        (r"f = x^\lambda", "x ** lam", {"lambda": "lam"}),
        (r"f = \theta - \eta g", "param - lr * grad", {"theta": "param", "eta": "lr"}),
    ],
)
def test_names_aliases_and_roles(latex, code, binding):
    verdict = verify(latex, code)
    assert verdict.ok, str(verdict)
    assert binding.items() <= dict(verdict.binding).items()


def test_the_users_names_come_first():
    code = "F.kl_div(a, b, reduction='sum')"
    right = verify(KL, code, names={"P": "b", "Q": "torch.exp(a)"})
    assert right.status == "agrees", str(right)
    swapped = verify(KL, code, names={"P": "torch.exp(a)", "Q": "b"})
    assert swapped.status == "differs"


def test_names_may_be_written_as_latex():
    verdict = verify(r"L = (\hat{y} - y)^2", "(a - b) ** 2", names={r"\hat{y}": "a", "y": "b"})
    assert verdict.binding == {"y_hat": "a", "y": "b"}


def test_a_search_that_all_bindings_survive_agrees():
    verdict = verify(r"L = (x - y)^2", "(a - b) ** 2")
    assert verdict.status == "agrees", str(verdict)


@pytest.mark.parametrize(
    ("latex", "code"),
    [
        (KL, "(a * (a / b).log()).sum()"),
        (r"L = \max(0, u - v + 1)", "torch.relu(a - b + 1)"),
        (r"f = -\alpha (1 - p)^\gamma \log p", "-first * (1 - p) ** second * torch.log(p)"),
        (r"\theta_i' = \theta_i - \alpha g_i", "a - 0.5 * alpha * b - 0.5 * alpha * b"),
    ],
)
def test_a_search_that_only_some_survive_is_refused_with_what_to_write(latex, code):
    verdict = verify(latex, code)
    assert verdict.status == "refused", str(verdict)
    assert "--name" in verdict.reason


def test_a_symbol_without_counterpart_is_refused():
    verdict = verify(r"f = x + c", "x + 1")
    assert verdict.status == "refused"
    assert "--name 'c=...'" in verdict.reason


def test_an_argument_without_symbol_is_refused_or_differs():
    assert verify(r"f = x^2", "x ** 2 + 0 * k").status == "refused"


def test_a_name_the_formula_does_not_have_is_refused():
    verdict = verify(r"f = x^2", "x ** 2", names={"q": "x"})
    assert verdict.status == "refused"
    assert "q" in verdict.reason


def test_an_expression_may_only_use_what_the_code_has():
    verdict = verify(r"f = p", "z.sigmoid()", names={"p": "torch.sigmoid(w)"})
    assert verdict.status == "refused"
    assert "w" in verdict.reason


def test_one_hot_labels():
    inputs = {"z": torch.randn(7, 4), "y": torch.tensor([0, 1, 2, 3, 3, 1, 0])}
    latex = r"\ell = -\sum_{c=1}^{C} y_c \log p_c"
    names = {"p": "softmax(z)"}
    verdict = verify(latex, "F.cross_entropy(z, y, reduction='none')", inputs, names=names)
    assert verdict.status == "agrees", str(verdict)


def test_a_setting_left_at_its_default_is_still_varied():
    latex = (
        r"\ell = \begin{cases} \frac{(x-y)^2}{2 B} & |x-y| < \beta \\"
        r" |x-y| - \beta/2 & \text{otherwise} \end{cases}"
    )
    right = verify(latex.replace("B", r"\beta"), "F.smooth_l1_loss(x, y)")
    assert right.ok, str(right)
    squared = verify(latex.replace("2 B", r"2 \beta^2"), "F.smooth_l1_loss(x, y)")
    assert squared.status == "differs"


def test_a_module_inside_an_expression():
    layer = torch.nn.Linear(3, 2)
    around = {"layer": layer, "x": torch.randn(5, 3)}
    names = {"W": "layer.weight", "b": "layer.bias"}
    verdict = verify(r"h = W x + b", "layer(x)", names=names, namespace=around)
    assert verdict.status == "agrees", str(verdict)
    assert verify(r"h = W x - b", "layer(x)", names=names, namespace=around).status == "differs"


@pytest.mark.parametrize(
    ("latex", "code", "inputs"),
    [
        (r"f = \sin(x)", "torch.sin(x / 10 ** k)", {"x": torch.randn(6), "k": 0}),
        (
            r"\ell = \frac{1}{n}\sum_{i=1}^n \log(1 + \exp(-x_i))",
            "F.soft_margin_loss(x, y)",
            {"x": torch.randn(5), "y": torch.ones(5)},
        ),
    ],
)
def test_an_input_the_formula_leaves_out_and_the_code_needs(latex, code, inputs):
    verdict = verify(latex, code, inputs)
    assert verdict.status == "differs", str(verdict)
    assert "does not mention" in verdict.reason
    assert verdict.counterexample.formula != verdict.counterexample.code


def test_a_lost_subscript_does_not_pass_by_broadcasting():
    code = "F.mse_loss(x, y, reduction='none')"
    assert verify(r"\ell_n = (x_n - y)^2", code).status == "refused"
    assert verify(r"\ell_n = (x_n - y)^2", code, declare=(r"y \in \mathbb{R}",)).ok
    assert verify(r"\ell_n = (x_n - y_n)^2", code).status == "agrees"
