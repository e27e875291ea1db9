"""The weight of each batch element where torch's mean is a weighted one (NLL, cross entropy)."""

from __future__ import annotations

import numpy as np

from torchtex.verify.pairing import Pairing
from torchtex.verify.relations import Weights
from torchtex.verify.roles import Roles
from torchtex.verify.slots import Array, Sample

WEIGHTED = frozenset({"torch.nn.functional.cross_entropy", "torch.nn.functional.nll_loss"})


def weights_of(roles: Roles, pairing: Pairing) -> tuple[Weights, bool] | None:
    """The weights of the batch elements, and whether the formula already holds them as a factor.

    None where the torch object's mean is a plain one.
    """
    if roles.entry is None or roles.entry.name not in WEIGHTED:
        return None
    target, weight = roles.given("target"), roles.given("weight")
    names = {slot.name: slot for slot in pairing.slots}
    if target not in names or names[target].kind != "labels":
        return None
    ignored = roles.settings.get("ignore_index")
    has_ignored = isinstance(ignored, int) and _matters(names[target].may_be, ignored)
    if weight is None and not has_ignored and ignored == -100:
        return None
    if weight is not None and weight not in names:
        return None

    def weigh(sample: Sample, shape: tuple[int, ...]) -> Array:
        labels = np.asarray(sample.values[target])
        kept = labels != ignored
        if weight is None:
            return np.asarray(kept, dtype=np.float64)
        table = np.asarray(sample.values[weight], dtype=np.float64)
        return np.asarray(np.where(kept, table[np.where(kept, labels, 0)], 0.0))

    return weigh, weight is not None and _in_formula(pairing, weight)


def _matters(may_be: tuple[int, ...], ignored: int) -> bool:
    return ignored >= 0 or ignored in may_be


def _in_formula(pairing: Pairing, weight: str) -> bool:
    symbols = [b.symbol for b in pairing.bound if weight in b.arguments]
    return any(pairing.claim_tensor(symbol) is not None for symbol in symbols)
