"""Building, walking, substituting, renaming, comparing and lifting, on terms one can read."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from torchtex.index.alpha import alpha_equal, canonical
from torchtex.index.construct import (
    add,
    as_term,
    element,
    exp,
    expression,
    index,
    multiply,
    number,
    size,
    subtract,
    tensor,
    total,
)
from torchtex.index.errors import TooDeep
from torchtex.index.evaluate import evaluate
from torchtex.index.lift import lift
from torchtex.index.substitute import rename_sizes, replace_elements, substitute
from torchtex.index.terms import Element, Index, Number, Size, Term
from torchtex.index.text import parse_expression, parse_term, write_expression, write_term
from torchtex.index.traverse import (
    children,
    count_nodes,
    depth,
    free_indices,
    postorder,
    rebuild,
    size_names,
    tensors_used,
    transform,
    walk,
)

n, c, k = index("n", "N"), index("c", "C"), index("k", "C")


def term(text: str, *bound: Index) -> Term:
    return parse_term(text, bound)


# Building


def test_plain_numbers_stand_for_terms() -> None:
    assert as_term(3) == Number(Fraction(3))
    assert as_term(Fraction(1, 3)) == Number(Fraction(1, 3))
    assert add(1, n).arguments == (number(1), n)
    assert size("N") + 1 == Size.combine({"N": Fraction(1)}, Fraction(1))


@pytest.mark.parametrize("value", [0.1, True, "x", None])
def test_what_is_no_exact_number_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        as_term(value)


def test_terms_are_kept_as_written() -> None:
    nested = add(add(1, 2), 0)
    assert len(nested.arguments) == 2 and nested.arguments[1] == number(0)


# Walking

EVERYTHING = """
    sum(k:C | k != c, x[k]) + case(c < 1 -> z[n, c], else beta)
    * softmax((j:D) -> x[j] + n)[c] - repeat(s[i:N] = x[i] + t; t:T -> s[i] + t; n)[c]
"""


def everything() -> Term:
    return term(EVERYTHING.replace("\n", " "), n, c)


def test_what_a_term_uses() -> None:
    whole = everything()
    assert tensors_used(whole) == {"x", "z", "beta", "t"}  # s is the recurrence's own
    assert free_indices(whole) == {n, c}
    assert size_names(whole) == {"C", "D", "N", "T"}
    assert count_nodes(whole) == len(list(walk(whole)))
    assert next(walk(whole)) is whole
    assert list(postorder(whole))[-1] is whole


def test_size_names_of_an_expression_include_its_header() -> None:
    whole = parse_expression("y: label(K)[2M]; d[i:P] = #Q; l[j:R] = d[j]")
    assert size_names(whole) == {"K", "M", "P", "Q", "R"}


def test_the_step_of_a_recurrence_is_bound_after_the_first_state_only() -> None:
    step = index("t", "T")
    whole = term("repeat(s[] = t; t:T -> s + t; t)", step)
    assert free_indices(whole) == {step}
    replaced = substitute(whole, {step: number(5)})
    assert write_term(replaced) == "repeat(s[] = 5; t:T -> s + t; 5)"


def test_children_come_in_reading_order() -> None:
    names = [node.tensor for node in walk(everything()) if isinstance(node, Element)]
    assert names == ["x", "z", "beta", "x", "x", "t", "s"]


def test_rebuilding_needs_as_many_children() -> None:
    whole = add(n, c)
    assert rebuild(whole, (c, n)) == add(c, n)
    assert rebuild(whole, children(whole)) is whole
    with pytest.raises(ValueError, match="argument"):
        rebuild(whole, (n,))


def test_transforming_goes_from_the_inside_out() -> None:
    def halved(node: Term) -> Term:
        return number(node.value / 2) if isinstance(node, Number) else node

    assert transform(add(4, multiply(2, n)), halved) == add(2, multiply(1, n))


def test_deep_terms_can_be_walked() -> None:
    whole: Term = element("x", n)
    for _ in range(3000):
        whole = exp(whole)
    assert depth(whole) == 3002
    assert count_nodes(whole) == 3002
    assert free_indices(whole) == {n}
    assert tensors_used(whole) == {"x"}
    assert size_names(whole) == {"N"}
    assert transform(whole, lambda node: node) is whole
    with pytest.raises(TooDeep):
        substitute(whole, {n: number(0)})
    with pytest.raises(TooDeep):
        canonical(whole)


def test_a_shared_term_is_transformed_once() -> None:
    shared: Term = element("x")
    for _ in range(50):
        shared = add(shared, shared)
    seen: list[Term] = []
    transform(shared, lambda node: seen.append(node) or node)  # type: ignore[func-returns-value]
    assert len(seen) == 51
    assert count_nodes(shared) == 2**51 - 1


# Substituting


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("z[n, c]", "z[c, 3]"),
        # The sum binds k, which replaces m: it is renamed.
        ("sum(k:C, z[k, m])", "sum(k_1:C, z[k_1, {k:C}])"),
        # An inner c hides the outer one.
        ("sum(c:C, z[n, c]) + c", "sum(c_1:C, z[{c:C}, c_1]) + 3"),
        ("sum(c:C | c != m, x[c])", "sum(c:C | c != {k:C}, x[c])"),
        ("softmax((k:C) -> z[m, k])[c]", "softmax((k_1:C) -> z[{k:C}, k_1])[3]"),
        (
            "repeat(s[k:C] = x[m]; c:C -> s[k] + c; c)[m]",
            "repeat(s[k_1:C] = x[{k:C}]; c:C -> s[k_1] + c; 3)[{k:C}]",
        ),
    ],
)
def test_substitution_captures_nothing(before: str, after: str) -> None:
    m, a_c = index("m", "C"), index("c", "C")
    found = substitute(term(before, n, m, c), {n: a_c, c: number(3), m: k})
    expected = after.replace("z[c, 3]", "z[{c:C}, 3]")
    assert write_term(found) == expected


def test_substitution_is_simultaneous() -> None:
    swapped = substitute(element("z", c, k), {c: k, k: c})
    assert swapped == element("z", k, c)


def test_an_index_of_another_extent_is_another_index() -> None:
    other = index("c", "D")
    assert substitute(add(c, other), {c: number(1)}) == add(1, other)


def test_sizes_are_renamed_everywhere() -> None:
    whole = parse_expression(
        "z: real[N, 2C]; y: label(C)[N]; l[n:N] = sum(k:2C, z[n, k]) / #C + y[n]"
    )
    renamed = rename_sizes(whole, {"C": size("N") * 2 + 1, "N": size(5)})
    assert write_expression(renamed) == (
        "z: real[5, 4N + 2]; y: label(2N + 1)[5]; "
        "result[n:5] = sum(k:4N + 2, z[n, k]) / #(2N + 1) + y[n]"
    )


def test_indices_that_would_become_one_are_kept_apart() -> None:
    outer, inner = index("i", "N"), index("i", "M")
    whole = total(outer, total(inner, element("z", outer, inner)))
    merged = rename_sizes(whole, {"M": size("N")})
    assert write_term(merged) == "sum(i:N, sum(i_1:N, z[i, i_1]))"


def test_elements_are_replaced_but_not_those_of_a_state() -> None:
    whole = term("x[0] + repeat(x[] = x[1]; t:T -> x[] + 1; x[2])")
    replaced = replace_elements(whole, lambda e: element("q"))
    assert write_term(replaced) == "q + repeat(x[] = q; t:T -> x + 1; q)"


# Alpha-equivalence


def test_names_of_bound_indices_do_not_matter() -> None:
    left = term("sum(i:C, z[n, i]) * softmax((a:D) -> x[a])[0]", n)
    right = term("sum(q:C, z[n, q]) * softmax((n:D) -> x[n])[0]", n)
    assert left != right and alpha_equal(left, right)
    assert hash(canonical(left)) == hash(canonical(right))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("sum(i:C, z[n, i])", "sum(i:C, z[i, i])"),
        ("sum(i:C, z[i, i])", "sum(i:D, z[i, i])"),
        ("sum(i:C, sum(j:C, z[i, j]))", "sum(i:C, sum(j:C, z[j, i]))"),
        ("sum(n:C, x[n])", "sum(i:C, x[{n:C}])"),
        ("repeat(s[] = 1; t:T -> s + 1; 2)", "repeat(s[] = 1; t:T -> t + 1; 2)"),
        ("repeat(s[] = 1; t:T -> s + r; 2)", "repeat(r[] = 1; t:T -> s + r; 2)"),
    ],
)
def test_what_is_not_alpha_equal(left: str, right: str) -> None:
    assert not alpha_equal(term(left, n), term(right, n))


def test_states_of_recurrences_have_no_names_either() -> None:
    left = term("repeat(s[i:N] = x[i]; t:T -> s[i] + t; 2)[0]")
    right = term("repeat(r[k:N] = x[k]; u:T -> r[k] + u; 2)[0]")
    assert alpha_equal(left, right)


# Lifting


def test_lifting_a_loss() -> None:
    per_sample = parse_expression(
        "z: real[C]; y: label(C); w: real[C]; p[c:C] = softmax((k:C) -> z[k])[c]; "
        "q[c:C] = w[c] * 2; l = -w[y] * log(p[y]) + q[0]"
    )
    lifted = lift(per_sample, {"z", "y"}, (n,))
    assert write_expression(lifted) == (
        "z: real[N, C]; y: label(C)[N]; w: real[C]; "
        "p[n:N, c:C] = softmax((k:C) -> z[n, k])[c]; q[c:C] = w[c] * 2; "
        "result[n:N] = -w[y[n]] * log(p[n, y[n]]) + q[0]"
    )


def test_lifting_over_two_axes_renames_what_would_be_captured() -> None:
    inner = parse_expression("x: real[C]; l[n:N] = sum(k:C, x[k]) * #N")
    b = index("b", "B")
    lifted = lift(inner, {"x"}, (b, n))
    assert write_expression(lifted) == (
        "x: real[B, N, C]; result[b:B, n:N, n_1:N] = sum(k:C, x[b, n, k]) * #N"
    )
    captured = parse_expression("x: real[N]; l = sum(n:N, x[n])")
    assert write_expression(lift(captured, {"x"}, (n,))) == (
        "x: real[N, N]; result[n:N] = sum(n_1:N, x[n, n_1])"
    )


def test_lifting_by_nothing_changes_nothing() -> None:
    whole = parse_expression("x: real[C]; l = sum(k:C, x[k])")
    assert lift(whole, {"x"}, ()) is whole


def test_a_lifted_loss_is_the_stack_of_losses() -> None:
    per_sample = expression(
        (tensor("x", "C"), tensor("m")), (), total(k, subtract(element("x", k), element("m")))
    )
    x = np.arange(12.0).reshape(4, 3)
    found = evaluate(lift(per_sample, {"x"}, (n,)), {"x": x, "m": 1.0})
    np.testing.assert_array_equal(found, x.sum(1) - 3)
