"""Where one statement of a source ends and the next begins."""

from __future__ import annotations

import pytest

from torchtex.notation.errors import NotRead
from torchtex.notation.outline import outlines
from torchtex.notation.parser import parse


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        (r"a = b \\ c = d", ["(= a b)", "(= c d)"]),
        (r"a = b, \quad c = d", ["(= a b)", "(= c d)"]),
        ("a = b; c = d", ["(= a b)", "(= c d)"]),
        (r"a = b, c = d", ["(= a b)", "(= c d)"]),
        ("a = b\nc = d", ["(= a b)", "(= c d)"]),
        ("a = b\n+ c", ["(= a (+ b c))"]),
        (r"a = b \\ = c", ["(= a b c)"]),
        (r"a = b + \\ c", ["(= a (+ b c))"]),
        (r"\begin{aligned} a &= b \\ &\le c \end{aligned}", ["(chain a = b <= c)"]),
        (r"\begin{aligned} a &= \frac1n \sum_i \\ & x_i \end{aligned}",
         ["(= a (juxt (frac 1 n) (sum[i] (_ x i))))"]),
        (r"l_n = x_n, \quad n = 1, \dots, N", ["(= (_ l n) (_ x n))", "(= n (range 1 ... N))"]),
        (r"x, y \in S", ["(in (list x y) S)"]),
        (r"a + b, \quad s^2 = c", ["(+ a b)", "(= (^ s 2) c)"]),
        (r"a = b \text{ where } b = c", ["(= a b)", "(= b c)"]),
        (r"a = b \implies c = d", ["(= a b)", "(= c d)"]),
        (r"L = \{l_1,\dots,l_N\}^\top", ["(= L (transpose (brace (_ l 1) ... (_ l N))))"]),
        (r"a = f(b, c), \quad d = e", ["(= a (f b c))", "(= d e)"]),
        (r"C ={} \text{number of classes}", ['(= C "number of classes")']),
    ],
)  # fmt: skip
def test_statements(latex: str, expected: list[str]) -> None:
    assert list(outlines(parse(latex))) == expected


@pytest.mark.parametrize(
    ("latex", "at"),
    [
        (r"a = b \\ c", "c"),
        (r"a = b \quad (3)", "(3)"),
        ("a = b }", "}"),
        ("a = b )", ")"),
        (r"a & b = \text{if } c", r"\text{if }"),
        ("a = b = ", "="),
    ],
)
def test_what_belongs_to_no_statement_is_refused(latex: str, at: str) -> None:
    with pytest.raises(NotRead) as caught:
        parse(latex)
    span = caught.value.span
    assert latex[span.start : span.end] == at


@pytest.mark.parametrize("latex", ["", " ", r"\\", r"\quad", "%", ",", r"\text{where }"])
def test_a_source_without_a_formula_is_refused(latex: str) -> None:
    with pytest.raises(NotRead, match="no formula"):
        parse(latex)
