"""Reads a formula as it is read for a pair, so that the oracle judges what was understood."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from torchtex.notation.reading import Context, Known, Reading
from torchtex.notation.resolve import read

from .pair import Pair
from .points import plain_point


def reading_of(pair: Pair, latex: str, binding: Mapping[str, str], *declare: str) -> Reading:
    """The reading of ``latex`` when its symbols stand for arguments as ``binding`` says.

    Raises NotRead.
    """
    known = {symbol: _known(pair, expression) for symbol, expression in binding.items()}
    return read(latex, Context(known, (*pair.declare, *declare)))


def _known(pair: Pair, expression: str) -> Known:
    value = plain_point(pair).values.get(expression)
    if value is None:
        return Known("real")
    argument = pair.argument(expression)
    if argument.classes:
        return Known("labels")
    if isinstance(value, int):
        return Known("integer", value)
    return Known("real") if isinstance(value, np.ndarray) else Known("real", value)
