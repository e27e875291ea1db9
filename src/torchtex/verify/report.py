"""From a finding to a verdict, and from a verdict to text for people."""

from __future__ import annotations

from torchtex.verify.findings import Finding
from torchtex.verify.question import Question
from torchtex.verify.verdict import Verdict


def verdict_of(question: Question, finding: Finding) -> Verdict:
    """The verdict that users see."""
    examination = finding.examination
    attempt = finding.attempt
    binding = {} if attempt is None else _binding(finding)
    return Verdict(
        status=finding.status,
        formula=question.latex,
        code=question.code.text,
        relation="; ".join(finding.steps) or None,
        reading=() if attempt is None else attempt.setting.reading.lines,
        binding=binding,
        samples=0 if examination is None else examination.samples,
        max_error=None if examination is None or not finding.ok else examination.max_error,
        max_gradient_error=None
        if examination is None or not finding.ok
        else examination.max_gradient_error,
        reason=finding.reason,
        notes=finding.notes,
        seed=question.seed,
    )


def _binding(finding: Finding) -> dict[str, str]:
    assert finding.attempt is not None
    symbols = {symbol.name for symbol in finding.attempt.setting.reading.symbols}
    bound = finding.attempt.setting.binding.bound
    return {name: each.expression for name, each in bound.items() if name in symbols}
