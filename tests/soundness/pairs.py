"""All formula/code pairs of the harness."""

from __future__ import annotations

from .activations import ACTIVATIONS
from .articles import ARTICLES
from .layers import LAYERS
from .losses import LOSSES
from .pair import Pair

PAIRS: tuple[Pair, ...] = LOSSES + ACTIVATIONS + LAYERS + ARTICLES


def pair_named(identifier: str) -> Pair:
    """The pair with this ``id``.  Raises KeyError when there is none."""
    for pair in PAIRS:
        if pair.id == identifier:
            return pair
    raise KeyError(identifier)
