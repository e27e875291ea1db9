"""The named functions against NumPy, and the rules of calling them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from torchtex.index.construct import (
    call,
    comprehension,
    divide,
    element,
    exp,
    expression,
    index,
    multiply,
    tensor,
    total,
)
from torchtex.index.errors import IllFormed
from torchtex.index.evaluate import evaluate
from torchtex.index.named import NAMED, unfold
from torchtex.index.text import parse_term, write_term
from torchtex.index.wellformed import problems

X = np.array([-2.5, -1.0, -0.25, 0.0, 0.5, 3.0])
Y = np.array([1.0, 0.5, -2.0, 4.0, 1.5, -1.0])


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


ERF = np.vectorize(math.erf)
SCALAR: dict[str, tuple[Any, tuple[float, ...]]] = {
    "sigmoid": (sigmoid, ()),
    "logsigmoid": (lambda x: np.log(sigmoid(x)), ()),
    "relu": (lambda x: np.clip(x, 0, None), ()),
    "relu6": (lambda x: np.clip(x, 0, 6), ()),
    "softplus": (lambda x: np.log1p(np.exp(x)), ()),
    "silu": (lambda x: x * sigmoid(x), ()),
    "gelu": (lambda x: x * (1 + ERF(x / 2**0.5)) / 2, ()),
    "mish": (lambda x: x * np.tanh(np.log1p(np.exp(x))), ()),
    "softsign": (lambda x: x / (1 + abs(x)), ()),
    "elu": (lambda x: np.where(x > 0, x, 0.7 * np.expm1(x)), (0.7,)),
    "leaky_relu": (lambda x: np.where(x > 0, x, 0.1 * x), (0.1,)),
}
VECTOR: dict[str, tuple[Any, tuple[float, ...]]] = {
    "softmax": (lambda x: np.exp(x) / np.exp(x).sum(), ()),
    "log_softmax": (lambda x: x - np.log(np.exp(x).sum()), ()),
    "layer_norm": (lambda x: (x - x.mean()) / np.sqrt(x.var() + 0.1), (0.1,)),
    "logsumexp": (lambda x: np.log(np.exp(x).sum()), ()),
    "sum": (np.sum, ()),
    "mean": (np.mean, ()),
    "variance": (np.var, ()),
    "max": (np.max, ()),
    "min": (np.min, ()),
    "norm": (np.linalg.norm, ()),
    "norm_p": (lambda x: (abs(x) ** 3).sum() ** (1 / 3), (3.0,)),
}
PAIRS: dict[str, Any] = {
    "dot": np.dot,
    "cosine_similarity": lambda x, y: x @ y / np.linalg.norm(x) / np.linalg.norm(y),
}


def test_every_function_has_an_oracle_here() -> None:
    assert set(NAMED) == set(SCALAR) | set(VECTOR) | set(PAIRS)


@pytest.mark.parametrize("name", SCALAR)
def test_functions_of_a_number(name: str) -> None:
    oracle, parameters = SCALAR[name]
    i = index("i", "N")
    names = [f"p{k}" for k in range(len(parameters))]
    body = call(name, element("x", i), *(element(each) for each in names))
    whole = expression((tensor("x", "N"), *(tensor(each) for each in names)), (i,), body)
    assert problems(whole) == ()
    found = evaluate(whole, {"x": X, **dict(zip(names, parameters, strict=True))})
    np.testing.assert_allclose(found, oracle(X), rtol=1e-13)


@pytest.mark.parametrize("name", VECTOR)
def test_functions_of_a_vector(name: str) -> None:
    oracle, parameters = VECTOR[name]
    i, k = index("i", "N"), index("k", "N")
    names = [f"p{k}" for k in range(len(parameters))]
    at = (i,) if NAMED[name].indices else ()
    vector = comprehension(k, element("x", k))
    body = call(name, vector, *(element(each) for each in names), at=at)
    whole = expression((tensor("x", "N"), *(tensor(each) for each in names)), at, body)
    assert problems(whole) == ()
    found = evaluate(whole, {"x": X, **dict(zip(names, parameters, strict=True))})
    np.testing.assert_allclose(found, oracle(X), rtol=1e-13)


@pytest.mark.parametrize("name", PAIRS)
def test_functions_of_two_vectors(name: str) -> None:
    i, k = index("i", "N"), index("k", "N")
    body = call(name, comprehension(i, element("x", i)), comprehension(k, element("y", k)))
    whole = expression((tensor("x", "N"), tensor("y", "N")), (), body)
    found = evaluate(whole, {"x": X, "y": Y})
    np.testing.assert_allclose(found, PAIRS[name](X, Y), rtol=1e-13)


def test_the_definition_of_softmax() -> None:
    call_ = parse_term("softmax((j:C) -> 2 * z[j])[c]", (index("c", "C"),))
    expected = parse_term("exp(2 * z[c]) / sum(k:C, exp(2 * z[k]))", (index("c", "C"),))
    assert unfold(call_) == expected  # type: ignore[arg-type]


def test_unfolding_does_not_capture() -> None:
    """The definition of softmax sums over k; an argument that uses an outer k keeps its own."""
    k, i = index("k", "C"), index("i", "C")
    argument = comprehension(i, multiply(element("a", k), element("z", i)))
    found = unfold(call("softmax", argument, at=(k,)))
    inner = index("k_1", "C")
    expected = divide(
        exp(multiply(element("a", k), element("z", k))),
        total(inner, exp(multiply(element("a", k), element("z", inner)))),
    )
    assert found == expected


def test_calls_inside_calls_are_evaluated_once() -> None:
    """Twelve softmaxes inside one another are some 2**12 sums if each is unfolded."""
    i = index("i", "N")
    body: Any = element("x", i)
    for _ in range(12):
        body = call("softmax", comprehension(i, body), at=(i,))
    whole = expression((tensor("x", "N"),), (i,), body)
    expected = X
    for _ in range(12):
        expected = np.exp(expected) / np.exp(expected).sum()
    np.testing.assert_allclose(evaluate(whole, {"x": X}), expected, rtol=1e-13)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nothing(1)", "no named function 'nothing'"),
        ("softmax(1)[c]", "rank 1 for x, not of rank 0"),
        ("softmax((k:C) -> z[k])", "rank 1, but 0 positions"),
        ("relu((k:C) -> z[k])", "rank 0 for x, not of rank 1"),
        ("relu(1, 2)", "takes 1 arguments, not 2"),
        ("dot((k:C) -> z[k], (k:D) -> u[k])", "different sizes"),
    ],
)
def test_a_wrong_call_is_refused(text: str, message: str) -> None:
    term = parse_term(text, (index("c", "C"),))
    with pytest.raises(IllFormed, match=message):
        unfold(term)  # type: ignore[arg-type]
    assert write_term(term)
