"""Cross entropy of logits: class indices or class probabilities, weights, label smoothing."""

from __future__ import annotations

from torchtex.atlas.arguments import (
    LABEL_SYMBOLS,
    LOGIT_SYMBOLS,
    REDUCE,
    REDUCTION,
    SIZE_AVERAGE,
    TARGET_SYMBOLS,
    WEIGHT_SYMBOLS,
)
from torchtex.atlas.entry import Argument, DocumentedClaim, Entry

INDEX_UNREDUCED = r"""\ell(x, y) = L = \{l_1,\dots,l_N\}^\top, \quad
l_n = - w_{y_n} \log \frac{\exp(x_{n,y_n})}{\sum_{c=1}^C \exp(x_{n,c})}
\cdot \mathbb{1}\{y_n \not= \text{ignore\_index}\}"""

INDEX_REDUCED = r"""\ell(x, y) = \begin{cases}
    \sum_{n=1}^N \frac{1}{\sum_{n=1}^N w_{y_n} \cdot \mathbb{1}\{y_n \not= \text{ignore\_index}\}}
     l_n, & \text{if reduction} = \text{`mean';}\\
      \sum_{n=1}^N l_n,  &
      \text{if reduction} = \text{`sum'.}
  \end{cases}"""

PROBABILITY_UNREDUCED = r"""\ell(x, y) = L = \{l_1,\dots,l_N\}^\top, \quad
l_n = - \sum_{c=1}^C w_c \log \frac{\exp(x_{n,c})}{\sum_{i=1}^C \exp(x_{n,i})} y_{n,c}"""

PROBABILITY_REDUCED = r"""\ell(x, y) = \begin{cases}
    \frac{\sum_{n=1}^N l_n}{N}, &
     \text{if reduction} = \text{`mean';}\\
      \sum_{n=1}^N l_n,  &
      \text{if reduction} = \text{`sum'.}
  \end{cases}"""

LOG_PROBABILITY = r"""p_{n,c} = \frac{\exp(x_{n,c})}{\sum_{k=1}^C \exp(x_{n,k})}
"""

SMOOTHED_INDEX = LOG_PROBABILITY + (
    r"l_n = \mathbb{1}\{y_n \neq \text{ignore\_index}\} \left[ "
    r"-(1 - \varepsilon) w_{y_n} \log p_{n,y_n} "
    r"- \frac{\varepsilon}{C} \sum_{c=1}^C w_c \log p_{n,c} \right]"
)

SMOOTHED_INDEX_MEAN = (
    SMOOTHED_INDEX
    + "\n"
    + r"\ell = \frac{\sum_{n=1}^N l_n}"
    + r"{\sum_{n=1}^N w_{y_n} \mathbb{1}\{y_n \neq \text{ignore\_index}\}}"
)

SMOOTHED_INDEX_SUM = SMOOTHED_INDEX + "\n" + r"\ell = \sum_{n=1}^N l_n"

SMOOTHED_PROBABILITY = LOG_PROBABILITY + (
    r"l_n = - \sum_{c=1}^C w_c "
    r"\left( (1 - \varepsilon) y_{n,c} + \frac{\varepsilon}{C} \right) \log p_{n,c}"
)

INDEX_CODE = "F.cross_entropy(x, y, ignore_index={ignore_index}, reduction={reduction})"
WEIGHTED_INDEX_CODE = (
    "F.cross_entropy(x, y, weight=w, ignore_index={ignore_index}, reduction={reduction})"
)
PROBABILITY_CODE = "F.cross_entropy(x, y, weight=w, reduction={reduction})"
SMOOTHED_INDEX_CODE = (
    "F.cross_entropy(x, y, weight=w, ignore_index={ignore_index}, "
    "label_smoothing=epsilon, reduction={reduction})"
)
SMOOTHED_PROBABILITY_CODE = (
    "F.cross_entropy(x, y, weight=w, label_smoothing=epsilon, reduction={reduction})"
)

IGNORED = (-100, 1)
NO_WEIGHT = {"w": "torch.ones_like(x[0])"}
PROBABILITIES = (r"y \in \mathbb{R}^{N \times C}",)

SMOOTHING_REMARK = (
    "Label smoothing stands in no formula of the docstring. With class indices the uniform part "
    "is weighted class by class, the mean still divides by the weights of the targets, and an "
    "ignored sample loses both parts."
)

ENTRY = Entry(
    name="torch.nn.functional.cross_entropy",
    module="torch.nn.CrossEntropyLoss",
    arguments=(
        Argument("input", "data", symbols=LOGIT_SYMBOLS),
        Argument("target", "labels", "labels", symbols=LABEL_SYMBOLS),
        Argument("target", "data", "simplex", symbols=(*TARGET_SYMBOLS, "p", "q")),
        Argument("weight", "parameter", "positive", symbols=WEIGHT_SYMBOLS),
        SIZE_AVERAGE,
        Argument("ignore_index", "option", symbols=("ignore_index",), default=-100),
        REDUCE,
        REDUCTION,
        Argument(
            "label_smoothing",
            "parameter",
            "unit",
            symbols=("epsilon", "label_smoothing", "alpha"),
            default=0.0,
        ),
    ),
    claims=(
        DocumentedClaim(
            INDEX_UNREDUCED,
            WEIGHTED_INDEX_CODE,
            options={"ignore_index": IGNORED, "reduction": ("none",)},
        ),
        DocumentedClaim(
            INDEX_UNREDUCED + "\n" + INDEX_REDUCED,
            WEIGHTED_INDEX_CODE,
            options={"ignore_index": IGNORED, "reduction": ("mean", "sum")},
            remark=(
                "The mean is weighted: it divides by the weights of the kept targets. "
                "The inner sum reuses the index n of the outer one."
            ),
        ),
        DocumentedClaim(
            INDEX_UNREDUCED,
            INDEX_CODE,
            names=NO_WEIGHT,
            options={"ignore_index": IGNORED, "reduction": ("none",)},
            remark="Without weight, w is 1 for every class.",
        ),
        DocumentedClaim(
            INDEX_UNREDUCED + "\n" + INDEX_REDUCED,
            INDEX_CODE,
            names=NO_WEIGHT,
            options={"ignore_index": IGNORED, "reduction": ("mean", "sum")},
            remark="Without weight, w is 1 for every class.",
        ),
        DocumentedClaim(
            PROBABILITY_UNREDUCED,
            PROBABILITY_CODE,
            declare=PROBABILITIES,
            options={"reduction": ("none",)},
        ),
        DocumentedClaim(
            PROBABILITY_UNREDUCED + "\n" + PROBABILITY_REDUCED,
            PROBABILITY_CODE,
            declare=PROBABILITIES,
            options={"reduction": ("mean", "sum")},
            remark="With probabilities the mean divides by N, not by weights.",
        ),
        DocumentedClaim(
            SMOOTHED_INDEX,
            SMOOTHED_INDEX_CODE,
            options={"ignore_index": IGNORED, "reduction": ("none",)},
            published=False,
            remark=SMOOTHING_REMARK,
        ),
        DocumentedClaim(
            SMOOTHED_INDEX_MEAN,
            SMOOTHED_INDEX_CODE,
            options={"ignore_index": IGNORED, "reduction": ("mean",)},
            published=False,
            remark=SMOOTHING_REMARK,
        ),
        DocumentedClaim(
            SMOOTHED_INDEX_SUM,
            SMOOTHED_INDEX_CODE,
            options={"ignore_index": IGNORED, "reduction": ("sum",)},
            published=False,
            remark=SMOOTHING_REMARK,
        ),
        DocumentedClaim(
            SMOOTHED_PROBABILITY,
            SMOOTHED_PROBABILITY_CODE,
            declare=PROBABILITIES,
            options={"reduction": ("none",)},
            published=False,
            remark="With probabilities the target itself is smoothed, then weighted.",
        ),
        DocumentedClaim(
            SMOOTHED_PROBABILITY + "\n" + r"\ell = \frac{1}{N} \sum_{n=1}^N l_n",
            SMOOTHED_PROBABILITY_CODE,
            declare=PROBABILITIES,
            options={"reduction": ("mean",)},
            published=False,
            remark="With probabilities the target itself is smoothed, then weighted.",
        ),
        DocumentedClaim(
            SMOOTHED_PROBABILITY + "\n" + r"\ell = \sum_{n=1}^N l_n",
            SMOOTHED_PROBABILITY_CODE,
            declare=PROBABILITIES,
            options={"reduction": ("sum",)},
            published=False,
            remark="With probabilities the target itself is smoothed, then weighted.",
        ),
    ),
    edges=(
        "input: where every target is ignored, reduction='mean' is 0/0 and gives nan",
        "input: a logit of -inf gives nan with probability targets, even where its "
        "probability is 0",
        "target: with probabilities a negative ignore_index has no effect, another is refused",
    ),
    references=("https://arxiv.org/abs/1512.00567",),
)
