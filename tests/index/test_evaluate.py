"""The evaluator against NumPy written by hand."""

from __future__ import annotations

import math
import tracemalloc
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from torchtex.index.construct import (
    add,
    both,
    call,
    comprehension,
    definition,
    divide,
    element,
    equal,
    exp,
    expression,
    greater,
    greater_equal,
    index,
    indicator,
    less,
    less_equal,
    log,
    multiply,
    negate,
    not_equal,
    piecewise,
    power,
    recurrence,
    reduce,
    size,
    sqrt,
    subtract,
    tensor,
    total,
)
from torchtex.index.errors import (
    IllFormed,
    MissingValue,
    NotAPosition,
    OutsideTensor,
    ShapeMismatch,
    SizeMismatch,
    SizeUnknown,
    TooDeep,
    TooLarge,
)
from torchtex.index.evaluate import Budget, evaluate
from torchtex.index.terms import Expression
from torchtex.index.text import parse_expression

N, C, D = size("N"), size("C"), size("D")
n, c, j = index("n", N), index("c", C), index("j", C)
LOGITS = tensor("z", N, C)
LABELS = tensor("y", N, labels=C)


def random(*shape: int) -> np.ndarray[Any, Any]:
    return np.random.default_rng(0).standard_normal(shape)


def softmax(z: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def check(whole: Expression, values: dict[str, Any], expected: Any, **options: Any) -> None:
    np.testing.assert_allclose(
        evaluate(whole, values, **options), expected, rtol=1e-12, atol=1e-13, strict=True
    )


# Losses and layers


def test_cross_entropy() -> None:
    z, y = random(5, 7), np.array([0, 3, 6, 6, 1])
    body = negate(
        log(divide(exp(element("z", n, element("y", n))), total(j, exp(element("z", n, j)))))
    )
    whole = expression((LOGITS, LABELS), (n,), body)
    expected = [-math.log(softmax(row)[label]) for row, label in zip(z, y, strict=True)]
    check(whole, {"z": z, "y": y}, np.array(expected))


def test_cross_entropy_with_weights_smoothing_and_ignored_labels() -> None:
    """MODELS of torch: smoothed, weighted, over the kept samples; -100 is never looked up."""
    z, y, w = random(6, 4), np.array([0, -100, 3, 2, -100, 1]), np.array([0.5, 2.0, 1.0, 4.0])
    text = """
        z: real[N, C]; y: label(C)[N]; w: real[C]; eps: real; ignore: integer
        logp[n:N, c:C] = log_softmax((k:C) -> z[n, k])[c]
        kept[n:N] = indicator(y[n] != ignore)
        hit = sum(n:N, w[y[n]] * -logp[n, y[n]] * indicator(y[n] != ignore))
        all = sum(n:N | y[n] != ignore, sum(c:C, w[c] * -logp[n, c]))
        L = ((1 - eps) * hit + eps / #C * all) / sum(n:N | y[n] != ignore, w[y[n]])
    """
    logp, kept = np.log(softmax(z)), y != -100
    hit = -sum(w[y[k]] * logp[k, y[k]] for k in np.flatnonzero(kept))
    every = -(logp[kept] * w).sum()
    expected = (0.9 * hit + 0.1 / 4 * every) / w[y[kept]].sum()
    values = {"z": z, "y": y, "w": w, "eps": 0.1, "ignore": -100}
    check(parse_expression(text), values, np.array(expected))


def test_binary_cross_entropy_is_strict_about_infinities() -> None:
    p, y = element("p"), element("y")
    body = negate(add(multiply(y, log(p)), multiply(subtract(1, y), log(subtract(1, p)))))
    whole = expression((tensor("p"), tensor("y")), (), body)
    check(whole, {"p": 0.25, "y": 1.0}, np.array(-math.log(0.25)))
    assert math.isnan(evaluate(whole, {"p": 0.0, "y": 0.0})[()])


def test_linear_layer_and_attention() -> None:
    q, k, v = random(2, 3), random(4, 3) + 1, random(4, 5) - 1
    text = """
        a[i:T, j:S] = softmax((s:S) -> sum(d:D, q[i, d] * k[s, d]) / #D ^ 0.5)[j]
        o[i:T, e:E] = sum(j:S, a[i, j] * v[j, e])
    """
    expected = softmax(q @ k.T / math.sqrt(3)) @ v
    check(parse_expression(text), {"q": q, "k": k, "v": v}, expected)


def test_layer_norm() -> None:
    x = random(3, 8)
    text = "y[n:N, d:D] = layer_norm((k:D) -> x[n, k], 0.001)[d] * g[d] + b[d]"
    g, b = random(8), random(8) + 2
    normed = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-3)
    check(parse_expression(text), {"x": x, "g": g, "b": b}, normed * g + b)


def test_contrastive_loss_leaves_out_itself() -> None:
    z = random(6, 4)
    text = """
        z: real[2N, D]; tau: real; j: label(2N)[2N]
        s[i:2N, k:2N] = cosine_similarity((d:D) -> z[i, d], (d:D) -> z[k, d]) / tau
        l[i:2N] = -log(exp(s[i, j[i]]) / sum(k:2N, indicator(k != i) * exp(s[i, k])))
    """
    pair = np.array([3, 4, 5, 0, 1, 2])
    unit = z / np.linalg.norm(z, axis=1, keepdims=True)
    s = unit @ unit.T / 0.5
    expected = [
        -s[i, pair[i]] + math.log(sum(math.exp(s[i, k]) for k in range(6) if k != i))
        for i in range(6)
    ]
    check(parse_expression(text), {"z": z, "tau": 0.5, "j": pair}, np.array(expected))


def padded_convolution(stride: int, padding: int) -> Expression:
    return parse_expression(f"""
        x: real[N, C, H, W]; w: real[K, C, A, B]; b: real[K]
        o[n:N, k:K, u:U, v:V] = b[k] + sum(c:C, sum(a:A, sum(b:B
            | {stride} * u + a - {padding} >= 0 and {stride} * u + a - {padding} < #H
              and {stride} * v + b - {padding} >= 0 and {stride} * v + b - {padding} < #W,
            w[k, c, a, b] * x[n, c, {stride} * u + a - {padding}, {stride} * v + b - {padding}])))
    """)


def convolve(x: Any, w: Any, b: Any, stride: int, padding: int, out: tuple[int, int]) -> Any:
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    result = np.zeros((x.shape[0], w.shape[0], *out))
    for u in range(out[0]):
        for v in range(out[1]):
            rows, columns = (
                slice(stride * u, stride * u + w.shape[2]),
                slice(stride * v, stride * v + w.shape[3]),
            )
            result[:, :, u, v] = np.einsum("ncab,kcab->nk", padded[:, :, rows, columns], w)
    return result + b[None, :, None, None]


@pytest.mark.parametrize("products", [1, 10**9])
@pytest.mark.parametrize(
    ("stride", "padding", "out"), [(1, 0, (4, 5)), (2, 1, (3, 4)), (1, 2, (8, 9))]
)
def test_convolution(stride: int, padding: int, out: tuple[int, int], products: int) -> None:
    x, w, b = random(2, 3, 6, 7), random(4, 3, 3, 3) + 1, random(4)
    expected = convolve(x, w, b, stride, padding, out)
    sizes = {"U": out[0], "V": out[1]}
    whole = padded_convolution(stride, padding)
    budget = Budget(products=products)
    check(whole, {"x": x, "w": w, "b": b}, expected, sizes=sizes, budget=budget)


def test_padding_does_not_let_an_infinity_in() -> None:
    """A false guard is the identity of the sum, also against an infinite weight."""
    x, w, b = np.ones((1, 1, 3, 3)), np.ones((1, 1, 3, 3)), np.zeros(1)
    w[0, 0, 0, 0] = np.inf
    found = evaluate(
        padded_convolution(1, 1),
        {"x": x, "w": w, "b": b},
        {"U": 3, "V": 3},
        budget=Budget(products=1),
    )
    assert np.isfinite(found[0, 0, 0]).all() and np.isinf(found[0, 0, 1, 1])


def test_a_false_guard_stands_against_an_overflow() -> None:
    """1e200 squared overflows; where the guard is false it must not become infinity times 0."""
    text = "r[i:N] = sum(k:M | k != i, x[i, k] * w[k] * x[i, k])"
    x = np.where(np.eye(3) > 0, 1e200, 1.0)
    for products in (1, 10**9):
        budget = Budget(products=products)
        check(parse_expression(text), {"x": x, "w": np.ones(3)}, np.full(3, 2.0), budget=budget)


def test_max_pooling_pads_with_minus_infinity() -> None:
    x = -np.abs(random(2, 5))
    text = """
        x: real[N, H]
        o[n:N, u:U] = maximum(a:3 | 2 * u + a - 1 >= 0 and 2 * u + a - 1 < #H, x[n, 2 * u + a - 1])
    """
    padded = np.pad(x, ((0, 0), (1, 1)), constant_values=-np.inf)
    expected = np.stack([padded[:, 2 * u : 2 * u + 3].max(1) for u in range(3)], 1)
    check(parse_expression(text), {"x": x}, expected, sizes={"U": 3})


def test_momentum_is_a_recurrence() -> None:
    g = random(6, 3)
    text = """
        g: real[T, D]; mu: real
        v[t:T, i:D] = repeat(s[k:D] = 0; u:T -> mu * s[k] + g[u, k]; t + 1)[i]
    """
    state, expected = np.zeros(3), []
    for row in g:
        state = 0.9 * state + row
        expected.append(state)
    check(parse_expression(text), {"g": g, "mu": 0.9}, np.array(expected))


def test_a_recurrent_network() -> None:
    x, w, u = random(4, 2), random(3, 3) / 2, random(3, 2)
    text = """
        x: real[T, D]; w: real[H, H]; u: real[H, D]
        h[i:H] = repeat(s[k:H] = 0;
                        t:T -> tanh(sum(m:H, w[k, m] * s[m]) + sum(d:D, u[k, d] * x[t, d]));
                        #T)[i]
    """
    state = np.zeros(3)
    for row in x:
        state = np.tanh(w @ state + u @ row)
    check(parse_expression(text), {"x": x, "w": w, "u": u}, state)


def test_cumulative_sum_and_triangular_mask() -> None:
    x = random(5)
    i, k = index("i", N), index("k", N)
    whole = expression((tensor("x", N),), (i,), total(k, element("x", k), less_equal(k, i)))
    check(whole, {"x": x}, np.cumsum(x))


def test_argmax_takes_the_first() -> None:
    z = np.array([[1.0, 3.0, 3.0], [5.0, 5.0, 0.0], [np.nan, 9.0, np.nan]])
    for operator, expected in (("argmax", [1, 0, 0]), ("argmin", [0, 2, 0])):
        whole = expression((LOGITS,), (n,), reduce(operator, j, element("z", n, j)))
        for elements in (1, 2, 100):
            found = evaluate(whole, {"z": z}, budget=Budget(elements=elements))
            np.testing.assert_array_equal(found, expected)
    guarded = expression(
        (LOGITS,), (n,), reduce("argmax", j, element("z", n, j), greater_equal(j, 1))
    )
    np.testing.assert_array_equal(evaluate(guarded, {"z": z}), [1, 1, 2])


def test_argmax_of_minus_infinities_is_one_that_counts() -> None:
    z = np.full((1, 3), -np.inf)
    guarded = reduce("argmax", j, element("z", n, j), greater_equal(j, 2))
    found = evaluate(expression((LOGITS,), (n,), guarded), {"z": z})
    np.testing.assert_array_equal(found, [2])


def test_an_argmax_is_a_position() -> None:
    z = random(4, 5)
    best = reduce("argmax", j, element("z", n, j))
    whole = expression((LOGITS,), (n,), element("z", n, best))
    check(whole, {"z": z}, z.max(1))


def test_nan_goes_through_every_reduction() -> None:
    z = np.array([[1.0, np.nan, 2.0]])
    for operator in ("sum", "product", "maximum", "minimum"):
        whole = expression((LOGITS,), (n,), reduce(operator, j, element("z", n, j)))
        assert np.isnan(evaluate(whole, {"z": z})).all()


@pytest.mark.parametrize(
    ("operator", "identity"),
    [("sum", 0), ("product", 1), ("maximum", -math.inf), ("minimum", math.inf)],
)
def test_an_empty_range_is_the_identity(operator: str, identity: float) -> None:
    empty = index("k", C - 3)
    body = element("z", n, add(empty, 100))
    whole = expression((LOGITS,), (n,), reduce(operator, empty, body))
    for columns in (1, 3):
        found = evaluate(whole, {"z": random(2, columns)})
        np.testing.assert_array_equal(found, [identity, identity])
    false = less(j, 0)
    guarded = expression((LOGITS,), (n,), reduce(operator, j, element("z", n, add(j, 9)), false))
    np.testing.assert_array_equal(evaluate(guarded, {"z": random(2, 3)}), [identity, identity])


def test_an_empty_result() -> None:
    whole = expression((LOGITS,), (n,), total(j, element("z", n, j)))
    assert evaluate(whole, {"z": np.zeros((0, 3))}).shape == (0,)
    over_nothing = expression((LOGITS,), (n,), total(j, element("z", n, j)))
    np.testing.assert_array_equal(evaluate(over_nothing, {"z": np.zeros((2, 0))}), [0, 0])


def test_a_body_without_the_index_counts_as_often_as_the_range_is_long() -> None:
    for operator, expected in (("sum", 7.5), ("product", 1.5**5), ("maximum", 1.5)):
        whole = expression((tensor("x"),), (), reduce(operator, index("k", 5), element("x")))
        check(whole, {"x": 1.5}, np.array(expected))
    guarded = total(index("k", 5), element("x"), not_equal(index("k", 5), 2))
    check(expression((tensor("x"),), (), guarded), {"x": 1.5}, np.array(6.0))


def test_an_inner_index_shadows_an_outer_one() -> None:
    z = random(2, 3)
    # What torch prints: sum over j of (sum over j of z_j) times z_j.
    body = total(j, multiply(total(j, element("z", n, j)), element("z", n, j)))
    check(expression((LOGITS,), (n,), body), {"z": z}, z.sum(1) ** 2)
    nested = total(j, total(j, multiply(element("z", n, j), element("z", n, j))))
    for products in (1, 10**9):
        check(
            expression((LOGITS,), (n,), nested),
            {"z": z},
            3 * (z**2).sum(1),
            budget=Budget(products=products),
        )


def test_one_name_with_two_extents_is_two_indices() -> None:
    z = random(2, 3)
    outer, inner = index("i", N), index("i", C)
    body = total(inner, multiply(add(outer, 1), element("z", outer, inner)))
    whole = expression((LOGITS,), (outer,), body)
    check(whole, {"z": z}, np.array([1, 2]) * z.sum(1))


def test_piecewise_looks_only_at_the_chosen_branch() -> None:
    x = np.array([-2.0, 0.0, 0.5, 3.0])
    i = index("i", N)
    at = element("x", i)
    body = piecewise((less(at, 0), 0), (greater(at, 1), log(at)), otherwise=sqrt(at))
    whole = expression((tensor("x", N),), (i,), body)
    check(whole, {"x": x}, np.array([0, 0, math.sqrt(0.5), math.log(3)]))
    shifted = piecewise((less(i, 3), element("x", add(i, 1))), otherwise=element("x", 0))
    check(expression((tensor("x", N),), (i,), shifted), {"x": x}, np.roll(x, -1))


def test_no_case_that_holds_is_undefined() -> None:
    whole = expression((tensor("x"),), (), piecewise((greater(element("x"), 0), 1)))
    assert evaluate(whole, {"x": 1.0})[()] == 1
    assert math.isnan(evaluate(whole, {"x": -1.0})[()])


def test_a_zero_indicator_is_stronger_than_infinity() -> None:
    i = index("i", 2)
    for value in (np.inf, np.nan):
        body = multiply(element("x", i), indicator(equal(i, 1)), 2)
        whole = expression((tensor("x", 2),), (i,), body)
        np.testing.assert_array_equal(evaluate(whole, {"x": [value, 3.0]}), [0, 6])


def test_a_zero_indicator_is_strong_through_nested_products_and_signs() -> None:
    i = index("i", 2)
    inside = negate(multiply(indicator(equal(i, 0)), element("x", i)))
    body = multiply(element("x", add(i, 1)), multiply(2, inside))
    whole = expression((tensor("x", 2),), (i,), body)
    np.testing.assert_array_equal(evaluate(whole, {"x": [3.0, 5.0]}), [-30, 0])


def test_conditions_stop_where_they_are_decided() -> None:
    i = index("i", 3)
    safe = both(less(add(i, 1), 3), greater(element("x", add(i, 1)), 0))
    whole = expression((tensor("x", 3),), (i,), indicator(safe))
    np.testing.assert_array_equal(evaluate(whole, {"x": [1.0, -1.0, 1.0]}), [0, 1, 0])


def test_a_call_does_not_look_at_more_than_its_definition_does() -> None:
    """relu looks at x once; elu looks at alpha only where x <= 0."""
    i = index("i", 3)
    body = call("elu", element("x", i), element("a", i))
    whole = expression((tensor("x", 3), tensor("a", 2)), (i,), body)
    x = np.array([-1.0, 2.0, 3.0])
    found = evaluate(whole, {"x": x, "a": [0.5, 9.0]})
    np.testing.assert_allclose(found, [0.5 * (math.exp(-1) - 1), 2, 3])


def test_a_definition_is_evaluated_once() -> None:
    """Thirty definitions, each used twice by the next: 2**30 evaluations if they were inlined."""
    definitions = [definition("d0", (), element("x"))]
    for k in range(30):
        previous = element(f"d{k}")
        definitions.append(definition(f"d{k + 1}", (), divide(add(previous, previous), 2)))
    whole = expression((tensor("x"),), (), element("d30"), tuple(definitions))
    check(whole, {"x": 1.25}, np.array(1.25))


# Errors


def test_a_position_outside_is_named() -> None:
    i = index("i", N)
    whole = expression((tensor("x", N),), (i,), element("x", add(i, 1)))
    with pytest.raises(OutsideTensor, match="position 3 is outside x, which has 3 elements"):
        evaluate(whole, {"x": [1.0, 2.0, 3.0]})
    looked_up = expression((LOGITS, LABELS), (n,), element("z", n, element("y", n)))
    with pytest.raises(OutsideTensor, match="position -100 is outside z"):
        evaluate(looked_up, {"z": random(2, 3), "y": [1, -100]})


def test_a_position_is_a_whole_number() -> None:
    i = index("i", 2)
    whole = expression((tensor("x", 2),), (i,), element("x", divide(i, 2)))
    with pytest.raises(NotAPosition, match="1/2"):
        evaluate(whole, {"x": [1.0, 2.0]})
    real = expression((tensor("x", 2), tensor("p")), (), element("x", element("p")))
    assert evaluate(real, {"x": [1.0, 2.0], "p": 1.0})[()] == 2
    with pytest.raises(NotAPosition):
        evaluate(real, {"x": [1.0, 2.0], "p": math.nan})


def test_labels_are_whole_numbers() -> None:
    whole = expression((LOGITS, LABELS), (n,), element("z", n, element("y", n)))
    assert evaluate(whole, {"z": [[1.0, 2.0]], "y": [1.0]})[0] == 2
    for wrong in ([0.5], [math.nan], [math.inf], ["a"]):
        with pytest.raises(NotAPosition, match="y holds"):
            evaluate(whole, {"z": [[1.0, 2.0]], "y": wrong})


def test_sizes_follow_from_shapes() -> None:
    i = index("i", N - 1)
    whole = expression((tensor("x", N * 2 - 1),), (i,), element("x", i))
    assert evaluate(whole, {"x": np.zeros(5)}).shape == (2,)
    with pytest.raises(SizeMismatch, match="7/2"):
        evaluate(whole, {"x": np.zeros(6)})


def test_sizes_that_determine_each_other() -> None:
    """Sum and difference of two sizes determine both."""
    a, b = size("A"), size("B")
    whole = expression((tensor("x", a + b), tensor("y", a - b)), (), add(multiply(10, a), b))
    assert evaluate(whole, {"x": np.zeros(7), "y": np.zeros(3)})[()] == 52


def test_contradicting_sizes_are_named_with_both_sources() -> None:
    whole = expression((LOGITS, LABELS), (n,), element("z", n, element("y", n)))
    with pytest.raises(SizeMismatch) as caught:
        evaluate(whole, {"z": random(2, 3), "y": [0, 0, 0]})
    assert "axis 0 of z, N = 2" in str(caught.value)
    assert "axis 0 of y, N = 3" in str(caught.value)
    fixed = expression((tensor("x", 3),), (), element("x", 0))
    with pytest.raises(SizeMismatch, match="axis 0 of x, 3 = 4"):
        evaluate(fixed, {"x": np.zeros(4)})
    with pytest.raises(SizeMismatch, match="N = 9"):
        evaluate(whole, {"z": random(2, 3), "y": [0, 0]}, {"N": 9})


def test_an_undetermined_size_is_named() -> None:
    whole = expression((), (), total(index("k", "K"), 1))
    with pytest.raises(SizeUnknown, match="size K"):
        evaluate(whole, {})
    assert evaluate(whole, {}, {"K": 4})[()] == 4


def test_an_extent_that_is_no_number_of_elements() -> None:
    half = index("i", N * Fraction(1, 2))
    whole = expression((tensor("x", N),), (half,), element("x", half))
    assert evaluate(whole, {"x": np.arange(4.0)}).tolist() == [0, 1]
    with pytest.raises(SizeMismatch, match="N/2 is 5/2"):
        evaluate(whole, {"x": np.arange(5.0)})
    negative = expression((tensor("x", N),), (index("i", N - 3),), 1)
    with pytest.raises(SizeMismatch, match="extent of i is -2"):
        evaluate(negative, {"x": [1.0]})


def test_missing_values_and_wrong_ranks() -> None:
    whole = expression((LOGITS, tensor("unused")), (n,), element("z", n, 0))
    with pytest.raises(MissingValue, match="z"):
        evaluate(whole, {})
    with pytest.raises(ShapeMismatch, match="z is declared with 2 axes, but its value has 1"):
        evaluate(whole, {"z": [1.0]})
    assert evaluate(whole, {"z": [[1.0]]}).tolist() == [1.0]


@pytest.mark.parametrize(
    "body",
    [
        element("nowhere"),
        element("z", n),
        index("q", N),
        exp(less(n, 1)),
        total(j, less(j, 1)),
        total(j, 1, guard=element("z", n, j)),
        element("z", n, less(n, 1)),
        call("softmax", element("z", n, 0), at=(c,)),
        call("nothing", 1),
        comprehension(j, element("z", n, j)),
        piecewise((element("z", n, 0), 1)),
        recurrence("s", (), less(n, 1), index("t", 3), 1, 2, ()),
    ],
)
def test_what_means_nothing_is_refused(body: Any) -> None:
    with pytest.raises(IllFormed):
        evaluate(expression((LOGITS,), (n,), body), {"z": random(2, 3)})


def test_deep_terms_are_refused() -> None:
    for depth in (150, 3000):
        body: Any = element("x")
        for _ in range(depth):
            body = exp(body)
        with pytest.raises(TooDeep):
            evaluate(expression((tensor("x"),), (), body), {"x": 1.0})


def test_nearly_the_deepest_term_is_evaluated() -> None:
    body: Any = element("x")
    for _ in range(98):
        body = subtract(element("x"), body)
    check(expression((tensor("x"),), (), body), {"x": 1.5}, np.array(1.5))


def test_too_many_steps_of_a_recurrence() -> None:
    whole = expression((), (), recurrence("s", (), 0, index("t", 3), add(element("s"), 1), 4, ()))
    with pytest.raises(OutsideTensor, match="steps of s"):
        evaluate(whole, {})


# Size


def test_work_beyond_the_budget_is_refused_with_its_number() -> None:
    a, b, c, d = (index(name, 1000) for name in "abcd")
    everything = exp(multiply(element("x", a), b, c, d))
    body = total(a, total(b, total(c, total(d, everything))))
    whole = expression((tensor("x", 1000),), (), body)
    with pytest.raises(TooLarge) as caught:
        evaluate(whole, {"x": np.zeros(1000)})
    assert caught.value.operations > 1e12
    assert "e+12" in str(caught.value)


def test_a_residual_network_s_convolution_fits_into_memory() -> None:
    """64 channels of 56 by 56 and a 3 by 3 kernel: 1.2e8 products, a gigabyte at once."""
    x, w = random(1, 64, 58, 58), random(64, 64, 3, 3)
    text = """
        x: real[N, C, H, W]; w: real[K, C, A, B]
        o[n:N, k:K, u:H - 2, v:W - 2] = sum(c:C, sum(a:A, sum(b:B,
            w[k, c, a, b] * x[n, c, u + a, v + b])))
    """
    tracemalloc.start()
    found = evaluate(parse_expression(text), {"x": x, "w": w})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 150e6
    expected = convolve(x[:, :, :4, :4], w, np.zeros(64), 1, 0, (2, 2))
    np.testing.assert_allclose(found[:, :, :2, :2], expected, rtol=1e-10, atol=1e-11)


def test_a_large_sum_that_is_no_product_is_chunked() -> None:
    """Pairwise distances in 3e7 pieces, with four million held at once."""
    x, y = random(300, 30), random(400, 30)[::-1]
    text = "d[i:N, k:M] = sum(d:D, absolute(x[i, d] - y[k, d]) ^ 3)"
    tracemalloc.start()
    budget = Budget(elements=1 << 18)
    found = evaluate(parse_expression(text), {"x": x, "y": y}, budget=budget)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20e6
    expected = (np.abs(x[:, None] - y[None]) ** 3).sum(-1)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_a_power_of_a_sum_is_not_a_sum_of_powers() -> None:
    """What an einsum must not do to a product that is inside something else."""
    x = random(300, 300)
    whole = parse_expression("r[i:N] = sum(k:M, (x[i, k] * x[i, k]) ^ 0.5) ^ 2")
    check(whole, {"x": x}, np.abs(x).sum(1) ** 2)
    signed = parse_expression("r[i:N] = sum(k:M, -(x[i, k] * x[k, i]))")
    check(signed, {"x": x}, -(x * x.T).sum(1))
    squared = power(total(j, multiply(element("z", n, j), 2)), 2)
    check(expression((LOGITS,), (n,), squared), {"z": x}, (2 * x.sum(1)) ** 2)


def test_a_range_without_elements_is_the_identity() -> None:
    i = index("i", D - 1)
    whole = expression((tensor("x", D),), (), total(i, element("x", i)))
    assert evaluate(whole, {"x": np.array([3.0])}) == 0.0
    assert evaluate(whole, {"x": np.array([3.0, 4.0])}) == 3.0
