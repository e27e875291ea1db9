"""Verdicts as JSON, on their way from the article's process to the one that reports."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import attrs

from torchtex.verify.verdict import Counterexample, Verdict


def encode(message: Mapping[str, Any]) -> bytes:
    """One line of JSON; numbers of other libraries become plain ones."""
    return json.dumps(message, default=_plain).encode() + b"\n"


def decode(line: bytes) -> dict[str, Any]:
    """The message of one line.  Raises ValueError where it is not a JSON object."""
    message = json.loads(line)
    if not isinstance(message, dict):
        raise ValueError("a message is a JSON object")
    return message


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    if hasattr(value, "__float__"):
        return float(value)
    return str(value)


def verdict_from(message: Mapping[str, Any]) -> Verdict:
    """The verdict whose ``to_dict()`` is ``message``."""
    known = {field.name for field in attrs.fields(Verdict)}
    values = {key: _frozen(value) for key, value in message.items() if key in known}
    for key in ("max_error", "max_gradient_error"):
        values[key] = None if values.get(key) is None else float(values[key])
    found = message.get("counterexample")
    if found is not None:
        values["counterexample"] = _counterexample(found)
    return Verdict(**values)


def _counterexample(found: Mapping[str, Any]) -> Counterexample:
    """Numbers that JSON cannot hold travel as the words ``nan``, ``inf`` and ``-inf``."""
    return Counterexample(
        inputs=found["inputs"],
        formula=float(found["formula"]),
        code=float(found["code"]),
        element=tuple(found["element"]),
        what=found["what"],
    )


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
