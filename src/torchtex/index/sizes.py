"""Finding the free sizes from the shapes of tensors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import lru_cache

import attrs

from torchtex.index.errors import ShapeMismatch, SizeMismatch, SizeUnknown
from torchtex.index.substitute import renamed_size
from torchtex.index.terms import Size, Tensor

Shape = tuple[int, ...]


@attrs.frozen
class _Equation:
    """``size`` is zero, by what ``sources`` say."""

    size: Size
    sources: tuple[str, ...]


@lru_cache(maxsize=1024)
def solve(
    tensors: tuple[Tensor, ...],
    shapes: tuple[Shape | None, ...],
    given: tuple[tuple[str, int], ...],
) -> Mapping[str, int]:
    """The free sizes at which the tensors have these shapes (None: not known).

    Sizes that nothing determines are left out.  Raises ShapeMismatch where a rank is not the
    declared one, and SizeMismatch, naming both sides, where two axes contradict each other.
    """
    known: dict[str, _Equation] = {}
    for name, value in given:
        _learn(_Equation(Size.free(name) - value, (f"{name} = {value}",)), known)
    for tensor, shape in zip(tensors, shapes, strict=True):
        if shape is None:
            continue
        _check_rank(tensor, shape)
        for axis, (extent, length) in enumerate(zip(tensor.extents, shape, strict=True)):
            source = f"axis {axis} of {tensor.name}, {describe(extent)} = {length}"
            _learn(_Equation(extent - length, (source,)), known)
    return {
        name: _whole(name, equation) for name, equation in known.items() if equation.size.is_fixed
    }


def _check_rank(tensor: Tensor, shape: Shape) -> None:
    if len(shape) != tensor.rank:
        raise ShapeMismatch(
            f"{tensor.name} is declared with {tensor.rank} axes, but its value has {len(shape)}"
        )


def _learn(equation: _Equation, known: dict[str, _Equation]) -> None:
    """Solve the equation for one more size and put it into what is known.

    ``known[name].size`` is what the size ``name`` equals.
    """
    size = renamed_size(equation.size, {name: each.size for name, each in known.items()})
    used = [known[name] for name in equation.size.names if name in known]
    sources = _distinct(source for each in (*used, equation) for source in each.sources)
    if size.is_fixed:
        if size.constant != 0:
            raise SizeMismatch("sizes contradict each other: " + "; ".join(sources))
        return
    name, coefficient = size.coefficients[0]
    rest = size - Size.free(name) * coefficient
    solved = _Equation(rest * (Fraction(-1) / coefficient), sources)
    for other, each in known.items():
        if name in each.size.names:
            replaced = renamed_size(each.size, {name: solved.size})
            merged = _distinct((*each.sources, *sources))
            known[other] = _Equation(replaced, merged)
    known[name] = solved


def _distinct(sources: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(sources))


def _whole(name: str, equation: _Equation) -> int:
    value = equation.size.constant
    if value.denominator != 1 or value < 0:
        raise SizeMismatch(
            f"the size {name} would have to be {value}: " + "; ".join(equation.sources)
        )
    return int(value)


def at(size: Size, sizes: Mapping[str, int]) -> int | Fraction:
    """The number that ``size`` denotes.  Raises SizeUnknown."""
    for name in size.names:
        if name not in sizes:
            raise SizeUnknown(name)
    value = size.at(sizes)
    return int(value) if value.denominator == 1 else value


def length(size: Size, sizes: Mapping[str, int]) -> int:
    """``size`` as a number of elements.  Raises SizeMismatch where it is not a whole number."""
    value = at(size, sizes)
    if not isinstance(value, int):
        raise SizeMismatch(f"the extent {describe(size)} is {value}, not a whole number")
    return value


def describe(size: Size) -> str:
    """The size as people write it: ``2N - 1``, ``C/2``."""
    parts = [_product(coefficient, name) for name, coefficient in size.coefficients]
    if size.constant != 0 or not parts:
        parts.append(str(size.constant))
    return " + ".join(parts).replace("+ -", "- ")


def _product(coefficient: Fraction, name: str) -> str:
    if abs(coefficient) == 1:
        return name if coefficient > 0 else f"-{name}"
    if coefficient.denominator == 1:
        return f"{coefficient.numerator}{name}"
    numerator = {1: "", -1: "-"}.get(coefficient.numerator, str(coefficient.numerator))
    return f"{numerator}{name}/{coefficient.denominator}"
