"""Fourteen everyday formulas, each with PyTorch that computes it.

``python -m tests.fourteen.table`` verifies them and writes ``docs/fourteen-formulas.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import attrs

from torchtex.verify import Verdict, verify

PAGE = Path(__file__).parents[2] / "docs" / "fourteen-formulas.md"


@attrs.frozen
class Everyday:
    """A formula as people write it, the code it describes, and what has to be declared."""

    latex: str
    code: str
    status: str
    relation: str | None = None
    names: Mapping[str, str] = attrs.field(factory=dict)
    declare: tuple[str, ...] = ()


FORMULAS = (
    Everyday(
        r"\mathcal{L}_{\text{CE}} = -\log\left(\frac{\exp(z_y)}{\sum_{j=1}^{C}\exp(z_j)}\right)",
        "F.cross_entropy(z, y)",
        "agrees_up_to",
        "mean",
    ),
    Everyday(
        r"\mathcal{L}_{MSE} = \frac{1}{n}\sum_{i=1}^n (y_i-\hat{y}_i)^2",
        "F.mse_loss(y_hat, y)",
        "agrees",
    ),
    Everyday(
        r"\mathcal{L}_{\text{BCE}} = -\left[y\cdot\log(\sigma(x)) + (1-y)\cdot\log(1-\sigma(x))"
        r"\right]",
        "F.binary_cross_entropy_with_logits(x, y, reduction='none')",
        "agrees",
    ),
    Everyday(r"-\sum_c y_c \log p_c", "-(y * torch.log(p)).sum(-1)", "agrees"),
    Everyday(
        r"\mathbf{h} = \text{ReLU}(W_1\mathbf{x}+\mathbf{b}_1)",
        "F.relu(F.linear(x, W_1, b_1))",
        "agrees",
    ),
    Everyday(
        r"\alpha_i = \frac{\exp(q^\top k_i)}{\sum_j\exp(q^\top k_j)}",
        "torch.softmax(k @ q, dim=0)",
        "agrees",
    ),
    Everyday(
        r"\text{Attention}(Q,K,V)=\text{softmax}\left(\frac{QK^\top}{\sqrt{d_k}}\right)V",
        "F.scaled_dot_product_attention(Q, K, V)",
        "agrees",
    ),
    Everyday(
        r"\frac{\partial\mathcal{L}}{\partial z_k} = p_k - y_k",
        "F.cross_entropy(z, y, reduction='sum')",
        "agrees_up_to",
        "sum",
        names={"p": "torch.softmax(z, dim=-1)"},
    ),
    Everyday(
        r"\text{FL}(p_t) = -\alpha_t(1-p_t)^\gamma\log(p_t)",
        "-alpha_t * (1 - p_t) ** gamma * torch.log(p_t)",
        "agrees",
    ),
    Everyday(
        r"\ell(x,y)=\begin{cases}0.5(x-y)^2/\beta & |x-y|<\beta\\ |x-y|-0.5\beta &"
        r" \text{otherwise}\end{cases}",
        "F.smooth_l1_loss(x, y, beta=beta, reduction='none')",
        "agrees",
    ),
    Everyday(
        r"D_{KL}(P\|Q)=\sum_x P(x)\log\frac{P(x)}{Q(x)}",
        "F.kl_div(Q.log(), P, reduction='sum')",
        "agrees",
    ),
    Everyday(
        r"y = \frac{x-\mathrm{E}[x]}{\sqrt{\mathrm{Var}[x]+\epsilon}}*\gamma+\beta",
        "F.layer_norm(x, x.shape[-1:], gamma, beta, epsilon)",
        "agrees",
        declare=(
            r"x \in \mathbb{R}^{D}",
            r"\gamma \in \mathbb{R}^{D}",
            r"\beta \in \mathbb{R}^{D}",
        ),
    ),
    Everyday(
        r"\mathcal{L}_i=-\log\frac{\exp(\mathrm{sim}(z_i,z_j)/\tau)}{\sum_{k=1}^{2N}"
        r"\mathbb{1}_{[k\neq i]}\exp(\mathrm{sim}(z_i,z_k)/\tau)}",
        "F.cross_entropy((F.cosine_similarity(z[:, None], z[None], dim=-1, eps=0.0) / tau)"
        ".masked_fill(torch.eye(len(z), dtype=torch.bool), -torch.inf), j, reduction='none')",
        "agrees",
        declare=(
            r"z \in \mathbb{R}^{2N \times D}",
            "sim = cosine_similarity",
            r"j(i) \in \{1, \dots, 2N\}",
        ),
    ),
    Everyday(
        r"H_{out}=\left\lfloor\frac{H_{in}+2\times\text{padding}[0]-\text{dilation}[0]\times"
        r"(\text{kernel\_size}[0]-1)-1}{\text{stride}[0]}+1\right\rfloor",
        "nn.Conv2d(1, 1, kernel_size, stride, padding, dilation)"
        "(torch.zeros(1, 1, H_in, 2 * H_in)).shape[2]",
        "agrees",
    ),
)


def verified(formula: Everyday) -> Verdict:
    return verify(formula.latex, formula.code, names=dict(formula.names), declare=formula.declare)


def page() -> str:
    """The documentation page: each formula, its code, its reading and its verdict."""
    lines = [
        "# Fourteen everyday formulas",
        "",
        "How torchtex reads fourteen formulas as people write them, and what it says of them",
        "against PyTorch. Written by `python -m tests.fourteen.table`; a test keeps it true.",
    ]
    for number, formula in enumerate(FORMULAS, 1):
        lines += ["", *_section(number, formula, verified(formula))]
    return "\n".join(lines) + "\n"


def _section(number: int, formula: Everyday, verdict: Verdict) -> list[str]:
    status = verdict.status.replace("_", " ")
    relation = f" {verdict.relation}" if verdict.relation else ""
    gradient = "none to compare" if verdict.max_gradient_error is None else "compared too"
    rows = [
        f"## Formula {number}",
        "",
        "```math",
        formula.latex,
        "```",
        "",
        "| | |",
        "|---|---|",
        f"| code | `{formula.code}` |",
        f"| verdict | **{status}**{relation} |",
        f"| gradient | {gradient} |",
    ]
    rows += [f"| declared | `{_cell(each)}` |" for each in formula.declare]
    rows += [f"| given | `{name}` is `{code}` |" for name, code in formula.names.items()]
    return rows + [f"| read | {_cell(line)} |" for line in verdict.reading]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*").replace("_", "\\_")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE.name}")
