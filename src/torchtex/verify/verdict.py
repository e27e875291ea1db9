"""The verdict of a comparison: what users see and machines parse."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

import attrs

from torchtex.verify.printing import describe

Status = Literal["proved", "agrees", "agrees_up_to", "differs", "refused"]


@attrs.frozen
class Counterexample:
    """The smallest inputs found at which formula and code part.

    ``inputs``: argument name to nested lists or a number; ``formula`` and ``code``: the two values
    at ``element`` (positions in the result) of ``what``, ``value`` or ``gradient of z``.
    """

    inputs: Mapping[str, Any]
    formula: float
    code: float
    element: tuple[int, ...] = ()
    what: str = "value"


@attrs.frozen
class Verdict:
    """Whether a formula says what the code does.

    ``status`` is one of the five words, ``relation`` names the step of an ``agrees_up_to``,
    ``reading`` says how the formula was read, ``binding`` which symbol is which argument,
    ``samples`` how many elements were compared, ``max_error`` the largest relative error of the
    value, ``max_gradient_error`` of the gradient (None when there was none to compare),
    ``notes`` what was not compared or is a known edge, ``suggestion`` a LaTeX formula near this
    one that agrees, ``reason`` why it was refused (with caret) or what differs.
    """

    status: Status
    formula: str
    code: str
    relation: str | None = None
    reading: tuple[str, ...] = ()
    binding: Mapping[str, str] = attrs.field(factory=dict)
    samples: int = 0
    max_error: float | None = None
    max_gradient_error: float | None = None
    counterexample: Counterexample | None = None
    suggestion: str | None = None
    reason: str | None = None
    notes: tuple[str, ...] = ()
    seed: int = 0

    @property
    def ok(self) -> bool:
        """True for ``proved``, ``agrees`` and ``agrees_up_to``."""
        return self.status in ("proved", "agrees", "agrees_up_to")

    def __str__(self) -> str:
        return describe(self)

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dictionary; its keys are stable.

        Numbers that JSON cannot hold are the words ``nan``, ``inf`` and ``-inf``.
        """
        plain: dict[str, Any] = _plain({**attrs.asdict(self), "ok": self.ok})
        return plain


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value
