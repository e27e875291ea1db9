"""Multi-class hinge: every other class should score a margin below the target's."""

from __future__ import annotations

from torchtex.atlas.arguments import (
    LABEL_SYMBOLS,
    LOGIT_SYMBOLS,
    REDUCE,
    REDUCTION,
    SIZE_AVERAGE,
    WEIGHT_SYMBOLS,
    margin,
)
from torchtex.atlas.entry import Argument, DocumentedClaim, Entry
from torchtex.atlas.reductions import over_reductions

PRINTED = (
    r"\text{loss}(x, y) = "
    r"\frac{\sum_i \max(0, \text{margin} - x[y] + x[i])^p}{\text{x.size}(0)}"
)
WEIGHTED = (
    r"\text{loss}(x, y) = "
    r"\frac{\sum_i w[y] * \max(0, \text{margin} - x[y] + x[i])^p}{\text{x.size}(0)}"
)

CODE = "F.multi_margin_loss(x, y, p={p}, margin=margin, reduction={reduction})"
WEIGHTED_CODE = "F.multi_margin_loss(x, y, p={p}, margin=margin, weight=w, reduction={reduction})"
DECLARE = (r"x \in \mathbb{R}^C", r"y \in \{1, \dots, C\}", r"i \neq y")
REMARK = "That i differs from y, and that x is one sample, is said in prose only."

ENTRY = Entry(
    name="torch.nn.functional.multi_margin_loss",
    module="torch.nn.MultiMarginLoss",
    arguments=(
        Argument("input", "data", symbols=LOGIT_SYMBOLS),
        Argument("target", "labels", "labels", symbols=LABEL_SYMBOLS),
        Argument("p", "option", symbols=("p",), default=1, choices=(1, 2)),
        margin(1.0),
        Argument("weight", "parameter", "positive", symbols=WEIGHT_SYMBOLS),
        SIZE_AVERAGE,
        REDUCE,
        REDUCTION,
    ),
    claims=(
        *over_reductions(
            DocumentedClaim(PRINTED, CODE, declare=DECLARE, options={"p": (1, 2)}, remark=REMARK)
        ),
        *over_reductions(
            DocumentedClaim(
                WEIGHTED, WEIGHTED_CODE, declare=DECLARE, options={"p": (1, 2)}, remark=REMARK
            )
        ),
    ),
    edges=("p: 1 and 2 are accepted, anything else is refused",),
)
