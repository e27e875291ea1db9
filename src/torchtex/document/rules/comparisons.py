"""What rules about formulas share: walking over comparisons and their verdicts."""

from __future__ import annotations

from collections.abc import Iterator

from torchtex.document.linking import Compare
from torchtex.document.outcomes import Checked, Judged, Outcome
from torchtex.verify.verdict import Status, Verdict


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
