"""Reads a formula as it is read for a pair, so that the oracle judges what was understood."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from torchtex.notation.reading import Context, Known, Reading
from torchtex.notation.resolve import read

from .pair import Pair
from .points import plain_point


def reading_of(pair: Pair, latex: str, binding: Mapping[str, str], *declare: str) -> Reading:
    """The reading of ``latex`` when its symbols stand for arguments as ``binding`` says.

    Raises NotRead.
    """
    return read(latex, _context(pair, binding, declare))


def lower_readings(
    pair: Pair, latex: str, binding: Mapping[str, str], declare: tuple[str, ...], row: str, way: str
) -> Iterator[Reading]:
    """The readings that take the alternative ``way`` at one place of the row."""
    context = _context(pair, binding, declare)
    for place in read(latex, context).ambiguities:
        if place.row == row and way in place.alternatives:
            yield read(latex, context, {(row, place.span.start): way})


def _context(pair: Pair, binding: Mapping[str, str], declare: tuple[str, ...]) -> Context:
    known = {symbol: _known(pair, expression) for symbol, expression in binding.items()}
    return Context(known, (*pair.declare, *declare))


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
