"""Triplet margin: the positive should be nearer to the anchor than the negative is."""

from __future__ import annotations

from torchtex.atlas.arguments import REDUCE, REDUCTION, SIZE_AVERAGE
from torchtex.atlas.entry import Argument, DocumentedClaim, Entry
from torchtex.atlas.reductions import over_reductions

PRINTED = r"""L(a, p, n) = \max \{d(a_i, p_i) - d(a_i, n_i) + {\rm margin}, 0\}
d(x_i, y_i) = \left\lVert {\bf x}_i - {\bf y}_i \right\rVert_p"""

CODE = "F.triplet_margin_loss(a, p, n, margin=margin, p={degree}, eps=eps, reduction={reduction})"
PRINTED_CODE = "F.triplet_margin_loss(a, p, n, margin=margin, reduction={reduction})"

MATRICES = (
    r"a \in \mathbb{R}^{N \times D}",
    r"p \in \mathbb{R}^{N \times D}",
    r"n \in \mathbb{R}^{N \times D}",
)

PRINTED_REMARK = (
    "The letter p is the positive example and the degree of the norm, the sample's index i is "
    "missing on the left side, and the eps of the prose is in no formula: the code adds it to "
    "every component of the difference."
)


def _corrected(degree: int) -> tuple[DocumentedClaim, ...]:
    distance = r"d(x_i, y_i) = \left\lVert {\bf x}_i - {\bf y}_i + \varepsilon \right\rVert_" + str(
        degree
    )
    loss = r"L_i = \max \{d(a_i, p_i) - d(a_i, n_i) + {\rm margin}, 0\}"
    return over_reductions(
        DocumentedClaim(
            loss + "\n" + distance,
            CODE.replace("{degree}", str(degree)),
            declare=MATRICES,
            published=False,
            remark=PRINTED_REMARK,
        )
    )


ENTRY = Entry(
    name="torch.nn.functional.triplet_margin_loss",
    module="torch.nn.TripletMarginLoss",
    arguments=(
        Argument("anchor", "data", symbols=("a", "anchor", "x_a")),
        Argument("positive", "data", symbols=("p", "positive", "x_p")),
        Argument("negative", "data", symbols=("n", "negative", "x_n")),
        Argument("margin", "parameter", "positive", symbols=("margin", "m", "alpha"), default=1.0),
        Argument("p", "option", default=2, choices=(1, 2, 3)),
        Argument("eps", "parameter", "positive", symbols=("epsilon", "eps"), default=1e-6),
        Argument("swap", "option", default=False, choices=(False, True)),
        SIZE_AVERAGE,
        REDUCE,
        REDUCTION,
    ),
    claims=(
        DocumentedClaim(
            PRINTED,
            PRINTED_CODE,
            declare=MATRICES,
            options={"reduction": ("none",)},
            expected="refused",
            remark=PRINTED_REMARK,
        ),
        *_corrected(1),
        *_corrected(2),
        *_corrected(3),
    ),
    edges=(
        "anchor, positive, negative: eps = 1e-6 is added to every component of both "
        "differences, so a distance is off by up to eps * D ** (1 / p); equal points in 4 "
        "dimensions are 2e-6 apart",
    ),
)
