"""Where values may lie, and how they are drawn there: at one scale, on a dyadic grid, at ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import attrs
import numpy as np

from torchtex.verify.slots import Array, Domain

Random: TypeAlias = np.random.Generator
Shape: TypeAlias = "tuple[int, ...]"

TENSOR_LADDER: tuple[str, ...] = ("real", "positive", "unit", "simplex", "signs", "log_simplex")
NUMBER_LADDER: tuple[str, ...] = ("real", "positive", "unit", "signs")
LABEL_LADDER: tuple[str, ...] = ("labels", "other_labels")

INSIDE: Mapping[str, tuple[str, ...]] = {
    "real": TENSOR_LADDER,
    "positive": ("positive", "unit", "simplex"),
    "unit": ("unit", "simplex"),
    "simplex": ("simplex",),
    "log_simplex": ("log_simplex",),
    "signs": ("signs",),
    "binary": ("binary",),
    "counts": ("counts",),
    "labels": LABEL_LADDER,
}
"""Each domain with those of the ladder that lie inside it, widest first."""


@attrs.frozen
class Style:
    """How a tensor is drawn: ``base``, ``grid``, ``ends``, ``constants`` or ``scaled`` by a
    factor; ``ties`` copies elements of another tensor later."""

    name: str
    factor: float = 1.0
    constants: tuple[float, ...] = ()


BASE = Style("base")
GRID = Style("grid")
ENDS = Style("ends")


def ladder(domain: Domain, choices: tuple[str, ...]) -> tuple[Domain, ...]:
    """The rungs at or below ``domain`` among ``choices``, widest first."""
    if isinstance(domain, tuple):
        return (domain,)
    inside = INSIDE.get(domain, (domain,))
    return tuple(rung for rung in inside if rung in choices or rung == domain)


def draw(domain: Domain, style: Style, shape: Shape, random: Random) -> Array:
    """Values of ``domain`` in float64."""
    if isinstance(domain, tuple):
        return np.asarray(random.choice(np.array(domain, dtype=np.float64), shape))
    return np.asarray(DRAWN[domain](style, shape, random), dtype=np.float64)


def has_scale(domain: Domain) -> bool:
    """Whether values of the domain can be taken along the log ray."""
    return domain in ("real", "positive", "unit", "log_simplex")


def has_ends(domain: Domain) -> bool:
    """Whether the domain has ends that its other styles leave out."""
    return domain in ("positive", "unit", "simplex")


def _real(style: Style, shape: Shape, random: Random) -> Array:
    if style.name == "grid":
        return random.integers(-8, 9, shape) / 4.0
    if style.name == "constants":
        return _near(np.array(style.constants), shape, random)
    return random.standard_normal(shape) * style.factor


def _near(constants: Array, shape: Shape, random: Random) -> Array:
    """The constants themselves, their opposites, and values on a dyadic grid beside them."""
    signed = random.choice(constants, shape) * random.choice([-1.0, 1.0, 1.0], shape)
    steps = random.choice([0.0, 0.0, -0.25, 0.25, 1.0, -1.0], shape)
    return np.asarray(signed + steps)


def _positive(style: Style, shape: Shape, random: Random) -> Array:
    if style.name == "grid":
        return random.integers(1, 13, shape) / 4.0
    if style.name == "ends":
        return np.where(random.random(shape) < 0.4, 0.0, random.integers(1, 9, shape) / 4.0)
    if style.name == "constants":
        near = np.abs(_near(np.array(style.constants), shape, random))
        return np.where(near > 0, near, 0.25)
    return np.exp(0.7 * random.standard_normal(shape)) * style.factor


def _unit(style: Style, shape: Shape, random: Random) -> Array:
    if style.name == "grid":
        return random.integers(1, 8, shape) / 8.0
    if style.name == "ends":
        return random.choice([0.0, 1.0, 0.25, 0.5], shape)
    if style.name == "constants":
        near = np.abs(_near(np.array(style.constants), shape, random))
        return np.where((near > 0) & (near < 1), near, 0.5)
    if style.name == "scaled" and style.factor < 1:
        small = random.uniform(0.1, 0.9, shape) * style.factor
        return np.where(random.random(shape) < 0.5, small, 1 - small)
    return random.uniform(0.02, 0.98, shape)


def _simplex(style: Style, shape: Shape, random: Random) -> Array:
    if not shape:
        return np.ones(())
    if style.name in ("grid", "ends"):
        return _dyadic_simplex(shape, random, lowest=0 if style.name == "ends" else 1)
    drawn = random.dirichlet(np.ones(shape[-1]), shape[:-1])
    # Multiples of a power of two, so that the sum is exactly one.
    parts = np.floor(drawn * (SIMPLEX_STEPS - 2 * shape[-1])) + 1
    parts[..., 0] += SIMPLEX_STEPS - parts.sum(axis=-1)
    return np.asarray(parts / SIMPLEX_STEPS)


SIMPLEX_STEPS = 2**44


def _dyadic_simplex(shape: Shape, random: Random, lowest: int) -> Array:
    """Multiples of a power of two that sum to exactly one along the last axis."""
    classes = shape[-1]
    steps = 1 << int(np.ceil(np.log2(2 * classes + 1)))
    spare = steps - lowest * classes
    parts = random.multinomial(spare, np.full(classes, 1 / classes), shape[:-1]) + lowest
    return np.asarray(parts / steps)


def _log_simplex(style: Style, shape: Shape, random: Random) -> Array:
    if not shape:
        return np.zeros(())
    logits = _real(style, shape, random)
    top = logits.max(axis=-1, keepdims=True)
    return np.asarray(logits - top - np.log(np.exp(logits - top).sum(axis=-1, keepdims=True)))


def _chosen(*values: float) -> Callable[[Style, Shape, Random], Array]:
    def chosen(style: Style, shape: Shape, random: Random) -> Array:
        return random.choice(np.array(values), shape)

    return chosen


def _counts(style: Style, shape: Shape, random: Random) -> Array:
    return np.asarray(random.poisson(2.0 * max(1.0, style.factor), shape), dtype=np.float64)


DRAWN: Mapping[str, Callable[[Style, Shape, Random], Array]] = {
    "real": _real,
    "positive": _positive,
    "unit": _unit,
    "simplex": _simplex,
    "log_simplex": _log_simplex,
    "signs": _chosen(-1.0, 1.0),
    "binary": _chosen(0.0, 1.0),
    "counts": _counts,
}

# Values of a scalar setting, in the order tried.  They differ in more than sign and scale, none
# equals its own square, and one is small: an epsilon must bite, a square must show.
NUMBERS: Mapping[str, tuple[float, ...]] = {
    "real": (0.3, 2.5, -0.7, 1e-3, 3.7, -1.6, 0.45),
    "positive": (0.3, 2.5, 0.7, 1e-3, 3.7, 0.5, 1.6),
    "unit": (0.3, 0.8, 1e-3, 0.6, 0.95, 0.45, 0.7),
    "signs": (1.0, -1.0),
    "binary": (1.0, 0.0),
    "counts": (2.0, 3.0, 1.0, 0.0, 5.0),
    "simplex": (1.0,),
    "log_simplex": (0.0,),
}
DYADIC_NUMBERS: Mapping[str, tuple[float, ...]] = {
    "real": (0.5, 1.0, -0.25, 2.0, 0.75),
    "positive": (0.5, 1.0, 0.25, 2.0, 0.75),
    "unit": (0.5, 0.25, 0.75, 0.125, 0.375),
}


def number(domain: Domain, turn: int) -> float:
    """The value of a scalar setting in the ``turn``-th filling."""
    values = domain if isinstance(domain, tuple) else NUMBERS[domain]
    return float(values[turn % len(values)])


def dyadic_number(domain: Domain, turn: int) -> float:
    """A multiple of 1/8, so that a boundary can be met exactly."""
    if isinstance(domain, tuple):
        return number(domain, turn)
    values = DYADIC_NUMBERS.get(domain, NUMBERS[domain])
    return float(values[turn % len(values)])


def labels(
    domain: Domain, classes: int, shape: Shape, random: Random, may_be: tuple[int, ...] = ()
) -> Array:
    """Class positions; ``other_labels`` never is a row's own position along the last axis."""
    if classes < 1:
        return np.zeros(shape, dtype=np.int64)
    if domain == "other_labels":
        own = np.arange(shape[-1]) if shape else np.zeros((), dtype=np.int64)
        step = random.integers(1, max(classes, 2), shape)
        return np.asarray((own + step) % classes, dtype=np.int64)
    drawn = np.asarray(random.integers(0, classes, shape))
    if not may_be:
        return drawn
    special = random.choice(np.array(may_be), shape)
    return np.asarray(np.where(random.random(shape) < 0.3, special, drawn))
