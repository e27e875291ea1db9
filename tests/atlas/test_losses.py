"""Every documented formula against its loss through the public API, and wrong ones beside them."""

from __future__ import annotations

import pytest

import torchtex as tt
from tests.atlas.wrong import neighbours
from torchtex.atlas.catalogue import ENTRIES
from torchtex.atlas.entry import Case, Entry
from torchtex.notation.errors import NotRead
from torchtex.verify.answer import answer
from torchtex.verify.question import pose
from torchtex.verify.verdict import Verdict

OK = ("agrees", "agrees_up_to")


def function_of(entry: Entry) -> str:
    return entry.name.rpartition(".")[2]


EVERY = [
    (entry, claim, case) for entry in ENTRIES for claim in entry.claims for case in claim.cases()
]
AGREEING = [(entry, claim, case) for entry, claim, case in EVERY if case.expected in OK]
HOLDING = [
    pytest.param(
        case,
        id=f"{number}-{case.code}",
        marks=() if claim is entry.claims[0] else pytest.mark.slow,
    )
    for number, (entry, claim, case) in enumerate(AGREEING)
]
NOT_HOLDING = [pytest.param(case, id=case.code) for _, _, case in EVERY if case.expected not in OK]
WRONG = [
    pytest.param(case, wrong, id=f"{number}-{case.code}-{edit}")
    for number, (entry, _, case) in enumerate(AGREEING)
    for edit, wrong in enumerate(neighbours(function_of(entry), case.formula))
]
FIRST_WRONG = [
    pytest.param(case, wrong, id=case.code)
    for entry, claim, case in AGREEING
    if claim is next(c for c in entry.claims if c.expected in OK)
    for wrong in [next(neighbours(function_of(entry), case.formula))]
]


def verified(case: Case, formula: str) -> Verdict:
    return tt.verify(formula, case.code, names=case.names, declare=case.declare)


@pytest.mark.parametrize("case", HOLDING)
def test_a_documented_formula_is_what_the_code_computes(case: Case) -> None:
    verdict = verified(case, case.formula)
    assert verdict.ok, str(verdict)
    assert verdict.status == case.expected, str(verdict)
    for step in filter(None, case.relation.split(", ")):
        assert step in (verdict.relation or ""), str(verdict)
    assert verdict.samples >= 200
    assert verdict.max_error is not None and verdict.max_error < 1e-3
    assert verdict.max_gradient_error is not None and verdict.max_gradient_error < 1e-3


@pytest.mark.parametrize("case", NOT_HOLDING)
def test_a_printed_formula_that_is_off_is_not_verified(case: Case) -> None:
    verdict = verified(case, case.formula)
    assert verdict.status == case.expected, str(verdict)


@pytest.mark.slow
@pytest.mark.parametrize(("case", "wrong"), WRONG)
def test_a_wrong_neighbour_is_not_verified(case: Case, wrong: str) -> None:
    """Without shrinking and repair, which is what takes long where the sides differ."""
    try:
        question = pose(wrong, case.code, {}, case.names, case.declare, 0, {}, 10.0)
        found = answer(question)
    except NotRead:
        return
    assert not found.ok, wrong


@pytest.mark.slow
@pytest.mark.parametrize(("case", "wrong"), FIRST_WRONG)
def test_a_wrong_neighbour_is_answered_in_full(case: Case, wrong: str) -> None:
    verdict = verified(case, wrong)
    assert verdict.status == "differs", str(verdict)
    assert verdict.counterexample is not None
    counterexample = verdict.counterexample
    assert counterexample.formula != pytest.approx(counterexample.code, rel=1e-12, abs=0)


@pytest.mark.parametrize(
    "case", [p for p in HOLDING if "multi_margin_loss" in p.id and "weight" not in p.id]
)
def test_a_condition_left_out_is_not_verified(case: Case) -> None:
    without = tuple(text for text in case.declare if r"\neq" not in text)
    assert len(without) == len(case.declare) - 1
    assert not tt.verify(case.formula, case.code, names=case.names, declare=without).ok


@pytest.mark.parametrize("entry", [e for e in ENTRIES if e.claims], ids=lambda e: e.name)
def test_every_claim_has_a_wrong_neighbour(entry: Entry) -> None:
    for claim in entry.claims:
        if claim.expected in OK:
            assert list(neighbours(function_of(entry), claim.latex))
