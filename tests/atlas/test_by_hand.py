"""The code of every claim against loops written by hand: what a verification must find."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from tests.atlas.by_hand import BY_HAND, reduced
from tests.atlas.samples import SAMPLES, sample
from torchtex.atlas.catalogue import ENTRIES
from torchtex.atlas.entry import Case, Entry
from torchtex.pytorch.objects import call_roles

CASES = [
    pytest.param(entry, case, id=f"{case.code}-{number}")
    for entry in ENTRIES
    for number, claim in enumerate(entry.claims)
    for case in claim.cases()
    if case.expected in ("agrees", "agrees_up_to")
]


def run(code: str, values: dict[str, Any]) -> Any:
    tensors = {
        name: torch.from_numpy(value) if isinstance(value, np.ndarray) else value
        for name, value in values.items()
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # kl_div speaks about reduction='mean'
        return eval(code, {"F": F, "torch": torch}, tensors).numpy()


@pytest.mark.parametrize(("entry", "case"), CASES)
@pytest.mark.parametrize("seed", [0, 1])
def test_torch_computes_what_the_documentation_says(entry: Entry, case: Case, seed: int) -> None:
    roles = call_roles(case.code)
    assert roles.whole and roles.entry is entry
    values = sample(case, roles, seed)
    parts = BY_HAND[entry.name.rpartition(".")[2]](values, roles.settings)
    expected = reduced(parts, roles.settings["reduction"], SAMPLES)
    np.testing.assert_allclose(np.ravel(run(case.code, values)), expected, rtol=1e-11, atol=1e-12)


def test_every_loss_is_written_by_hand() -> None:
    with_claims = {entry.name.rpartition(".")[2] for entry in ENTRIES if entry.claims}
    assert with_claims == set(BY_HAND)
