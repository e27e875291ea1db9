"""The terms of the index language: what one element of a tensor is.

Every term is an immutable, hashable value.  A term denotes one scalar, except
:class:`Comprehension`, which denotes a tensor and stands only as an argument of a
:class:`Call`.  ``docs/index-language.md`` gives the grammar and the meaning.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TypeAlias

import attrs


@attrs.frozen(cache_hash=True)
class Number:
    """An exact rational number."""

    value: Fraction = attrs.field(converter=Fraction)


@attrs.frozen(cache_hash=True)
class Constant:
    """A named real number: ``pi``, ``e`` or ``infinity``."""

    name: str


@attrs.frozen(cache_hash=True)
class Size:
    """A number of elements, linear in free sizes: ``C``, ``2N``, ``C - 1``, ``7``.

    ``coefficients`` is sorted by name and holds no zero, so that equal sizes are equal values.
    As a term it denotes that number; as an extent it bounds an index.
    """

    coefficients: tuple[tuple[str, Fraction], ...] = ()
    constant: Fraction = attrs.field(default=Fraction(0), converter=Fraction)

    @staticmethod
    def free(name: str) -> Size:
        return Size(((name, Fraction(1)),))

    @staticmethod
    def fixed(value: int | Fraction) -> Size:
        return Size((), Fraction(value))

    @staticmethod
    def combine(coefficients: Mapping[str, Fraction], constant: Fraction) -> Size:
        kept = tuple(sorted((name, value) for name, value in coefficients.items() if value != 0))
        return Size(kept, constant)

    def __add__(self, other: Size | int) -> Size:
        other = other if isinstance(other, Size) else Size.fixed(other)
        total = dict(self.coefficients)
        for name, value in other.coefficients:
            total[name] = total.get(name, Fraction(0)) + value
        return Size.combine(total, self.constant + other.constant)

    def __mul__(self, factor: int | Fraction) -> Size:
        scaled = {name: value * factor for name, value in self.coefficients}
        return Size.combine(scaled, self.constant * factor)

    def __sub__(self, other: Size | int) -> Size:
        other = other if isinstance(other, Size) else Size.fixed(other)
        return self + other * -1

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.coefficients)

    @property
    def is_fixed(self) -> bool:
        return not self.coefficients

    def at(self, sizes: Mapping[str, int]) -> Fraction:
        """Its number when the free sizes are ``sizes``.  Raises KeyError for an unknown one."""
        return self.constant + sum(
            (value * sizes[name] for name, value in self.coefficients), Fraction(0)
        )


@attrs.frozen(cache_hash=True)
class Index:
    """An index variable.  As a term it denotes its 0-based position, 0 <= i < extent.

    A written lower bound of 1 is added by the reader where the index is used as a number.
    """

    name: str
    extent: Size


@attrs.frozen(cache_hash=True)
class Element:
    """One element of a named tensor (or of an earlier definition): ``z[n, y[n]]``.

    A rank-0 tensor is ``Element("beta", ())``.  Positions are 0-based.
    """

    tensor: str
    indices: tuple[Term, ...] = ()


@attrs.frozen(cache_hash=True)
class Apply:
    """An elementwise operator of ``index/operators.py`` on scalars: ``exp``, ``add``, ``less``."""

    operator: str
    arguments: tuple[Term, ...]


@attrs.frozen(cache_hash=True)
class Piecewise:
    """The value of the first case whose condition holds; else ``otherwise``; else undefined."""

    cases: tuple[tuple[Term, Term], ...]  # (condition, value)
    otherwise: Term | None = None


@attrs.frozen(cache_hash=True)
class Reduce:
    """``sum``, ``product``, ``maximum``, ``minimum``, ``argmax``, ``argmin`` over one index.

    Terms whose ``guard`` is false are the identity of the reduction, whatever the body is there:
    the body is not looked up (a guard is strong).
    """

    operator: str
    index: Index
    body: Term
    guard: Term | None = None


@attrs.frozen(cache_hash=True)
class Comprehension:
    """A tensor given by its element: ``(n, c) -> body``.  Only an argument of a :class:`Call`."""

    indices: tuple[Index, ...]
    body: Term


@attrs.frozen(cache_hash=True)
class Call:
    """One element, at positions ``at``, of a named function of ``index/named.py``.

    ``Call("softmax", (Comprehension((k,), z[n, k]),), at=(c,))`` is softmax over k, at c.
    A scalar argument is a plain term.
    """

    name: str
    arguments: tuple[Term, ...]
    at: tuple[Term, ...] = ()


@attrs.frozen(cache_hash=True)
class Recurrence:
    """The element ``at`` of a state after ``count`` steps.

    ``initial`` gives the state's element over ``indices`` before the first step; ``following``
    gives it after the step at ``step`` and sees the previous state as ``Element(state, ...)``.
    ``step.extent`` bounds the number of steps; ``count`` is a term in 0..extent.
    """

    state: str
    indices: tuple[Index, ...]
    initial: Term
    step: Index
    following: Term
    count: Term
    at: tuple[Term, ...]


Term: TypeAlias = (
    Number
    | Constant
    | Size
    | Index
    | Element
    | Apply
    | Piecewise
    | Reduce
    | Comprehension
    | Call
    | Recurrence
)


@attrs.frozen(cache_hash=True)
class Tensor:
    """A declared input.  ``labels`` makes its elements positions below that size.

    ``integer`` elements are whole numbers used as numbers (a kernel size, a padding).
    """

    name: str
    extents: tuple[Size, ...] = ()
    labels: Size | None = None
    integer: bool = False

    @property
    def rank(self) -> int:
        return len(self.extents)


@attrs.frozen(cache_hash=True)
class Definition:
    """A named intermediate tensor, evaluated once: ``name[indices] = body``."""

    name: str
    indices: tuple[Index, ...]
    body: Term


@attrs.frozen(cache_hash=True)
class Expression:
    """A whole tensor-valued expression: inputs, ordered definitions, and the result's element."""

    tensors: tuple[Tensor, ...]
    definitions: tuple[Definition, ...]
    indices: tuple[Index, ...]
    body: Term

    @property
    def extents(self) -> tuple[Size, ...]:
        return tuple(index.extent for index in self.indices)

    def tensor(self, name: str) -> Tensor:
        """The declared input ``name``.  Raises KeyError when there is none."""
        for tensor in self.tensors:
            if tensor.name == name:
                return tensor
        raise KeyError(name)
