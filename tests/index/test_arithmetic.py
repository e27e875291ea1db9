"""Every operator in every arithmetic: IEEE edges, agreement, and exactness of index arithmetic."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest

from torchtex.index.arithmetic import Arithmetic
from torchtex.index.construct import (
    add,
    apply,
    constant,
    divide,
    element,
    equal,
    exp,
    expression,
    floor,
    index,
    indicator,
    less,
    log,
    multiply,
    negate,
    power,
    size,
    subtract,
    tensor,
    total,
)
from torchtex.index.errors import TooLarge
from torchtex.index.evaluate import ARBITRARY, EXTENDED, FLOAT64, evaluate
from torchtex.index.operators import OPERATORS, Operator
from torchtex.index.terms import Term

EDGES = (
    0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    2.0,
    -2.0,
    2.5,
    3.0,
    -3.0,
    1.5,
    100.0,
    math.inf,
    -math.inf,
    math.nan,
)
ARITHMETICS = {"extended": EXTENDED, "arbitrary": ARBITRARY(40)}
NUMBERS = [row for row in OPERATORS.values() if row.takes == "real"]


def applied(operator: Operator, values: tuple[Any, ...], arithmetic: Arithmetic) -> Any:
    """The operator on real inputs, through the public evaluator."""
    names = [f"x{k}" for k in range(len(values))]
    body: Term = apply(operator.name, *(element(name) for name in names))
    if operator.result == "boolean":
        body = indicator(body)
    whole = expression(tuple(tensor(name) for name in names), (), body)
    return evaluate(whole, dict(zip(names, values, strict=True)), arithmetic=arithmetic)


def grid(operator: Operator) -> list[tuple[float, ...]]:
    values = itertools.product(EDGES, repeat=operator.arity or 2)
    # NumPy takes a power of one half for a square root, which is NaN at -inf.
    return [each for each in values if (operator.name, each) != ("power", (-math.inf, 0.5))]


@pytest.mark.parametrize("operator", NUMBERS, ids=lambda row: row.name)
@pytest.mark.parametrize("name", ARITHMETICS)
def test_every_operator_has_the_edges_of_float64(operator: Operator, name: str) -> None:
    for values in grid(operator):
        expected = float(applied(operator, values, FLOAT64))
        actual = float(applied(operator, values, ARITHMETICS[name]))
        # exp(710) and the like are finite where the exponent is wider; these inputs avoid them.
        np.testing.assert_allclose(actual, expected, rtol=1e-12, atol=1e-15, err_msg=str(values))


REFERENCE = {
    "erf": mpmath.erf,
    "gamma": mpmath.gamma,
    "loggamma": lambda x: mpmath.re(mpmath.loggamma(x)),
    "digamma": mpmath.digamma,
    "factorial": mpmath.factorial,
    "log1p": mpmath.log1p,
    "expm1": mpmath.expm1,
    "arcsinh": mpmath.asinh,
    "arctan": mpmath.atan,
    "tanh": mpmath.tanh,
    "sin": mpmath.sin,
}


@pytest.mark.parametrize("name", REFERENCE)
@pytest.mark.parametrize(
    ("arithmetic", "tolerance"), [(FLOAT64, 1e-13), (EXTENDED, 1e-17), (ARBITRARY(40), 1e-37)]
)
def test_functions_against_mpmath(name: str, arithmetic: Arithmetic, tolerance: float) -> None:
    points = (0.001, 0.25, 0.75, 1.25, 1.5, 2.75, 7.5, 19.25, 45.5, -0.25, -1.5, -7.75)
    for x in points:
        if name == "log1p" and x <= -1:
            continue
        found = applied(OPERATORS[name], (x,), arithmetic)
        with mpmath.workdps(50):
            expected = REFERENCE[name](mpmath.mpf(x))
            error = abs(mpmath.mpf(_exactly(found)) - expected)
            assert error <= tolerance * (1 + abs(expected)), x


def _exactly(found: Any) -> Any:
    value = found[()]
    if isinstance(value, np.longdouble) and not isinstance(value, float):
        high = float(value)
        return mpmath.mpf(high) + mpmath.mpf(float(value - np.longdouble(high)))
    return value


def test_numpy_agrees_where_it_has_the_function() -> None:
    x = np.linspace(-3, 3, 41)
    for name in ("exp", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arctan", "floor", "sign"):
        i = index("i", 41)
        whole = expression((tensor("x", 41),), (i,), apply(name, element("x", i)))
        np.testing.assert_array_equal(evaluate(whole, {"x": x}), getattr(np, name)(x))


def test_no_digit_is_lost_where_doubles_overflow() -> None:
    a, b = element("a"), element("b")
    body = negate(log(divide(exp(a), add(exp(b), exp(a)))))
    whole = expression((tensor("a"), tensor("b")), (), body)
    values = {"a": -1e4, "b": 1e4}
    assert evaluate(whole, values, arithmetic=ARBITRARY(40))[()] == 20_000
    assert evaluate(whole, values)[()] == math.inf


def test_towers_of_exponentials_end() -> None:
    tower = exp(exp(exp(exp(element("a")))))
    whole = expression((tensor("a"),), (), tower)
    assert evaluate(whole, {"a": 100.0}, arithmetic=ARBITRARY(30))[()] == mpmath.inf
    below = expression((tensor("a"),), (), exp(negate(exp(exp(exp(element("a")))))))
    assert evaluate(below, {"a": 100.0}, arithmetic=ARBITRARY(30))[()] == 0
    angle = expression((tensor("a"),), (), apply("sin", exp(exp(element("a")))))
    assert mpmath.isnan(evaluate(angle, {"a": 40.0}, arithmetic=ARBITRARY(30))[()])


def test_constants() -> None:
    for arithmetic in (FLOAT64, EXTENDED, ARBITRARY(45)):
        found = evaluate(expression((), (), constant("pi")), {}, arithmetic=arithmetic)
        assert float(found) == math.pi
    digits = evaluate(expression((), (), constant("e")), {}, arithmetic=ARBITRARY(45))[()]
    assert mpmath.nstr(digits, 40) == "2.718281828459045235360287471352662497757"
    ten = evaluate(expression((), (), constant("infinity")), {})
    assert ten[()] == math.inf


def test_numbers_are_rounded_once() -> None:
    third = expression((tensor("x"),), (), multiply(Fraction(1, 3), element("x")))
    assert evaluate(third, {"x": 1.0})[()] == 1 / 3
    found = evaluate(third, {"x": 1.0}, arithmetic=EXTENDED)[()]
    assert found == np.longdouble(1) / np.longdouble(3)
    exactly = evaluate(third, {"x": 1.0}, arithmetic=ARBITRARY(50))[()]
    assert mpmath.nstr(exactly, 45) == "0." + "3" * 45


def test_a_huge_exact_number_is_not_lost() -> None:
    whole = expression((tensor("x"),), (), multiply(10**40 + 1, element("x")))
    assert evaluate(whole, {"x": 1.0}, arithmetic=ARBITRARY(60))[()] == 10**40 + 1
    assert evaluate(whole, {"x": 1.0})[()] == 1e40


def test_size_arithmetic_is_exact_for_all_pairs() -> None:
    """floor((a/b) / (1/b)) is a; in floats it is a - 1 for one pair in fifteen."""
    a, b = index("a", 60), index("b", 60)
    quotient = divide(add(a, 1), add(b, 1))
    body = floor(divide(quotient, divide(1, add(b, 1))))
    found = evaluate(expression((), (a, b), body), {})
    np.testing.assert_array_equal(found, np.arange(1, 61)[:, None] * np.ones((1, 60)))
    floats = np.floor((np.arange(1, 61)[:, None] / np.arange(1, 61)) / (1 / np.arange(1, 61)))
    assert (floats != found).sum() > 100


def test_output_sizes_of_a_convolution_are_exact() -> None:
    """floor((H + 2P - D(K-1) - 1)/S + 1), with integer tensors, against Python integers."""
    h, p, d, k, s = (element(name) for name in "hpdks")
    spread = subtract(add(h, multiply(2, p)), multiply(d, subtract(k, 1)))
    body = floor(add(divide(subtract(spread, 1), s), 1))
    whole = expression(tuple(tensor(name, integer=True) for name in "hpdks"), (), body)
    for values in itertools.product((7, 224), (0, 3), (1, 2), (1, 3, 7), (1, 2, 3)):
        H, P, D, K, S = values
        expected = (H + 2 * P - D * (K - 1) - 1) // S + 1
        found = evaluate(whole, dict(zip("hpdks", values, strict=True)))
        assert found[()] == expected


def test_exact_powers_and_products_outgrow_int64() -> None:
    n, i = size("N"), index("i", "N")
    factorial_like = power(add(i, 3), 45)
    modulo = apply("modulo", factorial_like, 1_000_003)
    found = evaluate(expression((), (i,), modulo), {}, {"N": 20})
    assert found.tolist() == [pow(k + 3, 45, 1_000_003) for k in range(20)]
    cube = apply("modulo", multiply(n, n, n), 97)
    assert evaluate(expression((), (), cube), {}, {"N": 10**9 + 7})[()] == (10**9 + 7) ** 3 % 97


def test_exact_sums_outgrow_int64() -> None:
    i = index("i", 4)
    body = apply("modulo", total(i, multiply(2**61, add(i, 1))), 1_000_003)
    assert evaluate(expression((), (), body), {})[()] == (2**61 * 10) % 1_000_003


def test_an_exact_power_that_would_fill_memory_is_refused() -> None:
    with pytest.raises(TooLarge):
        evaluate(expression((), (), power(3, power(2, 40))), {})


def test_exact_division_by_zero_behaves_as_ieee() -> None:
    i = index("i", 3)
    away = subtract(i, 1)
    found = evaluate(expression((), (i,), divide(1, away)), {})
    np.testing.assert_array_equal(found, [-1, np.inf, 1])
    nothing = evaluate(expression((), (i,), divide(away, away)), {})
    np.testing.assert_array_equal(nothing, [1, np.nan, 1])
    masked = multiply(divide(1, away), indicator(less(i, 1)))
    np.testing.assert_array_equal(evaluate(expression((), (i,), masked), {}), [-1, 0, 0])
    compared = indicator(equal(floor(divide(1, away)), divide(1, away)))
    np.testing.assert_array_equal(evaluate(expression((), (i,), compared), {}), [1, 1, 1])


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("add", (divide(1, 0), 2)),
        ("add", (divide(1, 0), divide(-1, 0))),
        ("multiply", (divide(1, 0), 0)),
        ("multiply", (divide(1, 0), -3)),
        ("divide", (5, divide(1, 0))),
        ("divide", (divide(-1, 0), -5)),
        ("modulo", (-5, divide(1, 0))),
        ("modulo", (5, 0)),
        ("power", (divide(1, 0), 0)),
        ("power", (divide(-1, 0), 3)),
        ("maximum", (divide(0, 0), 1)),
        ("sign", (divide(-1, 0),)),
        ("floor", (divide(-1, 0),)),
        ("round", (Fraction(5, 2),)),
        ("round", (Fraction(-7, 2),)),
    ],
)
def test_exact_specials_are_those_of_numpy(name: str, arguments: tuple[Any, ...]) -> None:
    found = evaluate(expression((), (), apply(name, *arguments)), {})
    floats = [float(evaluate(expression((), (), add(each, 0)), {})[()]) for each in arguments]
    with np.errstate(all="ignore"):
        expected = OPERATORS[name].numpy(*(np.float64(each) for each in floats))
    np.testing.assert_array_equal(found, expected)


def test_inputs_of_other_kinds() -> None:
    i = index("i", "N")
    whole = expression((tensor("x", "N"),), (i,), multiply(2, element("x", i)))
    for values in (
        [1, 2],
        (True, False),
        [Fraction(1, 4), 2],
        np.float32([0.5, 1]),
        [mpmath.mpf(1)],
    ):
        for arithmetic in (FLOAT64, EXTENDED, ARBITRARY(20)):
            found = evaluate(whole, {"x": values}, arithmetic=arithmetic)
            np.testing.assert_array_equal(found.astype(float), 2 * np.array(values, dtype=float))


def test_the_result_is_the_caller_s_own() -> None:
    i = index("i", "N")
    x = np.arange(3.0)
    found = evaluate(expression((tensor("x", "N"),), (i,), element("x", i)), {"x": x})
    found[0] = 7
    assert x[0] == 0
