"""Mean squared error."""

from __future__ import annotations

from torchtex.atlas.arguments import (
    PREDICTION_SYMBOLS,
    REDUCE,
    REDUCTION,
    SIZE_AVERAGE,
    TARGET_SYMBOLS,
    WEIGHT_SYMBOLS,
)
from torchtex.atlas.entry import Argument, DocumentedClaim, Entry

UNREDUCED = r"""\ell(x, y) = L = \{l_1,\dots,l_N\}^\top, \quad
l_n = \left( x_n - y_n \right)^2,"""

REDUCED = r"""\ell(x, y) =
\begin{cases}
    \operatorname{mean}(L), &  \text{if reduction} = \text{`mean';}\\
    \operatorname{sum}(L),  &  \text{if reduction} = \text{`sum'.}
\end{cases}"""

CODE = "F.mse_loss(x, y, reduction={reduction})"

ENTRY = Entry(
    name="torch.nn.functional.mse_loss",
    module="torch.nn.MSELoss",
    arguments=(
        Argument("input", "data", symbols=PREDICTION_SYMBOLS),
        Argument("target", "data", symbols=TARGET_SYMBOLS),
        SIZE_AVERAGE,
        REDUCE,
        REDUCTION,
        Argument("weight", "data", symbols=WEIGHT_SYMBOLS),
    ),
    claims=(
        DocumentedClaim(UNREDUCED, CODE, options={"reduction": ("none",)}),
        DocumentedClaim(UNREDUCED + "\n" + REDUCED, CODE, options={"reduction": ("mean", "sum")}),
    ),
)
