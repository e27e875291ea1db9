"""F110: a formula agrees with the code after one named step."""

from __future__ import annotations

from collections.abc import Iterator

from torchtex.document.diagnostics import Diagnostic, Rule
from torchtex.document.outcomes import Checked
from torchtex.document.rules import comparisons
from torchtex.document.wording import how_it_was_read, shortened


def find(checked: Checked) -> Iterator[Diagnostic]:
    for compare, verdict in comparisons.verdicts(checked, "agrees_up_to"):
        relation = verdict.relation or "a step without a name"
        first = f"agrees up to {relation}: {shortened(compare.verify.code)}"
        message = "\n".join([first, *how_it_was_read(verdict)])
        yield Diagnostic("F110", "info", compare.formula.range, message, status="agrees_up_to")


RULE = Rule("F110", "formula agrees up to one step", find)
