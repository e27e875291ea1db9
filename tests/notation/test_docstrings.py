"""Every displayed formula that torch.nn prints is parsed, or refused for a stated reason."""

from __future__ import annotations

import inspect
import re

import pytest
from torch import nn

from torchtex.notation.errors import NotRead
from torchtex.notation.outline import outlines
from torchtex.notation.parser import parse

# What is refused: lists of sizes written in prose, no formulas one could compute.
REFUSED: dict[str, str] = {
    "GRU": "a condition stands beside the formula",  # D = 2 if bidirectional=True otherwise 1
    "LSTM": "a condition stands beside the formula",
    "RNN": "a condition stands beside the formula",
    "LayerNorm": "something is missing before *",  # [* x normalized_shape[0] x ...], a shape
    "RMSNorm": "something is missing before *",
}

BLOCK = re.compile(r"^( *)\.\. math::(.*(?:\n(?:\1 +.*| *))*)", re.MULTILINE)


def printed() -> dict[str, list[str]]:
    """Class name to the formulas of its docstring."""
    found: dict[str, list[str]] = {}
    for name in dir(nn):
        member = getattr(nn, name)
        if not inspect.isclass(member):
            continue
        text = inspect.getdoc(member) or ""
        formulas = [match[2].strip() for match in BLOCK.finditer(text)]
        if formulas:
            found[name] = formulas
    return found


PRINTED = printed()


@pytest.mark.parametrize("name", PRINTED)
def test_what_torch_prints_is_parsed(name: str) -> None:
    for latex in PRINTED[name]:
        try:
            assert outlines(parse(latex))
        except NotRead as refusal:
            assert name in REFUSED, refusal
            assert REFUSED[name] in refusal.message
            assert 0 <= refusal.span.start < refusal.span.end <= len(latex)


def test_no_refusal_is_listed_in_vain() -> None:
    assert set(REFUSED) <= set(PRINTED)
    assert len(PRINTED) > 60


@pytest.mark.parametrize(
    ("name", "outline"),
    [
        ("ReLU6", "(= (ReLU6:rm x) (min:rm (max:rm 0 x) 6))"),
        ("Softsign", "(= (SoftSign:rm x) (frac x (+ 1 (abs x))))"),
        ("LogSigmoid", "(= (LogSigmoid:rm x) (log:rm (frac 1 (+ 1 (exp:rm (- x))))))"),
        ("Softmin", "(= (Softmin:rm (_ x i)) (frac (exp:rm (- (_ x i))) "
         "(sum[j] (exp:rm (- (_ x j))))))"),
    ],
)  # fmt: skip
def test_activations_read_as_they_are_meant(name: str, outline: str) -> None:
    assert outline in [tree for latex in PRINTED[name] for tree in outlines(parse(latex))]
