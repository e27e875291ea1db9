"""Edits verified formulas and asks ``verify`` and the oracle about every edit."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs

from torchtex.index.errors import IndexLanguageError
from torchtex.index.terms import Expression
from torchtex.notation.errors import NotRead
from torchtex.notation.writer import NotWritten, declarations, write
from torchtex.pytorch.code import CodeFailed
from torchtex.verify import verify
from torchtex.verify.answer import answer
from torchtex.verify.binding import NotBound
from torchtex.verify.question import pose
from torchtex.verify.verdict import Verdict

from .comparison import Candidate, Judge, Outcome, candidate_of
from .count import Amount, Finding, PairCount
from .mutations import Mutant, mutants_of, sampled
from .pair import Pair
from .points import plain_point
from .readings import lower_readings, reading_of
from .relations import Relation, named
from .running import tensors
from .term_mutations import edited_expressions
from .tokens import left_side

SECONDS_EACH = 10.0
REDUCTIONS = ("none", "mean", "sum", "weighted")


@attrs.frozen
class Trial:
    """A formula to ask about; what an edited term's formula needs declared beside it."""

    kind: str
    latex: str
    declare: tuple[str, ...] = ()
    inputs: str = "own"


def own_inputs(pair: Pair) -> dict[str, Any]:
    """Values of the pair's own shapes and sorts."""
    return tensors(plain_point(pair).values)


def no_inputs(pair: Pair) -> dict[str, Any]:
    """Nothing: ``verify`` makes up shapes from the formula."""
    return {}


INPUTS: Mapping[str, Callable[[Pair], dict[str, Any]]] = {"own": own_inputs, "none": no_inputs}


def asked(pair: Pair, trial: Trial) -> Verdict:
    """What ``verify`` says of a formula."""
    return verify(
        trial.latex,
        pair.code,
        inputs=INPUTS[trial.inputs](pair),
        names=dict(pair.names),
        declare=(*pair.declare, *trial.declare),
        budget=SECONDS_EACH,
    )


def decided(pair: Pair, trial: Trial) -> Verdict:
    """The same without what only helps the user: no counterexample is shrunk, no repair sought.

    That takes most of the time of a formula that differs, and changes no verdict.
    """
    inputs = INPUTS[trial.inputs](pair)
    declare = (*pair.declare, *trial.declare)
    try:
        question = pose(trial.latex, pair.code, inputs, pair.names, declare, 0, {}, SECONDS_EACH)
        found = answer(question)
    except (NotRead, NotBound, CodeFailed) as refusal:
        return Verdict("refused", trial.latex, pair.code, reason=str(refusal))
    if found.ok:
        return asked(pair, trial)
    return Verdict(found.status, trial.latex, pair.code, reason=found.reason)


def judged_pair(pair: Pair, amount: Amount) -> PairCount:
    """All mutants of one pair, counted by how they ended."""
    started = time.perf_counter()
    try:
        base = asked(pair, Trial("base", pair.latex, inputs=amount.inputs))
    except Exception as error:  # the other pairs still count
        return PairCount(pair.id, "crashed", {}, problem=f"{type(error).__name__}: {error}")
    problem = "" if base.ok else f"{base.status}: {base.reason}"
    judge = None
    if base.ok:
        judge, problem = _judge(pair, base)
    if judge is None or problem:
        return PairCount(pair.id, base.status, {}, problem=problem or "not read")
    ends: Counter[str] = Counter()
    findings = []
    for trial in trials_of(pair, judge, amount):
        end, finding = judged(pair, judge, base, trial)
        ends[end] += 1
        findings += [finding] if finding else []
    seconds = time.perf_counter() - started
    return PairCount(pair.id, base.status, dict(ends), tuple(findings), seconds=seconds)


def _judge(pair: Pair, base: Verdict) -> tuple[Judge | None, str]:
    """The judge over the base formula, and why that is not the truth by hand if it is not."""
    try:
        reading = reading_of(pair, pair.latex, base.binding)
    except NotRead as error:
        return None, error.describe()
    judge = Judge(pair, candidate_of(reading, base.binding, named(base.relation)))
    apart = judge.deviation_from_reference()
    return judge, "" if apart.kind == "same" else f"not the truth by hand: {apart.because}"


def trials_of(pair: Pair, judge: Judge, amount: Amount) -> Iterator[Trial]:
    for mutant in sampled(mutants_of(pair.latex), amount.latex):
        yield Trial(mutant.kind, mutant.latex, inputs=amount.inputs)
    yield from _written(pair, judge, amount)


def _written(pair: Pair, judge: Judge, amount: Amount) -> Iterator[Trial]:
    """Edited terms as LaTeX, with their declarations; those that LaTeX cannot say are left out."""
    edits = edited_expressions(judge.base.claims[-1])
    places = tuple(Mutant(edit.kind, str(place)) for place, edit in enumerate(edits))
    for chosen in sampled(places, amount.terms):
        edited = edits[int(chosen.latex)].expression
        latex = _as_latex(edited, left_side(pair.latex))
        if latex is not None:
            yield Trial(chosen.kind, latex, declarations(edited), amount.inputs)


def _as_latex(expression: Expression, left: str | None) -> str | None:
    """The expression under its formula's own left side, or under any if that does not hold it."""
    for side in (left, None):
        try:
            return write(expression, None, side)
        except (NotWritten, IndexLanguageError):
            continue
    return None


def judged(pair: Pair, judge: Judge, base: Verdict, trial: Trial) -> tuple[str, Finding | None]:
    """How one mutant ended, and a finding where a person should look."""
    try:
        verdict = decided(pair, trial)
    except Exception as error:  # what verify must never do is itself an end to be counted
        said = f"{type(error).__name__}: {error}"
        return "crashed", Finding(pair.id, "crashed", trial.kind, trial.latex, said, "")
    binding = verdict.binding if verdict.ok else base.binding
    try:
        reading = reading_of(pair, trial.latex, binding, *trial.declare)
    except NotRead as error:
        if not verdict.ok:
            return "not judged", None
        return "false verified", _finding(pair, trial, "false verified", verdict, error.message)
    candidate = candidate_of(reading, binding, named(verdict.relation))
    outcome = _as_named(pair, judge, trial, candidate) if verdict.ok else _best(judge, candidate)
    end = END[verdict_word(verdict), outcome.kind]
    noted = end in ("false verified", "false alarm", "invisible", "equivalent")
    return end, _finding(pair, trial, end, verdict, outcome.because) if noted else None


def verdict_word(verdict: Verdict) -> str:
    if verdict.ok:
        return "passes"
    return "refused" if verdict.status == "refused" else "differs"


END: Mapping[tuple[str, str], str] = {
    ("passes", "same"): "equivalent",
    ("passes", "invisible"): "invisible",
    ("passes", "differs"): "false verified",
    ("passes", "unmatched"): "false verified",
    ("differs", "same"): "false alarm",
    ("differs", "invisible"): "differs",
    ("differs", "differs"): "differs",
    ("differs", "unmatched"): "not judged",
    ("refused", "same"): "not judged",
    ("refused", "invisible"): "refused",
    ("refused", "differs"): "refused",
    ("refused", "unmatched"): "not judged",
}


def _as_named(pair: Pair, judge: Judge, trial: Trial, candidate: Candidate) -> Outcome:
    """The outcome under the relation the verdict names, a lower reading included."""
    if candidate.relation.reading is None:
        return judge.outcome(candidate)
    row, way = candidate.relation.reading
    readings = lower_readings(pair, trial.latex, candidate.binding, trial.declare, row, way)
    outcomes = [
        judge.outcome(candidate_of(reading, candidate.binding, candidate.relation))
        for reading in readings
    ]
    same = [outcome for outcome in outcomes if outcome.kind == "same"]
    return (same or outcomes or [Outcome("unmatched", "no such lower reading")])[0]


def _best(judge: Judge, candidate: Candidate) -> Outcome:
    """Whether a formula that did not pass is right under any relation a verdict could name."""
    outcomes = []
    for reduction in REDUCTIONS:
        relation = Relation(reduction)
        outcome = judge.outcome(attrs.evolve(candidate, relation=relation))
        if outcome.kind == "same":
            return outcome
        outcomes.append(outcome)
    told_apart = [outcome for outcome in outcomes if outcome.kind != "unmatched"]
    return (told_apart or outcomes)[0]


def _finding(pair: Pair, trial: Trial, end: str, verdict: Verdict, because: str) -> Finding:
    said = " ".join(filter(None, (verdict.status, verdict.relation or "", verdict.reason or "")))
    return Finding(pair.id, end, trial.kind, trial.latex, said, because)
