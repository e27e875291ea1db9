"""The readable one-line form of terms and expressions, written and read back exactly.

    l[n:N] = -log(exp(z[n, y[n]]) / sum(j:C, exp(z[n, j])))

``docs/index-language.md`` gives the grammar.
"""

from torchtex.index.text_reader import parse_expression, parse_term
from torchtex.index.text_writer import (
    describe,
    write_expression,
    write_size,
    write_tensor,
    write_term,
)

__all__ = [
    "describe",
    "parse_expression",
    "parse_term",
    "write_expression",
    "write_size",
    "write_tensor",
    "write_term",
]
