"""Each rule of well-formedness is broken once, and nothing else complains."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import pytest

from torchtex.index.construct import (
    apply,
    call,
    comprehension,
    constant,
    definition,
    element,
    exp,
    expression,
    index,
    indicator,
    less,
    multiply,
    piecewise,
    recurrence,
    reduce,
    size,
    tensor,
    total,
)
from torchtex.index.terms import Expression, Piecewise
from torchtex.index.text import parse_expression
from torchtex.index.wellformed import EXPRESSION_RULES, TERM_RULES, problems

n, k = index("n", "N"), index("k", "C")
TENSORS = (tensor("z", "N", "C"), tensor("y", "N", labels="C"), tensor("u", "N", labels="N"))


def whole(body: Any, *definitions: Any) -> Expression:
    return expression(TENSORS, (n,), body, definitions)


def deep() -> Any:
    body: Any = element("z", n, 0)
    for _ in range(5000):
        body = exp(body)
    return body


def state(name: str, at: tuple[Any, ...]) -> Any:
    i = index("i", 2)
    return recurrence(name, (i,), 0, index("t", 3), element(name, i), 1, at)


BROKEN: list[tuple[str, str, Expression]] = [
    ("bound", "the index k is not bound", whole(element("z", n, k))),
    ("bound", r"\(bound is n:N\)", whole(element("z", n, index("n", "C")))),
    ("bound", "the index t", whole(recurrence("s", (), index("t", 3), index("t", 3), 0, 1, ()))),
    ("declared", "q is not declared", whole(element("q", n))),
    ("declared", "d is used before", whole(1, definition("d", (), element("d")))),
    (
        "declared",
        "e is used before",
        whole(1, definition("d", (), element("e")), definition("e", (), 1)),
    ),
    ("rank", "z has 2 axes, not 1", whole(element("z", n))),
    ("sort", "a condition stands where a number", whole(exp(less(n, 1)))),
    ("sort", "a number stands where a condition", whole(indicator(element("z", n, 0)))),
    ("sort", "a number stands where a condition", whole(total(k, 1, guard=element("z", n, k)))),
    ("sort", "a condition stands where a number", whole(element("z", n, less(n, 1)))),
    ("sort", "a condition stands where a number", whole(less(n, 1))),
    ("sort", "a tensor stands where a number", whole(comprehension(k, element("z", n, k)))),
    ("operator", "no operator 'sinus'", whole(apply("sinus", 1))),
    ("operator", "exp does not take 2", whole(apply("exp", 1, 2))),
    ("operator", "add does not take 1", whole(apply("add", 1))),
    ("reduction", "no reduction 'median'", whole(reduce("median", k, element("z", n, k)))),
    ("constant", "no constant 'phi'", whole(constant("phi"))),
    ("call", "no named function 'mystery'", whole(call("mystery", 1))),
    ("call", "different sizes", whole(call("dot", comprehension(k, 1), comprehension(n, 1)))),
    ("cases", "no cases", whole(Piecewise((), element("z", n, 0)))),
    ("extent", "extent of i is -2", whole(total(index("i", -2), 1))),
    ("extent", "extent of i is 1/2", whole(total(index("i", Fraction(1, 2)), 1))),
    ("extent", "an extent of x is -1", expression((tensor("x", -1),), (), 1)),
    ("extent", "extent of i is -1", expression((), (index("i", -1),), 1)),
    ("distinct", "bound twice", whole(call("dot", *[comprehension((k, k), 1)] * 2))),
    ("distinct", "bound twice", expression((), (n, n), 1)),
    (
        "labels",
        "u holds labels below N, but the axis of z has C",
        whole(element("z", n, element("u", n))),
    ),
    ("state", "s has 1 axes, not 0", whole(state("s", ()))),
    ("state", "the state y has the name", whole(state("y", (0,)))),
    ("depth", "more than 100 levels", whole(deep())),
    ("names", "y is declared twice", whole(1, definition("y", (), 1))),
]


@pytest.mark.parametrize(("rule", "message", "broken"), BROKEN)
def test_a_broken_rule_is_named(rule: str, message: str, broken: Expression) -> None:
    found = problems(broken)
    assert rule in {problem.rule for problem in found}
    assert any(re.search(message, problem.message) for problem in found if problem.rule == rule)
    assert all(str(problem).startswith(f"{problem.rule}: ") for problem in found)


def test_every_rule_is_broken_above() -> None:
    rules = {rule.name for rule in (*TERM_RULES, *EXPRESSION_RULES)}
    assert rules == {rule for rule, _, _ in BROKEN}
    assert all(rule.says.endswith(".") for rule in (*TERM_RULES, *EXPRESSION_RULES))


@pytest.mark.parametrize(
    "text",
    [
        "l[n:N] = -log(exp(z[n, y[n]]) / sum(j:C, exp(z[n, j])))",
        "w: real[C]; l = sum(n:N | y[n] != 3, w[y[n]])",
        "v[t:T, i:D] = repeat(s[k:D] = 0; u:T -> 0.9 * s[k] + g[u, k]; t + 1)[i]",
        "x: real[C/2]; l = sum(i:C/2, case(x[i] < 0 and i != 1 -> x[i]^2, else 0))",
        "z: real[N, C]; d[n:N] = z[n, 0]; e[n:N] = d[n] * 2; l = e[0] * indicator(not(d[1] < 1))",
        "l[i:N] = softmax((i:N) -> dot((d:D) -> z[i, d], (e:D) -> z[e, e]))[i]",
    ],
)
def test_what_is_right_has_no_problems(text: str) -> None:
    assert problems(parse_expression(text)) == ()


def test_problems_point_at_their_term() -> None:
    (problem,) = problems(whole(multiply(2, element("q", n))))
    assert problem.term == element("q", n)
    assert str(problem) == "declared: q is not declared in q[{n:N}]"
    assert problems(whole(piecewise((less(n, 1), 1), otherwise=size("N")))) == ()
