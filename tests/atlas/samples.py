"""Inputs for the code of a claim, in each argument's own domain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from torchtex.atlas.entry import Argument, Case
from torchtex.pytorch.objects import CallRoles

SAMPLES, CLASSES = 7, 5
Generator = np.random.Generator

IN_DOMAIN: Mapping[str, Callable[[Generator, tuple[int, ...]], Any]] = {
    "real": lambda random, shape: random.normal(size=shape) * 2,
    "positive": lambda random, shape: random.uniform(0.05, 3, shape),
    "unit": lambda random, shape: random.uniform(0.02, 0.98, shape),
    "simplex": lambda random, shape: random.dirichlet(np.ones(shape[-1]), shape[:-1]),
    "signs": lambda random, shape: random.choice([-1.0, 1.0], shape),
    "binary": lambda random, shape: random.choice([0.0, 1.0], shape),
    "counts": lambda random, shape: random.poisson(2.0, shape).astype(float),
}

# Tensors with one number per sample, and with one per class.
PER_SAMPLE = {
    "cosine_embedding_loss": ("target",),
    "margin_ranking_loss": ("input1", "input2", "target"),
}
PER_CLASS = ("weight", "pos_weight")
ELEMENTWISE_WEIGHT = ("binary_cross_entropy", "binary_cross_entropy_with_logits")


def sample(case: Case, roles: CallRoles, seed: int) -> dict[str, Any]:
    """Arrays and numbers by the names that the case's code uses."""
    random = np.random.default_rng(seed)
    assert roles.entry is not None
    function = roles.entry.name.rpartition(".")[2]
    probabilities = any("{N" in declared and declared.startswith("y") for declared in case.declare)
    return {
        name: _draw(random, function, _meant(arguments, probabilities), case)
        for name, arguments in roles.items()
    }


def _meant(arguments: tuple[Argument, ...], probabilities: bool) -> Argument:
    return arguments[-1] if probabilities else arguments[0]


def _draw(random: Generator, function: str, argument: Argument, case: Case) -> Any:
    if argument.domain == "labels":
        labels = random.integers(0, CLASSES, SAMPLES)
        labels[2] = case.settings.get("ignore_index", labels[2])
        return labels
    draw = IN_DOMAIN[argument.domain]
    if argument.name in PER_CLASS and function not in ELEMENTWISE_WEIGHT:
        return draw(random, (CLASSES,))
    if argument.name == "pos_weight":
        return draw(random, (CLASSES,))
    if argument.role == "parameter":
        return float(draw(random, ()))
    if argument.name in PER_SAMPLE.get(function, ()):
        return draw(random, (SAMPLES,))
    return draw(random, (SAMPLES, CLASSES))
