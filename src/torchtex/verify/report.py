"""From a finding to a verdict, and from a verdict to text for people."""

from __future__ import annotations

from torchtex.verify.findings import Finding
from torchtex.verify.question import Question
from torchtex.verify.repair import suggest
from torchtex.verify.shrink import counterexample
from torchtex.verify.verdict import Counterexample, Verdict


def verdict_of(question: Question, finding: Finding) -> Verdict:
    """The verdict that users see; where the sides differ, with what helps."""
    examination = finding.examination
    smallest, suggestion = _help(question, finding)
    attempt = finding.attempt
    binding = {} if attempt is None else _binding(finding)
    return Verdict(
        status=finding.status,
        formula=question.latex,
        code=question.code.text,
        relation="; ".join(finding.steps) or None,
        reading=() if attempt is None else (*attempt.setting.reading.lines, *_batch(finding)),
        binding=binding,
        samples=0 if examination is None else examination.samples,
        max_error=None if examination is None or not finding.ok else examination.max_error,
        max_gradient_error=None
        if examination is None or not finding.ok
        else examination.max_gradient_error,
        counterexample=smallest,
        suggestion=suggestion,
        reason=finding.reason,
        notes=finding.notes,
        seed=question.seed,
    )


def _batch(finding: Finding) -> tuple[str, ...]:
    """Which arguments were given batch axes."""
    layout = finding.layout
    if layout is None or not layout.pairing.batch:
        return ()
    names = ", ".join(slot.name for slot in layout.pairing.slots if slot.batched)
    axes = "one batch axis" if layout.pairing.batch == 1 else f"{layout.pairing.batch} batch axes"
    return (f"{axes} in front of {names}",)


def _help(question: Question, finding: Finding) -> tuple[Counterexample | None, str | None]:
    examination = finding.examination
    if finding.status != "differs" or examination is None or examination.failure is None:
        return None, None
    assert finding.layout is not None
    smallest = counterexample(finding.layout, examination.failure, question.seed, question.deadline)
    return smallest, suggest(question, finding)


def _binding(finding: Finding) -> dict[str, str]:
    assert finding.attempt is not None
    symbols = {symbol.name for symbol in finding.attempt.setting.reading.symbols}
    bound = finding.attempt.setting.binding.bound
    return {name: each.expression for name, each in bound.items() if name in symbols}
