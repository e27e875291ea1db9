"""F102: a formula that a directive wants compared could not be read."""

from __future__ import annotations

from collections.abc import Iterator

from torchtex.document.diagnostics import Diagnostic, Rule
from torchtex.document.outcomes import Checked
from torchtex.document.rules import comparisons


def find(checked: Checked) -> Iterator[Diagnostic]:
    for compare, verdict in comparisons.unread(checked):
        reason = verdict.reason or "no reason is known"
        message = f"formula not read: {reason}"
        yield Diagnostic("F102", "error", compare.formula.range, message, status="refused")


RULE = Rule("F102", "formula not read", find)
