"""Negative log likelihood of log-probabilities."""

from __future__ import annotations

from torchtex.atlas.arguments import (
    LABEL_SYMBOLS,
    REDUCE,
    REDUCTION,
    SIZE_AVERAGE,
    WEIGHT_SYMBOLS,
)
from torchtex.atlas.entry import Argument, DocumentedClaim, Entry

UNREDUCED = r"""\ell(x, y) = L = \{l_1,\dots,l_N\}^\top, \\
l_n = - w_{y_n} x_{n,y_n}, \\
w_{c} = \text{weight}[c] \cdot \mathbb{1}\{c \not= \text{ignore\_index}\},"""

REDUCED = r"""\ell(x, y) = \begin{cases}
    \sum_{n=1}^N \frac{1}{\sum_{n=1}^N w_{y_n}} l_n, &
    \text{if reduction} = \text{`mean';}\\
    \sum_{n=1}^N l_n,  &
    \text{if reduction} = \text{`sum'.}
\end{cases}"""

CODE = "F.nll_loss(x, y, ignore_index={ignore_index}, reduction={reduction})"
WEIGHTED_CODE = (
    "F.nll_loss(x, y, weight=weight, ignore_index={ignore_index}, reduction={reduction})"
)

IGNORED = (-100, 1)
NO_WEIGHT = {"weight": "torch.ones_like(x[0])"}

ENTRY = Entry(
    name="torch.nn.functional.nll_loss",
    module="torch.nn.NLLLoss",
    arguments=(
        Argument("input", "data", symbols=("x", "input", "log_p", "logp", "log_probs")),
        Argument("target", "labels", "labels", symbols=LABEL_SYMBOLS),
        Argument("weight", "parameter", "positive", symbols=WEIGHT_SYMBOLS),
        SIZE_AVERAGE,
        Argument("ignore_index", "option", symbols=("ignore_index",), default=-100),
        REDUCE,
        REDUCTION,
    ),
    claims=(
        DocumentedClaim(
            UNREDUCED,
            WEIGHTED_CODE,
            options={"ignore_index": IGNORED, "reduction": ("none",)},
        ),
        DocumentedClaim(
            UNREDUCED + "\n" + REDUCED,
            WEIGHTED_CODE,
            options={"ignore_index": IGNORED, "reduction": ("mean", "sum")},
            remark=(
                "The mean is weighted: it divides by the weights of the kept targets. "
                "The inner sum reuses the index n of the outer one."
            ),
        ),
        DocumentedClaim(
            UNREDUCED,
            CODE,
            names=NO_WEIGHT,
            options={"ignore_index": IGNORED, "reduction": ("none",)},
            remark="Without weight, w is 1 for every class.",
        ),
        DocumentedClaim(
            UNREDUCED + "\n" + REDUCED,
            CODE,
            names=NO_WEIGHT,
            options={"ignore_index": IGNORED, "reduction": ("mean", "sum")},
            remark="Without weight, w is 1 for every class.",
        ),
    ),
    edges=("input: where every target is ignored, reduction='mean' is 0/0 and gives nan",),
)
