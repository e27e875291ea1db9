"""Documented guards of torch's own code: samples at which they show are stated, not compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs
import numpy as np

from torchtex.verify.roles import Roles
from torchtex.verify.slots import Array, Sample

SMALL_NORM = 0.05


@attrs.frozen
class Edge:
    """A guard of one torch object.

    ``shows``: whether a sample meets it, given the values by the object's own argument names.
    ``gradient_of``: the argument whose gradient alone is guarded; None where the value is.
    """

    note: str
    shows: Callable[[Mapping[str, Array]], bool]
    gradient_of: str | None = None


def _short_vector(*names: str) -> Callable[[Mapping[str, Array]], bool]:
    def shows(values: Mapping[str, Array]) -> bool:
        vectors = [values[name] for name in names if name in values and values[name].ndim]
        norms = [np.sqrt((vector**2).sum(axis=-1)) for vector in vectors]
        return any(bool((norm < SMALL_NORM).any()) for norm in norms)

    return shows


def _clamped_variance(values: Mapping[str, Array]) -> bool:
    if "var" not in values or "eps" not in values:
        return False
    return bool((values["var"] <= values["eps"]).any())


def _zero(name: str) -> Callable[[Mapping[str, Array]], bool]:
    def shows(values: Mapping[str, Array]) -> bool:
        return name in values and bool((values[name] == 0).any())

    return shows


EDGES: Mapping[str, tuple[Edge, ...]] = {
    "torch.nn.functional.cosine_similarity": (
        Edge(
            "torch bounds the norms of cosine_similarity from below; vectors shorter than "
            f"{SMALL_NORM} are not compared",
            _short_vector("x1", "x2"),
        ),
    ),
    "torch.nn.functional.cosine_embedding_loss": (
        Edge(
            "torch adds 1e-12 to the squared norms of cosine_embedding_loss; vectors shorter than "
            f"{SMALL_NORM} are not compared",
            _short_vector("input1", "input2"),
        ),
    ),
    "torch.nn.functional.gaussian_nll_loss": (
        Edge(
            "torch's gradient ignores the clamp of var; it is not compared where var is below eps",
            _clamped_variance,
            gradient_of="var",
        ),
    ),
    "torch.nn.functional.poisson_nll_loss": (
        Edge(
            "torch's gradient by a target of 0 is nan (0 log 0); it is not compared there",
            _zero("target"),
            gradient_of="target",
        ),
    ),
    "torch.nn.functional.kl_div": (
        Edge(
            "torch's gradient by a target of 0 is nan (0 log 0); it is not compared there",
            _zero("target"),
            gradient_of="target",
        ),
    ),
}


SLACK: Mapping[str, float] = {
    "torch.nn.functional.cosine_similarity": 1e-9,
    "torch.nn.functional.cosine_embedding_loss": 1e-9,
}
"""What those guards may still change, absolutely, where they are not said to show."""


def slack_of(roles: Roles) -> float:
    """The absolute allowance for the guards of the code's torch object."""
    return 0.0 if roles.entry is None else SLACK.get(roles.entry.name, 0.0)


def edges_met(roles: Roles, sample: Sample) -> tuple[Edge, ...]:
    """The guards of the code's torch object that a sample meets."""
    if roles.entry is None:
        return ()
    edges = EDGES.get(roles.entry.name, ())
    if not edges:
        return ()
    values = _by_argument(roles, sample)
    return tuple(edge for edge in edges if edge.shows(values))


def _by_argument(roles: Roles, sample: Sample) -> dict[str, Array]:
    values: dict[str, Array] = {}
    for expression, descriptions in roles.described.items():
        value = sample.values.get(expression)
        if isinstance(value, (np.ndarray, float, int)):
            values.update({d.name: np.asarray(value) for d in descriptions})
    for name, setting in roles.settings.items():
        if isinstance(setting, (int, float)) and not isinstance(setting, bool):
            values.setdefault(name, np.asarray(setting))
    return values
