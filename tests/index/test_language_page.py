"""The examples of docs/index-language.md: read, well formed, written back, and evaluated."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from torchtex.index.errors import MAX_DEPTH
from torchtex.index.evaluate import evaluate
from torchtex.index.named import NAMED
from torchtex.index.operators import OPERATORS, REDUCTIONS
from torchtex.index.plan import MAX_INDICES
from torchtex.index.terms import Expression
from torchtex.index.text import parse_expression, write_expression
from torchtex.index.wellformed import problems

PAGE = (Path(__file__).parents[2] / "docs" / "index-language.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


EXAMPLES = blocks("index")
SIZES = {"N": 3, "C": 4, "D": 2, "H": 5, "T": 6}


def values(whole: Expression) -> dict[str, Any]:
    """Positive reals, labels and small whole numbers of the declared shapes."""
    random = np.random.default_rng(1)
    found: dict[str, Any] = {}
    for tensor in whole.tensors:
        shape = tuple(int(extent.at(SIZES)) for extent in tensor.extents)
        if tensor.labels is not None:
            found[tensor.name] = random.integers(0, int(tensor.labels.at(SIZES)), shape)
        elif tensor.integer:
            found[tensor.name] = int(random.integers(1, 4))
        else:
            found[tensor.name] = random.uniform(0.5, 2, shape)
    return found


@pytest.mark.parametrize("text", EXAMPLES)
def test_every_example_is_read_and_evaluated(text: str) -> None:
    whole = parse_expression(text)
    assert problems(whole) == ()
    assert parse_expression(write_expression(whole)) == whole
    result = evaluate(whole, values(whole), SIZES)
    assert result.shape == tuple(int(extent.at(SIZES)) for extent in whole.extents)
    assert np.isfinite(result).all()


def test_the_page_has_examples() -> None:
    assert len(EXAMPLES) >= 9


def test_the_first_example_is_cross_entropy() -> None:
    z, y = np.array([[0.0, 1.0, 2.0], [3.0, 1.0, 0.0]]), np.array([2, 1])
    expected = np.log(np.exp(z).sum(1)) - z[[0, 1], y]
    np.testing.assert_allclose(evaluate(parse_expression(EXAMPLES[0]), {"z": z, "y": y}), expected)


def test_the_python_of_the_page_runs() -> None:
    (source,) = blocks("python")
    exec(compile(source, "docs/index-language.md", "exec"), {})


def test_the_page_names_what_there_is() -> None:
    assert f"at most {MAX_DEPTH} levels deep" in PAGE
    assert f"at most {MAX_INDICES} indices" in PAGE
    line = next(line for line in PAGE.splitlines() if line.startswith("Reductions:"))
    reductions = re.findall(r"`([^`]*)`", line)[0].split()
    assert tuple(reductions) == REDUCTIONS
    line = next(line for line in PAGE.splitlines() if line.startswith("Operators that are not"))
    named = re.findall(r"`([^`]*)`", line)[0].replace("...", "").split()
    assert set(named) <= set(OPERATORS)
    assert {"softmax", "logsumexp", "norm", "sigmoid"} <= set(NAMED)
