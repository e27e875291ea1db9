"""F104: a formula was not compared, because something before or during the comparison ended it."""

from __future__ import annotations

from collections.abc import Iterator

from torchtex.document.diagnostics import Diagnostic, Rule
from torchtex.document.outcomes import Checked, Failed, NotRun, Stopped
from torchtex.document.rules import comparisons
from torchtex.document.wording import shortened


def find(checked: Checked) -> Iterator[Diagnostic]:
    for compare, outcome in comparisons.outcomes(checked):
        if isinstance(outcome, (Failed, NotRun, Stopped)):
            code = shortened(compare.verify.code)
            message = f"formula not compared with {code}: {outcome.reason}"
            yield Diagnostic("F104", "error", compare.formula.range, message, status="refused")


RULE = Rule("F104", "formula not reached", find)
