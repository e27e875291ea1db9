"""Reading what was written gives the same function."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.notation.strategies import SIZES, expressions, values_for
from torchtex.index.evaluate import evaluate
from torchtex.index.terms import Expression, Tensor
from torchtex.notation.reading import Context, Known
from torchtex.notation.resolve import read
from torchtex.notation.writer import declarations, write


def sort_of(tensor: Tensor) -> Known:
    if tensor.labels is not None:
        return Known("labels")
    return Known("integer" if tensor.integer else "real")


def context_of(expression: Expression) -> Context:
    known = {tensor.name: sort_of(tensor) for tensor in expression.tensors}
    return Context(known, declarations(expression))


def read_back(expression: Expression) -> Expression:
    (claim,) = read(write(expression), context_of(expression)).claims
    return claim.expression


@given(expression=expressions(), seed=st.integers(0, 99))
def test_what_is_written_reads_as_the_same_function(expression: Expression, seed: int) -> None:
    values = values_for(seed)
    meant = evaluate(expression, values, SIZES)
    read_as = evaluate(read_back(expression), values, SIZES)
    np.testing.assert_allclose(read_as, meant, rtol=1e-9, atol=1e-12, err_msg=write(expression))
