"""Every documented formula against its loss through the public API, and wrong ones beside them."""

from __future__ import annotations

import pytest

import torchtex as tt
from tests.atlas.wrong import neighbours
from torchtex.atlas.catalogue import ENTRIES
from torchtex.atlas.entry import Case, Entry
from torchtex.verify.verdict import Verdict

EVERY = [
    (entry, claim, case) for entry in ENTRIES for claim in entry.claims for case in claim.cases()
]
HOLDING = [
    pytest.param(case, id=f"{number}-{case.code}")
    for number, (_, _, case) in enumerate(EVERY)
    if case.expected in ("agrees", "agrees_up_to")
]
NOT_HOLDING = [
    pytest.param(case, id=case.code)
    for _, _, case in EVERY
    if case.expected in ("differs", "refused")
]
WRONG = [
    pytest.param(case, wrong, id=f"{number}-{case.code}-{edit}")
    for number, (entry, _, case) in enumerate(EVERY)
    if case.expected in ("agrees", "agrees_up_to")
    for edit, wrong in enumerate(neighbours(entry.name.rpartition(".")[2], case.formula))
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
    assert verdict.max_error is not None and verdict.max_error < 1e-6
    assert verdict.max_gradient_error is not None and verdict.max_gradient_error < 1e-2


@pytest.mark.parametrize("case", NOT_HOLDING)
def test_a_printed_formula_that_is_off_is_not_verified(case: Case) -> None:
    verdict = verified(case, case.formula)
    assert verdict.status == case.expected, str(verdict)


@pytest.mark.slow
@pytest.mark.parametrize(("case", "wrong"), WRONG)
def test_a_wrong_neighbour_is_not_verified(case: Case, wrong: str) -> None:
    assert wrong != case.formula
    assert not verified(case, wrong).ok, wrong


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
        assert list(neighbours(entry.name.rpartition(".")[2], claim.latex))
