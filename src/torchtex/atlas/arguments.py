"""Arguments that many torch losses share, and the names that formulas give to their data."""

from __future__ import annotations

from torchtex.atlas.entry import Argument

REDUCTION = Argument(
    "reduction", "option", default="mean", choices=("none", "mean", "sum"), symbols=("reduction",)
)
SIZE_AVERAGE = Argument("size_average", "option")
REDUCE = Argument("reduce", "option")
INPLACE = Argument("inplace", "option", default=False)

# A prediction that lives on the target's own scale: the regression losses.
PREDICTION_SYMBOLS = ("x", "y_hat", "y_pred", "input", "pred", "prediction", "output", "f")
LOGIT_SYMBOLS = ("x", "z", "o", "s", "a", "input", "logits", "logit", "scores")
PROBABILITY_SYMBOLS = ("x", "p", "y_hat", "y_pred", "input", "q", "prob", "probs")
TARGET_SYMBOLS = ("y", "t", "y_true", "target", "targets")
LABEL_SYMBOLS = ("y", "t", "target", "targets", "label", "labels", "c")
WEIGHT_SYMBOLS = ("w", "weight", "alpha")


def margin(default: float) -> Argument:
    return Argument("margin", "parameter", symbols=("margin", "m", "alpha"), default=default)
