"""Reading what was written gives the same function."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.notation.strategies import SIZES, STOCK, C, D, N, expressions, values_for
from torchtex.index import construct as build
from torchtex.index.alpha import alpha_equal
from torchtex.index.construct import element, index, tensor
from torchtex.index.evaluate import evaluate
from torchtex.index.terms import Expression, Index, Tensor, Term
from torchtex.notation.reading import Context, Known
from torchtex.notation.resolve import read
from torchtex.notation.writer import declarations, write

n, i, c, j, k = (index("n", N), index("i", N), index("c", C), index("j", C), index("k", C))
x_n, y_n, w_c = element("x", n), element("y", n), element("w", c)
z_nc, z_nk, p_nk = element("z", n, c), element("z", n, k), element("p", n, k)


def sort_of(each: Tensor) -> Known:
    if each.labels is not None:
        return Known("labels")
    return Known("integer" if each.integer else "real")


def knowing(expression: Expression) -> dict[str, Known]:
    return {each.name: sort_of(each) for each in expression.tensors}


def read_back(expression: Expression) -> Expression:
    context = Context(knowing(expression), declarations(expression))
    (claim,) = read(write(expression), context).claims
    return claim.expression


def stock(indices: tuple[Index, ...], body: Term) -> Expression:
    return Expression(STOCK, (), indices, body)


@given(expression=expressions(), seed=st.integers(0, 99))
def test_what_is_written_reads_as_the_same_function(expression: Expression, seed: int) -> None:
    values = values_for(seed)
    meant = evaluate(expression, values, SIZES)
    read_as = evaluate(read_back(expression), values, SIZES)
    np.testing.assert_allclose(read_as, meant, rtol=1e-9, atol=1e-12, err_msg=write(expression))


CROSS_ENTROPY = build.negate(
    build.log(
        build.divide(build.exp(element("z", n, y_n)), build.total(j, build.exp(element("z", n, j))))
    )
)
FORMULAS: dict[str, Expression] = {
    "cross entropy": stock((n,), CROSS_ENTROPY),
    "softmax": stock((n, c), build.call("softmax", build.comprehension(k, z_nk), at=(c,))),
    "guarded sum": stock((n,), build.total(k, z_nk, guard=build.not_equal(k, y_n))),
    "earlier ones": stock((n,), build.total(i, element("x", i), guard=build.less(i, n))),
    "divergence": stock(
        (n,), build.total(k, build.multiply(p_nk, build.log(build.divide(p_nk, z_nk))))
    ),
    "Huber": stock(
        (n,),
        build.piecewise(
            (build.less(build.absolute(x_n), element("beta")), build.power(x_n, 2)),
            otherwise=build.subtract(build.absolute(x_n), element("beta")),
        ),
    ),
    "one-hot": stock((n, c), build.indicator(build.equal(c, y_n))),
    "linear": stock(
        (index("d", D),),
        build.total(k, build.multiply(element("W_1", index("d", D), k), element("w", k))),
    ),
    "centred": stock((n, c), build.subtract(z_nc, build.reduce("maximum", k, z_nk))),
    "ranks": stock((n,), build.total(k, build.multiply(build.add(k, 1), z_nk))),
    "accuracy": stock(
        (n,),
        build.indicator(build.equal(build.reduce("argmax", k, z_nk), y_n)),
    ),
    "distance": stock((n,), build.call("norm", build.comprehension(k, build.subtract(z_nk, p_nk)))),
    "sigmoid": stock((n,), build.log(build.call("sigmoid", x_n))),
    "others and itself": stock(
        (n,),
        build.add(build.total(i, element("x", i), guard=build.not_equal(i, n)), x_n),
    ),
    "two sums": stock(
        (), build.add(build.total(i, element("x", i)), build.total(i, element("A", i)))
    ),
}


@pytest.mark.parametrize("name", sorted(FORMULAS))
def test_where_nothing_is_rewritten_the_terms_are_the_same(name: str) -> None:
    expression = FORMULAS[name]
    again = read_back(expression)
    assert [each.extent for each in again.indices] == [e.extent for e in expression.indices]
    for mine, other in zip(expression.indices, again.indices, strict=True):
        assert mine == other
    assert alpha_equal(again.body, expression.body)


@pytest.mark.parametrize("name", sorted(FORMULAS))
def test_known_sorts_are_enough_where_subscripts_tell_the_shapes(name: str) -> None:
    expression, values = FORMULAS[name], values_for(7)
    (claim,) = read(write(expression), Context(knowing(expression))).claims
    sizes = {size: SIZES[size] for size in ("N", "C")}
    meant = evaluate(expression, values, SIZES)
    np.testing.assert_allclose(evaluate(claim.expression, values, sizes), meant, rtol=1e-12)


@pytest.mark.parametrize(
    "body",
    [
        build.divide(build.total(i, element("x", i)), N),
        build.multiply(Fraction(-1, 2), build.add(element("beta"), 1), element("epsilon")),
        build.power(build.power(build.absolute(element("beta")), 2), Fraction(1, 2)),
        build.power(2, build.subtract(element("beta"), 1)),
        build.apply("log1p", build.apply("expm1", build.absolute(element("beta")))),
        build.apply("arctanh", build.apply("tanh", element("beta"))),
        build.apply("modulo", element("kernel_size"), 2),
        build.apply("gamma", build.add(element("kernel_size"), Fraction(1, 3))),
        build.apply("factorial", element("kernel_size")),
        build.floor(build.divide(element("kernel_size"), 2)),
        build.multiply(build.constant("e"), build.constant("pi")),
        build.subtract(1, build.call("norm_p", build.comprehension(k, element("w", k)), 3)),
        build.total(k, build.total(i, element("z", i, k), guard=build.equal(i, build.number(1)))),
        build.reduce("minimum", k, element("w", k), guard=build.not_equal(k, element("t"))),
        build.reduce("maximum", k, element("w", k), guard=build.equal(k, element("t"))),
        build.reduce("argmin", k, element("w", k)),
    ],
    ids=str,
)
def test_rarer_notations_keep_their_meaning(body: Term) -> None:
    expression, values = stock((), body), values_for(3)
    meant = evaluate(expression, values, SIZES)
    read_as = evaluate(read_back(expression), values, SIZES)
    np.testing.assert_allclose(read_as, meant, rtol=1e-9, err_msg=write(expression))


def test_strided_windows_keep_their_places() -> None:
    u, tap = index("u", 3), index("a", 3)
    place = build.add(build.multiply(element("s"), u), tap, build.negate(element("P")))
    inside = build.both(build.less_equal(0, place), build.less(place, build.size("H")))
    product = build.multiply(element("w", tap), element("x", place))
    tensors = (
        tensor("x", "H"),
        tensor("w", 3),
        tensor("s", integer=True),
        tensor("P", integer=True),
    )
    expression = Expression(tensors, (), (u,), build.total(tap, product, inside))
    x, w = np.arange(1.0, 7.0), np.array([0.5, -1.0, 2.0])
    values: dict[str, Any] = {"x": x, "w": w, "s": 2, "P": 1}
    padded = np.concatenate([[0.0], x, [0.0]])
    by_hand = [float(w @ padded[2 * at : 2 * at + 3]) for at in range(3)]
    np.testing.assert_allclose(evaluate(read_back(expression), values), by_hand)


def test_a_place_that_no_index_holds_keeps_its_count() -> None:
    u = index("u", 2)
    strided = element("x", build.multiply(element("s"), u))
    tensors = (tensor("x", "H"), tensor("s", integer=True))
    expression = Expression(tensors, (), (u,), strided)
    values: dict[str, Any] = {"x": np.array([5.0, 6.0, 7.0, 8.0]), "s": 3}
    np.testing.assert_array_equal(evaluate(read_back(expression), values), [5.0, 8.0])
    fixed = Expression((tensor("x", "H"),), (), (), element("x", 2))
    assert evaluate(read_back(fixed), values) == 7.0
