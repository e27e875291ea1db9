"""``python -m tests.soundness``: run the mutation harness and print its table.

``--write`` puts the table into ``docs/soundness.md``; names of pairs limit the run to them.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from .count import PairCount, table, total
from .pairs import PAIRS
from .pool import run

PAGE = Path(__file__).parents[2] / "docs" / "soundness.md"
BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"
COMMAND = "python -m tests.soundness --write"


def report(counts: tuple[PairCount, ...]) -> str:
    """The table, then every mutant that a person should look at, then pairs that do not count."""
    parts = [table(counts)]
    for count in counts:
        for finding in count.findings:
            parts.append(
                f"{finding.end} ({finding.pair}, {finding.kind}): {finding.latex}\n"
                f"    verify: {finding.verdict}\n    oracle: {finding.oracle}"
            )
    parts += [f"{count.pair} does not count: {count.problem}" for count in counts if count.problem]
    return "\n\n".join(parts)


def write_page(counts: tuple[PairCount, ...], seconds: float) -> None:
    """Put the table between the markers of the page."""
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    _, after = rest.split(END)
    totals = total(counts)
    verified = sum(count.verified for count in counts)
    said = (
        f"`{COMMAND}` wrote this table: {verified} pairs that verify, {totals.mutants} mutants, "
        f"{totals.different} of them another function, "
        f"**{totals.of('false verified')} verified although they differ**, {seconds / 60:.0f} min."
    )
    PAGE.write_text(f"{before}{BEGIN}\n{said}\n\n{table(counts)}\n{END}{after}", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soundness", description=__doc__)
    parser.add_argument("pairs", nargs="*", help="names of pairs; all of them if none is given")
    parser.add_argument("--latex", type=int, default=44, help="edits of the LaTeX per pair")
    parser.add_argument("--terms", type=int, default=18, help="edits of the terms per pair")
    parser.add_argument("--write", action="store_true", help="write docs/soundness.md")
    options = parser.parse_args()
    started = time.perf_counter()
    names = options.pairs or [pair.id for pair in PAIRS]
    counts = run(names, options.latex, options.terms)
    seconds = time.perf_counter() - started
    print(report(counts))
    if options.write:
        write_page(counts, seconds)
    return 1 if total(counts).of("false verified") else 0


if __name__ == "__main__":
    sys.exit(main())
