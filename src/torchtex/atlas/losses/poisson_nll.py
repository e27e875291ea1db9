"""Negative log likelihood of counts under a Poisson rate or its logarithm."""

from __future__ import annotations

from torchtex.atlas.arguments import REDUCE, REDUCTION, SIZE_AVERAGE, TARGET_SYMBOLS
from torchtex.atlas.entry import Argument, DocumentedClaim, Entry
from torchtex.atlas.reductions import over_reductions

EXACT = r"""\text{target} \sim \mathrm{Poisson}(\text{input})

\text{loss}(\text{input}, \text{target}) = \text{input} - \text{target} * \log(\text{input})
                            + \log(\text{target!})"""

LOG_RATE = r"\exp(\text{input}) - \text{target}*\text{input}"
RATE = r"\text{input} - \text{target}*\log(\text{input}+\text{eps})"

STIRLING = r"""\begin{cases}
\text{target}*\log(\text{target}) - \text{target} + 0.5 * \log(2\pi\text{target}),
& \text{target} > 1 \\
0, & \text{otherwise}
\end{cases}"""

LOG_RATE_CODE = "F.poisson_nll_loss(input, target, reduction={reduction})"
FULL_LOG_RATE_CODE = "F.poisson_nll_loss(input, target, full=True, reduction={reduction})"
RATE_CODE = "F.poisson_nll_loss(input, target, log_input=False, eps=eps, reduction={reduction})"
FULL_RATE_CODE = (
    "F.poisson_nll_loss(input, target, log_input=False, full=True, eps=eps, reduction={reduction})"
)

POSITIVE_RATE = (r"\text{input} \in \mathbb{R}_+", r"\text{target} \in \mathbb{N}")
COUNTS = (r"\text{target} \in \mathbb{N}",)

EXACT_REMARK = (
    "No setting computes the printed formula: log(target!) is left out, or with full=True "
    "replaced by Stirling's approximation for targets above 1, and eps is added to the rate. "
    "By default input is the logarithm of the rate, not the rate."
)
STIRLING_REMARK = (
    "The approximation is printed alone; that it is added only for targets above 1 is prose."
)

ENTRY = Entry(
    name="torch.nn.functional.poisson_nll_loss",
    module="torch.nn.PoissonNLLLoss",
    arguments=(
        Argument("input", "data", symbols=("x", "input", "log_input"), when={"log_input": True}),
        Argument(
            "input",
            "data",
            "positive",
            symbols=("x", "input", "lambda", "mu", "y_hat"),
            when={"log_input": False},
        ),
        Argument("target", "data", "counts", symbols=(*TARGET_SYMBOLS, "k", "n")),
        Argument("log_input", "option", default=True, choices=(False, True)),
        Argument("full", "option", default=False, choices=(False, True)),
        SIZE_AVERAGE,
        Argument("eps", "parameter", "positive", symbols=("epsilon", "eps"), default=1e-8),
        REDUCE,
        REDUCTION,
    ),
    claims=(
        DocumentedClaim(
            EXACT,
            RATE_CODE,
            declare=POSITIVE_RATE,
            options={"reduction": ("none",)},
            expected="differs",
            remark=EXACT_REMARK,
        ),
        *over_reductions(DocumentedClaim(LOG_RATE, LOG_RATE_CODE, declare=COUNTS)),
        *over_reductions(DocumentedClaim(RATE, RATE_CODE, declare=POSITIVE_RATE)),
        *over_reductions(
            DocumentedClaim(
                LOG_RATE + " + " + STIRLING,
                FULL_LOG_RATE_CODE,
                declare=COUNTS,
                published=False,
                remark=STIRLING_REMARK,
            )
        ),
        *over_reductions(
            DocumentedClaim(
                RATE + " + " + STIRLING,
                FULL_RATE_CODE,
                declare=POSITIVE_RATE,
                published=False,
                remark=STIRLING_REMARK,
            )
        ),
    ),
    edges=(
        "input: with log_input=False, eps = 1e-8 is added under the logarithm: the loss is "
        "lower by target * log(1 + eps / input), 1e-8 at input = 1 and 0.69 at input = 1e-8",
        "target: with full=True, Stirling's approximation is added for targets above 1 only; "
        "it is 0.041 below log(target!) at target = 2",
    ),
)
