"""Building terms so that the Python reads like the formula.

Plain ints and Fractions stand for numbers and, in extents, plain names for free sizes.  Terms are
kept exactly as written: nothing is simplified, flattened or reordered.
"""

from __future__ import annotations

from fractions import Fraction
from typing import cast, get_args

from torchtex.index.terms import (
    Apply,
    Call,
    Comprehension,
    Constant,
    Definition,
    Element,
    Expression,
    Index,
    Number,
    Piecewise,
    Recurrence,
    Reduce,
    Size,
    Tensor,
    Term,
)

Termlike = Term | int | Fraction
Sizelike = Size | int | Fraction | str
_TERM_CLASSES = get_args(Term)


def as_term(value: Termlike) -> Term:
    """A term, or the number a plain int or Fraction stands for.

    Raises TypeError for anything else; a float too, because 0.1 is not 1/10.
    """
    if isinstance(value, _TERM_CLASSES):
        return cast(Term, value)
    return number(value)


def number(value: Termlike) -> Number:
    """The exact number ``value``.  Raises TypeError unless it is an int, Fraction or Number."""
    if isinstance(value, Number):
        return value
    if isinstance(value, bool) or not isinstance(value, (int, Fraction)):
        raise TypeError(f"expected a term, an int or a Fraction, not {value!r}")
    return Number(Fraction(value))


def constant(name: str) -> Constant:
    """``pi``, ``e`` or ``infinity``."""
    return Constant(name)


def size(value: Sizelike) -> Size:
    """The free size of that name, or a fixed one."""
    if isinstance(value, Size):
        return value
    return Size.free(value) if isinstance(value, str) else Size.fixed(value)


def index(name: str, extent: Sizelike) -> Index:
    """An index variable over ``extent`` positions."""
    return Index(name, size(extent))


def element(tensor: str, *indices: Termlike) -> Element:
    """``tensor[indices]``; without indices, a scalar."""
    return Element(tensor, _terms(indices))


def apply(operator: str, *arguments: Termlike) -> Apply:
    """An elementwise operator of ``index/operators.py``."""
    return Apply(operator, _terms(arguments))


def add(*summands: Termlike) -> Apply:
    return apply("add", *summands)


def multiply(*factors: Termlike) -> Apply:
    return apply("multiply", *factors)


def negate(operand: Termlike) -> Apply:
    return apply("negate", operand)


def subtract(left: Termlike, right: Termlike) -> Apply:
    return apply("subtract", left, right)


def divide(numerator: Termlike, denominator: Termlike) -> Apply:
    return apply("divide", numerator, denominator)


def power(base: Termlike, exponent: Termlike) -> Apply:
    return apply("power", base, exponent)


def exp(argument: Termlike) -> Apply:
    return apply("exp", argument)


def log(argument: Termlike) -> Apply:
    """The natural logarithm."""
    return apply("log", argument)


def sqrt(argument: Termlike) -> Apply:
    return apply("sqrt", argument)


def absolute(argument: Termlike) -> Apply:
    return apply("absolute", argument)


def floor(argument: Termlike) -> Apply:
    return apply("floor", argument)


def maximum(*arguments: Termlike) -> Apply:
    """The largest of some terms; for the largest over an index, see :func:`reduce`."""
    return apply("maximum", *arguments)


def minimum(*arguments: Termlike) -> Apply:
    return apply("minimum", *arguments)


def equal(left: Termlike, right: Termlike) -> Apply:
    return apply("equal", left, right)


def not_equal(left: Termlike, right: Termlike) -> Apply:
    return apply("not_equal", left, right)


def less(left: Termlike, right: Termlike) -> Apply:
    return apply("less", left, right)


def less_equal(left: Termlike, right: Termlike) -> Apply:
    return apply("less_equal", left, right)


def greater(left: Termlike, right: Termlike) -> Apply:
    return apply("greater", left, right)


def greater_equal(left: Termlike, right: Termlike) -> Apply:
    return apply("greater_equal", left, right)


def both(*conditions: Term) -> Apply:
    """All conditions hold; a later one is looked at only where the earlier ones do."""
    return apply("and", *conditions)


def either(*conditions: Term) -> Apply:
    """Some condition holds; a later one is looked at only where the earlier ones do not."""
    return apply("or", *conditions)


def negation(condition: Term) -> Apply:
    """The condition does not hold."""
    return apply("not", condition)


def indicator(condition: Term) -> Apply:
    """1 where the condition holds, else 0; as a factor, a strong zero."""
    return apply("indicator", condition)


def piecewise(*cases: tuple[Term, Termlike], otherwise: Termlike | None = None) -> Piecewise:
    """The value of the first ``(condition, value)`` whose condition holds, else ``otherwise``."""
    paired = tuple((condition, as_term(value)) for condition, value in cases)
    return Piecewise(paired, None if otherwise is None else as_term(otherwise))


def reduce(operator: str, over: Index, body: Termlike, guard: Term | None = None) -> Reduce:
    """``sum``, ``product``, ``maximum``, ``minimum``, ``argmax`` or ``argmin`` over an index."""
    return Reduce(operator, over, as_term(body), guard)


def total(over: Index, body: Termlike, guard: Term | None = None) -> Reduce:
    """The sum of ``body`` over an index, where ``guard`` holds."""
    return reduce("sum", over, body, guard)


def comprehension(indices: Index | tuple[Index, ...], body: Termlike) -> Comprehension:
    """The tensor whose element at ``indices`` is ``body``; an argument of :func:`call`."""
    return Comprehension((indices,) if isinstance(indices, Index) else indices, as_term(body))


def call(name: str, *arguments: Termlike, at: tuple[Termlike, ...] = ()) -> Call:
    """One element of a named function of ``index/named.py``."""
    return Call(name, _terms(arguments), _terms(at))


def recurrence(
    state: str,
    indices: tuple[Index, ...],
    initial: Termlike,
    step: Index,
    following: Termlike,
    count: Termlike,
    at: tuple[Termlike, ...],
) -> Recurrence:
    """See :class:`~torchtex.index.terms.Recurrence`."""
    return Recurrence(
        state, indices, as_term(initial), step, as_term(following), as_term(count), _terms(at)
    )


def tensor(
    name: str, *extents: Sizelike, labels: Sizelike | None = None, integer: bool = False
) -> Tensor:
    """A declared input with those extents."""
    bound = None if labels is None else size(labels)
    return Tensor(name, tuple(size(extent) for extent in extents), bound, integer)


def definition(name: str, indices: tuple[Index, ...], body: Termlike) -> Definition:
    """The named intermediate ``name[indices] = body``."""
    return Definition(name, indices, as_term(body))


def expression(
    tensors: tuple[Tensor, ...],
    indices: tuple[Index, ...],
    body: Termlike,
    definitions: tuple[Definition, ...] = (),
) -> Expression:
    """The whole expression whose element at ``indices`` is ``body``."""
    return Expression(tensors, definitions, indices, as_term(body))


def _terms(values: tuple[Termlike, ...]) -> tuple[Term, ...]:
    return tuple(as_term(value) for value in values)
