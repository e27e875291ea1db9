"""Wrong formulas that a naive comparison lets through: none may be verified."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from torchtex.verify import verify

ELU = (
    r"f(x) = \begin{{cases}} x, & \text{{if }} x > 0 \\"
    r" \alpha (\exp(x) - 1), & \text{{if }} x {} 0 \end{{cases}}"
)
SMOOTH = (
    r"\ell = \begin{{cases}} 0.5 (x - y)^2 / {beta}, & \text{{if }} {distance} < \beta \\"
    r" |x - y| - 0.5 \beta, & \text{{otherwise}} \end{{cases}}"
)


def vector(length: int = 7) -> torch.Tensor:
    return torch.linspace(-2.0, 2.5, length, dtype=torch.float64)


# --- undefined is not "outside the domain" --------------------------------------------------------


def test_the_whole_elu_is_verified():
    assert verify(ELU.format(r"\leq"), "F.elu(x, alpha)").ok


@pytest.mark.parametrize("comparison", ["<", "=", ">"])
def test_a_gap_in_the_cases_shows(comparison: str):
    assert not verify(ELU.format(comparison), "F.elu(x, alpha)").ok


# --- a domain is never chosen because it agrees ---------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        (r"f(x) = x", "F.relu(x)"),
        (r"f(x) = x", "torch.abs(x)"),
        (r"f(x) = x", "torch.sqrt(x ** 2)"),
        (r"f(x) = 1", "torch.sign(x)"),
        (r"f(x) = \log(1 + x)", "torch.log(1 + torch.abs(x))"),
    ],
)
def test_agreement_on_a_part_of_the_domain_is_not_enough(formula: str, code: str):
    assert not verify(formula, code).ok


def test_a_domain_that_only_the_formula_knows_is_said():
    assert verify(r"f(x) = 2 \log(x)", "torch.log(x ** 2)").status != "agrees"


# --- hyperparameters take more than one value -----------------------------------------------------


def test_the_whole_smooth_l1_is_verified():
    formula = SMOOTH.format(beta=r"\beta", distance="|x - y|")
    assert verify(formula, "F.smooth_l1_loss(x, y, beta=beta, reduction='none')").ok


def test_a_squared_hyperparameter_shows():
    formula = SMOOTH.format(beta=r"\beta^2", distance="|x - y|")
    assert not verify(formula, "F.smooth_l1_loss(x, y, beta=beta, reduction='none')").ok


RMS = r"y_i = \frac{x_i}{\sqrt{\frac{1}{D}\sum_{j=1}^{D} x_j^2 + EPSILON}}"


@pytest.mark.parametrize(
    ("epsilon", "right"), [(r"\epsilon", True), (r"\epsilon^2", False), (r"2\epsilon", False)]
)
def test_another_epsilon_shows(epsilon: str, right: bool):
    code = "x / torch.sqrt((x ** 2).mean(-1, keepdim=True) + epsilon)"
    assert verify(RMS.replace("EPSILON", epsilon), code).ok is right


def test_a_dropped_floor_of_the_variance_shows():
    kept = (
        r"\ell = \frac{1}{2}\left(\log(\max(v, \epsilon))"
        r" + \frac{(x - y)^2}{\max(v, \epsilon)}\right)"
    )
    dropped = r"\ell = \frac{1}{2}\left(\log v + \frac{(x - y)^2}{v}\right)"
    code = "F.gaussian_nll_loss(x, y, v, eps=epsilon, reduction='none')"
    assert verify(kept, code).ok
    assert verify(dropped, code).status != "agrees"


# --- enough elements, more than one scale ---------------------------------------------------------


def test_a_wrong_condition_that_rarely_matters_shows():
    formula = SMOOTH.format(beta=r"\beta", distance="|x^2 - y|")
    assert not verify(formula, "F.smooth_l1_loss(x, y, beta=beta, reduction='none')").ok


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        (r"f(x) = \max(0, x - 50)", "F.relu(x - 60)"),
        (r"f(x) = \max(0, x)", "F.relu6(x)"),
        (r"f(x) = \max(0, x)", "torch.clamp(x, 0, 500)"),
        (r"f(x) = 0", "F.relu(x - 3000)"),
    ],
)
def test_what_shows_only_far_out_is_found(formula: str, code: str):
    assert not verify(formula, code).ok


def test_an_ignored_label_that_is_another_one_shows():
    formula = (
        r"\ell_n = - \log \frac{\exp(x_{n,y_n})}{\sum_{c=1}^C \exp(x_{n,c})}"
        r" \cdot \mathbb{1}\{y_n \neq %s\}"
    )
    code = "F.cross_entropy(x, y, ignore_index=%s, reduction='none')"
    assert verify(formula % "-100", code % "-100").ok
    assert not verify(formula % "7777", code % "-100").ok
    assert not verify(formula % "-100", code % "1").ok
    assert not verify(formula % "1", code % "2").ok


# --- infinities -----------------------------------------------------------------------------------


@pytest.mark.parametrize("far", ["torch.inf", "-torch.inf", "torch.nan"])
@pytest.mark.parametrize("where", ["x > 1", "x == 0", "x < -1e3"])
def test_an_infinity_on_one_side_differs(where: str, far: str):
    inputs = {"x": torch.tensor([-2e3, -1.0, 0.0, 0.5, 2.0], dtype=torch.float64)}
    assert not verify(r"f(x) = x", f"torch.where({where}, {far}, x)", inputs).ok


# --- binding by search ----------------------------------------------------------------------------

KL = r"D_{KL}(P\|Q)=\sum_x P(x)\log\frac{P(x)}{Q(x)}"
SWAPPED_KL = r"D_{KL}(P\|Q)=\sum_x Q(x)\log\frac{Q(x)}{P(x)}"


def test_divergence_with_its_arguments_swapped():
    code = "(P * (P / Q).log()).sum()"
    assert verify(KL, code).ok
    assert not verify(SWAPPED_KL, code).ok
    assert not verify(SWAPPED_KL, "(u * (u / v).log()).sum()").ok


def test_triplet_with_positive_and_negative_swapped():
    formula = r"\ell = \max\left(\|a - {}\|_2 - \|a - {}\|_2 + m, 0\right)".replace("{}", "%s")
    code = "F.triplet_margin_loss(a, p, n, margin=m, eps=0.0, reduction='none')"
    assert verify(formula % ("p", "n"), code).ok
    assert not verify(formula % ("n", "p"), code).ok


def test_focal_loss_with_alpha_and_gamma_swapped():
    code = "-alpha * (1 - p) ** gamma * torch.log(p)"
    assert verify(r"\ell = -\alpha (1-p)^\gamma \log p", code).ok
    assert not verify(r"\ell = -\gamma (1-p)^\alpha \log p", code).ok


def test_descent_with_parameter_and_gradient_swapped():
    code = "theta - alpha * g"
    assert verify(r"\theta' = \theta - \alpha g", code).ok
    assert not verify(r"\theta' = g - \alpha \theta", code).ok


def test_a_search_that_decides_is_refused():
    """Some bindings fit and others do not: the user has to say which is meant."""
    verdict = verify(r"f = a - b", "u - v")
    assert verdict.status == "refused"
    assert verdict.reason and "name" in verdict.reason


# --- indices --------------------------------------------------------------------------------------


def simplexes() -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    return {
        "y": torch.softmax(torch.randn(5, 3, dtype=torch.float64), -1),
        "p": torch.softmax(torch.randn(5, 3, dtype=torch.float64), -1),
    }


@pytest.mark.parametrize("inputs", [None, simplexes()])
def test_a_lost_sum_is_no_sum(inputs: dict[str, torch.Tensor] | None):
    assert not verify(r"L = -y_c \log p_c", "-(y * p.log()).sum()", inputs).ok
    assert not verify(r"L = -y_c \log p_c", "-(y * p.log()).sum(-1)", inputs).ok


def test_a_batch_index_is_not_the_class_axis():
    inputs = {"x": torch.randn(5, 3), "y": torch.randn(5, 3)}
    formula = r"L = \sum_{n=1}^{N} (x_n - y_n)^2"
    assert not verify(formula, "F.mse_loss(x, y)", inputs).ok
    assert not verify(formula, "((x - y) ** 2).sum(-1).mean()", inputs).ok


def test_an_explicit_mean_is_not_a_sum():
    inputs = {"x": torch.randn(5), "y": torch.randn(5)}
    formula = r"L = \frac{1}{N}\sum_{n=1}^{N} (x_n - y_n)^2"
    assert verify(formula, "F.mse_loss(x, y)", inputs).ok
    assert not verify(formula, "F.mse_loss(x, y, reduction='sum')", inputs).ok
    assert not verify(formula.replace(r"\frac{1}{N}", ""), "F.mse_loss(x, y)", inputs).ok


@pytest.mark.parametrize(
    ("formula", "right"),
    [
        (r"\ell = (x - y)^2 = x^2 - 2xy + y^2", True),
        (r"\ell = (x + y)^2 = x^2 - 2xy + y^2", False),
        (r"\ell = x^2 - 2xy + y^2 = (x + y)^2", False),
    ],
)
def test_every_side_of_a_chain_is_a_claim(formula: str, right: bool):
    assert verify(formula, "F.mse_loss(x, y, reduction='none')").ok is right


# --- gradients ------------------------------------------------------------------------------------


def test_a_detached_argument_is_said():
    verdict = verify(r"\ell = (x - y)^2", "(x.detach() - y) ** 2")
    assert verdict.status != "agrees" or any("x" in note for note in verdict.notes)


def test_a_gradient_that_is_silently_zero_is_value_only():
    verdict = verify(r"f(x) = x^2", "(x ** 2).detach() + 0 * x")
    assert verdict.status in ("agrees_up_to", "differs")
    if verdict.status == "agrees_up_to":
        assert verdict.relation and "value" in verdict.relation


def test_a_wrong_gradient_shows():
    straight_through = "x + (torch.floor(x) - x).detach()"
    assert verify(r"f(x) = \lfloor x \rfloor", straight_through).status not in ("agrees", "proved")
    assert not verify(r"f(x) = x^2", "2 * (x ** 2).detach() - x ** 2").ok


@pytest.mark.parametrize(
    "code",
    [
        "torch.softmax(z, -1).detach() + 0 * z",
        "torch.softmax(z, -1) + (z - z.detach()) - (z - z.detach()).mean(-1, keepdim=True)",
    ],
)
def test_the_sum_of_a_softmax_hides_no_gradient(code: str):
    formula = r"p_i = \frac{\exp(z_i)}{\sum_{j=1}^{K} \exp(z_j)}"
    inputs = {"z": torch.randn(5, 3, dtype=torch.float64)}
    assert verify(formula, "F.softmax(z, dim=-1)", inputs).ok
    assert verify(formula, code, inputs).status not in ("agrees", "proved")


# --- ties and labels ------------------------------------------------------------------------------


@pytest.mark.parametrize(("comparison", "right"), [(r"\geq", True), (">", False)])
def test_a_comparison_is_tried_on_its_boundary(comparison: str, right: bool):
    rows = rf"x, & \text{{if }} x {comparison} 1 \\ 0, & \text{{otherwise}}"
    formula = r"f(x) = \begin{cases}" + rows + r"\end{cases}"
    assert verify(formula, "torch.where(x >= 1, x, torch.zeros_like(x))").ok is right


@pytest.mark.parametrize(("comparison", "right"), [("<", True), (r"\leq", False)])
def test_a_boundary_between_tensors_is_met(comparison: str, right: bool):
    rows = rf"1, & \text{{if }} |x - y| {comparison} \beta \\ 0, & \text{{otherwise}}"
    formula = r"f = \begin{cases}" + rows + r"\end{cases}"
    assert verify(formula, "((x - y).abs() < beta) * 1.0").ok is right


@pytest.mark.parametrize("kept", [1, -1])
def test_a_dropped_case_does_not_shrink_the_labels(kept: int):
    rows = {1: r"x_n, & \text{if } y_n = 1", -1: r"\max(0, \Delta - x_n), & \text{if } y_n = -1"}
    code = "F.hinge_embedding_loss(x, y, margin=Delta, reduction='none')"
    whole = r"l_n = \begin{cases}" + r" \\ ".join(rows.values()) + r"\end{cases}"
    part = r"l_n = \begin{cases}" + rows[kept] + r"\end{cases}"
    assert verify(whole, code).ok
    assert not verify(part, code).ok


# --- the user's own inputs ------------------------------------------------------------------------


def test_even_sizes_and_tiny_norms_of_the_users_own_inputs_decide():
    def odd_only(x: torch.Tensor) -> torch.Tensor:
        return x if x.shape[-1] % 2 else 2 * x

    def unguarded(x: torch.Tensor) -> torch.Tensor:
        return F.normalize(x, dim=-1, eps=1e-2)

    even = {"x": torch.randn(3, 4, dtype=torch.float64)}
    assert not verify(r"f(x) = x", odd_only, even).ok
    tiny = {"x": 1e-4 * torch.randn(3, 5, dtype=torch.float64)}
    formula = r"y_i = \frac{x_i}{\sqrt{\sum_{j=1}^{D} x_j^2}}"
    assert not verify(formula, unguarded, tiny).ok
