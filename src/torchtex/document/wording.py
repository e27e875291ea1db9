"""Verdicts in words, for diagnostics and reports."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from torchtex.verify.verdict import Counterexample, Verdict

LONGEST_CODE = 80
LONGEST_INPUT = 120
OPTION = re.compile(r"--(name|let|declare) '([^']*)'")


def shortened(text: str, length: int = LONGEST_CODE) -> str:
    """``text`` on one line, cut where it is longer than ``length``."""
    flat = " ".join(text.split())
    return flat if len(flat) <= length else flat[: length - 1] + "…"


def as_directives(reason: str) -> str:
    """A reason whose advice is for the command line, with the directives to write instead."""
    return OPTION.sub(r"<!-- torchtex: \1 \2 -->", reason)


def number(value: float) -> str:
    return f"{value:.6g}"


def where_they_differ(found: Counterexample) -> str:
    """The counterexample in one sentence: both numbers, and the inputs."""
    element = f"[{', '.join(map(str, found.element))}]" if found.element else ""
    inputs = ", ".join(f"{name} = {_input(value)}" for name, value in found.inputs.items())
    place = f" at {inputs}" if inputs else ""
    what = f"{found.what}{element}"
    return f"{what}: formula {number(found.formula)}, code {number(found.code)}{place}"


def _input(value: Any) -> str:
    return shortened(_written(value), LONGEST_INPUT)


def _written(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_written, value)) + "]"
    return number(value) if isinstance(value, float) else str(value)


def how_it_was_read(verdict: Verdict) -> Iterator[str]:
    """The reading, the binding and the notes, one line each, if there are any."""
    if verdict.reading:
        yield "read: " + "; ".join(shortened(line, 200) for line in verdict.reading)
    if verdict.binding:
        pairs = (f"{symbol} = {shortened(code)}" for symbol, code in verdict.binding.items())
        yield "bound: " + ", ".join(pairs)
    if verdict.notes:
        yield "note: " + "; ".join(shortened(line, 200) for line in verdict.notes)
