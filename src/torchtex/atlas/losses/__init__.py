"""The losses of torch, one file each; a new file adds its ``ENTRY`` to this list."""

from __future__ import annotations

from torchtex.atlas.entry import Entry
from torchtex.atlas.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cosine_embedding,
    cross_entropy,
    gaussian_nll,
    hinge_embedding,
    huber,
    kl_div,
    l1,
    margin_ranking,
    mse,
    multi_margin,
    multilabel_soft_margin,
    nll,
    poisson_nll,
    smooth_l1,
    soft_margin,
    triplet_margin,
)

ENTRIES: tuple[Entry, ...] = (
    mse.ENTRY,
    l1.ENTRY,
    smooth_l1.ENTRY,
    huber.ENTRY,
    cross_entropy.ENTRY,
    nll.ENTRY,
    binary_cross_entropy.ENTRY,
    binary_cross_entropy_with_logits.ENTRY,
    kl_div.ENTRY,
    poisson_nll.ENTRY,
    gaussian_nll.ENTRY,
    hinge_embedding.ENTRY,
    cosine_embedding.ENTRY,
    margin_ranking.ENTRY,
    triplet_margin.ENTRY,
    soft_margin.ENTRY,
    multilabel_soft_margin.ENTRY,
    multi_margin.ENTRY,
)
