"""The tolerance: relative to the code's finite values, widened only by the formula's rounding."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from torchtex.verify.comparison import compare, scale_of

NAN, INF = float("nan"), float("inf")


def arrays(*values: float) -> tuple[np.ndarray, np.ndarray]:
    single = np.array(values)
    return single, single.astype(np.longdouble)


def test_equal_values_agree():
    single, high = arrays(1.0, -2.0, 0.0)
    found = compare(single, high, single)
    assert found.agrees
    assert found.error == 0
    assert found.compared == 3


@settings(max_examples=100, deadline=None)
@given(st.floats(-1e6, 1e6), st.floats(2e-9, 1.0))
def test_a_relative_difference_shows_at_any_scale(value, relative):
    single, high = arrays(value)
    code = np.array([value * (1 + relative)])
    assert compare(single, high, code).agrees == (code[0] == value or value == 0)


def test_the_scale_is_that_of_the_finite_values_of_the_code():
    single, high = arrays(1.0, INF)
    assert not compare(single, high, np.array([1.5, INF])).agrees
    assert scale_of(np.array([1.5, INF, NAN])) == 1.5


@pytest.mark.parametrize(
    ("formula", "code", "agrees"),
    [
        (NAN, NAN, True),
        (INF, INF, True),
        (INF, -INF, False),
        (NAN, 1.0, False),
        (1.0, NAN, False),
        (INF, 1e300, False),
    ],
)
def test_a_value_that_is_not_finite_on_one_side_differs(formula, code, agrees):
    single, high = arrays(formula, 1.0)
    assert compare(single, high, np.array([code, 1.0])).agrees is agrees


def test_the_rounding_of_the_formula_is_allowed_for():
    high = np.array([1.0], dtype=np.longdouble)
    assert compare(np.array([1 + 1e-6]), high, np.array([1 + 4e-6])).agrees
    assert not compare(np.array([1 + 1e-6]), high, np.array([1 + 4e-5])).agrees


def test_the_worst_element_is_reported():
    single, high = arrays(1.0, 2.0, 3.0)
    found = compare(single, high, np.array([1.0, 2.1, 3.5]))
    assert found.difference is not None
    assert found.difference.element == (2,)
    assert (found.difference.formula, found.difference.code) == (3.0, 3.5)


def test_slack_is_absolute():
    single, high = arrays(0.0)
    assert compare(single, high, np.array([1e-12]), slack=1e-9).agrees
    assert not compare(single, high, np.array([1e-8]), slack=1e-9).agrees
