"""Huber: quadratic below delta, linear with slope delta above."""

from __future__ import annotations

from torchtex.atlas.arguments import (
    PREDICTION_SYMBOLS,
    REDUCTION,
    TARGET_SYMBOLS,
    WEIGHT_SYMBOLS,
)
from torchtex.atlas.entry import Argument, DocumentedClaim, Entry

UNREDUCED = r"""\ell(x, y) = L = \{l_1, ..., l_N\}^T
l_n = \begin{cases}
0.5 (x_n - y_n)^2, & \text{if } |x_n - y_n| < delta \\
delta * (|x_n - y_n| - 0.5 * delta), & \text{otherwise }
\end{cases}"""

REDUCED = r"""\ell(x, y) =
\begin{cases}
    \operatorname{mean}(L), &  \text{if reduction} = \text{`mean';}\\
    \operatorname{sum}(L),  &  \text{if reduction} = \text{`sum'.}
\end{cases}"""

CODE = "F.huber_loss(x, y, delta=delta, reduction={reduction})"

ENTRY = Entry(
    name="torch.nn.functional.huber_loss",
    module="torch.nn.HuberLoss",
    arguments=(
        Argument("input", "data", symbols=PREDICTION_SYMBOLS),
        Argument("target", "data", symbols=TARGET_SYMBOLS),
        REDUCTION,
        Argument("delta", "parameter", "positive", symbols=("delta", "beta"), default=1.0),
        Argument("weight", "data", symbols=WEIGHT_SYMBOLS),
    ),
    claims=(
        DocumentedClaim(UNREDUCED, CODE, options={"reduction": ("none",)}),
        DocumentedClaim(UNREDUCED + "\n" + REDUCED, CODE, options={"reduction": ("mean", "sum")}),
    ),
    edges=("delta: must be positive; anything else is refused",),
)
