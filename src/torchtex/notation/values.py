"""What a piece of a formula denotes while it is read: a tensor given by its element."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import attrs

from torchtex.index import construct
from torchtex.index.terms import Apply, Number, Size, Term

Kind = Literal["real", "boolean", "position"]


@attrs.frozen
class Value:
    """A tensor: its extents and its element at given positions.

    ``row`` marks a transposed vector.  A ``position`` is the 0-based place an index or a label
    stands at; ``base`` is what has to be added to use it as a number (its written lower bound).
    """

    extents: tuple[Size, ...]
    element: Callable[[tuple[Term, ...]], Term]
    row: bool = False
    kind: Kind = "real"
    base: Term | None = None

    @property
    def rank(self) -> int:
        return len(self.extents)

    @property
    def scalar(self) -> Term:
        """The term of a rank-0 value."""
        return self.element(())


def scalar(term: Term, kind: Kind = "real", base: Term | None = None) -> Value:
    return Value((), lambda _: term, kind=kind, base=base)


def as_number(value: Value) -> Value:
    """A position turned into the number the author means by it; others unchanged."""
    if value.kind != "position" or value.base is None or value.base == Number(0):
        return attrs.evolve(value, kind="real", base=None) if value.kind == "position" else value
    base = value.base
    return Value(value.extents, lambda at: construct.add(value.element(at), base), row=value.row)


def elementwise(build: Callable[..., Term], *operands: Value) -> Value:
    """Apply ``build`` to the elements of operands whose ranks are aligned at the last axis.

    The caller has checked that ranks are equal, or that the lower ones may be repeated.
    """
    widest = max(operands, key=lambda operand: operand.rank)

    def element(at: tuple[Term, ...]) -> Term:
        return build(*(operand.element(at[len(at) - operand.rank :]) for operand in operands))

    row = any(operand.row for operand in operands)
    return Value(widest.extents, element, row=row)


def product(left: Term, right: Term) -> Term:
    """``left * right`` with nested products flattened and signs taken out.

    One flat product lets an indicator that is 0 keep every other factor from being looked up.
    """
    left_sign, left_factors = _signed_factors(left)
    right_sign, right_factors = _signed_factors(right)
    flat = Apply("multiply", (*left_factors, *right_factors))
    return flat if left_sign == right_sign else Apply("negate", (flat,))


def _signed_factors(term: Term) -> tuple[int, tuple[Term, ...]]:
    if isinstance(term, Apply) and term.operator == "negate":
        sign, factors = _signed_factors(term.arguments[0])
        return -sign, factors
    if isinstance(term, Apply) and term.operator == "multiply":
        return 1, term.arguments
    return 1, (term,)
