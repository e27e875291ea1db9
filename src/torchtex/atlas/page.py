"""The reference page of the losses, written from the catalogue: ``python -m torchtex.atlas.page``.

What the page says of each claim is what the tests verify, so that neither can drift.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from torchtex.atlas.entry import Case, DocumentedClaim, Entry
from torchtex.atlas.losses import ENTRIES

INTRODUCTION = """\
# Losses

Every formula that the docstrings of PyTorch 2.13 print for these losses, held against the code.
*Printed* formulas are those of the docstring, character by character, with the where-clauses of
its prose as declarations; *written here* are formulas that the docstring lacks or gets wrong, and
the remark says how. Each verdict is of value and gradient, and holds for every setting listed.

`agrees` means agreement on every sample. `agrees up to mean` (or `sum`) means that the formula is
of one element or one sample and the code reduces over them.
`tests/atlas/test_losses.py` verifies every row through `torchtex.verify`; this page is written by
`python -m torchtex.atlas.page > docs/reference/losses.md`.
"""

REDUCTIONS = ("none", "mean", "sum", "batchmean")


def losses_page() -> str:
    """The page as Markdown, with a newline at its end."""
    sections = (_section(entry) for entry in ENTRIES)
    return "\n".join([INTRODUCTION, _overview(ENTRIES), *sections]) + "\n"


def _overview(entries: Iterable[Entry]) -> str:
    rows = [
        "## Overview",
        "",
        "What becomes of the printed formula, by reduction. A dash: none is printed for it.",
        "",
        "| loss | none | mean | sum | batchmean |",
        "|---|---|---|---|---|",
    ]
    rows.extend(_overview_row(entry) for entry in entries)
    return "\n".join(rows) + "\n"


def _overview_row(entry: Entry) -> str:
    title = _title(entry)
    cells = (_printed_verdicts(entry, reduction) for reduction in REDUCTIONS)
    return f"| [{title}](#{title.lower()}) | " + " | ".join(cells) + " |"


def _printed_verdicts(entry: Entry, reduction: str) -> str:
    verdicts = dict.fromkeys(
        _verdict(case)
        for claim in entry.claims
        if claim.published
        for case in claim.cases()
        if case.settings.get("reduction") == reduction
    )
    return ", ".join(verdicts) or "–"


def _title(entry: Entry) -> str:
    return (entry.module or entry.name).rpartition(".")[2]


def _section(entry: Entry) -> str:
    lines = [f"## {_title(entry)}", "", f"`{entry.name}`, `{entry.module}`", ""]
    for latex, claims in groupby(entry.claims, key=lambda claim: claim.latex):
        lines.extend(_formula(latex, tuple(claims)))
    if entry.edges:
        lines.extend(["Known edges of the code:", ""])
        lines.extend(f"- {_edge(edge)}" for edge in entry.edges)
        lines.append("")
    return "\n".join(lines)


def _formula(latex: str, claims: tuple[DocumentedClaim, ...]) -> Iterator[str]:
    yield "Printed:" if claims[0].published else "Written here:"
    yield ""
    yield "```latex"
    yield latex
    yield "```"
    yield ""
    yield from _remarks(claims)
    yield from _stated(claims)
    yield "| code | verdict |"
    yield "|---|---|"
    for claim in claims:
        yield from (_row(case) for case in claim.cases())
    yield ""


def _remarks(claims: tuple[DocumentedClaim, ...]) -> Iterator[str]:
    for remark in dict.fromkeys(claim.remark for claim in claims if claim.remark):
        yield remark
        yield ""


def _stated(claims: tuple[DocumentedClaim, ...]) -> Iterator[str]:
    """What has to be declared, and which symbols are expressions of the arguments."""
    declared = dict.fromkeys(text for claim in claims for text in claim.declare)
    if declared:
        yield "Declared: " + ", ".join(f"`{text}`" for text in declared) + "."
        yield ""
    named = dict.fromkeys(pair for claim in claims for pair in claim.names.items())
    if named:
        yield "Named: " + ", ".join(f"`{symbol}` is `{code}`" for symbol, code in named) + "."
        yield ""


def _row(case: Case) -> str:
    return f"| `{case.code}` | {_verdict(case)} |"


def _verdict(case: Case) -> str:
    words = case.expected.replace("_", " ")
    return f"{words} {case.relation}" if case.relation else words


def _edge(edge: str) -> str:
    arguments, _, said = edge.partition(": ")
    return f"`{arguments}`: {said}"


if __name__ == "__main__":
    print(losses_page(), end="")
