"""F103: a formula was read, but its symbols could not be tied to the code."""

from __future__ import annotations

from collections.abc import Iterator

from torchtex.document.diagnostics import Diagnostic, Rule
from torchtex.document.outcomes import Checked
from torchtex.document.rules import comparisons
from torchtex.document.wording import as_directives, how_it_was_read, shortened


def find(checked: Checked) -> Iterator[Diagnostic]:
    for compare, verdict in comparisons.refusals(checked):
        reason = as_directives(verdict.reason or "no reason is known")
        first = f"formula not compared with {shortened(compare.verify.code)}: {reason}"
        message = "\n".join([first, *how_it_was_read(verdict)])
        yield Diagnostic("F103", "error", compare.formula.range, message, status="refused")


RULE = Rule("F103", "formula not bound to the code", find)
