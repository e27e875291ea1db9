"""What letters mean: the silent faults of other readers, each as a test with numbers by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from torchtex.index.evaluate import evaluate
from torchtex.index.wellformed import problems
from torchtex.notation.ambiguous import READINGS
from torchtex.notation.errors import NotRead
from torchtex.notation.reading import Context, Known, Reading
from torchtex.notation.resolve import read, survey

RANDOM = np.random.default_rng(7)
x, y, w = RANDOM.normal(size=(3, 6))
W = RANDOM.normal(size=(4, 6))
LABELS = {"y": Known("labels")}


def reading_of(latex: str, names: Any, *declare: str, **sorts: Known) -> Reading:
    known = {name: sorts.get(name, Known("real")) for name in names}
    reading = read(latex, Context(known=known, declarations=declare))
    for claim in reading.claims:
        assert not problems(claim.expression), problems(claim.expression)
    return reading


def values(latex: str, arrays: Mapping[str, Any], *declare: str, **sorts: Known) -> list[Any]:
    reading = reading_of(latex, arrays, *declare, **sorts)
    return [evaluate(claim.expression, arrays) for claim in reading.claims]


def value(latex: str, arrays: Mapping[str, Any], *declare: str, **sorts: Known) -> Any:
    (only,) = values(latex, arrays, *declare, **sorts)
    return only


def refused(latex: str, names: Any = (), *declare: str, **sorts: Known) -> NotRead:
    with pytest.raises(NotRead) as caught:
        reading_of(latex, names, *declare, **sorts)
    return caught.value


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        (r"\sum_i x_i y_i", x @ y),
        (r"\sum_i x_i + y_i", np.sum(x + y)),
        (r"\sum_i x_i - \sum_i y_i", x.sum() - y.sum()),
        (r"\sum_{i=1}^{n} x_i / n", x.sum() / 6),
        (r"\frac{1}{n}\sum_{i=1}^{n} (x_i - y_i)^2", np.mean((x - y) ** 2)),
        (r"\frac1N\sum_i x_i", x.mean()),
        (r"\frac{1}{N}\sum_i^N x_i", x.mean()),
        (r"\sum_1^n x_i", x.sum()),
        (r"\log \sum_j \exp(x_j)", math.log(np.exp(x).sum())),
        (r"\log\sum_j e^{x_j}", math.log(np.exp(x).sum())),
        (r"\exp(\sum_j x_j)", math.exp(x.sum())),
        (r"\max_j x_j", x.max()),
        (r"\max_{j \neq 1} x_j", x[1:].max()),
        (r"\sum_{j=2}^{n} x_j", x[1:].sum()),
        (r"\sum_{i=1}^{n-1} (x_{i+1} - x_i)^2", np.sum(np.diff(x) ** 2)),
        (r"\sum_{i<j} x_i x_j", sum(x[i] * x[j] for j in range(6) for i in range(j))),
        (r"\sum_i \sum_j x_i y_j", x.sum() * y.sum()),
        (r"\sum_{i,j} x_i W_{ij} y_j", None),
        (r"\prod_i x_i", np.prod(x)),
        (r"\|x\|", np.linalg.norm(x)),
        (r"\|x - y\|_2^2", np.sum((x - y) ** 2)),
        (r"\lVert x \rVert_1", np.abs(x).sum()),
        (r"\|x\|_\infty", np.abs(x).max()),
        (r"x^\top y", x @ y),
        (r"\langle x, y \rangle", x @ y),
        (r"\frac{x^\top y}{\|x\| \|y\|}", x @ y / np.linalg.norm(x) / np.linalg.norm(y)),
        (r"\cos(x, y)", x @ y / np.linalg.norm(x) / np.linalg.norm(y)),
        (r"W x", W @ x),
        (r"W x \odot W y", (W @ x) * (W @ y)),
        (r"x W^\top", x @ W.T),
        (r"\sum_i i x_i", np.sum(np.arange(1, 7) * x)),
        (r"\sum_{i=0}^{n-1} i x_i", np.sum(np.arange(6) * x)),
        (r"\mathbb{E}[x]", x.mean()),
        (r"\mathrm{Var}[x]", x.var()),
        (r"\text{mean}(x)", x.mean()),
        (r"\operatorname{softmax}(x)_2", (np.exp(x) / np.exp(x).sum())[1]),
    ],
)
def test_sums_norms_and_products(latex: str, expected: Any) -> None:
    square = RANDOM.normal(size=(6, 6))
    arrays = {"x": x, "y": y, "W": square if "ij" in latex else W}
    if expected is None:
        expected = x @ square @ y
    np.testing.assert_allclose(value(latex, arrays), expected)


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        (r"\log a", math.log(2.5)),
        (r"\log_2 a", math.log2(2.5)),
        (r"\log\frac{a}{b} c", math.log(2.5 / 0.5) * 3),
        (r"\log^2 a", math.log(2.5) ** 2),
        (r"\log(a)^2", math.log(2.5) ** 2),
        (r"\log a^2", math.log(2.5**2)),
        (r"\tanh^{-1}(b)", math.atanh(0.5)),
        (r"1/2 a^2", 2.5**2 / 2),
        (r"a/2c", 2.5 / 6),
        (r"a / b c", 2.5 / 0.5 * 3),
        (r"\gamma + \beta", 6.25),
        (r"\gamma(a + b)", 18.0),
        (r"a(b + c)^2", 2.5 * 3.5**2),
        (r"-a^2", -(2.5**2)),
        (r"2^{-b}", 2**-0.5),
        (r"e^{-a}", math.exp(-2.5)),
        (r"\sigma(a)", 1 / (1 + math.exp(-2.5))),
        (r"\sqrt{a}", math.sqrt(2.5)),
        (r"\sqrt[3]{a}", 2.5 ** (1 / 3)),
        (r"|b - a|", 2.0),
        (r"\lfloor a \rfloor + \lceil a \rceil", 5.0),
        (r"\max(a, b, c)", 3.0),
        (r"\min\{a, b\}", 0.5),
        (r"c!", 6.0),
        (r"\mathbb{1}[a > b] + \mathbb{1}_{\{a = b\}}", 1.0),
        (r"\pi a", math.pi * 2.5),
        (r"a \times b \cdot c", 3.75),
        (r"\dfrac{a}{b}", 5.0),
    ],
)
def test_scalars(latex: str, expected: float) -> None:
    arrays = {"a": 2.5, "b": 0.5, "c": 3.0, "gamma": 6.0, "beta": 0.25}
    assert value(latex, arrays) == pytest.approx(expected)


def test_a_bound_sigma_is_a_symbol() -> None:
    assert value(r"\frac{x - \mu}{\sigma}", {"x": 3.0, "mu": 1.0, "sigma": 4.0}) == 0.5
    assert value(r"\sigma(x - \mu)", {"x": 3.0, "mu": 1.0, "sigma": 4.0}) == 8.0


def test_chained_equality_claims_every_side() -> None:
    got = values(r"f(x) = \frac{1}{1+e^{-x}} = 1 - \frac{1}{1+e^{x}} = x", {"x": 0.5})
    s = 1 / (1 + math.exp(-0.5))
    assert got == pytest.approx([s, s, 0.5])


@pytest.mark.parametrize(
    ("latex", "names", "at"),
    [
        (r"L = -y_c \log p_c", "yp", "c"),
        (r"-z_y", "z", "y"),
        (r"\sum_i x_j", "x", "j"),
        (r"\alpha_i = x_j", "x", "j"),
        (r"\sum_i x_i y_k", "xy", "k"),
    ],
)
def test_a_dangling_index_is_refused(latex: str, names: str, at: str) -> None:
    error = refused(latex, names)
    assert error.source[error.span.start : error.span.end] == at
    assert "bound by nothing" in error.message


def test_a_real_tensor_is_no_index() -> None:
    assert "real numbers" in refused(r"-\log z_y", "zy").message


def test_labels_gather() -> None:
    assert value(r"z_y", {"z": x, "y": 3}, **LABELS) == x[3]
    assert value(r"x[y]", {"x": x, "y": 3}, **LABELS) == x[3]
    assert value(r"\sum_{i \neq y} x_i", {"x": x, "y": 3}, **LABELS) == pytest.approx(
        x.sum() - x[3]
    )


def test_indicator_compares_positions_not_written_numbers() -> None:
    got = value(r"g_k = p_k \mathbb{1}[k = y]", {"p": x, "y": 2}, **LABELS)
    np.testing.assert_array_equal(got, [0, 0, x[2], 0, 0, 0])


def test_an_ignored_label_is_never_looked_up() -> None:
    latex = (
        r"l_n = - w_{y_n} \log \frac{\exp(x_{n,y_n})}{\sum_{c=1}^C \exp(x_{n,c})}"
        r" \cdot \mathbb{1}\{y_n \not= \text{ignore\_index}\}"
    )
    logits, labels = RANDOM.normal(size=(3, 4)), np.array([1, -100, 3])
    weight = np.array([1.0, 2.0, 3.0, 4.0])
    arrays = {"x": logits, "y": labels, "w": weight, "ignore_index": -100}
    got = value(latex, arrays, y=Known("labels"), ignore_index=Known("integer"))
    log_p = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    np.testing.assert_allclose(got, [-2 * log_p[0, 1], 0, -4 * log_p[2, 3]])


def test_a_shadowed_index_as_torch_prints_it() -> None:
    latex = r"\sum_{n=1}^N \frac{1}{\sum_{n=1}^N w_n} x_n"
    assert value(latex, {"x": x, "w": w}) == pytest.approx(x.sum() / w.sum())


def test_factors_before_a_bracket_are_no_index() -> None:
    latex = r"l_n = - w_n \left[ y_n \cdot \log x_n + (1 - y_n) \cdot \log (1 - x_n) \right]"
    p, t = RANDOM.uniform(0.1, 0.9, size=(2, 5))
    weight = RANDOM.uniform(size=5)
    got = value(latex, {"w": weight, "x": p, "y": t})
    np.testing.assert_allclose(got, -weight * (t * np.log(p) + (1 - t) * np.log(1 - p)))


def test_case_of_letters_counts() -> None:
    reading = reading_of(r"W w", "Ww")
    assert {symbol.name for symbol in reading.symbols} == {"W", "w"}


def test_two_definitions_and_a_reduction_by_option() -> None:
    latex = (
        r"\ell(x, y) = L = \{l_1,\dots,l_N\}^\top, \quad l_n = \left( x_n - y_n \right)^2,"
        "\n"
        r"\ell(x, y) = \begin{cases} \operatorname{mean}(L), & \text{if reduction} ="
        r" \text{`mean';}\\ \operatorname{sum}(L),  &  \text{if reduction} = \text{`sum'.}"
        r" \end{cases}"
    )
    arrays = {"x": x, "y": y}
    each = (x - y) ** 2
    np.testing.assert_allclose(value(latex, arrays, "reduction = none"), each)
    assert value(latex, arrays, "reduction = mean") == pytest.approx(each.mean())
    assert value(latex, arrays, "reduction = sum") == pytest.approx(each.sum())
    assert "reduction" in refused(latex, "xy").message


def test_a_distance_defined_beside_the_loss() -> None:
    latex = (
        r"L(a, p, n) = \max \{d(a_i, p_i) - d(a_i, n_i) + {\rm margin}, 0\}"
        "\n"
        r"d(x_i, y_i) = \left\lVert {\bf x}_i - {\bf y}_i \right\rVert_p"
    )
    a, p, n = RANDOM.normal(size=(3, 5, 4))
    declare = (r"i = 1, \dots, N", r"p = 2")
    arrays = {"a": a, "p": p, "n": n, "margin": 1.0}
    with pytest.raises(NotRead):  # p is the positive and the order of the norm at once
        value(latex, arrays, *declare)
    two = latex.replace(r"\rVert_p", r"\rVert_2")
    got = value(two, arrays, r"i = 1, \dots, N")
    distance = np.linalg.norm(a - p, axis=1) - np.linalg.norm(a - n, axis=1) + 1
    np.testing.assert_allclose(got, np.maximum(distance, 0))


def test_sizes_of_tensors() -> None:
    latex = r"\text{loss}(x, y) = \frac{\sum_i \max(0, 1 - x[y] + x[i])}{\text{x.size}(0)}"
    got = value(latex, {"x": x, "y": 2}, r"i \neq y", **LABELS)
    terms = [max(0.0, 1 - x[2] + x[i]) for i in range(6) if i != 2]
    assert got == pytest.approx(sum(terms) / 6)


def test_extents_that_contradict_are_refused() -> None:
    declare = (r"x \in \mathbb{R}^3", r"y \in \mathbb{R}^4")
    assert "3" in refused(r"x^\top y", "xy", *declare).message


def test_every_symbol_is_reported_once_with_its_rank() -> None:
    reading = reading_of(r"h = \tanh(W_h h + W_x x + b)", ["W_h", "h", "W_x", "x", "b"])
    ranks = {symbol.name: symbol.tensor.rank for symbol in reading.symbols}
    assert ranks == {"W_h": 2, "h": 1, "W_x": 2, "x": 1, "b": 1}


def test_batch_axes_are_noticed() -> None:
    assert reading_of(r"\frac{1}{N}\sum_{i=1}^N x_i", "x").reduces_batch
    assert reading_of(r"l_n = x_n^2", "x").uses_batch
    assert not reading_of(r"\sum_{j=1}^C x_j", "x").uses_batch


def test_survey_names_candidates() -> None:
    names = survey(r"\mathrm{FL}(p_t) = -\alpha_t (1-p_t)^\gamma \log(\hat{y}_i)")
    assert {"p", "p_t", "alpha", "alpha_t", "gamma", "y_hat"} <= set(names)


def test_the_reading_is_said() -> None:
    lines = reading_of(r"-\log \sigma(x) + \frac{1}{n}\sum_{i=1}^n y_i", "xy").lines
    text = "\n".join(lines)
    assert "natural logarithm" in text
    assert "sigmoid" in text
    assert "Σ over i is over n elements" in text


def test_ambiguities_can_be_chosen() -> None:
    latex = r"\log x y"
    first = read(latex, Context(known={"x": Known("real"), "y": Known("real")}))
    arrays = {"x": 2.0, "y": 3.0}
    assert evaluate(first.claims[0].expression, arrays) == pytest.approx(math.log(2) * 3)
    (row,) = [a for a in first.ambiguities if a.row == "prefix-scope"]
    choices = {(row.row, row.span.start): row.alternatives[0]}
    second = read(latex, Context(known={"x": Known("real"), "y": Known("real")}), choices)
    assert evaluate(second.claims[0].expression, arrays) == pytest.approx(math.log(6))


@pytest.mark.parametrize(
    "latex",
    [
        r"\int p(x) dx",
        r"O(n^2)",
        r"\begin{bmatrix} 1 & 2 \end{bmatrix}",
        r"x \in \mathbb{R}",
        r"\pm x",
        r"\hat{x + y}",
        r"\text{loss}",
        r"",
    ],
)
def test_refusals_have_a_place(latex: str) -> None:
    try:
        reading = read(latex)
    except NotRead as error:
        assert 0 <= error.span.start <= error.span.end <= max(len(latex), 1)
        assert error.message
    else:
        assert latex == r"\text{loss}", reading


def test_declared_sizes_fix_the_indices_that_use_them() -> None:
    reading = reading_of(
        r"\ell_n = (x_n - y_n)^2", "xy", r"x \in \mathbb{R}^N", r"y \in \mathbb{R}^N"
    )
    (index,) = reading.claims[0].expression.indices
    assert str(index.extent.names) == "('N',)"


def test_limits_of_an_extremum() -> None:
    latex = r"o_u = \max_{a=0}^{1} x_{u+a}"
    got = value(latex, {"x": x}, r"o \in \mathbb{R}^5", r"x \in \mathbb{R}^6", r"u = 1, \dots, 5")
    np.testing.assert_allclose(got, np.maximum(x[:-1], x[1:]))


def test_a_guard_without_a_range_is_kept() -> None:
    latex = r"\frac{1}{C}\sum_{i \neq y} \max(0, 1 - x_y + x_i)"
    got = value(latex, {"x": x, "y": 2}, **LABELS)
    assert got == pytest.approx(sum(max(0, 1 - x[2] + x[i]) for i in range(6) if i != 2) / 6)


def test_a_variance_defined_as_a_square() -> None:
    latex = r"v = \frac{x_1}{\sigma^2 + 1}, \quad \sigma^2 = \frac{1}{D}\sum_{i=1}^D x_i^2"
    got = value(latex, {"x": x})
    assert got == pytest.approx(x[0] / (np.mean(x**2) + 1))


def test_an_ignored_label_given_as_a_number() -> None:
    latex = (
        r"l_n = - w_{y_n} x_{n,y_n}, \\ w_{c} = \text{weight}[c] \cdot"
        r" \mathbb{1}\{c \not= \text{ignore\_index}\},"
    )
    logits, weight = RANDOM.normal(size=(3, 4)), np.array([1.0, 2.0, 3.0, 4.0])
    for ignored, labels in ((1, [1, 0, 3]), (-100, [-100, 0, 3])):
        arrays = {"x": logits, "y": np.array(labels), "weight": weight}
        got = value(latex, arrays, f"ignore_index = {ignored}", **LABELS)
        np.testing.assert_allclose(got, [0, -logits[1, 0], -4 * logits[2, 3]])


def test_the_batch_axis_of_a_list_comes_first() -> None:
    latex = r"\ell_c = L_c = \{l_{1,c},\dots,l_{N,c}\}^\top, \quad l_{n,c} = x_{n,c}^2"
    matrix = RANDOM.normal(size=(3, 4))
    np.testing.assert_allclose(value(latex, {"x": matrix}), matrix**2)


def test_clip() -> None:
    assert value(r"\text{clip}(a, 1 - b, 1 + b)", {"a": 2.0, "b": 0.25}) == 1.25


def test_a_declared_result_fixes_its_indices() -> None:
    declare = (r"o \in \mathbb{R}^{U}", r"x \in \mathbb{R}^{2U}")
    reading = reading_of(r"o_u = \max_{a=0}^{1} x_{2u+a}", "x", *declare)
    got = evaluate(reading.claims[0].expression, {"x": x})
    np.testing.assert_allclose(got, x.reshape(3, 2).max(axis=1))


def test_a_guard_that_speaks_of_another_index_is_kept() -> None:
    latex = r"g = \sum_{k=1, y \neq 3}^{C} z_k"
    for label, expected in ((1, x.sum()), (3, 0.0)):
        got = value(latex, {"z": x, "y": label}, y=Known("labels"))
        assert got == pytest.approx(expected)


def test_a_recurrence_is_refused_and_never_read_as_its_start() -> None:
    refused(r"h_T, \quad \text{where } h_t = a h_{t-1} + x_t, \quad h_0 = 0", "ax")
    refused(r"L = h_3, \quad h_t = a h_{t-1} + x_t", "ax")


def test_the_guard_of_a_definition_stays_inside_it() -> None:
    latex = (
        r"L = \sum_{n=1}^N \frac{1}{\sum_{n=1}^N m_n} l_n, \quad"
        r" l_n = x_n \cdot \mathbb{1}\{m_n > 0\}"
    )
    got = value(latex, {"x": x, "m": np.zeros(6)})
    assert math.isnan(got)  # (1/0) 0 is undefined, not 0


@pytest.mark.parametrize(
    ("latex", "message"),
    [
        (r"o_u = x_u + 1, \quad u = 0, \dots, U^2-1", "range is not read"),
        (r"o_u = x_u + 1, \quad u = 3", "no use of this statement"),
        (r"o_u = U_{u+1}, \quad u = 0, \dots, U-1", "both as a size and as a tensor"),
        (r"L = \{l_1, \dots, l_N\}^\top, \quad l = x + y", "is defined with 0 indices"),
    ],
)
def test_statements_that_would_be_dropped_are_refused(latex: str, message: str) -> None:
    assert message in refused(latex, ["x", "y", "U", "x_1"]).message


def test_domains_are_declared_with_or_without_subscript() -> None:
    for declaration in (r"y_i \in \{0, 1\}", r"y \in \{0, 1\}"):
        reading = reading_of(r"\sum_i y_i x_i", "xy", declaration)
        assert reading.symbol("y").domain == (0.0, 1.0)
    reading = reading_of(r"\sum_i p_i^2", "p", r"p \in \Delta^{C-1}")
    assert reading.symbol("p").domain == "simplex"


@pytest.mark.parametrize(
    ("latex", "message"),
    [
        (r"\sum_{j=1}^{d^2} x_j^2 + \sum_{i=1}^{d} y_i", "this limit is no size"),
        (r"\sum_{j=1}^{x} x_j", "both as a size and as a tensor"),
        (r"\frac{1}{n}\sum_{i=1}^n (n_i - y_i)^2", "both as a size and as a tensor"),
        (r"o_{n+1} = x_n", "shifted index"),
    ],
)
def test_limits_that_are_no_sizes_are_refused(latex: str, message: str) -> None:
    assert message in refused(latex, ["x", "y", "n"]).message


def test_a_class_is_not_counted_with() -> None:
    error = refused(r"x_y + \sum_i y x_i", "xy", **LABELS)
    assert "also used as a number" in error.message
    error = refused(r"\sum_{i \neq y+1} \max(0, x_i - x_y)", "xy", **LABELS)
    assert "computed from a label" in error.message
    assert value(r"\sum_i y x_i", {"x": x, "y": 2}, **LABELS) == pytest.approx(2 * x.sum())


def test_indices_without_limits_start_where_the_others_do() -> None:
    assert value(r"\sum_{j=0}^{n-1} j x_j + \sum_i i x_i", {"x": x}) == pytest.approx(
        2 * np.sum(np.arange(6) * x)
    )
    reading = reading_of(r"o_i = i x_i + i", "x")
    assert sum(row.row == "index-base" for row in reading.ambiguities) == 1


def test_an_elementary_function_on_the_left_is_a_claim() -> None:
    got = values(r"\sinh(a) = \frac{e^a - e^{-a}}{2}", {"a": 0.7})
    assert got == pytest.approx([math.sinh(0.7)] * 2)


def test_a_function_without_a_group_takes_one_factor() -> None:
    arrays = {"a": 2.0, "b": 0.25}
    assert value(r"\log a (1 - b)", arrays) == pytest.approx(math.log(2) * 0.75)
    assert value(r"\log a (1 - b)^2", arrays) == pytest.approx(math.log(2) * 0.75**2)
    assert value(r"\log \sigma(a)", arrays) == pytest.approx(-math.log(1 + math.exp(-2)))


def test_a_condition_beside_a_formula_is_a_guard_or_refused() -> None:
    got = value(r"L = \sum_i \max(0, x_i), \quad i \neq y", {"x": x, "y": 2}, **LABELS)
    assert got == pytest.approx(np.delete(np.maximum(x, 0), 2).sum())
    assert "condition" in refused(r"L = x_1 + 1, \quad x \neq y", "xy").message


def test_positive_reals() -> None:
    for domain in (r"\mathbb{R}^+", r"\mathbb{R}_+"):
        assert reading_of(r"\log a", "a", rf"a \in {domain}").symbol("a").domain == "positive"


def test_an_index_is_not_compared_with_a_counted_label() -> None:
    error = refused(r"g_k = p_k - \mathbb{1}[k = y + 1]", "py", **LABELS)
    assert "computed from a label" in error.message
    got = value(r"g_k = p_k - \mathbb{1}[k = y]", {"p": x, "y": 1}, **LABELS)
    np.testing.assert_allclose(got, x - np.eye(6)[1])


@pytest.mark.parametrize(
    "latex",
    [
        r"\log x y",
        r"x/2\gamma",
        r"\sum_i x_i + \gamma",
        r"\mathbf{x} \cdot \mathbf{y}",
        r"o_i = i x_i",
        r"\gamma(x + y)",
        r"x^T y",
    ],
)
def test_every_ambiguous_place_is_a_row_of_the_closed_table(latex: str) -> None:
    rows = read(latex, Context(known=dict.fromkeys(["x", "y", "gamma"], Known("real")))).ambiguities
    assert rows
    assert len(rows) == len(set(rows))
    for row in rows:
        assert {row.chosen, *row.alternatives} <= set(READINGS[row.row])
