"""Smooth L1: quadratic below beta, linear above."""

from __future__ import annotations

from torchtex.atlas.arguments import (
    PREDICTION_SYMBOLS,
    REDUCE,
    REDUCTION,
    SIZE_AVERAGE,
    TARGET_SYMBOLS,
)
from torchtex.atlas.entry import Argument, DocumentedClaim, Entry

UNREDUCED = r"""\ell(x, y) = L = \{l_1, ..., l_N\}^T
l_n = \begin{cases}
0.5 (x_n - y_n)^2 / beta, & \text{if } |x_n - y_n| < beta \\
|x_n - y_n| - 0.5 * beta, & \text{otherwise }
\end{cases}"""

REDUCED = r"""\ell(x, y) =
\begin{cases}
    \operatorname{mean}(L), &  \text{if reduction} = \text{`mean';}\\
    \operatorname{sum}(L),  &  \text{if reduction} = \text{`sum'.}
\end{cases}"""

CODE = "F.smooth_l1_loss(x, y, beta=beta, reduction={reduction})"

ENTRY = Entry(
    name="torch.nn.functional.smooth_l1_loss",
    module="torch.nn.SmoothL1Loss",
    arguments=(
        Argument("input", "data", symbols=PREDICTION_SYMBOLS),
        Argument("target", "data", symbols=TARGET_SYMBOLS),
        SIZE_AVERAGE,
        REDUCE,
        REDUCTION,
        Argument("beta", "parameter", "positive", symbols=("beta", "delta"), default=1.0),
    ),
    claims=(
        DocumentedClaim(UNREDUCED, CODE, options={"reduction": ("none",)}),
        DocumentedClaim(UNREDUCED + "\n" + REDUCED, CODE, options={"reduction": ("mean", "sum")}),
    ),
    edges=("beta: 0 is accepted and gives the L1 loss",),
)
