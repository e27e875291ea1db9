"""Properties of random expressions; the oracle evaluates one number at a time in plain Python."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.index.scalar_oracle import Outside, elements, from_array
from tests.index.strategies import TENSORS, C, Inputs, N, expressions, inputs, inputs_of, terms
from torchtex.index.alpha import alpha_equal, canonical
from torchtex.index.construct import element, expression, index, multiply, not_equal, number, total
from torchtex.index.errors import NotAPosition, OutsideTensor
from torchtex.index.evaluate import ARBITRARY, EXTENDED, FLOAT64, Budget, evaluate
from torchtex.index.lift import lift
from torchtex.index.named import unfold
from torchtex.index.substitute import rename_sizes, substitute
from torchtex.index.terms import Call, Expression, Recurrence, Size
from torchtex.index.text import parse_expression, parse_term, write_expression, write_term
from torchtex.index.traverse import (
    children,
    count_nodes,
    depth,
    free_indices,
    rebuild,
    tensors_used,
    transform,
    walk,
)
from torchtex.index.wellformed import problems


def by_oracle(whole: Expression, given_inputs: Inputs) -> np.ndarray[Any, Any] | None:
    """The value by the scalar oracle; None where an element outside its tensor is looked at."""
    values, sizes = given_inputs
    tensors = {
        name: from_array(np.asarray(array), exact=name in ("y", "k"))
        for name, array in values.items()
    }
    try:
        found = elements(whole, tensors, sizes)
    except Outside:
        return None
    shape = tuple(int(extent.at(sizes)) for extent in whole.extents)
    result = np.empty(shape)
    for positions, value in found.items():
        result[positions] = value
    return result


def by_evaluator(
    whole: Expression, values: Mapping[str, Any], sizes: Mapping[str, int], **options: Any
) -> np.ndarray[Any, Any] | None:
    try:
        return evaluate(whole, values, sizes, **options)
    except (OutsideTensor, NotAPosition):
        return None


def holds_whole_tensors(whole: Expression) -> bool:
    """Definitions and states are evaluated whole; the lazy oracle looks only at what is used."""
    recurs = any(isinstance(node, Recurrence) for node in walk(whole.body))
    return recurs or bool(whole.definitions)


def assert_close(actual: Any, expected: Any) -> None:
    assert (actual is None) == (expected is None)
    if actual is not None and expected is not None:
        actual = np.asarray(actual, dtype=np.float64)
        assert actual.shape == expected.shape
        scale = 1 + np.max(np.abs(expected[np.isfinite(expected)]), initial=0)
        np.testing.assert_allclose(actual, expected, rtol=1e-9, atol=1e-9 * scale)


@settings(max_examples=200)
@given(expressions(), inputs())
def test_agrees_with_the_scalar_oracle(whole: Expression, given_inputs: Inputs) -> None:
    expected = by_oracle(whole, given_inputs)
    actual = by_evaluator(whole, *given_inputs)
    assume(not (actual is None and expected is not None and holds_whole_tensors(whole)))
    assert_close(actual, expected)


@given(expressions())
def test_is_well_formed(whole: Expression) -> None:
    assert problems(whole) == ()


@given(expressions(), inputs(), st.integers(1, 6))
def test_small_chunks_change_nothing(
    whole: Expression, given_inputs: Inputs, elements_at_once: int
) -> None:
    expected = by_evaluator(whole, *given_inputs)
    chunked = by_evaluator(whole, *given_inputs, budget=Budget(elements=elements_at_once))
    assert_close(chunked, expected)


@settings(max_examples=100)
@given(terms(3, (index("n", N), index("c", C))), inputs(), st.booleans())
def test_einsum_changes_nothing(term: Any, given_inputs: Inputs, guarded: bool) -> None:
    i, j = index("i", C), index("j", N)
    guard = not_equal(i, element("y", j)) if guarded else None
    factors = multiply(element("z", j, i), element("x", i), term)
    whole = expression(TENSORS, (index("n", N), index("c", C)), total(j, total(i, factors, guard)))
    expected = by_evaluator(whole, *given_inputs)
    assert_close(by_evaluator(whole, *given_inputs, budget=Budget(products=1)), expected)


@settings(max_examples=40)
@given(expressions(2), inputs())
def test_arithmetics_agree(whole: Expression, given_inputs: Inputs) -> None:
    expected = by_evaluator(whole, *given_inputs, arithmetic=FLOAT64)
    assert_close(by_evaluator(whole, *given_inputs, arithmetic=EXTENDED), expected)
    assert_close(by_evaluator(whole, *given_inputs, arithmetic=ARBITRARY(30)), expected)


@settings(max_examples=100)
@given(expressions())
def test_text_round_trip(whole: Expression) -> None:
    assert parse_expression(write_expression(whole)) == whole


@given(terms(3, (index("n", N), index("c", C))))
def test_text_of_an_open_term_round_trip(term: Any) -> None:
    assert parse_term(write_term(term)) == term


@settings(max_examples=100)
@given(terms(3, (index("n", N), index("c", C))), inputs(), st.data())
def test_substituting_is_binding(term: Any, given_inputs: Inputs, data: st.DataObject) -> None:
    """Putting positions in, then evaluating, is evaluating, then looking at these positions."""
    values, sizes = given_inputs
    n, c = index("n", N), index("c", C)
    p = data.draw(st.integers(0, sizes["N"] - 1))
    q = data.draw(st.integers(0, sizes["C"] - 1))
    table = by_evaluator(expression(TENSORS, (n, c), term), values, sizes)
    assume(table is not None)
    assert table is not None
    closed = substitute(term, {n: number(p), c: number(q)})
    assert not free_indices(closed) & {n, c}
    assert_close(by_evaluator(expression(TENSORS, (), closed), values, sizes), table[p, q])


@settings(max_examples=100)
@given(terms(3, (index("n", N), index("c", C))), inputs())
def test_substituting_indices_captures_nothing(term: Any, given_inputs: Inputs) -> None:
    """Renaming the result's indices to names bound inside changes no value."""
    values, sizes = given_inputs
    n, c = index("n", N), index("c", C)
    table = by_evaluator(expression(TENSORS, (n, c), term), values, sizes)
    others = (index("i", N), index("i", C))
    renamed = substitute(term, {n: others[0], c: others[1]})
    assert_close(by_evaluator(expression(TENSORS, others, renamed), values, sizes), table)


@settings(max_examples=100)
@given(terms(3, (index("n", N), index("c", C))), inputs())
def test_canonical_terms_mean_the_same(term: Any, given_inputs: Inputs) -> None:
    scope = (index("n", N), index("c", C))
    renamed = canonical(term)
    assert alpha_equal(term, renamed) and canonical(renamed) == renamed
    assert hash(renamed) == hash(canonical(term))
    assert free_indices(renamed) == free_indices(term)
    assert tensors_used(renamed) == tensors_used(term)
    expected = by_evaluator(expression(TENSORS, scope, term), *given_inputs)
    assert_close(by_evaluator(expression(TENSORS, scope, renamed), *given_inputs), expected)


@given(terms(2, (index("n", N),)), terms(2, (index("n", N),)))
def test_alpha_equality_is_that_of_canonical_text(left: Any, right: Any) -> None:
    same = write_term(canonical(left)) == write_term(canonical(right))
    assert alpha_equal(left, right) == same


@settings(max_examples=100)
@given(terms(3, (index("n", N), index("c", C))), inputs())
def test_unfolding_means_the_same(term: Any, given_inputs: Inputs) -> None:
    scope = (index("n", N), index("c", C))
    unfolded = term
    while any(isinstance(node, Call) for node in walk(unfolded)):
        unfolded = transform(unfolded, lambda t: unfold(t) if isinstance(t, Call) else t)
    expected = by_evaluator(expression(TENSORS, scope, term), *given_inputs)
    assume(depth(unfolded) < 60)
    assert_close(by_evaluator(expression(TENSORS, scope, unfolded), *given_inputs), expected)


@settings(max_examples=100)
@given(expressions(), inputs(), st.sets(st.sampled_from(("z", "x", "y", "beta"))))
def test_lifting_stacks(whole: Expression, first: Inputs, data: set[str]) -> None:
    """Evaluating on a stacked batch is stacking the evaluations of its members."""
    second = inputs_of(1, first[1]["N"], first[1]["C"])
    members = [dict(first[0]), {**first[0], **{name: second[0][name] for name in data}}]
    expected = [by_evaluator(whole, member, first[1]) for member in members]
    stacked = {
        name: np.stack([member[name] for member in members]) if name in data else value
        for name, value in first[0].items()
    }
    # The batch index has the name and the extent of one inside: it must capture nothing.
    fixed = rename_sizes(whole, {"N": Size.fixed(first[1]["N"])})
    batch = index("n", 2)
    found = by_evaluator(lift(fixed, data, (batch,)), stacked, first[1])
    if any(each is None for each in expected):
        assert found is None
        return
    assert_close(found, np.stack([each for each in expected if each is not None]))


@given(expressions())
def test_rebuilding_gives_the_same_term(whole: Expression) -> None:
    assert rebuild(whole.body, children(whole.body)) is whole.body
    assert transform(whole.body, lambda node: node) is whole.body
    assert count_nodes(whole.body) == sum(1 for _ in walk(whole.body))


@given(expressions())
def test_renaming_sizes_and_back(whole: Expression) -> None:
    there = rename_sizes(whole, {"N": Size.free("M"), "C": Size.free("K")})
    back = rename_sizes(there, {"M": Size.free("N"), "K": Size.free("C")})
    assert back == whole


@settings(max_examples=100)
@given(expressions(), st.integers(1, 3), st.integers(0, 99))
def test_merging_sizes_keeps_the_meaning(whole: Expression, both: int, seed: int) -> None:
    """Where N and C happen to be equal, making them one size changes nothing."""
    values, sizes = inputs_of(seed, both, both)
    merged = rename_sizes(whole, {"C": Size.free("N")})
    expected = by_evaluator(whole, values, sizes)
    assert_close(by_evaluator(merged, values, {"N": sizes["N"]}), expected)


def test_the_oracle_sees_a_planted_error() -> None:
    n = index("n", N)
    right = expression(TENSORS, (n,), element("z", n, element("y", n)))
    wrong = expression(TENSORS, (n,), element("z", n, 0))
    values = {"z": np.array([[1.0, 2.0], [3.0, 4.0]]), "y": np.array([1, 1]), "x": np.zeros(2)}
    given_inputs: Inputs = ({**values, "beta": 0.0, "k": 0}, {"N": 2, "C": 2})
    with pytest.raises(AssertionError):
        assert_close(by_evaluator(wrong, *given_inputs), by_oracle(right, given_inputs))
