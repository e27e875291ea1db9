"""Negative log likelihood under a Gaussian whose variance is given."""

from __future__ import annotations

from torchtex.atlas.arguments import PREDICTION_SYMBOLS, REDUCTION, TARGET_SYMBOLS
from torchtex.atlas.entry import Argument, DocumentedClaim, Entry
from torchtex.atlas.reductions import over_reductions

UP_TO_CONSTANT = r"""\text{loss} = \frac{1}{2}\left(\log\left(\text{max}\left(\text{var},
\ \text{eps}\right)\right) + \frac{\left(\text{input} - \text{target}\right)^2}
{\text{max}\left(\text{var}, \ \text{eps}\right)}\right) + \text{const.}"""

FULL = r"""\text{loss} = \frac{1}{2}\left(\log\left(\text{max}\left(\text{var},
\ \text{eps}\right)\right) + \frac{\left(\text{input} - \text{target}\right)^2}
{\text{max}\left(\text{var}, \ \text{eps}\right)}\right) + \frac{1}{2} \log(2\pi)"""

CODE = "F.gaussian_nll_loss(input, target, var, full={full}, eps=eps, reduction={reduction})"
FULL_CODE = "F.gaussian_nll_loss(input, target, var, full=True, eps=eps, reduction={reduction})"

POSITIVE = (r"\text{var} \in \mathbb{R}_+", r"\text{eps} \in \mathbb{R}_+")

ENTRY = Entry(
    name="torch.nn.functional.gaussian_nll_loss",
    module="torch.nn.GaussianNLLLoss",
    arguments=(
        Argument("input", "data", symbols=(*PREDICTION_SYMBOLS, "mu")),
        Argument("target", "data", symbols=TARGET_SYMBOLS),
        Argument("var", "data", "positive", symbols=("var", "v", "sigma_2")),
        Argument("full", "option", default=False, choices=(False, True)),
        Argument("eps", "parameter", "positive", symbols=("epsilon", "eps"), default=1e-6),
        REDUCTION,
    ),
    claims=(
        *over_reductions(
            DocumentedClaim(
                UP_TO_CONSTANT,
                CODE,
                declare=POSITIVE,
                options={"full": (False, True)},
                expected="agrees_up_to",
                relation="const",
                remark="const. is 0, or log(2 pi)/2 with full=True.",
            )
        ),
        *over_reductions(
            DocumentedClaim(
                FULL,
                FULL_CODE,
                declare=POSITIVE,
                published=False,
                remark="The constant of full=True is not printed: log(2 pi)/2.",
            )
        ),
    ),
    edges=(
        "var: the gradient ignores the clamp: where var is below eps it is the gradient at "
        "var = eps, while the formula's is 0; at eps = 1e-6 and an error of 1 that is -5e11",
    ),
)
