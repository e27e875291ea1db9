"""Cosine embedding: one minus the cosine for similar pairs, a hinge on it for the others."""

from __future__ import annotations

from torchtex.atlas.arguments import REDUCE, REDUCTION, SIZE_AVERAGE, TARGET_SYMBOLS, margin
from torchtex.atlas.entry import Argument, DocumentedClaim, Entry
from torchtex.atlas.reductions import over_reductions

PRINTED = r"""\text{loss}(x, y) =
\begin{cases}
1 - \cos(x_1, x_2), & \text{if } y = 1 \\
\max(0, \cos(x_1, x_2) - \text{margin}), & \text{if } y = -1
\end{cases}"""

GUARDED = r"""s = \frac{x_1^\top x_2}{\sqrt{(x_1^\top x_1 + 10^{-12}) (x_2^\top x_2 + 10^{-12})}}
\text{loss} =
\begin{cases}
1 - s, & \text{if } y = 1 \\
\max(0, s - \text{margin}), & \text{if } y = -1
\end{cases}"""

CODE = "F.cosine_embedding_loss(x_1, x_2, y, margin=margin, reduction={reduction})"
DECLARE = (r"x_1 \in \mathbb{R}^D", r"x_2 \in \mathbb{R}^D", r"y \in \{-1, 1\}")

ENTRY = Entry(
    name="torch.nn.functional.cosine_embedding_loss",
    module="torch.nn.CosineEmbeddingLoss",
    arguments=(
        Argument("input1", "data", symbols=("x_1", "x1", "input1", "u", "a")),
        Argument("input2", "data", symbols=("x_2", "x2", "input2", "v", "b")),
        Argument("target", "data", "signs", symbols=TARGET_SYMBOLS),
        margin(0.0),
        SIZE_AVERAGE,
        REDUCE,
        REDUCTION,
    ),
    claims=(
        *over_reductions(
            DocumentedClaim(
                PRINTED,
                CODE,
                declare=DECLARE,
                remark=(
                    "The left side names x where the formula uses x_1 and x_2. "
                    "The code adds 1e-12 to each squared norm, which is printed nowhere."
                ),
            )
        ),
        *over_reductions(
            DocumentedClaim(
                GUARDED,
                CODE,
                declare=DECLARE,
                published=False,
                remark="The cosine as the code computes it, with 1e-12 on each squared norm.",
            )
        ),
    ),
    edges=(
        "input1, input2: 1e-12 is added to each squared norm: the cosine is low by a factor "
        "of 1 - 5e-13 / norm**2 for each, 2e-8 at a norm of 5e-3 and 2e-4 at 5e-5; a zero "
        "vector has cosine 0",
        "target: a target other than 1 and -1 gives a loss of 0",
    ),
)
