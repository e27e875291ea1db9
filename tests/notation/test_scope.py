"""Which letter a big operator binds, and how far it reaches."""

from __future__ import annotations

import numpy as np
import pytest

from torchtex.index.evaluate import evaluate
from torchtex.notation.errors import NotRead
from torchtex.notation.outline import outlines
from torchtex.notation.parser import parse
from torchtex.notation.reading import Context, Known
from torchtex.notation.resolve import read


def tree(latex: str) -> str:
    (statement,) = outlines(parse(latex))
    return statement


def refused(latex: str) -> NotRead:
    with pytest.raises(NotRead) as caught:
        parse(latex)
    return caught.value


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        # a lone condition binds its first letter, or the one that nothing around it binds
        (r"\sum_{j \neq i} a_j + b_i", "(+ (sum[if (!= j i)] (_ a j)) (_ b i))"),
        (r"\sum_{j \neq i} a_j + b_j", "(sum[if (!= j i)] (+ (_ a j) (_ b j)))"),
        (
            r"\sum_i (a_i + \sum_{i \neq j} x_j + b_j)",
            "(sum[i] (paren (+ (_ a i) (sum[if (!= i j)] (+ (_ x j) (_ b j))))))",
        ),
        (
            r"\sum_{1 \le i < j \le n} a_{ij} + b_j",
            "(sum[if (chain 1 <= i < j <= n)] (+ (_ a (juxt i j)) (_ b j)))",
        ),
        # a second operator over the same letter ends the first
        (r"\sum_c w_c - \max_{c} w_c", "(- (sum[c] (_ w c)) (maximum[c] (_ w c)))"),
        (r"\sum_c w_c - \arg\max_c w_c", "(- (sum[c] (_ w c)) (argmax[c] (_ w c)))"),
        (r"\sum_c w_c - \prod_c w_c", "(- (sum[c] (_ w c)) (product[c] (_ w c)))"),
        (r"\sum_c w_c - \underset{c}{\max} w_c", "(- (sum[c] (_ w c)) (maximum[c] (_ w c)))"),
        (
            r"\sum_c w_c - \operatorname{argmax}_{c} w_c",
            "(- (sum[c] (_ w c)) (argmax[c] (_ w c)))",
        ),
        (r"\sum_i x_i + \sum^n_{i=1} y_i", "(+ (sum[i] (_ x i)) (sum[i 1..n] (_ y i)))"),
        (r"\sum_j x_j + \sum\limits_{j} y_j", "(+ (sum[j] (_ x j)) (sum[j] (_ y j)))"),
        (r"\sum_j x_j + \sum_{ij} y_{ij}", "(+ (sum[j] (_ x j)) (sum[i][j] (_ y (juxt i j))))"),
        (
            r"\sum_i x_i + \sum_{1 \le i \le n} y_i",
            "(+ (sum[i] (_ x i)) (sum[i 1..n] (_ y i)))",
        ),
        (
            r"\sum_{\substack{j=1 \\ j \neq i}}^N x_j + \sum_{\substack{j=1 \\ j \neq k}}^N x_j",
            "(+ (sum[j 1..N][if (!= j i)] (_ x j)) (sum[j 1..N][if (!= j k)] (_ x j)))",
        ),
        # a letter in the limits of the second operator is used there, not bound again
        (
            r"\sum_i x_i + \sum_{j=i}^n y_j",
            "(sum[i] (+ (_ x i) (sum[j i..n] (_ y j))))",
        ),
        (
            r"\sum_i x_i + \sum_{j=1}^{i} y_j",
            "(sum[i] (+ (_ x i) (sum[j 1..i] (_ y j))))",
        ),
        (
            r"\sum_y w_y - \max_{c \neq y} w_{c,y}",
            "(sum[y] (- (_ w y) (maximum[if (!= c y)] (_ w c y))))",
        ),
        # a second equation on an index with a range is a condition
        (r"\sum_{\substack{m=1 \\ m = n}}^{N} x_m", "(sum[m 1..N][if (= m n)] (_ x m))"),
        (r"\sum_{m=1, m=n}^{N} x_m", "(sum[m 1..N][if (= m n)] (_ x m))"),
        # limits of extrema
        (r"\max_{a=0}^{1} x_a", "(maximum[a 0..1] (_ x a))"),
        # the characters Σ and Π
        ("Σ_{i=1}^n x_i", "(sum[i 1..n] (_ x i))"),
        ("Π_{i=1}^n x_i", "(product[i 1..n] (_ x i))"),
        (r"x^\top Σ^{-1} x", "(juxt (transpose x) (^ Sigma (- 1)) x)"),
    ],
)
def test_what_is_bound_and_how_far(latex: str, expected: str) -> None:
    assert tree(latex) == expected


@pytest.mark.parametrize(
    ("latex", "at", "says"),
    [
        (r"\max_a^2 x_a", "2", "a limit or an exponent"),
        ("Σ_i x_i", "Σ", "an operator or a letter"),
        (r"\sum_i x_i = 1 \land y = 2 \lor z", r"\lor", "mixed"),
    ],
)
def test_two_readings_of_one_sign_are_refused(latex: str, at: str, says: str) -> None:
    refusal = refused(latex)
    assert latex[refusal.span.start : refusal.span.end] == at
    assert says in refusal.message


@pytest.mark.parametrize(
    ("latex", "close"),
    [(r"\simga(x)", r"\sigma"), (r"\fraq{a}{b}", r"\frac"), (r"\lamda x", r"\lambda")],
)
def test_an_unknown_command_is_compared_with_those_there_are(latex: str, close: str) -> None:
    assert f"did you mean {close}?" in refused(latex).hint


def test_the_sums_are_worth_what_is_written() -> None:
    w = np.random.default_rng(3).normal(size=5)
    context = Context({"w": Known("real")})
    (claim,) = read(r"\sum_{c} w_c - \max_{c} w_c", context).claims
    np.testing.assert_allclose(evaluate(claim.expression, {"w": w}), w.sum() - w.max())
    (claim,) = read(r"\sum_{c} w_c - \sum_{j \neq c} w_j", context).claims
    others = w - (w.sum() - w)
    np.testing.assert_allclose(evaluate(claim.expression, {"w": w}), others.sum())


CASES = "(= (f x) (cases (x if (> x 0)) (0 otherwise)))"


@pytest.mark.parametrize(
    "rows",
    [
        r"x, & 若 x > 0 \\ 0, & 其他",
        r"x, & 当 x > 0 时 \\ 0, & 否则",
        r"x, & \text{当 } x > 0 \text{ 时} \\ 0, & \text{其它}",
        r"x, & \text{如果 } x > 0 \\ 0, & \text{otherwise}",
    ],
)
def test_chinese_words_steer_cases(rows: str) -> None:
    assert tree(rf"f(x) = \begin{{cases}} {rows} \end{{cases}}") == CASES


def test_chinese_words_name_and_separate() -> None:
    assert outlines(parse(r"损失 = x^2, 其中 x = \text{误差}")) == (
        "(= 损失:rm (^ x 2))",
        "(= x 误差:rm)",
    )


def test_a_text_holds_an_element() -> None:
    assert tree(r"\text{kernel\_size[0]} \times h") == r"(\times (kernel_size:rm[] 0) h)"
