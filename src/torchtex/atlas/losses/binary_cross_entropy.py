"""Binary cross entropy of probabilities."""

from __future__ import annotations

from torchtex.atlas.arguments import (
    PROBABILITY_SYMBOLS,
    REDUCE,
    REDUCTION,
    SIZE_AVERAGE,
    TARGET_SYMBOLS,
    WEIGHT_SYMBOLS,
)
from torchtex.atlas.entry import Argument, DocumentedClaim, Entry

UNREDUCED = r"""\ell(x, y) = L = \{l_1,\dots,l_N\}^\top, \quad
l_n = - w_n \left[ y_n \cdot \log x_n + (1 - y_n) \cdot \log (1 - x_n) \right],"""

REDUCED = r"""\ell(x, y) = \begin{cases}
    \operatorname{mean}(L), & \text{if reduction} = \text{`mean';}\\
    \operatorname{sum}(L),  & \text{if reduction} = \text{`sum'.}
\end{cases}"""

CODE = "F.binary_cross_entropy(x, y, reduction={reduction})"
WEIGHTED_CODE = "F.binary_cross_entropy(x, y, weight=w, reduction={reduction})"
NO_WEIGHT = {"w": "torch.ones_like(x)"}

ENTRY = Entry(
    name="torch.nn.functional.binary_cross_entropy",
    module="torch.nn.BCELoss",
    arguments=(
        Argument("input", "data", "unit", symbols=PROBABILITY_SYMBOLS),
        Argument("target", "data", "unit", symbols=TARGET_SYMBOLS),
        Argument("weight", "data", symbols=WEIGHT_SYMBOLS),
        SIZE_AVERAGE,
        REDUCE,
        REDUCTION,
    ),
    claims=(
        DocumentedClaim(UNREDUCED, WEIGHTED_CODE, options={"reduction": ("none",)}),
        DocumentedClaim(
            UNREDUCED + "\n" + REDUCED, WEIGHTED_CODE, options={"reduction": ("mean", "sum")}
        ),
        DocumentedClaim(
            UNREDUCED,
            CODE,
            names=NO_WEIGHT,
            options={"reduction": ("none",)},
            remark="Without weight, w is 1 for every element.",
        ),
        DocumentedClaim(
            UNREDUCED + "\n" + REDUCED,
            CODE,
            names=NO_WEIGHT,
            options={"reduction": ("mean", "sum")},
            remark="Without weight, w is 1 for every element. The mean is not weighted.",
        ),
    ),
    edges=(
        "input: each logarithm is cut off at -100, so the loss of an element is at most 100 "
        "times its weight; it shows where the answer's probability is below exp(-100) = "
        "3.7e-44",
        "input: the gradient is divided by max(input * (1 - input), 1e-12), so it is at most "
        "1e12; it shows where input is nearer than 1e-12 to 0 or 1",
    ),
)
