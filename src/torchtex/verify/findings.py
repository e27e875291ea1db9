"""What was found out about one way of putting a formula beside code."""

from __future__ import annotations

import attrs

from torchtex.notation.reading import Claim
from torchtex.verify.attempts import Attempt, Layout
from torchtex.verify.examination import Examination
from torchtex.verify.verdict import Status

WORST_FIRST: tuple[Status, ...] = ("differs", "refused", "agrees_up_to", "agrees", "proved")


@attrs.frozen(eq=False)
class Finding:
    """The status of one claim, with the steps an ``agrees_up_to`` needs."""

    status: Status
    steps: tuple[str, ...] = ()
    reason: str | None = None
    notes: tuple[str, ...] = ()
    attempt: Attempt | None = None
    claim: Claim | None = None
    layout: Layout | None = None
    examination: Examination | None = None

    @property
    def ok(self) -> bool:
        return self.status in ("agrees", "agrees_up_to", "proved")

    def after(self, step: str) -> Finding:
        """The same finding, reached after one more named step."""
        if not self.ok:
            return self
        return attrs.evolve(self, status="agrees_up_to", steps=(*self.steps, step))


def worst(findings: tuple[Finding, ...]) -> Finding:
    """Each side of a chain is a claim; the worst one counts, with the notes and samples of all."""
    ranked = sorted(findings, key=lambda finding: WORST_FIRST.index(finding.status))
    first = ranked[0]
    if len(findings) == 1 or not first.ok:
        return first
    steps = tuple(dict.fromkeys(step for finding in findings for step in finding.steps))
    notes = tuple(dict.fromkeys(note for finding in findings for note in finding.notes))
    status: Status = "agrees_up_to" if steps else "agrees"
    return attrs.evolve(first, status=status, steps=steps, notes=notes)
