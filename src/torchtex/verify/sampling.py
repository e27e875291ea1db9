"""The plan: which samples are compared.  It is fixed before any value is compared."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from torchtex.index.terms import Number
from torchtex.index.traverse import walk
from torchtex.verify.domains import BASE, ENDS, GRID, Style, has_ends, has_scale
from torchtex.verify.filling import Draft
from torchtex.verify.pairing import Pairing
from torchtex.verify.shapes import (
    EVEN,
    MAIN,
    MANY,
    ONES,
    PAIR,
    SECOND,
    SINGLE,
    SMALL,
    SMALL_SECOND,
    SizePlan,
)

RAY = (1e-9, 1e-6, 1e-3, 1e-1, 1e1, 1e2, 1e3, 1e4)
FAR = (1e-9, 1e-6, 1e1, 1e2, 1e3, 1e4)
RAY_SIZES = SizePlan("ray", (11, 7), (5, 3, 7, 2, 4, 3, 2))
TURNS = 5


@attrs.frozen
class Planned:
    """A sample to draw.  ``gradient``: its gradients are compared too.  ``optional``: one that the
    code may reject (a size of one, an end of a domain) without any harm."""

    draft: Draft
    gradient: bool = False
    optional: bool = False


def plan(pairing: Pairing) -> tuple[Planned, ...]:
    """Every sample of the full comparison, the telling ones first."""
    return (
        *_base(pairing),
        *_repeated(pairing),
        *_grid(pairing),
        *_sizes(),
        *_constants(pairing),
        *_rays(pairing),
        *_ends(pairing),
        *_gradients(pairing),
    )


def short_plan() -> tuple[Planned, ...]:
    """A few samples of each kind: for a second layout of axes, once the first has agreed."""
    return (
        Planned(Draft("base", MAIN)),
        Planned(Draft("base, other settings", SECOND, turn=1)),
        Planned(Draft("grid", MAIN, GRID, dyadic=True, ties=True)),
        Planned(Draft("even sizes", EVEN, turn=2)),
        Planned(Draft("gradient", SMALL), gradient=True),
    )


def more_samples(count: int) -> Iterator[Planned]:
    """Further base and grid samples in turn."""
    for turn in range(count):
        yield Planned(Draft("more", SECOND, turn=turn))
        yield Planned(Draft("more on the grid", MAIN, GRID, turn=turn, dyadic=True, ties=True))


def _base(pairing: Pairing) -> Iterator[Planned]:
    yield Planned(Draft("base", MAIN))
    yield Planned(Draft("a long batch", MANY, turn=1))
    turns = TURNS if _has_settings(pairing) else 2
    for turn in range(1, turns + 1):
        yield Planned(Draft("base, other settings", SECOND, turn=turn))


def _repeated(pairing: Pairing) -> Iterator[Planned]:
    """Several samples of the same sizes and settings, where the formula leaves a constant open."""
    if pairing.claim.up_to_constant or pairing.claim.proportional:
        for turn in range(1, TURNS + 1):
            for count in range(4):
                yield Planned(Draft(f"same sizes and settings, {count}", SECOND, turn=turn))


def _has_settings(pairing: Pairing) -> bool:
    return any(slot.kind in ("number", "integer", "integers") for slot in pairing.slots)


def _grid(pairing: Pairing) -> Iterator[Planned]:
    turns = TURNS if _has_settings(pairing) else 1
    for turn in range(turns):
        yield Planned(Draft("grid", MANY, GRID, turn=turn, dyadic=True))
        yield Planned(Draft("ties", MANY, GRID, turn=turn, dyadic=True, ties=True))


def _sizes() -> Iterator[Planned]:
    yield Planned(Draft("even sizes", EVEN))
    yield Planned(Draft("two of each", PAIR, turn=1))
    yield Planned(Draft("a batch of one", SINGLE, turn=1), optional=True)
    yield Planned(Draft("all sizes one", ONES, turn=2), optional=True)


def _constants(pairing: Pairing) -> Iterator[Planned]:
    """Values at and beside the numbers written on either side, one magnitude at a time."""
    for group in _by_magnitude(written_numbers(pairing)):
        style = Style("constants", constants=group)
        yield Planned(Draft(f"near {group[0]:g}", MANY, style, turn=1), optional=True)
        for slot in pairing.slots:
            if slot.kind == "tensor" and has_scale(slot.domain):
                draft = Draft(f"{slot.name} near {group[0]:g}", MAIN, GRID, {slot.name: style})
                yield Planned(attrs.evolve(draft, dyadic=True), optional=True)


def written_numbers(pairing: Pairing) -> tuple[float, ...]:
    """The numbers other than 0 written in the formula and in the code, as magnitudes."""
    expression = pairing.claim.expression
    bodies = [expression.body, *(definition.body for definition in expression.definitions)]
    found = {
        abs(float(term.value)) for body in bodies for term in walk(body) if isinstance(term, Number)
    }
    found |= {abs(value) for value in pairing.code.constants}
    return tuple(sorted(value for value in found if 1e-12 < value < 1e9))


def _by_magnitude(numbers: tuple[float, ...]) -> list[tuple[float, ...]]:
    """Groups in which the largest is at most four times the smallest."""
    groups: list[tuple[float, ...]] = []
    for value in numbers:
        if groups and value <= 4 * groups[-1][0]:
            groups[-1] = (*groups[-1], value)
        else:
            groups.append((value,))
    return groups


def _rays(pairing: Pairing) -> Iterator[Planned]:
    scaled = [s for s in pairing.slots if s.kind == "tensor" and has_scale(s.domain)]
    for slot in scaled:
        for factor in RAY if len(scaled) <= 3 else FAR:
            if slot.domain == "unit" and factor > 0.1:
                continue
            style = Style("scaled", factor)
            label = f"{slot.name} at {factor:g}"
            extreme = factor >= 10 or slot.domain == "unit"
            draft = Draft(label, RAY_SIZES, BASE, {slot.name: style}, turn=1, extreme=extreme)
            yield Planned(draft, optional=extreme)
    if len(scaled) > 1:
        small = Style("scaled", 1e-6)
        yield Planned(Draft("all at 1e-06", RAY_SIZES, small, turn=1))


def _ends(pairing: Pairing) -> Iterator[Planned]:
    if any(slot.kind == "tensor" and has_ends(slot.domain) for slot in pairing.slots):
        yield Planned(Draft("ends of the domain", MAIN, ENDS, turn=1, edge=True), optional=True)


def _gradients(pairing: Pairing) -> Iterator[Planned]:
    if pairing.claim.derivative is not None:
        return
    yield Planned(Draft("gradient", SMALL), gradient=True)
    yield Planned(Draft("gradient, other sizes", SMALL_SECOND, turn=1), gradient=True)
    yield Planned(Draft("gradient at ties", SMALL, GRID, dyadic=True, ties=True), gradient=True)
    if _has_settings(pairing):
        yield Planned(Draft("gradient, other settings", SMALL, turn=2), gradient=True)
        yield Planned(Draft("gradient, other settings", SMALL_SECOND, turn=3), gradient=True)
