"""Runs of letters that are one word, and the words of ``\\text{...}`` that steer."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from torchtex.notation.dictionary import EXTREMA, PREFIX_FUNCTIONS

# Written as plain letters, without \text: these runs are one word.
WORDS = (
    frozenset(
        """softmax logsoftmax logsumexp sigmoid logsigmoid relu ReLU gelu GELU silu SiLU elu ELU
        selu SELU celu CELU softplus softsign swish mish tanhshrink hardswish hardsigmoid clip clamp
        mean sum var std abs floor ceil round sqrt norm sim diag trace
        margin alpha beta gamma delta epsilon eps zeta theta kappa lambda sigma omega
        loss input inputs target targets weight weights bias reduction label labels logit logits
        size width height padding dilation stride batch momentum
        otherwise pos neg pred true MSE RMSE MAE BCE NLL KLD""".split()
    )
    | PREFIX_FUNCTIONS - {"Pr", "dim"}
    | frozenset(EXTREMA) - {"sup", "inf"}
)

# Greek letters written out as words: an exponent of that name is a number, never a label.
GREEK_WORDS = frozenset(
    "alpha beta gamma delta epsilon eps zeta theta kappa lambda sigma omega".split()
)

# Runs that are one word in the braces of a script, and right before a parenthesis.
SUBSCRIPT_WORDS = frozenset(
    """in out max min avg tot ref old new data prior post train test val valid model pre
    CE KL JS FL CLIP VAE GAN DPO PPO CTC reg rec recon total cls seq head tok text img hid enc dec
    gen disc src tgt PE""".split()
)

# The first word (or sign) of a text: what it does to the mathematics around it.
KEYWORDS: Mapping[str, str] = MappingProxyType(
    {
        "if": "if",
        "when": "if",
        "若": "if",
        "当": "if",
        "當": "if",
        "如果": "if",
        "otherwise": "otherwise",
        "else": "otherwise",
        "否则": "otherwise",
        "否則": "otherwise",
        "其他": "otherwise",
        "其它": "otherwise",
        "其余": "otherwise",
        "where": "where",
        "with": "where",
        "s.t": "where",
        "subject to": "where",
        "such that": "where",
        "其中": "where",
        "for": "for",
        "for all": "for",
        "for each": "for",
        "for every": "for",
        "对": "for",
        "对于": "for",
        "and": "and",
        "且": "and",
        "和": "and",
        "或": "or",
        "or": "or",
    }
)
