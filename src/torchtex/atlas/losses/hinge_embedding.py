"""Hinge embedding: a distance for similar pairs, a hinge below the margin for the others."""

from __future__ import annotations

from torchtex.atlas.arguments import REDUCE, REDUCTION, SIZE_AVERAGE, TARGET_SYMBOLS, margin
from torchtex.atlas.entry import Argument, DocumentedClaim, Entry

UNREDUCED = r"""l_n = \begin{cases}
    x_n, & \text{if}\; y_n = 1,\\
    \max \{0, margin - x_n\}, & \text{if}\; y_n = -1,
\end{cases}"""

VECTOR = r"L = \{l_1,\dots,l_N\}^\top"

REDUCED = r"""\ell(x, y) = \begin{cases}
    \operatorname{mean}(L), & \text{if reduction} = \text{`mean';}\\
    \operatorname{sum}(L),  & \text{if reduction} = \text{`sum'.}
\end{cases}"""

CODE = "F.hinge_embedding_loss(x, y, margin=margin, reduction={reduction})"
SIGNS = (r"y \in \{-1, 1\}",)

ENTRY = Entry(
    name="torch.nn.functional.hinge_embedding_loss",
    module="torch.nn.HingeEmbeddingLoss",
    arguments=(
        Argument("input", "data", symbols=("x", "d", "input")),
        Argument("target", "data", "signs", symbols=TARGET_SYMBOLS),
        margin(1.0),
        SIZE_AVERAGE,
        REDUCE,
        REDUCTION,
    ),
    claims=(
        DocumentedClaim(UNREDUCED, CODE, declare=SIGNS, options={"reduction": ("none",)}),
        DocumentedClaim(
            UNREDUCED + "\n" + VECTOR + "\n" + REDUCED,
            CODE,
            declare=SIGNS,
            options={"reduction": ("mean", "sum")},
            remark="The vector L is given in the where-clause after the formula.",
        ),
    ),
    edges=("target: a target other than 1 and -1 gives x + max(0, margin - x)",),
)
