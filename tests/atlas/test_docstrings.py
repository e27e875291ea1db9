"""Published claims are what the installed docstrings print, character by character."""

from __future__ import annotations

import inspect
import re

import pytest
import torch

from torchtex.atlas.catalogue import ENTRIES
from torchtex.atlas.entry import DocumentedClaim, Entry

CLAIMS = [
    pytest.param(entry, claim, id=f"{entry.module}-{number}")
    for entry in ENTRIES
    for number, claim in enumerate(entry.claims)
]


def docstring_of(module: str) -> str:
    documented = getattr(torch.nn, module.rpartition(".")[2])
    return inspect.cleandoc(documented.__doc__)


def displays_in(docstring: str) -> list[str]:
    """The text of every ``.. math::`` block: the indented lines that follow it."""
    lines = docstring.splitlines()
    found = []
    for number, line in enumerate(lines):
        if line.strip() != ".. math::":
            continue
        margin = len(line) - len(line.lstrip())
        block = []
        for following in lines[number + 1 :]:
            inside = len(following) - len(following.lstrip()) > margin
            if following.strip() and not inside:
                break
            block.append(following)
        found.append("\n".join(block))
    return found


def inline_in(docstring: str) -> list[str]:
    return re.findall(r":math:`([^`]*)`", docstring)


def squeezed(latex: str) -> str:
    return " ".join(latex.split())


def is_made_of(latex: str, pieces: set[str]) -> bool:
    """Whether ``latex`` is some of ``pieces``, one after another."""
    if not latex:
        return True
    return any(
        latex == piece
        or (latex.startswith(piece + " ") and is_made_of(latex[len(piece) + 1 :], pieces))
        for piece in pieces
        if piece
    )


def printed_in(entry: Entry) -> set[str]:
    assert entry.module is not None
    docstring = docstring_of(entry.module)
    return {squeezed(piece) for piece in displays_in(docstring) + inline_in(docstring)}


@pytest.mark.parametrize(("entry", "claim"), CLAIMS)
def test_published_means_printed(entry: Entry, claim: DocumentedClaim) -> None:
    assert is_made_of(squeezed(claim.latex), printed_in(entry)) == claim.published


@pytest.mark.parametrize(("entry", "claim"), CLAIMS)
def test_what_is_not_printed_or_does_not_hold_is_explained(
    entry: Entry, claim: DocumentedClaim
) -> None:
    if not claim.published or claim.expected in ("differs", "refused"):
        assert claim.remark, entry.name


@pytest.mark.parametrize("entry", [e for e in ENTRIES if e.claims], ids=lambda e: e.module)
def test_every_display_of_a_formula_is_claimed(entry: Entry) -> None:
    """No ``.. math::`` block is left out, but tables of symbols and terms that are only quoted."""
    assert entry.module is not None
    claimed = " ".join(squeezed(claim.latex) for claim in entry.claims)
    for display in displays_in(docstring_of(entry.module)):
        latex = squeezed(display)
        quoted = latex.startswith(r"\begin{aligned} C ={}") or latex.rstrip(".") in claimed
        assert quoted or latex in claimed, latex
