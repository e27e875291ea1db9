"""The points of a pair's declared domain at which two formulas are told apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np

from .domains import STYLES, draw
from .pair import Pair

DEFAULT_SIZES = (3, 2, 5, 1, 4)
ROUNDS = 7

# Scales at which hyperparameters are drawn beside data of each style.
BESIDE = {"huge": "normal", "equal": "dyadic", "constants": "dyadic"}


@attrs.frozen
class Point:
    """One choice of sizes and arguments; arguments that are scalars are plain numbers."""

    sizes: Mapping[str, int]
    values: Mapping[str, Any]


def points_of(pair: Pair, constants: tuple[float, ...], seed: int = 0) -> tuple[Point, ...]:
    """Points from plain to extreme: one per style and round, sizes changing with each.

    In even rounds all arguments share the style; in odd ones each draws its own, so that a large
    score meets a tiny temperature.
    """
    random = np.random.default_rng(seed)
    number = len(STYLES) * ROUNDS
    return tuple(_point(pair, constants, turn, random) for turn in range(number))


def plain_point(pair: Pair, seed: int = 0) -> Point:
    """A point of everyday size: distinct prime sizes where the pair allows, unit scale."""
    random = np.random.default_rng(seed)
    primes = (5, 3, 7, 2, 11)
    sizes = {}
    for position, name in enumerate(pair.size_names):
        allowed = pair.sizes.get(name)
        sizes[name] = max(allowed) if allowed else primes[position % len(primes)]
    return Point(sizes, _values(pair, sizes, {}, (1.0,), random))


def _point(
    pair: Pair, constants: tuple[float, ...], turn: int, random: np.random.Generator
) -> Point:
    style = STYLES[turn % len(STYLES)]
    round_ = turn // len(STYLES)
    sizes = {
        name: _size(pair, name, turn + round_ + position * (1 + round_ % 3))
        for position, name in enumerate(pair.size_names)
    }
    styles = {}
    for argument in pair.arguments:
        own = str(random.choice(STYLES)) if round_ % 2 else style
        styles[argument.name] = BESIDE.get(own, own) if argument.parameter else own
    return Point(sizes, _values(pair, sizes, styles, constants, random))


def _size(pair: Pair, name: str, turn: int) -> int:
    allowed = pair.sizes.get(name, DEFAULT_SIZES)
    return allowed[turn % len(allowed)]


def _values(
    pair: Pair,
    sizes: Mapping[str, int],
    styles: Mapping[str, str],
    constants: tuple[float, ...],
    random: np.random.Generator,
) -> dict[str, Any]:
    return {
        argument.name: draw(argument, sizes, styles.get(argument.name, "normal"), constants, random)
        for argument in pair.arguments
    }
