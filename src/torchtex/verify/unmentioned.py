"""Arguments that the formula does not mention: whether the code's value depends on them."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import numpy as np

from torchtex.pytorch.code import CodeFailed
from torchtex.verify.attempts import Layout
from torchtex.verify.comparison import TOLERANCE, Difference, scale_of
from torchtex.verify.examination import Failure
from torchtex.verify.filling import Draft, fill
from torchtex.verify.question import Question
from torchtex.verify.relations import Relation
from torchtex.verify.shapes import MAIN, NoSizes
from torchtex.verify.slots import Array, Sample, Value
from torchtex.verify.trial import attempt


def hidden_dependence(
    question: Question, layout: Layout, relation: Relation
) -> tuple[str, Failure] | None:
    """An input that the formula leaves out and that changes the code's value, with a sample.

    A weighted mean accounts for the weights by itself.
    """
    if relation.weights is not None:
        return None
    names = [
        s.name for s in layout.pairing.slots if s.kind == "fixed" and s.name in question.inputs
    ]
    sample = _sample(question, layout) if names else None
    if sample is None:
        return None
    for name in names:
        failure = _moved(layout, relation, sample, name)
        if failure is not None:
            return name, failure
    return None


def _sample(question: Question, layout: Layout) -> Sample | None:
    if layout.given:
        return layout.given[0]
    try:
        draft = Draft("unmentioned", MAIN)
        return fill(layout.pairing, draft, question.seed, layout.accepted.sizing)
    except (NoSizes, ValueError):
        return None


def _moved(layout: Layout, relation: Relation, sample: Sample, name: str) -> Failure | None:
    pairing = layout.pairing
    try:
        before = np.asarray(pairing.code_value(sample), dtype=np.float64)
    except CodeFailed:
        return None
    for other in _other_values(sample.values[name]):
        changed = attrs.evolve(sample, values={**sample.values, name: other})
        try:
            after = np.asarray(pairing.code_value(changed), dtype=np.float64)
        except CodeFailed:
            continue
        element = _largest_change(before, after)
        if element is not None:
            formula = _formula_at(layout, relation, changed, after, element)
            difference = Difference(element, formula, float(after[element]))
            return Failure(changed, relation, "value", difference)
    return None


def _other_values(value: Value) -> Iterator[Value]:
    """Other values of the same kind and shape."""
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        yield from (value + 0.5, 2 * value + 0.25, 1 - value, -value)
    elif isinstance(value, np.ndarray):
        yield from (np.roll(value, 1), np.zeros_like(value), value + 1)
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, (int, float)):
        yield from (value + 1, 2 * value + 1, value / 2 if isinstance(value, float) else 0)


def _largest_change(before: Array, after: Array) -> tuple[int, ...] | None:
    if before.shape != after.shape or not (np.isfinite(before) & np.isfinite(after)).all():
        return None
    change = np.abs(after - before)
    if not change.size or change.max() <= TOLERANCE * max(scale_of(before), scale_of(after)):
        return None
    place = np.unravel_index(int(np.argmax(change)), change.shape)
    return tuple(int(index) for index in place)


def _formula_at(
    layout: Layout, relation: Relation, sample: Sample, code: Array, element: tuple[int, ...]
) -> float:
    trial = attempt(layout.pairing, sample, code)
    if trial.high is None:
        return float("nan")
    return float(relation.apply(trial.high, sample)[element])
