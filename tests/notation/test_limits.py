"""Formulas larger than people write: read or refused at once, by the parser and by the reader."""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction

import pytest

from torchtex.notation.depth import MAX_STATEMENTS, MAX_TREE_DEPTH, MAX_WIDTH
from torchtex.notation.errors import NotRead
from torchtex.notation.parser import parse
from torchtex.notation.resolve import read
from torchtex.notation.syntax import NumberLiteral

SECONDS = 5.0  # of this process: a hang, not a slow machine


def nested(before: str, after: str, times: int) -> str:
    return before * times + "x" + after * times


LARGE = {
    "terms": "+".join("x" * 40_000),
    "letters": "x" * 90_000,
    "factors": "x" * 4_000,
    "spaced factors": "x " * 4_000,
    "lines": "x\n" * 2_000,
    "wide spaces": r"x \quad " * 1_500,
    "bars": "|x" * 2_000,
    "separating bars": "x|" * 2_000,
    "statements": r"a = b \\ " * 10_000,
    "sums": " + ".join([r"\sum_i x_i"] * 3_000),
    "nested sums": r"\sum_i " * 10_000 + "x",
    "limits": r"\sum_{" + "i," * 2_000 + "} x",
    "subscripts": nested("x_{", "}", 100_000),
    "braces": nested("{", "}", 100_000),
    "parentheses": nested("(", ")", 10_000),
    "fractions": nested(r"\frac{1}{", "}", 10_000),
    "roots": nested(r"\sqrt{", "}", 10_000),
    "sized": nested(r"\left(", r"\right)", 10_000),
    "minus signs": "-" * 10_000 + "x",
    "environments": r"\begin{cases}" * 10_000,
    "never closed": "(" * 1_000_000,
    "closed only": "}" * 1_000_000,
    "a megabyte": "x = y + z " * 100_000,
    "spaces": " " * 1_000_000,
    "backslashes": "\\" * 1_000_000,
    "digits": "1" * 1_000_000,
    "labels": r"\label{" * 150_000,
    "primes": "x" + "'" * 4_000,
    "factorials": "x" + "!" * 4_000,
    "slashes": "x" + "/x" * 2_000,
    "arguments": "f(" + "i," * 2_000 + "i)",
    "relations": "x = " * 2_000 + "x",
    "rows": r"\begin{bmatrix}" + "1 & " * 2_000 + r"1\end{bmatrix}",
}

# As large as is read.
LARGEST = {
    "terms": "+".join("x" * (MAX_TREE_DEPTH - 1)),
    "factors": "x" * 100,
    "sums": " + ".join([r"\sum_i x_i"] * (MAX_TREE_DEPTH - 6)),
    "signs": "-" * (MAX_TREE_DEPTH - 2) + "x",
    "roots": nested(r"\sqrt{", "}", 58),
    "logarithms": nested(r"\log(", ")", 29),
    "groups": nested("(1 + ", ")", 29),
    "sums in sums": r"\sum_{i}^{n} " * 55 + "x_i",
    "slashes": "x" + "/x" * (MAX_TREE_DEPTH - 2),
    "cases": nested(r"\begin{cases} 1 + ", r" & x > 0 \\ 0 & \text{otherwise} \end{cases}", 29),
}


def two_hundred_calls_down(action: Callable[[], object], calls: int = 200) -> object:
    """``action`` as someone calls it from deep inside a program of their own."""
    return action() if calls == 0 else two_hundred_calls_down(action, calls - 1)


@pytest.mark.parametrize("name", LARGE)
@pytest.mark.parametrize("reader", [parse, read])
def test_what_is_too_large_is_refused_at_once(reader: Callable[[str], object], name: str) -> None:
    started = time.process_time()
    if name in ("primes",):
        two_hundred_calls_down(lambda: reader(LARGE[name]))
    else:
        with pytest.raises(NotRead) as caught:
            two_hundred_calls_down(lambda: reader(LARGE[name]))
        assert 0 <= caught.value.span.start <= caught.value.span.end <= len(LARGE[name])
        assert len(str(caught.value)) < 1_000
    assert time.process_time() - started < SECONDS


@pytest.mark.parametrize("name", LARGEST)
def test_what_is_just_small_enough_is_read_without_exhausting_the_stack(name: str) -> None:
    assert len(parse(LARGEST[name]).statements) == 1
    two_hundred_calls_down(lambda: read(LARGEST[name]))


@pytest.mark.parametrize(
    ("latex", "says"),
    [
        ("+".join("x" * (MAX_TREE_DEPTH + 1)), f"more than {MAX_TREE_DEPTH} operators"),
        ("x" * (MAX_WIDTH + 1), f"more than {MAX_WIDTH} factors"),
        (r"a = b \\ " * (MAX_STATEMENTS + 1), f"more than {MAX_STATEMENTS} equations"),
        (nested("x_{", "}", 150), "nested more than"),
        ("x" * 90_000, "symbols"),
    ],
)
def test_a_refusal_says_what_there_is_too_much_of(latex: str, says: str) -> None:
    with pytest.raises(NotRead) as caught:
        parse(latex)
    assert says in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("latex", "value"),
    [("1e-6", Fraction(1, 10**6)), ("1e200", Fraction(10**200)), ("0.1", Fraction(1, 10))],
)
def test_numbers_are_exact(latex: str, value: Fraction) -> None:
    (number,) = parse(latex).statements
    assert isinstance(number, NumberLiteral)
    assert number.value == value


@pytest.mark.parametrize("latex", ["1e99999", "1e-99999 x", "1e999999999", "1" * 5_000])
def test_a_number_that_no_float_holds_is_refused(latex: str) -> None:
    with pytest.raises(NotRead, match="too long"):
        parse(latex)
