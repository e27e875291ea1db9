"""The pairs themselves: what is written by hand is what the code computes."""

from __future__ import annotations

import numpy as np
import pytest

from .pair import Pair
from .pairs import PAIRS
from .points import points_of
from .running import derivative, evaluate

CONSTANTS = (1.0, 2.0, 3.0, 6.0, 0.5)


def test_there_are_enough_pairs_and_each_has_its_own_name():
    identifiers = [pair.id for pair in PAIRS]
    assert len(set(identifiers)) == len(identifiers) >= 45


def smallest(values) -> float:
    arrays = [value for value in values.values() if isinstance(value, np.ndarray)]
    return min((float(np.abs(array).min()) for array in arrays), default=np.inf)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.id)
def test_the_code_computes_the_formula_written_by_hand(pair: Pair):
    compared = 0
    for point in points_of(pair, CONSTANTS)[:24]:
        if smallest(point.values) < pair.guarded_below:
            continue
        with np.errstate(all="ignore"):
            expected = pair.truth(point.values)
        if pair.id.startswith("gradient-"):
            result = derivative(pair, point.values, pair.arguments[0].name).numpy()
        else:
            result = evaluate(pair.code, point.values).numpy()
        comparable = np.isfinite(expected) & np.isfinite(result)
        assert result.shape == expected.shape
        scale = 1 + np.abs(expected[comparable]).max(initial=0.0)
        scale += max((float(np.abs(value).max()) for value in point.values.values()), default=0.0)
        np.testing.assert_allclose(
            result[comparable], expected[comparable], rtol=1e-7, atol=1e-10 * scale
        )
        compared += int(comparable.sum())
    assert compared >= 12
