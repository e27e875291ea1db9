"""What the code accepts: the first shapes and the widest domains that give finite values.

Nothing here looks at the formula's values: a domain is never chosen because both sides agree.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs
import numpy as np

from torchtex.pytorch.code import CodeFailed
from torchtex.verify.domains import (
    LABEL_LADDER,
    NUMBER_LADDER,
    TENSOR_LADDER,
    ladder,
)
from torchtex.verify.filling import Draft, fill
from torchtex.verify.pairing import FormulaFailed, Pairing
from torchtex.verify.relations import Relation, Weights, candidates, derivative_relations
from torchtex.verify.shapes import MAIN, SECOND, NoSizes, Sizing, choose
from torchtex.verify.slots import Array, Domain, Sample, Slot, whole

PROBES = (
    Draft("probe", MAIN),
    Draft("probe", MAIN, turn=1),
    Draft("probe", SECOND, turn=2),
    Draft("probe", SECOND, turn=3),
)
WHOLE_LADDER: tuple[str, ...] = ("real", "positive")


class Rejected(Exception):
    """The code does not run on the shapes of the formula; the text is its own message."""


class Misfit(Exception):
    """The code runs, but its result has another shape than the formula's."""


@attrs.frozen(eq=False)
class Accepted:
    """A pairing whose slots have domains the code accepts, and the relations its shapes allow."""

    pairing: Pairing
    relations: tuple[Relation, ...]
    sizing: Sizing


def accept(
    pairing: Pairing,
    weights: tuple[Weights, bool] | None,
    seed: int,
    sizing: Sizing,
) -> Accepted:
    """Find domains.  Raises :class:`Rejected` or :class:`Misfit`."""
    probe = _Probe(pairing, seed, sizing)
    rungs = {slot.name: _rungs(pairing, slot, sizing) for slot in pairing.slots if _varies(slot)}
    domains = _widen(probe, rungs)
    settled = _with_domains(pairing, domains)
    relations = _relations(settled, weights, probe)
    return Accepted(settled, relations, sizing)


def _varies(slot: Slot) -> bool:
    return slot.kind != "fixed"


def _rungs(pairing: Pairing, slot: Slot, sizing: Sizing) -> tuple[Domain, ...]:
    if slot.kind == "labels":
        return LABEL_LADDER if _labels_own_axis(pairing, slot, sizing) else ("labels",)
    if slot.kind in ("integer", "integers"):
        return (slot.domain,) if isinstance(slot.domain, tuple) else WHOLE_LADDER
    scalar = slot.kind == "number" or not slot.extents
    return ladder(slot.domain, NUMBER_LADDER if scalar else TENSOR_LADDER)


def _labels_own_axis(pairing: Pairing, slot: Slot, sizing: Sizing) -> bool:
    """Whether each row's label is a position along the rows themselves."""
    if slot.classes is None or len(slot.extents) != 1:
        return False
    try:
        sizes = [choose(pairing, plan, sizing)[0] for plan in (MAIN, SECOND)]
    except ValueError:
        return False
    return all(whole(slot.extents[0], s) == whole(slot.classes, s) for s in sizes)


@attrs.frozen(eq=False)
class _Probe:
    """Runs the code on probes and keeps the first complaint."""

    pairing: Pairing
    seed: int
    sizing: Sizing
    complaints: list[str] = attrs.field(factory=list)

    def accepts(self, domains: Mapping[str, Domain]) -> bool:
        pairing = _with_domains(self.pairing, domains)
        return all(self._finite(pairing, draft) for draft in PROBES)

    def _finite(self, pairing: Pairing, draft: Draft) -> bool:
        try:
            sample = self.sample(pairing, draft)
            value = pairing.code_value(sample)
            pairing.symbol_values(sample)
        except (CodeFailed, FormulaFailed, NoSizes, ValueError) as error:
            self.complaints.append(str(error))
            return False
        if not np.isfinite(value).all():
            self.complaints.append("the code's values are not finite")
            return False
        return True

    def sample(self, pairing: Pairing, draft: Draft) -> Sample:
        return fill(pairing, draft, self.seed, self.sizing)


def _widen(probe: _Probe, rungs: Mapping[str, tuple[Domain, ...]]) -> dict[str, Domain]:
    """The first level that all arguments can share, then each argument as wide as it may be."""
    widest = {name: found[0] for name, found in rungs.items()}
    if probe.accepts(widest):
        return widest
    start = _common_level(probe, rungs)
    if start is None:
        raise Rejected(probe.complaints[0])
    for name, found in rungs.items():
        for rung in found[: found.index(start[name])]:
            if probe.accepts({**start, name: rung}):
                start = {**start, name: rung}
                break
    return start


def _common_level(
    probe: _Probe, rungs: Mapping[str, tuple[Domain, ...]]
) -> dict[str, Domain] | None:
    """Every argument at the same step of its ladder (its last one if it is shorter)."""
    for step in range(1, max((len(found) for found in rungs.values()), default=0)):
        level = {name: found[min(step, len(found) - 1)] for name, found in rungs.items()}
        if probe.accepts(level):
            return level
    return _narrow_one(probe, rungs)


def _narrow_one(probe: _Probe, rungs: Mapping[str, tuple[Domain, ...]]) -> dict[str, Domain] | None:
    """One argument narrower than the others: a domain that is not on the common steps."""
    widest = {name: found[0] for name, found in rungs.items()}
    for name, found in rungs.items():
        for rung in found[1:]:
            level = {**widest, name: rung}
            if probe.accepts(level):
                return level
    return None


def _with_domains(pairing: Pairing, domains: Mapping[str, Domain]) -> Pairing:
    slots = tuple(
        attrs.evolve(slot, domain=domains.get(slot.name, slot.domain)) for slot in pairing.slots
    )
    return attrs.evolve(pairing, slots=slots)


def _relations(
    pairing: Pairing, weights: tuple[Weights, bool] | None, probe: _Probe
) -> tuple[Relation, ...]:
    sample = probe.sample(pairing, PROBES[0])
    code = pairing.code_value(sample)
    found = fitting(pairing, sample, code, weights)
    if not found:
        shape = pairing.result_shape(sample)
        raise Misfit(
            f"for {describe_shapes(pairing, sample)} the formula gives a result of shape {shape}, "
            f"the code one of shape {code.shape}"
        )
    return found


def fitting(
    pairing: Pairing, sample: Sample, code: Array, weights: tuple[Weights, bool] | None
) -> tuple[Relation, ...]:
    """The relations that fit the shape of the code's value for one sample."""
    if pairing.claim.derivative is not None:
        return derivative_relations(pairing, sample, code)
    return candidates(pairing, pairing.result_shape(sample), code.shape, weights)


def describe_shapes(pairing: Pairing, sample: Sample) -> str:
    """``z: (7, 5), y: (7,)``."""
    parts = []
    for slot in pairing.slots:
        value = sample.values[slot.name]
        if isinstance(value, np.ndarray):
            parts.append(f"{slot.name}: {value.shape}")
    return ", ".join(parts) or "these arguments"
