"""Margin ranking: the first input should exceed the second where the target is 1."""

from __future__ import annotations

from torchtex.atlas.arguments import REDUCE, REDUCTION, SIZE_AVERAGE, TARGET_SYMBOLS, margin
from torchtex.atlas.entry import Argument, DocumentedClaim, Entry
from torchtex.atlas.reductions import over_reductions

PRINTED = r"\text{loss}(x1, x2, y) = \max(0, -y * (x1 - x2) + \text{margin})"
CODE = "F.margin_ranking_loss(x1, x2, y, margin=margin, reduction={reduction})"

ENTRY = Entry(
    name="torch.nn.functional.margin_ranking_loss",
    module="torch.nn.MarginRankingLoss",
    arguments=(
        Argument("input1", "data", symbols=("x1", "x_1", "input1")),
        Argument("input2", "data", symbols=("x2", "x_2", "input2")),
        Argument("target", "data", "signs", symbols=TARGET_SYMBOLS),
        margin(0.0),
        SIZE_AVERAGE,
        REDUCE,
        REDUCTION,
    ),
    claims=over_reductions(DocumentedClaim(PRINTED, CODE, declare=(r"y \in \{-1, 1\}",))),
)
