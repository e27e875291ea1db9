"""Draws lie in their domain, at every style, and a simplex sums to exactly one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from torchtex.verify.domains import (
    BASE,
    DYADIC_NUMBERS,
    ENDS,
    GRID,
    NUMBERS,
    Style,
    draw,
    labels,
    ladder,
)

STYLES = (BASE, GRID, ENDS, Style("scaled", 1e-6), Style("scaled", 1e4))
INSIDE = {
    "positive": lambda v: (v >= 0).all(),
    "unit": lambda v: ((v >= 0) & (v <= 1)).all(),
    "simplex": lambda v: (v >= 0).all() and (v.sum(-1) == 1).all(),
    "log_simplex": lambda v: np.allclose(np.exp(v).sum(-1), 1),
    "signs": lambda v: np.isin(v, (-1, 1)).all(),
    "binary": lambda v: np.isin(v, (0, 1)).all(),
    "counts": lambda v: (v >= 0).all() and (v == np.round(v)).all(),
}


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(sorted(INSIDE)),
    st.sampled_from(STYLES),
    st.lists(st.integers(1, 5), min_size=1, max_size=3),
    st.integers(0, 99),
)
def test_every_draw_is_in_its_domain(domain, style, shape, seed):
    if domain == "log_simplex" and style.factor > 1:
        style = Style("scaled", 10.0)
    values = draw(domain, style, tuple(shape), np.random.default_rng(seed))
    assert values.shape == tuple(shape)
    assert INSIDE[domain](values)


def test_the_grid_is_dyadic_and_has_ties():
    values = draw("real", GRID, (2000,), np.random.default_rng(0))
    assert (values * 4 == np.round(values * 4)).all()
    assert {0.0, 1.0, -1.0} <= set(values.tolist())


def test_constants_are_drawn_exactly_and_beside():
    values = draw("real", Style("constants", constants=(60.0,)), (500,), np.random.default_rng(0))
    assert (values == 60.0).any()
    assert ((values > 59) & (values < 60)).any()
    assert ((values > 60) & (values < 61)).any()


def test_listed_values_only():
    values = draw((-1.0, 2.5), BASE, (50,), np.random.default_rng(0))
    assert set(values.tolist()) == {-1.0, 2.5}


@pytest.mark.parametrize("domain", ["labels", "other_labels"])
def test_labels_are_positions(domain):
    found = labels(domain, 5, (5,), np.random.default_rng(3))
    assert found.dtype == np.int64
    assert ((found >= 0) & (found < 5)).all()
    if domain == "other_labels":
        assert (found != np.arange(5)).all()


def test_an_ignored_label_is_among_the_labels():
    found = labels("labels", 4, (200,), np.random.default_rng(0), may_be=(-100,))
    assert (found == -100).any()
    assert set(found.tolist()) <= {-100, 0, 1, 2, 3}


def test_settings_tell_powers_and_signs_apart():
    for values in (*NUMBERS.values(), *DYADIC_NUMBERS.values()):
        assert len(set(values)) == len(values)
    assert all(value != value**2 for value in NUMBERS["positive"])
    assert min(NUMBERS["real"]) < 0 < min(NUMBERS["positive"]) < 1e-2


def test_the_ladder_only_goes_down():
    assert ladder("unit", ("real", "positive", "unit", "simplex")) == ("unit", "simplex")
    assert ladder((1.0, -1.0), ("real",)) == ((1.0, -1.0),)
