"""How many mutants of a pair met which end."""

from __future__ import annotations

import attrs

ENDS = (
    "not judged",
    "refused",
    "differs",
    "equivalent",
    "invisible",
    "false alarm",
    "crashed",
    "false verified",
)


@attrs.frozen
class Amount:
    """How many edits of the LaTeX and of the terms a pair is given, and with which inputs."""

    latex: int
    terms: int
    inputs: str = "own"


FULL = Amount(latex=40, terms=16)
MIDDLE = Amount(latex=14, terms=6)
QUICK = Amount(latex=5, terms=2)


@attrs.frozen
class Finding:
    """One mutant that needs a person's eye: its end, the formula, and what each side said."""

    pair: str
    end: str
    kind: str
    latex: str
    verdict: str
    oracle: str


@attrs.frozen
class PairCount:
    """The ends of one pair's mutants.

    ``problem`` says why the base formula itself does not count, where it does not.
    """

    pair: str
    status: str
    ends: dict[str, int]
    findings: tuple[Finding, ...] = ()
    problem: str = ""
    seconds: float = 0.0

    @property
    def verified(self) -> bool:
        return not self.problem

    def of(self, end: str) -> int:
        return self.ends.get(end, 0)

    @property
    def mutants(self) -> int:
        return sum(self.ends.values())

    @property
    def different(self) -> int:
        """Mutants that the oracle knows to be another function: all are to be caught."""
        return self.of("refused") + self.of("differs") + self.of("false verified")


def total(counts: tuple[PairCount, ...]) -> PairCount:
    """The sum over the pairs that verify."""
    ends = {end: sum(count.of(end) for count in counts if count.verified) for end in ENDS}
    return PairCount("total", "", ends, seconds=sum(count.seconds for count in counts))


def table(counts: tuple[PairCount, ...]) -> str:
    """A Markdown table, one row per pair that verifies and the totals."""
    header = ("pair", "verdict", "mutants", "different", *ENDS)
    rows = [_row(count) for count in counts if count.verified]
    rows.append(_row(total(counts)))
    lines = ["| " + " | ".join(header) + " |", "|---|---|" + "--:|" * (len(header) - 2)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def _row(count: PairCount) -> tuple[str, ...]:
    numbers = (count.mutants, count.different, *(count.of(end) for end in ENDS))
    return (count.pair, count.status, *(str(number) for number in numbers))
