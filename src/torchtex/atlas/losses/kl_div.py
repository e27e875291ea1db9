"""Kullback-Leibler divergence; the prediction comes as a logarithm, the target may."""

from __future__ import annotations

from torchtex.atlas.arguments import REDUCE, SIZE_AVERAGE, TARGET_SYMBOLS
from torchtex.atlas.entry import Argument, DocumentedClaim, Entry

POINTWISE = r"""L(y_{\text{pred}},\ y_{\text{true}})
    = y_{\text{true}} \cdot \log \frac{y_{\text{true}}}{y_{\text{pred}}}
    = y_{\text{true}} \cdot (\log y_{\text{true}} - \log y_{\text{pred}})"""

BATCH_MEAN = r"\ell = \frac{1}{N} \sum_{n=1}^N \sum_{c=1}^C t_{n,c} (\log t_{n,c} - \log q_{n,c})"

CODE = "F.kl_div(input, target, reduction={reduction})"
LOG_TARGET_CODE = "F.kl_div(input, target, reduction={reduction}, log_target=True)"

NAMES = {"y_pred": "torch.exp(input)", "y_true": "target"}
LOG_NAMES = {"y_pred": "torch.exp(input)", "y_true": "torch.exp(target)"}
BATCH_NAMES = {"q": "torch.exp(input)", "t": "target"}
BATCH_LOG_NAMES = {"q": "torch.exp(input)", "t": "torch.exp(target)"}

REMARK = (
    "The formula is in probabilities, the argument input is their logarithm: y_pred = exp(input). "
    "No reduction is printed; 'mean' divides by the number of elements, not of distributions."
)
LOG_REMARK = REMARK + " With log_target, y_true = exp(target) as well."
BATCH_REMARK = (
    "The docstring gives 'batchmean' as code only: the sum over everything, divided by N."
)

ENTRY = Entry(
    name="torch.nn.functional.kl_div",
    module="torch.nn.KLDivLoss",
    arguments=(
        Argument("input", "data", symbols=("x", "input", "log_q", "log_p")),
        Argument(
            "target",
            "data",
            "positive",
            symbols=(*TARGET_SYMBOLS, "p"),
            when={"log_target": False},
        ),
        Argument(
            "target", "data", symbols=("target", "log_target", "log_t"), when={"log_target": True}
        ),
        SIZE_AVERAGE,
        REDUCE,
        Argument(
            "reduction",
            "option",
            default="mean",
            choices=("none", "mean", "sum", "batchmean"),
            symbols=("reduction",),
        ),
        Argument("log_target", "option", default=False, choices=(False, True)),
    ),
    claims=(
        DocumentedClaim(
            POINTWISE, CODE, names=NAMES, options={"reduction": ("none",)}, remark=REMARK
        ),
        DocumentedClaim(
            POINTWISE,
            CODE,
            names=NAMES,
            options={"reduction": ("mean",)},
            remark=REMARK,
            expected="agrees_up_to",
            relation="mean",
        ),
        DocumentedClaim(
            POINTWISE,
            CODE,
            names=NAMES,
            options={"reduction": ("sum",)},
            remark=REMARK,
            expected="agrees_up_to",
            relation="sum",
        ),
        DocumentedClaim(
            BATCH_MEAN,
            CODE,
            names=BATCH_NAMES,
            options={"reduction": ("batchmean",)},
            published=False,
            remark=BATCH_REMARK,
        ),
        DocumentedClaim(
            POINTWISE,
            LOG_TARGET_CODE,
            names=LOG_NAMES,
            options={"reduction": ("none",)},
            remark=LOG_REMARK,
        ),
        DocumentedClaim(
            POINTWISE,
            LOG_TARGET_CODE,
            names=LOG_NAMES,
            options={"reduction": ("mean",)},
            remark=LOG_REMARK,
            expected="agrees_up_to",
            relation="mean",
        ),
        DocumentedClaim(
            POINTWISE,
            LOG_TARGET_CODE,
            names=LOG_NAMES,
            options={"reduction": ("sum",)},
            remark=LOG_REMARK,
            expected="agrees_up_to",
            relation="sum",
        ),
        DocumentedClaim(
            BATCH_MEAN,
            LOG_TARGET_CODE,
            names=BATCH_LOG_NAMES,
            options={"reduction": ("batchmean",)},
            published=False,
            remark=BATCH_REMARK,
        ),
    ),
    edges=(
        "target: a target of 0 gives 0, but its gradient with respect to target is nan; a "
        "negative target gives nan",
        "input: -inf gives nan even where target is 0",
    ),
)
