"""F101: a formula and the code beside it give different numbers."""

from __future__ import annotations

from collections.abc import Iterator

from torchtex.document.diagnostics import Diagnostic, Rule
from torchtex.document.outcomes import Checked
from torchtex.document.rules import comparisons
from torchtex.document.wording import how_it_was_read, shortened, where_they_differ
from torchtex.verify.verdict import Verdict


def find(checked: Checked) -> Iterator[Diagnostic]:
    for compare, verdict in comparisons.verdicts(checked, "differs"):
        yield Diagnostic(
            "F101",
            "error",
            compare.formula.range,
            _message(compare.verify.code, verdict),
            verdict.suggestion,
            "differs",
        )


def _message(code: str, verdict: Verdict) -> str:
    first = f"formula differs from {shortened(code)}"
    if verdict.counterexample is not None:
        first += ": " + where_they_differ(verdict.counterexample)
    elif verdict.reason:
        first += ": " + shortened(verdict.reason, 300)
    if verdict.suggestion:
        first += f"; did you mean {shortened(verdict.suggestion, 300)} ?"
    return "\n".join([first, *how_it_was_read(verdict)])


RULE = Rule("F101", "formula differs from the code", find)
