"""The fourteen everyday formulas against PyTorch, value and gradient."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from torchtex.verify import verify

OUTPUT_SIZE = (
    r"H_{out}=\left\lfloor\frac{H_{in}+2\times\text{padding}[0]-\text{dilation}[0]\times"
    r"(\text{kernel\_size}[0]-1)-1}{\text{stride}[0]}+1\right\rfloor"
)
CONVOLUTION = (
    "nn.Conv2d(1, 1, kernel_size, stride, padding, dilation)(torch.zeros(1, 1, H_in, 90)).shape[2]"
)
SMOOTH_L1 = (
    r"\ell(x,y)=\begin{cases}0.5(x-y)^2/\beta & |x-y|<\beta\\"
    r" |x-y|-0.5\beta & \text{otherwise}\end{cases}"
)
LAYER_NORM = r"y = \frac{x-\mathrm{E}[x]}{\sqrt{\mathrm{Var}[x]+\epsilon}}*\gamma+\beta"
ONE_AXIS = (
    r"x \in \mathbb{R}^D",
    r"\gamma \in \mathbb{R}^D",
    r"\beta \in \mathbb{R}^D",
)
NT_XENT = (
    r"\mathcal{L}_i=-\log\frac{\exp(\mathrm{sim}(z_i,z_j)/\tau)}"
    r"{\sum_{k=1}^{2N}\mathbb{1}_{[k\neq i]}\exp(\mathrm{sim}(z_i,z_k)/\tau)}"
)
PAIRS_OF_VIEWS = (
    "sim = cosine_similarity",
    r"z \in \mathbb{R}^{2N\times D}",
    r"j(i) \in \{1,\dots,2N\}",
)
ATTENTION = r"\text{Attention}(Q,K,V)=\text{softmax}\left(\frac{QK^\top}{\sqrt{d_k}}\right)V"


def nt_xent(z, j, tau):
    similarity = F.cosine_similarity(z[:, None], z[None], dim=-1, eps=0.0) / tau
    own = torch.eye(len(z), dtype=torch.bool)
    return F.cross_entropy(similarity.masked_fill(own, -torch.inf), j, reduction="none")


@pytest.mark.parametrize(
    ("latex", "code", "relation"),
    [
        (
            r"\mathcal{L}_{\text{CE}}"
            r" = -\log\left(\frac{\exp(z_y)}{\sum_{j=1}^{C}\exp(z_j)}\right)",
            "F.cross_entropy(z, y)",
            "mean",
        ),
        (
            r"\mathcal{L}_{MSE} = \frac{1}{n}\sum_{i=1}^n (y_i-\hat{y}_i)^2",
            "F.mse_loss(y_hat, y)",
            None,
        ),
        (
            r"\mathcal{L}_{\text{BCE}} = -\left[y\cdot\log(\sigma(x))"
            r" + (1-y)\cdot\log(1-\sigma(x))\right]",
            "F.binary_cross_entropy_with_logits(x, y)",
            "mean",
        ),
        (r"-\sum_c y_c \log p_c", "-(y * torch.log(p)).sum(-1)", None),
        (
            r"\mathbf{h} = \text{ReLU}(W_1\mathbf{x}+\mathbf{b}_1)",
            "F.relu(F.linear(x, W_1, b_1))",
            None,
        ),
        (
            r"\alpha_i = \frac{\exp(q^\top k_i)}{\sum_j\exp(q^\top k_j)}",
            "torch.softmax((k * q[..., None, :]).sum(-1), dim=-1)",
            None,
        ),
        (ATTENTION, "F.scaled_dot_product_attention(Q, K, V)", None),
        (
            r"\text{FL}(p_t) = -\alpha_t(1-p_t)^\gamma\log(p_t)",
            "-alpha_t * (1 - p_t) ** gamma * torch.log(p_t)",
            None,
        ),
        (SMOOTH_L1, "F.smooth_l1_loss(x, y)", "mean"),
        (
            r"D_{KL}(P\|Q)=\sum_x P(x)\log\frac{P(x)}{Q(x)}",
            "F.kl_div(Q.log(), P, reduction='sum')",
            None,
        ),
    ],
)
def test_formula_and_code(latex, code, relation):
    verdict = verify(latex, code)
    assert verdict.ok, str(verdict)
    assert (verdict.relation is None) if relation is None else (relation in verdict.relation)
    assert verdict.samples >= 200
    assert verdict.max_error < 1e-9
    assert verdict.max_gradient_error < 1e-6


def test_gradient_of_cross_entropy_against_autograd():
    latex = r"\frac{\partial\mathcal{L}}{\partial z_k} = p_k - y_k"
    one_hot = verify(latex, "F.cross_entropy(z, y)", names={"p": "softmax(z)"})
    assert one_hot.ok, str(one_hot)
    inputs = {"z": torch.randn(6, 4), "y": torch.tensor([0, 3, 1, 1, 2, 0])}
    labels = verify(latex, "F.cross_entropy(z, y)", inputs, names={"p": "softmax(z)"})
    assert labels.status == "agrees_up_to"
    assert "mean" in labels.relation
    wrong = verify(
        latex.replace("-", "+"), "F.cross_entropy(z, y)", inputs, names={"p": "softmax(z)"}
    )
    assert wrong.status == "differs"


@pytest.mark.parametrize(
    "code",
    [
        "F.layer_norm(x, x.shape[-1:], gamma, beta, epsilon)",
        "F.layer_norm(x, x.shape[-1:], gamma, beta)",
    ],
)
def test_layer_norm(code):
    verdict = verify(LAYER_NORM, code, declare=ONE_AXIS)
    assert verdict.status == "agrees", str(verdict)
    outside = LAYER_NORM.replace(
        r"\sqrt{\mathrm{Var}[x]+\epsilon}", r"\sqrt{\mathrm{Var}[x]}+\epsilon"
    )
    assert verify(outside, code, declare=ONE_AXIS).status == "differs"


def test_layer_norm_module():
    verdict = verify(LAYER_NORM, torch.nn.LayerNorm(5), declare=ONE_AXIS)
    assert verdict.status == "agrees", str(verdict)
    assert verdict.binding["epsilon"] == "eps"


@pytest.mark.slow
def test_nt_xent():
    verdict = verify(NT_XENT, nt_xent, declare=PAIRS_OF_VIEWS)
    assert verdict.status == "agrees", str(verdict)
    unguarded = NT_XENT.replace(r"\mathbb{1}_{[k\neq i]}", "")
    assert verify(unguarded, nt_xent, declare=PAIRS_OF_VIEWS).status == "differs"


@pytest.mark.slow
def test_output_size_exactly():
    verdict = verify(OUTPUT_SIZE, CONVOLUTION)
    assert verdict.status == "agrees", str(verdict)
    assert verdict.samples >= 200
    off_by_one = OUTPUT_SIZE.replace(r"kernel\_size}[0]-1)", r"kernel\_size}[0])")
    assert verify(off_by_one, CONVOLUTION).status == "differs"
