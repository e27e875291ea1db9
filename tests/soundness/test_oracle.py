"""The second evaluator itself, against NumPy by hand and against the meaning of the design."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest

from torchtex.index import construct as c
from torchtex.index.evaluate import evaluate
from torchtex.index.named import NAMED, NamedFunction
from torchtex.index.operators import OPERATORS
from torchtex.index.terms import Call, Element, Expression, Tensor, Term

from .comparison import Candidate, Judge, tables_compared
from .lifting import Bound, lifted
from .oracle import Unmatched, nested, table_of
from .pairs import pair_named
from .points import Point
from .relations import Relation, named

n = c.index("n", "N")
k = c.index("k", "C")
j = c.index("j", "C")

LOGITS = np.array([[0.5, -1.0, 2.0], [3.0, 0.0, -0.25]])
LABELS = np.array([2, 0])


def picked_log_softmax(label: Term) -> Term:
    """log softmax of z at one label, written with sums."""
    total = c.total(k, c.exp(c.element("z", n, k)))
    return c.subtract(c.element("z", n, label), c.log(total))


def cross_entropy(body: Term | None = None) -> Expression:
    label = c.element("y", n)
    tensors = (
        Tensor("z", (c.size("N"), c.size("C"))),
        Tensor("y", (c.size("N"),), labels=c.size("C")),
    )
    return Expression(tensors, (), (n,), body or c.negate(picked_log_softmax(label)))


def scalar(body: Term, *names: str) -> Expression:
    return Expression(tuple(Tensor(name) for name in names), (), (), body)


def value(expression: Expression, **arrays: object) -> float | None:
    (element,) = table_of(expression, arrays, {}).elements
    return None if element is None else float(element)


def test_cross_entropy_by_elements():
    table = table_of(cross_entropy(), {"z": LOGITS, "y": LABELS}, {"N": 2, "C": 3})
    expected = -LOGITS[[0, 1], LABELS] + np.log(np.exp(LOGITS).sum(axis=1))
    np.testing.assert_allclose([float(element) for element in table.elements], expected)


def test_named_softmax_is_the_written_one():
    vector = c.comprehension((k,), c.element("z", n, k))
    by_name = c.negate(c.log(Call("softmax", (vector,), (c.element("y", n),))))
    arrays, sizes = {"z": LOGITS, "y": LABELS}, {"N": 2, "C": 3}
    named_one = table_of(cross_entropy(by_name), arrays, sizes)
    written = table_of(cross_entropy(), arrays, sizes)
    assert tables_compared(written, named_one, Point({}, {})).kind == "same"


def test_an_element_outside_its_tensor_is_undefined():
    outside = c.element("z", n, c.number(3))
    table = table_of(cross_entropy(outside), {"z": LOGITS, "y": LABELS}, {"N": 2, "C": 3})
    assert table.elements == (None, None)


def test_an_ignored_label_is_never_looked_up():
    label = c.element("y", n)
    kept = c.indicator(c.not_equal(label, -100))
    body = c.multiply(picked_log_softmax(label), kept)
    arrays = {"z": LOGITS, "y": np.array([-100, 1])}
    first, second = table_of(cross_entropy(body), arrays, {"N": 2, "C": 3}).elements
    assert first == 0
    assert second is not None and second < 0


def test_a_guarded_reduction_does_not_look_at_what_it_leaves_out():
    undefined_at_zero = c.divide(c.element("z", n, j), c.subtract(j, n))
    body = c.total(j, undefined_at_zero, guard=c.not_equal(j, n))
    table = table_of(cross_entropy(body), {"z": LOGITS, "y": LABELS}, {"N": 2, "C": 3})
    expected = [-1.0 + 2.0 / 2, 3.0 / -1 + -0.25 / 1]
    np.testing.assert_allclose([float(element) for element in table.elements], expected)


@pytest.mark.parametrize(
    ("operator", "empty"),
    [("sum", 0.0), ("product", 1.0), ("maximum", -math.inf), ("minimum", math.inf)],
)
def test_a_reduction_over_nothing_is_its_identity(operator: str, empty: float):
    body = c.reduce(operator, k, c.element("z", k), guard=c.less(k, 0))
    expression = Expression((Tensor("z", (c.size("C"),)),), (), (), body)
    (element,) = table_of(expression, {"z": LOGITS[0]}, {"C": 3}).elements
    assert float(element) == empty


@pytest.mark.parametrize(
    "body",
    [
        c.divide(c.element("x"), 0),
        c.log(c.negate(c.element("one"))),
        c.sqrt(c.negate(c.element("one"))),
        c.piecewise((c.less(c.element("x"), 0), 1)),
        c.power(c.negate(c.element("one")), c.element("half")),
    ],
)
def test_what_mathematics_does_not_define_is_undefined(body: Term):
    assert value(scalar(body, "x", "one", "half"), x=0.0, one=1.0, half=0.5) is None


def test_digits_follow_the_magnitude():
    """log(1 - sigmoid(x)) is -x for large x, though 1 - sigmoid(x) is 0 in fifty digits."""
    body = c.log(c.subtract(1, Call("sigmoid", (c.element("x"),))))
    for x in (30.0, 300.0, 7777.0):
        result = lifted(scalar(body, "x"), {"x": Bound(np.array(x), parameter=False)})
        (element,) = result.table.elements
        assert mpmath.almosteq(element, -x, rel_eps=1e-12)


def test_batch_axes_lead_and_are_common():
    body = c.subtract(c.element("x"), c.element("y"))
    x, y = np.arange(6.0).reshape(2, 3), np.ones((2, 3))
    result = lifted(scalar(body, "x", "y"), {"x": Bound(x, False), "y": Bound(y, False)})
    assert result.batch == (2, 3)
    assert [float(e) for e in result.table.elements] == [-1, 0, 1, 2, 3, 4]


@pytest.mark.parametrize("other", [np.ones(3), np.ones((3, 2)), np.array(1.0)])
def test_a_partial_batch_is_refused(other: np.ndarray):
    body = c.subtract(c.element("x"), c.element("y"))
    bound = {"x": Bound(np.ones((2, 3)), False), "y": Bound(other, False)}
    with pytest.raises(Unmatched):
        lifted(scalar(body, "x", "y"), bound)


def test_a_parameter_takes_no_batch_axes():
    with pytest.raises(Unmatched):
        lifted(scalar(Element("w"), "w"), {"w": Bound(np.ones(3), parameter=True)})


def test_a_relation_is_read_from_its_words():
    assert named(None) == Relation()
    assert named("mean over the batch").reduction == "mean"
    assert named("sum over the batch").reduction == "sum"
    assert named("weighted mean over the kept elements of the batch").reduction == "weighted"
    assert named("equal when eps = 0").zeroed == "eps"


SPREAD = np.array([0.5, -1.25, 2.0, 0.75])
OTHER = np.array([1.5, 0.25, -0.5, 2.5])


def call_of(function: NamedFunction) -> Expression:
    """The function over x and y of length 4, at index k where it gives a vector."""
    vectors = [c.comprehension((j,), c.element(name, j)) for name in ("x", "y")]
    numbers = iter((c.divide(3, 2), c.divide(1, 4)))
    arguments = [vectors.pop(0) if formal.rank else next(numbers) for formal in function.formals]
    indices = (k,) if function.indices else ()
    tensors = tuple(Tensor(name, (c.size("C"),)) for name in ("x", "y"))
    return Expression(tensors, (), indices, Call(function.name, tuple(arguments), indices))


@pytest.mark.parametrize("name", NAMED)
def test_every_named_function_means_the_same_to_both_evaluators(name: str):
    expression = call_of(NAMED[name])
    arrays, sizes = {"x": SPREAD, "y": OTHER}, {"C": 4}
    table = table_of(expression, arrays, sizes)
    own = np.array([float(element) for element in table.elements]).reshape(table.shape)
    np.testing.assert_allclose(own, evaluate(expression, arrays, sizes), rtol=1e-12)


FAR_APART = {"arccosh": 2.5, "factorial": 3.0}


@pytest.mark.parametrize("name", OPERATORS)
def test_every_operator_means_the_same_to_both_evaluators(name: str):
    operator = OPERATORS[name]
    a, b = c.element("a"), c.element("b")
    given = (c.less(a, 1), c.less(a, 0)) if operator.takes == "boolean" else (a, b)
    body = c.apply(name, *given[: operator.arity or 2])
    if operator.result == "boolean":
        body = c.indicator(body)
    arrays = {"a": np.array(FAR_APART.get(name, 0.625)), "b": np.array(0.375)}
    expression = scalar(body, "a", "b")
    (element,) = table_of(expression, arrays, {}).elements
    np.testing.assert_allclose(float(element), evaluate(expression, arrays, {}), rtol=1e-12)


def squared_error(body: Term) -> Candidate:
    tensors = (Tensor("x", (c.size("N"),)), Tensor("y", (c.size("N"),)))
    return Candidate(
        (Expression(tensors, (), (n,), body),), (None,), {"x": "x", "y": "y"}, Relation()
    )


X, Y = c.element("x", n), c.element("y", n)
BASE = squared_error(c.power(c.subtract(X, Y), 2))


def test_the_judge_agrees_with_the_truth_by_hand():
    judge = Judge(pair_named("mse-none"), BASE)
    assert judge.deviation_from_reference().kind == "same"
    wrong = Judge(pair_named("mse-none"), squared_error(c.absolute(c.subtract(X, Y))))
    assert wrong.deviation_from_reference().kind == "differs"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (c.power(c.subtract(Y, X), 2), "same"),
        (c.add(c.power(X, 2), c.multiply(-2, X, Y), c.power(Y, 2)), "same"),
        (c.power(c.add(X, Y), 2), "differs"),
        (c.absolute(c.subtract(X, Y)), "differs"),
        (c.divide(c.power(c.subtract(X, Y), 3), c.subtract(X, Y)), "differs"),
        (c.multiply(c.power(c.subtract(X, Y), 2), c.divide(10**9 + 1, 10**9)), "invisible"),
        (c.element("x", c.add(n, 1)), "differs"),
        (c.element("unknown", n), "unmatched"),
    ],
)
def test_the_judge_tells_functions_apart(body: Term, kind: str):
    assert Judge(pair_named("mse-none"), BASE).outcome(squared_error(body)).kind == kind


def test_nested_numbers_are_exact():
    assert nested(np.array([0.1]))[0] == mpmath.mpf(0.1)
