"""Soft margin: the logistic loss of targets 1 and -1."""

from __future__ import annotations

from torchtex.atlas.arguments import LOGIT_SYMBOLS, REDUCE, REDUCTION, SIZE_AVERAGE, TARGET_SYMBOLS
from torchtex.atlas.entry import Argument, DocumentedClaim, Entry

PRINTED = r"\text{loss}(x, y) = \sum_i \frac{\log(1 + \exp(-y[i]*x[i]))}{\text{x.nelement}()}"
ELEMENT = r"l_i = \log(1 + \exp(-y[i]*x[i]))"
SUM = r"\text{loss}(x, y) = \sum_i \log(1 + \exp(-y[i]*x[i]))"

CODE = "F.soft_margin_loss(x, y, reduction={reduction})"
SIGNS = (r"y \in \{-1, 1\}",)
REMARK = "Only the mean is printed."

ENTRY = Entry(
    name="torch.nn.functional.soft_margin_loss",
    module="torch.nn.SoftMarginLoss",
    arguments=(
        Argument("input", "data", symbols=LOGIT_SYMBOLS),
        Argument("target", "data", "signs", symbols=TARGET_SYMBOLS),
        SIZE_AVERAGE,
        REDUCE,
        REDUCTION,
    ),
    claims=(
        DocumentedClaim(PRINTED, CODE, declare=SIGNS, options={"reduction": ("mean",)}),
        DocumentedClaim(
            ELEMENT,
            CODE,
            declare=SIGNS,
            options={"reduction": ("none",)},
            published=False,
            remark=REMARK,
        ),
        DocumentedClaim(
            SUM,
            CODE,
            declare=SIGNS,
            options={"reduction": ("sum",)},
            published=False,
            remark=REMARK,
        ),
    ),
    edges=(
        "input: exp(-target * input) overflows, and the loss is inf, where target * input is "
        "below -709.8 (float64) or -88.7 (float32)",
    ),
)
