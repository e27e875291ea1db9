"""The text form: what it looks like, what it means, and where its errors point."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from torchtex.index.construct import (
    add,
    apply,
    both,
    call,
    comprehension,
    constant,
    divide,
    either,
    element,
    index,
    less,
    multiply,
    negate,
    number,
    piecewise,
    power,
    recurrence,
    size,
    subtract,
    tensor,
    total,
)
from torchtex.index.errors import IllFormed, NotParsed, TooDeep
from torchtex.index.text import parse_expression, parse_term, write_expression, write_term
from torchtex.index.traverse import depth

a, b, c = element("a"), element("b"), element("c")
n, i = index("n", "N"), index("i", "N")

WRITTEN = {
    "a + b + c": add(a, b, c),
    "(a + b) + c": add(add(a, b), c),
    "a + (b + c)": add(a, add(b, c)),
    "a - b + c": add(subtract(a, b), c),
    "a + b - c": subtract(add(a, b), c),
    "a - (b - c)": subtract(a, subtract(b, c)),
    "a / b * c": multiply(divide(a, b), c),
    "a * (b / c)": multiply(a, divide(b, c)),
    "(a + b) * c": multiply(add(a, b), c),
    "-a * b": multiply(negate(a), b),
    "-(a * b)": negate(multiply(a, b)),
    "-a^b": negate(power(a, b)),
    "(-a)^b": power(negate(a), b),
    "a^(-b)": power(a, negate(b)),
    "(a^b)^c": power(power(a, b), c),
    "a^(b^c)": power(a, power(b, c)),
    "-3": number(-3),
    "-(3)": negate(3),
    "-(-3)": negate(-3),
    "(-3)^2": power(-3, 2),
    "a - -3": subtract(a, -3),
    "0.1 * a": multiply(Fraction(1, 10), a),
    "rational(-1, 3)": number(Fraction(-1, 3)),
    "rational(1, 3)^2": power(Fraction(1, 3), 2),
    "1 / 3": divide(1, 3),
    "#N": size("N"),
    "#7": size(7),
    "#(2N - 1)": size("N") * 2 - 1,
    "#(-C/2 + N)": size("N") - size("C") * Fraction(1, 2),
    "add(a)": apply("add", a),
    "maximum(a, b)": apply("maximum", a, b),
    "a < b and (b < c or a < c)": both(less(a, b), either(less(b, c), less(a, c))),
    "pi * e[]": multiply(constant("pi"), element("e")),
    "constant(tau)": constant("tau"),
    "`x'` + `and`": add(element("x'"), element("and")),
    "sum(n:N, x[n] * {i:N})": total(n, multiply(element("x", n), i)),
    "sum(n:N, n[] * {n:C})": total(n, multiply(element("n"), index("n", "C"))),
    "sum(e:N, constant(e) * e)": total(index("e", "N"), multiply(constant("e"), index("e", "N"))),
    "case(a < b -> a, else b)": piecewise((less(a, b), a), otherwise=b),
    "case(a < b -> a)": piecewise((less(a, b), a)),
    "softmax((k:C) -> z[k], 0.5)[a + 1]": call(
        "softmax",
        comprehension(index("k", "C"), element("z", index("k", "C"))),
        Fraction(1, 2),
        at=(add(a, 1),),
    ),
    "repeat(s[] = 0; t:T -> s + x[t]; 3)": recurrence(
        "s", (), 0, index("t", "T"), add(element("s"), element("x", index("t", "T"))), 3, ()
    ),
}


@pytest.mark.parametrize("text", WRITTEN)
def test_written_and_read(text: str) -> None:
    term = WRITTEN[text]
    assert write_term(term) == text
    assert parse_term(text) == term


def test_readings_that_are_written_otherwise() -> None:
    assert parse_term("-3^2") == negate(power(3, 2))
    assert parse_term("-(3^2)") == negate(power(3, 2))
    assert parse_term("a^b^c") == power(a, power(b, c))
    assert parse_term("a^-b") == power(a, negate(b))
    assert parse_term("1.50") == number(Fraction(3, 2))
    assert parse_term("1e-3") == number(Fraction(1, 1000))
    assert parse_term("((a))") == a
    assert parse_term("#(N + N)") == size("N") * 2
    assert parse_term("add(a, b)") == add(a, b)


def test_a_size_that_begins_with_an_exponent_is_no_number() -> None:
    term = total(index("k", size("e3") * 2), 1)
    assert write_term(term) == "sum(k:2 e3, 1)"
    assert parse_term(write_term(term)) == term


@given(st.fractions(max_denominator=10**6), st.fractions())
def test_numbers_round_trip(short: Fraction, long: Fraction) -> None:
    for value in (short, long):
        for term in (number(value), negate(value), power(value, 2), subtract(1, value)):
            assert parse_term(write_term(term)) == term


@given(st.text(min_size=1))
def test_any_name_round_trips(name: str) -> None:
    over = index(name, name)
    term = total(over, multiply(element(name, over), element(name), size(name)))
    assert parse_term(write_term(term)) == term


def test_an_expression_with_its_header() -> None:
    text = (
        "z: real[N, 2C - 1]; y: label(C)[N]; k: integer; q: integer label(4)[2]; beta: real; "
        "d[n:N] = beta * z[n, 0]; result[n:N] = d[n] + k + q[1]"
    )
    whole = parse_expression(text)
    assert whole.tensors == (
        tensor("z", "N", size("C") * 2 - 1),
        tensor("y", "N", labels="C"),
        tensor("k", integer=True),
        tensor("q", 2, labels=4, integer=True),
        tensor("beta"),
    )
    assert write_expression(whole) == text
    assert (
        write_expression(whole, header=False)
        == "d[n:N] = beta * z[n, 0]; result[n:N] = d[n] + k + q[1]"
    )


def test_undeclared_tensors_are_inferred_from_their_indices() -> None:
    whole = parse_expression("l[n:N] = sum(j:C, x[n, j] * w[j]) + x[n, y[n]] * beta")
    assert whole.tensors == (
        tensor("x", "N", "C"),
        tensor("w", "C"),
        tensor("y", "N", labels="C"),
        tensor("beta"),
    )


def test_a_state_is_no_undeclared_tensor() -> None:
    whole = parse_expression("r = repeat(s[] = 0; t:T -> s + x[t]; #T)")
    assert whole.tensors == (tensor("x", "T"),)


ERRORS = [
    ("l = (a", 6, "expected ')'"),
    ("l = a +", 7, "expected a term"),
    ("l = a b", 6, "expected ;"),
    ("l = a ? b", 6, "means nothing"),
    ("l = a < b < c", 10, "comparisons do not chain"),
    ("l[n N] = a", 4, "expected ':'"),
    ("l[n:] = a", 4, "expected a size"),
    ("z: float[N]; l = z", 8, "real, integer or label"),
    ("l = sum(k:C)", 11, "expected ','"),
    ("l = sum(k:C/0, 1)", 13, "divided by zero"),
    ("l = rational(1, 0)", 17, "over zero"),
    ("l = case(a -> 1, else 2, a -> 3)", 23, "expected ')'"),
    ("", 0, "expected a definition"),
    ("z: real[N]", 10, "expected a definition"),
    ("l = z[a]", 0, "nothing tells the extent of axis 0 of z"),
    ("l = `a", 4, "means nothing"),
    ("l = 1e999999999", 4, "too long"),
    ("l = \x00", 4, "means nothing"),
    ("l = and", 4, "expected a term"),
]


@pytest.mark.parametrize(("text", "position", "message"), ERRORS)
def test_an_error_points_at_its_place(text: str, position: int, message: str) -> None:
    with pytest.raises(NotParsed) as caught:
        parse_expression(text)
    assert message in caught.value.message
    assert caught.value.position == position
    assert str(caught.value).splitlines()[-1] == "  " + " " * position + "^"


@pytest.mark.parametrize("opening", ["(", "exp(", "-", "sum(k:C, ", "z[", "f((k:C) -> ", "a^"])
def test_nesting_without_end_is_refused(opening: str) -> None:
    with pytest.raises(NotParsed, match="levels deep"):
        parse_term(opening * 20_000)


def test_deep_terms_are_read_and_written_up_to_the_limit() -> None:
    term: Any = a
    for _ in range(99):
        term = subtract(b, term)
    assert depth(term) == 100
    assert parse_term(write_term(term)) == term
    for _ in range(3000):
        term = negate(term)
    with pytest.raises(TooDeep):
        write_term(term)


def test_what_has_no_text_is_refused() -> None:
    with pytest.raises(IllFormed):
        write_term(apply("frobnicate", a))
    with pytest.raises(IllFormed):
        write_term(call("exp", a))
