"""No edit of a verified formula is verified unless the oracle says it is the same function."""

from __future__ import annotations

import pytest

from .__main__ import report
from .count import FULL, QUICK, PairCount, total
from .harness import Trial, asked, decided, judged_pair
from .mutations import mutants_of, sampled
from .pairs import PAIRS, pair_named
from .pool import run

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
def test_all_mutants():
    counts = run([pair.id for pair in PAIRS], FULL)
    totals = total(counts)
    assert sum(count.verified for count in counts) >= 40, report(counts)
    assert totals.different >= 1000
    assert totals.of("false verified") == 0, report(counts)
    assert totals.of("crashed") == 0, report(counts)
