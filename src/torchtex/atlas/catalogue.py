"""The catalogue: an entry by any of the names that torch code gives to one object."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from torchtex.atlas import activations, layers, losses
from torchtex.atlas.entry import Entry

ENTRIES: tuple[Entry, ...] = losses.ENTRIES + layers.ENTRIES + activations.ENTRIES

# How imports are usually abbreviated, by the prefix that is written.
PREFIXES: Mapping[str, str] = MappingProxyType(
    {"F": "torch.nn.functional", "nn.functional": "torch.nn.functional", "nn": "torch.nn"}
)


def names_of(entry: Entry) -> tuple[str, ...]:
    """Every full torch name of an entry: function, aliases, module."""
    module = () if entry.module is None else (entry.module,)
    return (entry.name, *entry.aliases, *module)


def lookup(name: str) -> Entry | None:
    """The entry called ``name``, or None.

    ``F.cross_entropy``, ``nn.CrossEntropyLoss`` and their full names
    ``torch.nn.functional.cross_entropy`` and ``torch.nn.CrossEntropyLoss`` find the same entry.
    """
    return _BY_NAME.get(full_name(name))


def full_name(name: str) -> str:
    """``name`` with the usual abbreviation of its prefix written out."""
    prefix, _, last = name.rpartition(".")
    return f"{PREFIXES[prefix]}.{last}" if prefix in PREFIXES else name


def _by_name(entries: Iterable[Entry]) -> Mapping[str, Entry]:
    found: dict[str, Entry] = {}
    for entry in entries:
        for name in names_of(entry):
            if name in found:
                raise ValueError(f"{name} is the name of two entries")
            found[name] = entry
    return MappingProxyType(found)


_BY_NAME = _by_name(ENTRIES)
