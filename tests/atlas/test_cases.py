"""A claim and its options make one case for each combination."""

from __future__ import annotations

import pytest

from torchtex.atlas.catalogue import ENTRIES
from torchtex.atlas.entry import DocumentedClaim, Entry
from torchtex.atlas.reductions import over_reductions

CLAIM = DocumentedClaim(
    "x^p",
    "f(x, p={p}, log={log}, reduction={reduction})",
    declare=(r"x \in \mathbb{R}",),
    options={"p": (1, 2), "log": (True,), "reduction": ("none", "sum")},
)


def test_every_combination_is_a_case() -> None:
    assert [case.code for case in CLAIM.cases()] == [
        "f(x, p=1, log=True, reduction='none')",
        "f(x, p=1, log=True, reduction='sum')",
        "f(x, p=2, log=True, reduction='none')",
        "f(x, p=2, log=True, reduction='sum')",
    ]


def test_options_are_declared_after_what_the_prose_says() -> None:
    first = next(CLAIM.cases())
    assert first.declare == (
        r"x \in \mathbb{R}",
        r"\text{p} = 1",
        "log = True",
        "reduction = none",
    )
    assert first.settings == {"p": 1, "log": True, "reduction": "none"}


def test_a_claim_without_options_is_one_case() -> None:
    (case,) = DocumentedClaim("x", "x", names={"x": "z"}).cases()
    assert (case.formula, case.code, case.declare, case.names) == ("x", "x", (), {"x": "z"})


def test_underscores_are_escaped_in_declarations() -> None:
    claim = DocumentedClaim("x", "{ignore_index}", options={"ignore_index": (-100,)})
    assert next(claim.cases()).declare == (r"\text{ignore\_index} = -100",)


def test_reductions_are_exact_or_named() -> None:
    none, mean, total = over_reductions(DocumentedClaim("x", "f(x, reduction={reduction})"))
    assert (none.expected, none.relation) == ("agrees", "")
    assert (mean.expected, mean.relation) == ("agrees_up_to", "mean")
    assert (total.expected, total.relation) == ("agrees_up_to", "sum")


def test_reductions_add_to_a_relation() -> None:
    claim = DocumentedClaim("x", "f(x)", expected="agrees_up_to", relation="const")
    relations = [c.relation for c in over_reductions(claim)]
    assert relations == ["const", "const, mean", "const, sum"]


@pytest.mark.parametrize("entry", [e for e in ENTRIES if e.claims], ids=lambda e: e.name)
def test_every_loss_is_claimed_for_every_reduction(entry: Entry) -> None:
    swept = {case.settings["reduction"] for claim in entry.claims for case in claim.cases()}
    assert {"none", "mean", "sum"} <= swept
