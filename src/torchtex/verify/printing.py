"""A verdict as plain text for people: the word first, then what it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torchtex.verify.verdict import Counterexample, Verdict

INDENT = 16


def describe(verdict: Verdict) -> str:
    """The verdict, how the formula was read, the binding, the samples, and what differs."""
    lines = [_headline(verdict)]
    for label, texts in _sections(verdict):
        lines += _section(label, texts)
    return "\n".join(lines)


def _headline(verdict: Verdict) -> str:
    word = verdict.status.replace("_", " ")
    return f"{word}: {verdict.relation}" if verdict.relation else word


def _sections(verdict: Verdict) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "formula", tuple(verdict.formula.splitlines()) or ("",)
    if verdict.code:
        yield "code", (verdict.code,)
    if verdict.reason:
        yield "reason", tuple(verdict.reason.splitlines())
    if verdict.counterexample is not None:
        yield "counterexample", tuple(_counterexample(verdict.counterexample))
    if verdict.suggestion is not None:
        yield "did you mean", (f"{verdict.suggestion} ?",)
    yield "read as", verdict.reading
    yield "binding", tuple(f"{name} is {text}" for name, text in verdict.binding.items())
    if verdict.samples:
        yield "compared", (_compared(verdict),)
    yield "note", verdict.notes


def _section(label: str, texts: tuple[str, ...]) -> list[str]:
    margin = " " * (INDENT + 2)
    return [
        (f"  {label:<{INDENT}}" if place == 0 else margin) + text
        for place, text in enumerate(texts)
    ]


def _compared(verdict: Verdict) -> str:
    said = f"{verdict.samples} elements, seed {verdict.seed}"
    if verdict.max_error is not None:
        said += f"; largest error of the value {verdict.max_error:.1e}"
    if verdict.max_gradient_error is not None:
        said += f", of the gradient {verdict.max_gradient_error:.1e}"
    return said


def _counterexample(smallest: Counterexample) -> Iterator[str]:
    for name, value in smallest.inputs.items():
        yield f"{name} = {_number(value)}"
    where = f" at {list(smallest.element)}" if smallest.element else ""
    yield f"{smallest.what}{where}: formula {smallest.formula:.10g}, code {smallest.code:.10g}"


def _number(value: Any) -> str:
    """Nested lists with numbers short enough to read and exact enough to try."""
    if isinstance(value, list):
        return "[" + ", ".join(_number(item) for item in value) + "]"
    return f"{value:.12g}" if isinstance(value, float) else str(value)
