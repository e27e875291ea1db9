"""``python -m tests.soundness``: run the mutation harness and print its table.

``--write`` puts the table into ``docs/soundness.md``; names of pairs limit the run to them.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import attrs

from .count import FULL, Amount, PairCount, table, total
from .pairs import PAIRS
from .pool import run

PAGE = Path(__file__).parents[2] / "docs" / "soundness.md"
LOOKED_AT = frozenset(["invisible", "false alarm", "crashed", "false verified"])
WRONG = frozenset(["crashed", "false verified"])
BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"
COMMAND = "python -m tests.soundness --write"


LEAST_PAIRS, LEAST_DIFFERENT = 90, 1_000


def report(counts: tuple[PairCount, ...], ends: frozenset[str] = LOOKED_AT) -> str:
    """The table, then the mutants with one of the ``ends``, then pairs that do not count."""
    parts = [table(counts)]
    for count in counts:
        for finding in count.findings:
            if finding.end not in ends:
                continue
            parts.append(
                f"{finding.end} ({finding.pair}, {finding.kind}): {finding.latex}\n"
                f"    verify: {finding.verdict}\n    oracle: {finding.oracle}"
            )
    parts += [f"{count.pair} does not count: {count.problem}" for count in counts if count.problem]
    return "\n\n".join(parts)


def as_json(counts: tuple[PairCount, ...]) -> str:
    """What a test needs: pairs that verify, how many mutants differ, and what went wrong."""
    wrong = [attrs.asdict(f) for c in counts for f in c.findings if f.end in WRONG]
    verified = [count.pair for count in counts if count.verified]
    return json.dumps({"verified": verified, "different": total(counts).different, "wrong": wrong})


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
    parser.add_argument("--latex", type=int, default=FULL.latex, help="edits of LaTeX per pair")
    parser.add_argument("--terms", type=int, default=FULL.terms, help="edits of terms per pair")
    parser.add_argument("--inputs", choices=["own", "none"], default=FULL.inputs)
    parser.add_argument("--write", action="store_true", help="write docs/soundness.md")
    parser.add_argument("--equivalent", action="store_true", help="list what is the same function")
    parser.add_argument("--json", action="store_true", help="print the counts for machines")
    options = parser.parse_args()
    started = time.perf_counter()
    names = options.pairs or [pair.id for pair in PAIRS]
    counts = run(names, Amount(options.latex, options.terms, options.inputs))
    seconds = time.perf_counter() - started
    looked_at = LOOKED_AT | {"equivalent"} if options.equivalent else LOOKED_AT
    print(as_json(counts) if options.json else report(counts, looked_at))
    if options.write:
        write_page(counts, seconds)
    totals = total(counts)
    if totals.of("false verified") or totals.of("crashed"):
        return 1
    whole = not options.pairs and Amount(options.latex, options.terms, options.inputs) == FULL
    return 1 if whole and not enough(counts) else 0


def enough(counts: tuple[PairCount, ...]) -> bool:
    """Whether a whole run was one: pairs that no longer verify would make fewer mutants."""
    verified = sum(count.verified for count in counts)
    return verified >= LEAST_PAIRS and total(counts).different >= LEAST_DIFFERENT


if __name__ == "__main__":
    sys.exit(main())
