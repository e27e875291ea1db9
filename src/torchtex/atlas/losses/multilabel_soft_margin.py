"""Multi-label soft margin: one logistic loss per class, averaged over the classes."""

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
from torchtex.atlas.reductions import over_reductions

PRINTED = r"""loss(x, y) = - \frac{1}{C} * \sum_i y[i] * \log((1 + \exp(-x[i]))^{-1})
                 + (1-y[i]) * \log\left(\frac{\exp(-x[i])}{(1 + \exp(-x[i]))}\right)"""

WEIGHTED = (
    r"loss(x, y) = - \frac{1}{C} * \sum_i w[i] * \left( y[i] * \log((1 + \exp(-x[i]))^{-1}) "
    r"+ (1-y[i]) * \log\left(\frac{\exp(-x[i])}{(1 + \exp(-x[i]))}\right) \right)"
)

CODE = "F.multilabel_soft_margin_loss(x, y, reduction={reduction})"
WEIGHTED_CODE = "F.multilabel_soft_margin_loss(x, y, weight=w, reduction={reduction})"
DECLARE = (r"x \in \mathbb{R}^C", r"y \in \mathbb{R}^C", r"y \in \{0, 1\}")

ENTRY = Entry(
    name="torch.nn.functional.multilabel_soft_margin_loss",
    module="torch.nn.MultiLabelSoftMarginLoss",
    arguments=(
        Argument("input", "data", symbols=LOGIT_SYMBOLS),
        Argument("target", "data", "binary", symbols=TARGET_SYMBOLS),
        Argument("weight", "parameter", "positive", symbols=WEIGHT_SYMBOLS),
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
                    "The sum is printed without brackets; it covers both terms, since both hold "
                    "its index. The sum runs over the classes of one sample; the where-clause "
                    "lets it run to x.nElement() - 1, which is C only for a single sample."
                ),
            )
        ),
        *over_reductions(
            DocumentedClaim(
                WEIGHTED,
                WEIGHTED_CODE,
                declare=DECLARE,
                published=False,
                remark="The weight of a class stands in no formula of the docstring.",
            )
        ),
    ),
)
