"""Large inputs cut down along the batch, so that exact arithmetic stays affordable."""

from __future__ import annotations

import attrs
import numpy as np

from torchtex.index.terms import Size
from torchtex.verify.pairing import Pairing, batch_size_name
from torchtex.verify.relations import BATCH_SIZES
from torchtex.verify.slots import Sample, Value

MOST_NUMBERS = 200_000


def excerpt(pairing: Pairing, sample: Sample) -> Sample | None:
    """The sample itself, or its first batch elements where it is large.

    None where it is large and has no batch axis to be cut along.
    """
    count = sum(value.size for value in sample.values.values() if isinstance(value, np.ndarray))
    if count <= MOST_NUMBERS:
        return sample
    for name in _batch_names(pairing, sample):
        length = pairing.sizes(sample)[name]
        kept = max(2, length * MOST_NUMBERS // count)
        if kept < length and _is_plain(pairing, name):
            return _cut(pairing, sample, name, kept)
    return None


def _batch_names(pairing: Pairing, sample: Sample) -> tuple[str, ...]:
    own = tuple(batch_size_name(axis) for axis in range(pairing.batch))
    return (*own, *(name for name in sample.sizes if name in BATCH_SIZES))


def _is_plain(pairing: Pairing, name: str) -> bool:
    """Whether the size bounds whole axes only: not half of one, not the labels."""
    mentions = [e for slot in pairing.slots for e in slot.all_extents if name in e.names]
    classes = [slot.classes for slot in pairing.slots if slot.classes is not None]
    return all(extent == Size.free(name) for extent in mentions) and not any(
        name in extent.names for extent in classes
    )


def _cut(pairing: Pairing, sample: Sample, name: str, kept: int) -> Sample:
    batch = tuple(index.extent for index in pairing.batch_indices)
    values: dict[str, Value] = {}
    for slot in pairing.slots:
        value = sample.values[slot.name]
        extents = (*batch, *slot.extents) if slot.batched else slot.extents
        is_tensor = slot.kind in ("tensor", "labels") and isinstance(value, np.ndarray)
        values[slot.name] = _first(np.asarray(value), extents, name, kept) if is_tensor else value
    sizes = {size: kept if size == name else length for size, length in sample.sizes.items()}
    lengths = tuple(
        kept if batch_size_name(axis) == name else length
        for axis, length in enumerate(sample.batch)
    )
    label = f"{sample.label}, the first {kept}"
    return attrs.evolve(sample, label=label, values=values, sizes=sizes, batch=lengths)


def _first(value: Value, extents: tuple[Size, ...], name: str, kept: int) -> Value:
    cut = tuple(slice(0, kept) if extent == Size.free(name) else slice(None) for extent in extents)
    return np.asarray(value)[cut]
