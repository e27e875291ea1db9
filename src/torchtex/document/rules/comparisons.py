"""What rules about formulas share: walking over comparisons and their verdicts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from torchtex.document.linking import Compare
from torchtex.document.outcomes import Checked, Judged, Outcome
from torchtex.verify.verdict import Status, Verdict

CARETS = re.compile(r"^\s*\^+\s*$", re.MULTILINE)


def outcomes(checked: Checked) -> Iterator[tuple[Compare, Outcome]]:
    """Every comparison that the article asks for, with what became of it."""
    for done in checked.done:
        if isinstance(done.step, Compare):
            yield done.step, done.outcome


def verdicts(checked: Checked, status: Status) -> Iterator[tuple[Compare, Verdict]]:
    """The comparisons that ended with ``status``."""
    for compare, outcome in outcomes(checked):
        if isinstance(outcome, Judged) and outcome.verdict.status == status:
            yield compare, outcome.verdict


def refusals(checked: Checked) -> Iterator[tuple[Compare, Verdict]]:
    """The comparisons whose formula was read and that were refused all the same."""
    for compare, verdict in verdicts(checked, "refused"):
        if not _is_unread(verdict):
            yield compare, verdict


def unread(checked: Checked) -> Iterator[tuple[Compare, Verdict]]:
    """The comparisons that were refused because the formula could not be read."""
    for compare, verdict in verdicts(checked, "refused"):
        if _is_unread(verdict):
            yield compare, verdict


def _is_unread(verdict: Verdict) -> bool:
    """Only the reader points at characters of the formula."""
    return not verdict.reading and CARETS.search(verdict.reason or "") is not None
