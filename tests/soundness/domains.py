"""How the values of a declared domain are drawn, at every scale and exactly on the ties.

Every value is a float that stands for itself: the oracle takes it exactly, so a simplex sums to
exactly 1 and the multiples of one half meet the boundaries of comparisons exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from .pair import Argument

IGNORED = -100
SCALES = {
    "normal": 1.0,
    "tiny": 1e-6,
    "small": 1e-3,
    "wide": 50.0,
    "huge": 7777.0,
    "line": 1e4,
}
STYLES = ("normal", "dyadic", "equal", "tiny", "small", "wide", "huge", "constants")

Shape = tuple[int, ...]
Random = np.random.Generator


def real(random: Random, shape: Shape, style: str, constants: tuple[float, ...]) -> np.ndarray:
    if style == "dyadic":
        return random.integers(-8, 9, shape) / 2.0
    if style == "equal":
        return np.full(shape, random.integers(-6, 7) / 2.0)
    if style == "constants":
        return random.choice(np.array(constants), shape) * random.choice([-1.0, 1.0], shape)
    return random.standard_normal(shape) * SCALES[style]


def within(limit: float) -> Callable[..., np.ndarray]:
    """Real numbers, those beyond the limit folded back."""

    def folded(
        random: Random, shape: Shape, style: str, constants: tuple[float, ...]
    ) -> np.ndarray:
        return np.fmod(real(random, shape, style, constants), limit)

    return folded


def positive(random: Random, shape: Shape, style: str, constants: tuple[float, ...]) -> np.ndarray:
    if style == "dyadic":
        return random.integers(1, 9, shape) / 2.0
    if style == "equal":
        return np.full(shape, random.integers(1, 7) / 2.0)
    if style == "constants":
        above = [value for value in constants if value > 0]
        return random.choice(np.array(above), shape)
    return (0.05 + random.random(shape)) * 2 * SCALES[style]


def unit(random: Random, shape: Shape, style: str, constants: tuple[float, ...]) -> np.ndarray:
    if style in ("dyadic", "constants"):
        return random.integers(1, 8, shape) / 8.0
    if style == "equal":
        return np.full(shape, random.integers(1, 4) / 4.0)
    if style in ("tiny", "small"):
        near = (0.1 + random.random(shape)) * SCALES[style]
        return np.where(random.random(shape) < 0.5, near, 1 - near)
    return 0.01 + 0.98 * random.random(shape)


def closed_unit(
    random: Random, shape: Shape, style: str, constants: tuple[float, ...]
) -> np.ndarray:
    if style in ("dyadic", "equal"):
        return random.integers(0, 2, shape).astype(float)
    return unit(random, shape, style, constants)


def simplex(random: Random, shape: Shape, style: str, constants: tuple[float, ...]) -> np.ndarray:
    """Positive multiples of 2**-44 that sum to exactly 1 over the last axis."""
    steps = 2**44
    spread = {"equal": 0.0, "dyadic": 0.7, "wide": 6.0, "huge": 12.0}.get(style, 1.0)
    weights = np.exp(spread * random.standard_normal(shape))
    parts = np.floor(weights / weights.sum(axis=-1, keepdims=True) * (steps - 64)) + 1
    parts[..., 0] += steps - parts.sum(axis=-1)
    return parts / steps


def log_unit(random: Random, shape: Shape, style: str, constants: tuple[float, ...]) -> np.ndarray:
    return -positive(random, shape, style if style != "huge" else "normal", constants)


def signs(random: Random, shape: Shape, style: str, constants: tuple[float, ...]) -> np.ndarray:
    return random.choice([-1.0, 1.0], shape)


def binary(random: Random, shape: Shape, style: str, constants: tuple[float, ...]) -> np.ndarray:
    return random.choice([0.0, 1.0], shape)


def whole(random: Random, shape: Shape, style: str, constants: tuple[float, ...]) -> np.ndarray:
    highest = {"normal": 6, "wide": 60, "huge": 7777}.get(style, 3)
    return random.integers(0, highest + 1, shape).astype(float)


def class_labels(random: Random, shape: Shape, classes: int) -> np.ndarray:
    return random.integers(0, classes, shape)


def class_labels_or_ignored(random: Random, shape: Shape, classes: int) -> np.ndarray:
    drawn = random.integers(0, classes, shape)
    return np.where(random.random(shape) < 0.3, IGNORED, drawn)


def partners(random: Random, shape: Shape, classes: int) -> np.ndarray:
    own = np.arange(shape[0])
    return (own + random.integers(1, classes, shape)) % classes


REALS: Mapping[str, Callable[..., np.ndarray]] = {
    "real": real,
    "modest": within(20.0),
    "score": within(300.0),
    "positive": positive,
    "unit": unit,
    "closed_unit": closed_unit,
    "binary": binary,
    "simplex": simplex,
    "log_unit": log_unit,
    "signs": signs,
    "whole": whole,
}

POSITIONS: Mapping[str, Callable[..., np.ndarray]] = {
    "labels": class_labels,
    "kept_labels": class_labels_or_ignored,
    "partners": partners,
}


def draw(
    argument: Argument,
    sizes: Mapping[str, int],
    style: str,
    constants: tuple[float, ...],
    random: Random,
) -> np.ndarray | float | int:
    """A value of ``argument``; a hyperparameter is a plain number, as code takes it."""
    shape = tuple(sizes[name] for name in argument.shape)
    if argument.domain == "choice":
        return random.choice(np.array(argument.choices)).item()
    if argument.domain in POSITIONS:
        return np.asarray(POSITIONS[argument.domain](random, shape, sizes[argument.classes]))
    value = REALS[argument.domain](random, shape, style, constants)
    return float(value) if argument.parameter and not shape else np.asarray(value)
