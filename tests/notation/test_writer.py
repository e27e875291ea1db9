"""What the writer writes, letter by letter; reading it back is in test_round_trip."""

from __future__ import annotations

from fractions import Fraction

import pytest

from torchtex.index import construct as build
from torchtex.index.construct import element, expression, index, tensor
from torchtex.index.errors import TooDeep
from torchtex.index.terms import Expression, Index, Term
from torchtex.notation.writer import NotWritten, declarations, write, write_term

N, C = build.size("N"), build.size("C")
n, i = index("n", "N"), index("i", "N")
c, j, k = index("c", "C"), index("j", "C"), index("k", "C")
x, y, a, b, beta = (element(name) for name in ("x", "y", "a", "b", "beta"))
z_nk = element("z", n, k)
y_n = element("y", n)
LOGITS = (tensor("z", "N", "C"), tensor("y", "N", labels="C"))


def logits(indices: tuple[Index, ...], body: Term) -> Expression:
    return expression(LOGITS, indices, body)


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (build.number(3), "3"),
        (build.number(-3), "-3"),
        (build.number(Fraction(1, 2)), r"\frac{1}{2}"),
        (build.number(Fraction(1, 10)), "0.1"),
        (build.number(Fraction(8943, 200000)), "0.044715"),
        (build.number(Fraction(1, 12)), r"\frac{1}{12}"),
        (build.number(Fraction(1, 10**12)), "10^{-12}"),
        (build.number(Fraction(3, 10**8)), r"3 \cdot 10^{-8}"),
        (build.constant("pi"), r"\pi"),
        (build.constant("e"), r"\exp(1)"),
        (N, "N"),
        (N * 2, "2N"),
        (N - 1, "N - 1"),
        (N * Fraction(1, 2) + C, r"C + \frac{N}{2}"),
        (N * Fraction(-3, 2), r"-\frac{3}{2} N"),
    ],
)
def test_numbers_and_sizes(term: Term, expected: str) -> None:
    assert write_term(term) == expected


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (build.add(x, y), "x + y"),
        (build.add(x, build.negate(y)), "x - y"),
        (build.add(x, build.number(-2)), "x - 2"),
        (build.add(x, build.add(y, a)), "x + y + a"),
        (build.subtract(x, build.subtract(y, a)), "x - (y - a)"),
        (build.subtract(x, build.add(y, a)), "x - (y + a)"),
        (build.subtract(build.subtract(x, y), a), "x - y - a"),
        (build.subtract(x, build.negate(y)), "x - (-y)"),
        (build.negate(build.add(x, y)), "-(x + y)"),
        (build.negate(build.negate(x)), "-(-x)"),
        (build.multiply(x, y), "x y"),
        (build.multiply(x, 2), "2x"),
        (build.multiply(2, beta), r"2 \beta"),
        (build.multiply(2, 3, x), r"2 \cdot 3x"),
        (build.multiply(-1, x), "-x"),
        (build.multiply(-1, -1), "1"),
        (build.multiply(x, build.negate(y)), "-x y"),
        (build.multiply(x, build.number(-2)), "-2x"),
        (build.multiply(2, build.add(x, y)), "2 (x + y)"),
        (build.multiply(x, build.add(y, a)), r"x \cdot (y + a)"),
        (build.multiply(build.add(x, y), build.add(a, b)), "(x + y) (a + b)"),
        (build.multiply(build.add(x, y), a), "(x + y) a"),
        (build.multiply(build.exp(x), build.add(y, a)), r"\exp(x) \cdot (y + a)"),
        (build.multiply(element("margin"), x), r"\text{margin} \cdot x"),
        (build.multiply(element("A"), x), r"A \cdot x"),
        (build.multiply(element("A"), build.log(x)), r"A \log(x)"),
        (build.multiply(build.divide(x, y), a), r"\frac{x}{y} a"),
        (build.divide(build.add(x, y), a), r"\frac{x + y}{a}"),
        (build.power(x, 2), "x^2"),
        (build.power(x, build.add(y, 1)), "x^{y + 1}"),
        (build.power(x, -1), "x^{-1}"),
        (build.power(build.power(x, 2), 3), "(x^2)^3"),
        (build.power(build.add(x, y), 2), "(x + y)^2"),
        (build.power(build.negate(x), 2), "(-x)^2"),
        (build.power(build.number(-2), x), "(-2)^x"),
        (build.negate(build.power(x, 2)), "-x^2"),
        (build.power(build.exp(x), 2), r"(\exp(x))^2"),
        (build.power(build.divide(x, y), 2), r"\left(\frac{x}{y}\right)^2"),
        (build.power(element("x_prime"), 2), "(x')^2"),
        (build.power(x, element("T")), r"x^{1 \cdot T}"),
        (build.power(x, element("gamma")), r"x^\gamma"),
        (build.exp(build.add(x, y)), r"\exp(x + y)"),
        (build.exp(build.divide(x, y)), r"\exp\left(\frac{x}{y}\right)"),
        (build.log(x), r"\log(x)"),
        (build.log(build.divide(x, y)), r"\log\frac{x}{y}"),
        (build.multiply(x, build.log(build.divide(x, y))), r"x \log\frac{x}{y}"),
        (
            build.multiply(build.log(build.divide(x, y)), x),
            r"\left(\log\frac{x}{y}\right) x",
        ),
        (build.power(build.log(x), 2), r"(\log(x))^2"),
        (build.sqrt(build.add(x, y)), r"\sqrt{x + y}"),
        (build.absolute(x), r"\left|x\right|"),
        (build.floor(build.divide(x, y)), r"\left\lfloor \frac{x}{y} \right\rfloor"),
        (build.maximum(0, x), r"\max(0, x)"),
        (build.minimum(x, y, a), r"\min(x, y, a)"),
        (build.apply("arctanh", x), r"\tanh^{-1}(x)"),
        (build.apply("log1p", build.add(x, y)), r"\log(1 + (x + y))"),
        (build.multiply(2, build.apply("expm1", x)), r"2 (\exp(x) - 1)"),
        (build.apply("factorial", x), "x!"),
        (build.add(x, build.apply("modulo", y, a)), r"x + (y \bmod a)"),
    ],
)
def test_operators_and_their_parentheses(term: Term, expected: str) -> None:
    assert write_term(term) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (build.less(x, y), "x < y"),
        (build.both(build.less(x, y), build.greater(a, b)), r"x < y \land a > b"),
        (build.both(build.less_equal(0, x), build.less(x, y)), r"0 \le x < y"),
        (build.both(build.less(x, y), build.less(x, a)), r"x < y \land x < a"),
        (
            build.both(build.either(build.less(x, y), build.less(a, b)), build.less(x, a)),
            r"(x < y \lor a < b) \land x < a",
        ),
        (build.negation(build.less(x, y)), r"x \ge y"),
        (
            build.negation(build.both(build.equal(x, y), build.greater(a, b))),
            r"x \neq y \lor a \le b",
        ),
    ],
)
def test_conditions(condition: Term, expected: str) -> None:
    assert write_term(build.indicator(condition)) == rf"\mathbb{{1}}[{expected}]"


def test_piecewise_is_a_cases_environment() -> None:
    huber = build.piecewise(
        (build.less(build.absolute(x), beta), build.power(x, 2)), otherwise=build.absolute(x)
    )
    cases = (
        r"\begin{cases} x^2 & \text{if } \left|x\right| < \beta \\ "
        r"\left|x\right| & \text{otherwise} \end{cases}"
    )
    assert write_term(huber) == cases
    assert write_term(build.multiply(2, huber)) == rf"2 \left({cases}\right)"


def test_cross_entropy() -> None:
    total = build.total(j, build.exp(element("z", n, j)))
    loss = build.negate(build.log(build.divide(build.exp(element("z", n, y_n)), total)))
    fraction = r"\frac{\exp(z_{n,y_n})}{\sum_{j=1}^{C} \exp(z_{n,j})}"
    assert write(logits((n,), loss)) == rf"o_n = -\log{fraction}"
    assert write(logits((n,), loss), left=r"\ell_n") == rf"\ell_n = -\log{fraction}"
    mean = build.divide(build.total(n, loss), N)
    expected = rf"\frac{{1}}{{N}} \sum_{{n=1}}^{{N}} \left(-\log{fraction}\right)"
    assert write(logits((), mean)) == expected


def test_guards_stand_under_the_sigma() -> None:
    guarded = build.total(k, z_nk, guard=build.not_equal(k, y_n))
    expected = r"o_n = \sum_{\substack{k=1 \\ k \neq y_n}}^{C} z_{n,k}"
    assert write(logits((n,), guarded)) == expected


def test_an_equality_is_no_lower_limit() -> None:
    picked = build.total(k, z_nk, guard=build.equal(k, y_n))
    assert write(logits((n,), picked)) == r"o_n = \sum_{k=1}^{C} \mathbb{1}[k = y_n] z_{n,k}"
    largest = build.reduce("maximum", k, z_nk, guard=build.equal(k, y_n))
    assert write(logits((n,), largest)) == (
        r"o_n = \max_{\substack{k=1 \\ k \le y_n \land k \ge y_n}}^{C} z_{n,k}"
    )


def test_a_sum_never_swallows_what_follows_it() -> None:
    x_n, w_n = element("x", n), element("w", n)
    others = build.total(i, element("x", i), guard=build.not_equal(i, n))
    vectors = (tensor("x", "N"), tensor("w", "N"))
    assert write(expression(vectors, (n,), build.add(others, x_n))) == (
        r"o_n = \left(\sum_{\substack{i=1 \\ i \neq n}}^{N} x_i\right) + x_n"
    )
    subtracted = build.add(w_n, build.negate(others), x_n)
    assert write(expression(vectors, (n,), subtracted)) == (
        r"o_n = w_n - \left(\sum_{\substack{i=1 \\ i \neq n}}^{N} x_i\right) + x_n"
    )
    twice = build.add(build.total(i, element("x", i)), build.total(i, element("w", i)))
    assert write(expression(vectors, (), twice)) == (r"\sum_{i=1}^{N} x_i + \sum_{i=1}^{N} w_i")


def test_maximum_names_its_range_only_where_nothing_else_does() -> None:
    declared = build.reduce("maximum", k, z_nk)
    assert write(logits((n,), declared)) == r"o_n = \max_{k} z_{n,k}"
    counted = build.multiply(C, declared)
    assert write(logits((n,), counted)) == r"o_n = C \max_{k \in \{1, \dots, C\}} z_{n,k}"
    fewer = build.reduce("maximum", index("k", C - 1), element("z", n, index("k", C - 1)))
    assert write(logits((n,), fewer)) == r"o_n = \max_{k \in \{1, \dots, C-1\}} z_{n,k}"
    assert write_term(build.reduce("argmax", k, element("z", k))) == r"\arg\max_{k} z_k"


def test_an_index_used_as_a_number_is_written_from_where_it_counts() -> None:
    from_one = build.total(k, build.multiply(build.add(k, 1), z_nk))
    assert write(logits((n,), from_one)) == r"o_n = \sum_{k=1}^{C} k z_{n,k}"
    from_zero = build.total(k, build.multiply(k, z_nk))
    assert write(logits((n,), from_zero)) == r"o_n = \sum_{k=0}^{C-1} k z_{n,k}"
    mixed = build.total(k, build.multiply(build.add(k, 1), k, z_nk))
    assert write(logits((n,), mixed)) == r"o_n = \sum_{k=0}^{C-1} (k + 1) k z_{n,k}"
    result = build.multiply(n, element("x", n))
    vector = (tensor("x", "N"),)
    expected = r"o_n = n x_n, \quad n = 0, \dots, N-1"
    assert write(expression(vector, (n,), result)) == expected
    assert write_term(build.multiply(k, element("x", k))) == "(k - 1) x_k"


def test_indices_and_labels_are_compared_without_a_base() -> None:
    condition = build.both(build.equal(k, y_n), build.less(k, j))
    term = build.total(k, build.total(j, build.indicator(condition)))
    expected = r"o_n = \sum_{k=1}^{C} \sum_{j=1}^{C} \mathbb{1}[k = y_n \land k < j]"
    assert write(logits((n,), term)) == expected


def test_computed_positions_count_from_zero() -> None:
    u, tap = index("u", "U"), index("t", "K")
    stride, padding = element("s"), element("P")
    tensors = (tensor("x", "H"), tensor("w", "K"), tensor("s", integer=True))
    place = build.add(build.multiply(stride, u), tap, build.negate(padding))
    window = build.total(tap, build.multiply(element("w", tap), element("x", place)))
    assert write(expression(tensors, (u,), window)) == (
        r"o_u = \sum_{t=0}^{K-1} w_t x_{s u + t - P}, \quad u = 0, \dots, U-1"
    )
    every_second = element("x", build.multiply(2, u))
    assert write(expression(tensors, (u,), every_second)) == (
        r"o_u = x_{2u}, \quad u = 0, \dots, U-1"
    )
    strided = element("x", build.multiply(stride, u))
    assert write(expression(tensors, (u,), strided)) == (
        r"o_u = x_{s \cdot u}, \quad u = 0, \dots, U-1"
    )


def test_a_fixed_place_stands_in_brackets() -> None:
    assert write_term(element("padding", 0)) == r"\text{padding}[0]"
    assert write_term(element("x", k, 2)) == "x[k, 2]"


def test_subscripts_join_those_of_the_name() -> None:
    assert write_term(element("W_1", j, k)) == "W_{1,j,k}"
    assert write_term(element("H_in", k)) == r"H_{\text{in},k}"
    assert write_term(element("y_hat", k)) == r"\hat{y}_k"
    names = {"L": r"\mathcal{L}_{\text{CE}}", "v": r"\mathbf{v}_\theta"}
    assert write_term(element("L", k), names) == r"\mathcal{L}_{\text{CE},k}"
    assert write_term(element("v", k), names) == r"\mathbf{v}_{\theta,k}"
    t = index("t", "N")
    known = expression((tensor("alpha_t", "N"),), (t,), element("alpha_t", t))
    assert write(known) == r"o_t = \alpha_{\text{t},t}"


def test_bound_letters_never_take_a_name_in_use() -> None:
    tensors = (tensor("k", "C"), tensor("p_j", "C"))
    own_name = build.total(k, element("k", k))
    assert write(expression(tensors, (), own_name)) == r"\sum_{i=1}^{C} k_i"
    word = build.total(j, element("p_j", j))
    assert write(expression(tensors, (), word)) == r"\sum_{i=1}^{C} p_{j,i}"
    inner = build.multiply(build.total(n, element("x", n)), element("x", n))
    nested = expression((tensor("x", "N"),), (n,), inner)
    assert write(nested) == r"o_n = \left(\sum_{i=1}^{N} x_i\right) x_n"


def test_indices_that_differ_in_extent_get_different_letters() -> None:
    k_of_n = index("k", "N")
    term = build.multiply(build.total(k_of_n, element("x", k_of_n, k)), element("w", k))
    tensors = (tensor("x", "N", "C"), tensor("w", "C"))
    assert write(expression(tensors, (k,), term)) == (
        r"o_k = \left(\sum_{i=1}^{N} x_{i,k}\right) w_k"
    )


def test_named_functions() -> None:
    vector = build.comprehension(k, z_nk)
    shown = {
        r"\sigma(x)": build.call("sigmoid", x),
        r"\operatorname{ReLU}(x + y)": build.call("relu", build.add(x, y)),
        r"\operatorname{softmax}(z_n)_c": build.call("softmax", vector, at=(c,)),
        r"\operatorname{LogSumExp}(z_n)": build.call("logsumexp", vector),
        r"\left\|z_n\right\|_2": build.call("norm", vector),
        r"\left\|z_n\right\|_{p}": build.call("norm_p", vector, element("p")),
        r"\cos(z_n, z_i)": build.call(
            "cosine_similarity", vector, build.comprehension(k, element("z", i, k))
        ),
        r"\left\|z_n - z_i\right\|_2": build.call(
            "norm",
            build.comprehension(k, build.subtract(z_nk, element("z", i, k))),
        ),
    }
    for expected, term in shown.items():
        assert write_term(term) == expected


def test_a_tensor_called_sigma_leaves_the_sigmoid_its_word() -> None:
    term = build.multiply(element("sigma"), build.call("sigmoid", x))
    assert write_term(term) == r"\sigma \operatorname{sigmoid}(x)"


def test_a_vector_without_a_short_form_is_defined_beside() -> None:
    scaled = build.comprehension(k, build.divide(z_nk, element("tau")))
    term = build.call("softmax", scaled, at=(c,))
    assert write(logits((n, c), term)) == (
        r"o_{n,c} = \operatorname{softmax}(a_n)_c, "
        r"\quad \text{where } a_{n,k} = \frac{z_{n,k}}{\tau}"
    )


def test_definitions_follow_and_unused_ones_are_left_out() -> None:
    mean = build.definition("m", (), build.divide(build.total(i, element("x", i)), N))
    unused = build.definition("q", (), build.number(1))
    body = build.subtract(element("x", n), element("m"))
    whole = expression((tensor("x", "N"),), (n,), body, (mean, unused))
    assert write(whole) == (
        r"o_n = x_n - m, \quad \text{where } m = \frac{1}{N} \sum_{i=1}^{N} x_i"
    )


def test_a_recurrence_is_two_statements() -> None:
    step = index("t", "T")
    following = build.add(build.multiply(element("a"), element("h")), element("x", step))
    state = build.recurrence("h", (), 0, step, following, build.size("T"), ())
    assert write(expression((tensor("x", "T"), tensor("a")), (), state)) == (
        r"h_T, \quad \text{where } h_t = a h_{t-1} + x_t, \quad h_0 = 0, "
        r"\quad t = 1, \dots, T"
    )


def test_declarations_name_shapes_and_labels() -> None:
    whole = expression((*LOGITS, tensor("beta")), (), build.number(0))
    assert declarations(whole) == (
        r"z \in \mathbb{R}^{N \times C}",
        r"y \in \{1, \dots, C\}^{N}",
        r"\beta \in \mathbb{R}",
    )


@pytest.mark.parametrize(
    ("whole", "reason"),
    [
        (expression((tensor("N"),), (), build.multiply(N, element("N"))), "N is a tensor"),
        (
            expression((tensor("pi"),), (), build.add(element("pi"), build.constant("pi"))),
            "pi is a tensor",
        ),
        (
            expression(
                (tensor("Gamma"),), (), build.multiply(element("Gamma"), build.apply("gamma", x))
            ),
            "Gamma is a tensor",
        ),
        (expression((tensor("x", "N"),), (n, c), element("x", n)), "the index c"),
        (expression((tensor("x", "N"),), (), element("x", n)), "the index n"),
    ],
)
def test_what_would_be_misread_is_not_written(whole: Expression, reason: str) -> None:
    with pytest.raises(NotWritten, match=reason):
        write(whole)


def test_two_tensors_never_share_a_symbol() -> None:
    whole = expression((tensor("x"), tensor("y")), (), build.add(x, y))
    with pytest.raises(NotWritten, match="both be written"):
        write(whole, {"x": "y"})


def test_a_left_side_that_cannot_keep_its_index_is_refused() -> None:
    whole = expression((tensor("n", "N"),), (n,), element("n", n))
    assert write(whole) == "o_i = n_i"
    with pytest.raises(NotWritten, match="the index n"):
        write(whole, left="l_n")


def test_a_very_deep_term_is_refused() -> None:
    term: Term = x
    for _ in range(5000):
        term = build.exp(term)
    with pytest.raises(TooDeep):
        write(expression((tensor("x"),), (), term))
