"""Binary cross entropy of logits, with a weight for the positive answers."""

from __future__ import annotations

from torchtex.atlas.arguments import (
    LOGIT_SYMBOLS,
    REDUCE,
    REDUCTION,
    SIZE_AVERAGE,
    TARGET_SYMBOLS,
    WEIGHT_SYMBOLS,
)
from torchtex.atlas.entry import Argument, DocumentedClaim, Entry

UNREDUCED = r"""\ell(x, y) = L = \{l_1,\dots,l_N\}^\top, \quad
l_n = - w_n \left[ y_n \cdot \log \sigma(x_n)
+ (1 - y_n) \cdot \log (1 - \sigma(x_n)) \right],"""

REDUCED = r"""\ell(x, y) = \begin{cases}
    \operatorname{mean}(L), & \text{if reduction} = \text{`mean';}\\
    \operatorname{sum}(L),  & \text{if reduction} = \text{`sum'.}
\end{cases}"""

PER_CLASS = r"""\ell_c(x, y) = L_c = \{l_{1,c},\dots,l_{N,c}\}^\top, \quad
l_{n,c} = - w_{n,c} \left[ p_c y_{n,c} \cdot \log \sigma(x_{n,c})
+ (1 - y_{n,c}) \cdot \log (1 - \sigma(x_{n,c})) \right],"""

ELEMENT = (
    r"l_{n,c} = - w_{n,c} \left[ p_c y_{n,c} \cdot \log \sigma(x_{n,c}) "
    r"+ (1 - y_{n,c}) \cdot \log (1 - \sigma(x_{n,c})) \right]"
)

CODE = "F.binary_cross_entropy_with_logits(x, y, reduction={reduction})"
WEIGHTED_CODE = "F.binary_cross_entropy_with_logits(x, y, weight=w, reduction={reduction})"
POSITIVE_CODE = (
    "F.binary_cross_entropy_with_logits(x, y, weight=w, pos_weight=p, reduction={reduction})"
)
NO_WEIGHT = {"w": "torch.ones_like(x)"}

PER_CLASS_REMARK = (
    "The formula with pos_weight is printed per class and without a reduction over the classes; "
    "the code reduces over samples and classes at once."
)

ENTRY = Entry(
    name="torch.nn.functional.binary_cross_entropy_with_logits",
    module="torch.nn.BCEWithLogitsLoss",
    arguments=(
        Argument("input", "data", symbols=LOGIT_SYMBOLS),
        Argument("target", "data", "unit", symbols=TARGET_SYMBOLS),
        Argument("weight", "data", symbols=WEIGHT_SYMBOLS),
        SIZE_AVERAGE,
        REDUCE,
        REDUCTION,
        Argument("pos_weight", "parameter", "positive", symbols=("p", "pos_weight", "w_p", "beta")),
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
            remark="Without weight, w is 1 for every element.",
        ),
        DocumentedClaim(
            PER_CLASS,
            POSITIVE_CODE,
            options={"reduction": ("none",)},
            remark=PER_CLASS_REMARK,
        ),
        DocumentedClaim(
            ELEMENT + "\n" + r"\ell = \frac{1}{N C} \sum_{n=1}^N \sum_{c=1}^C l_{n,c}",
            POSITIVE_CODE,
            options={"reduction": ("mean",)},
            published=False,
            remark=PER_CLASS_REMARK,
        ),
        DocumentedClaim(
            ELEMENT + "\n" + r"\ell = \sum_{n=1}^N \sum_{c=1}^C l_{n,c}",
            POSITIVE_CODE,
            options={"reduction": ("sum",)},
            published=False,
            remark=PER_CLASS_REMARK,
        ),
    ),
)
