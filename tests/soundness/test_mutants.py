"""No edit of a verified formula is verified unless the oracle says it is the same function."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from .count import MIDDLE, QUICK, PairCount
from .harness import Trial, asked, decided, judged_pair
from .mutations import mutants_of, sampled
from .pairs import pair_named

ROOT = Path(__file__).parents[2]

SAMPLE = (
    "cross-entropy",
    "smooth-l1",
    "hinge-embedding",
    "relu6",
    "elu",
    "linear",
    "kl",
    "focal",
)


def wrong(count: PairCount) -> list[str]:
    return [f.latex for f in count.findings if f.end in ("false verified", "crashed")]


@pytest.mark.parametrize("identifier", SAMPLE)
def test_a_few_mutants_of_everyday_formulas(identifier: str):
    count = judged_pair(pair_named(identifier), QUICK)
    assert count.verified, count.problem
    assert count.different >= 2
    assert not wrong(count)


def test_the_shorter_way_to_a_verdict_decides_alike():
    pair = pair_named("smooth-l1")
    for mutant in sampled(mutants_of(pair.latex), 8):
        trial = Trial(mutant.kind, mutant.latex)
        assert decided(pair, trial).status == asked(pair, trial).status, mutant


@pytest.mark.slow
def test_mutants_of_every_pair():
    """A part of what ``make mutants`` runs, in processes of its own."""
    amount = ["--latex", str(MIDDLE.latex), "--terms", str(MIDDLE.terms)]
    command = [sys.executable, "-m", "tests.soundness", "--json", *amount]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found = json.loads(done.stdout)
    assert found["wrong"] == []
    assert len(found["verified"]) >= 40
    assert found["different"] >= 1000
    assert done.returncode == 0
