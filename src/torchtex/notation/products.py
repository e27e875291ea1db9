"""Sums and products of values: scalars, vectors and matrices side by side.

``Wx`` is a matrix times a vector, ``q^⊤k`` a dot product, ``xA^⊤`` a row times a matrix; ``*``,
``⊙`` and juxtaposed vectors are elementwise; ``·`` between vectors is elementwise first and a dot
product second.  No outer product arises by itself: ranks have to fit, or the lower one is repeated
along leading axes.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

from torchtex.index import construct
from torchtex.index.terms import Apply, Element, Term
from torchtex.notation.scope import Scope
from torchtex.notation.symbols import free_name
from torchtex.notation.syntax import (
    Application,
    Fraction_,
    Group,
    Infix,
    Juxtaposition,
    Name,
    Node,
    Prefix,
    Subscript,
    Transpose,
)
from torchtex.notation.values import Value, as_number, elementwise, product
from torchtex.notation.work import GREEK, Work, liftable

MAX_FACTORS = 100
ELEMENTWISE_PRODUCTS = frozenset({"*", "\\odot", "\\circ", "\\times"})


def number_value(node: Node, work: Work, scope: Scope) -> Value:
    """A value that is used as a number.  Raises NotRead for a condition."""
    found = work.value(node, scope)
    if found.kind == "position" and found.base is None:
        _note_counted(node, found, work)
    value = as_number(found)
    if value.kind == "boolean":
        raise work.refuse(node, "a condition stands here where a number is needed")
    return value


def _note_counted(node: Node, value: Value, work: Work) -> None:
    """A label in arithmetic: a number, which it must not be if it also points at a class."""
    element = value.element(tuple(construct.number(0) for _ in value.extents))
    if isinstance(element, Element):
        work.counted.setdefault(element.tensor, node)


def infix(node: Node, work: Work, scope: Scope) -> Value:
    assert isinstance(node, Infix)
    if node.operator in ("+", "-"):
        return _sum(node, work, scope)
    if node.operator == "/":
        return quotient(node, node.left, node.right, work, scope)
    if node.operator in ("\\bmod", "mod", "%"):
        return _combined(node, "modulo", node.left, node.right, work, scope)
    if node.operator in ("\\cdot", "@") or node.operator in ELEMENTWISE_PRODUCTS:
        return _written_product(node, work, scope)
    raise work.refuse(node, f"the operator {node.operator} is not read")


def _sum(node: Infix, work: Work, scope: Scope) -> Value:
    operator = "add" if node.operator == "+" else "subtract"
    return _combined(node, operator, node.left, node.right, work, scope)


def _combined(
    node: Node, operator: str, left: Node, right: Node, work: Work, scope: Scope
) -> Value:
    first, second = number_value(left, work, scope), number_value(right, work, scope)
    _give_rank(left, first, second, work, scope)
    _give_rank(right, second, first, work, scope)
    return aligned(node, lambda a, b: Apply(operator, (a, b)), work, first, second)


def _give_rank(node: Node, value: Value, other: Value, work: Work, scope: Scope) -> None:
    """A Latin letter added to a vector is a vector: ``b`` in ``Wx + b``."""
    if value.rank or not other.rank:
        return
    name = _symbol_name(node, work, scope)
    if name is not None:
        axes = other.rank if name[0].isupper() else 1
        work.need_rank(name, work.ranks.get(name, 0) + axes, node)


def _symbol_name(node: Node, work: Work, scope: Scope) -> str | None:
    """The free symbol ``node`` is, if it may turn out to be a vector."""
    if isinstance(node, Prefix):
        return _symbol_name(node.operand, work, scope)
    base = node.base if isinstance(node, Subscript) else node
    if liftable(node) is None or not isinstance(base, Name):
        return None
    name = free_name(node, work, scope)
    if name is None or name in work.declarations.extents or name in work.sizes:
        return None
    known = work.context.known.get(name)
    return name if known is None or known.sort == "real" else None


def aligned(node: Node, build: Callable[..., Term], work: Work, *operands: Value) -> Value:
    """Elementwise, with extents of aligned axes made equal."""
    widest = max(operands, key=lambda operand: operand.rank)
    for operand in operands:
        with work.sizes_of(node):
            for own, other in zip(
                operand.extents, widest.extents[widest.rank - operand.rank :], strict=True
            ):
                work.extents.equate(own, other)
    return elementwise(build, *operands)


def prefix(node: Node, work: Work, scope: Scope) -> Value:
    assert isinstance(node, Prefix)
    value = number_value(node.operand, work, scope)
    if node.operator == "+":
        return value
    if node.operator != "-":
        raise work.refuse(node, f"{node.operator} has two values", "write + or -")
    return elementwise(construct.negate, value)


def fraction(node: Node, work: Work, scope: Scope) -> Value:
    assert isinstance(node, Fraction_)
    return quotient(node, node.numerator, node.denominator, work, scope)


def quotient(node: Node, above: Node, below: Node, work: Work, scope: Scope) -> Value:
    numerator, denominator = number_value(above, work, scope), number_value(below, work, scope)
    if denominator.rank == 2 and numerator.rank == 2 and denominator.row != numerator.row:
        raise work.refuse(node, "a matrix stands below a fraction bar")
    return aligned(node, construct.divide, work, numerator, denominator)


def juxtaposition(node: Node, work: Work, scope: Scope) -> Value:
    assert isinstance(node, Juxtaposition)
    if len(node.factors) > MAX_FACTORS:
        raise work.refuse(node, f"more than {MAX_FACTORS} factors side by side")
    return _fold(node, list(node.factors), work, scope)


def _written_product(node: Infix, work: Work, scope: Scope) -> Value:
    if node.operator in ELEMENTWISE_PRODUCTS:
        left, right = number_value(node.left, work, scope), number_value(node.right, work, scope)
        return aligned(node, product, work, left, right)
    left, right = number_value(node.left, work, scope), number_value(node.right, work, scope)
    if left.rank == right.rank == 1 and not left.row and not right.row:
        if work.choose("dot", node, "elementwise", "dot product") == "elementwise":
            return aligned(node, product, work, left, right)
        return contract(node, left, right, work)
    return times(node, left, right, work)


def _fold(node: Juxtaposition, factors: list[Node], work: Work, scope: Scope) -> Value:
    values = [number_value(factor, work, scope) for factor in factors]
    _find_matrices(factors, values, work, scope)
    total = values[0]
    for value in values[1:]:
        total = times(node, total, value, work)
    return total


def _find_matrices(factors: list[Node], values: list[Value], work: Work, scope: Scope) -> None:
    """A capital before a vector or another capital is a matrix; what follows it is a vector."""
    for position in range(len(factors) - 1):
        here, after = factors[position], factors[position + 1]
        if values[position].row and values[position].rank == 1:
            _require_vector(after, values[position + 1], work, scope)
            continue
        name = _symbol_name(here, work, scope)
        if name is None or not _is_capital(here) or values[position].rank:
            continue
        if values[position + 1].rank or _symbol_name(after, work, scope) is not None:
            work.need_rank(name, 2, here)
    for (here, value), (after, following) in itertools.pairwise(zip(factors, values, strict=True)):
        if value.rank == 2 and following.rank == 0:
            _beside_matrix(after, work, scope)
        elif value.rank == 0 and following.rank == 2:
            _beside_matrix(here, work, scope)


def _beside_matrix(node: Node, work: Work, scope: Scope) -> None:
    """A lone letter beside a matrix is a vector, a capital one a matrix."""
    name = _symbol_name(node, work, scope)
    if name is not None:
        work.need_rank(name, 2 if _is_capital(node) else 1, node)


def _require_vector(node: Node, value: Value, work: Work, scope: Scope) -> None:
    if value.rank == 0:
        vector(node, work, scope)


def _is_capital(node: Node) -> bool:
    base = node.base if isinstance(node, Subscript) else node
    return isinstance(base, Name) and base.text not in GREEK and base.text[:1].isupper()


def times(node: Node, left: Value, right: Value, work: Work) -> Value:
    """The product of two neighbours, by their ranks."""
    if left.rank == 0 or right.rank == 0:
        return aligned(node, product, work, left, right)
    if left.rank == right.rank == 1 and not left.row:
        return outer(left, right) if right.row else aligned(node, product, work, left, right)
    if left.rank > 2 or right.rank > 2:
        raise work.refuse(node, "a product of more than two axes", "write it with indices")
    return contract(node, left, right, work)


def outer(left: Value, right: Value) -> Value:
    """``x y^⊤``: written out, so it is meant."""
    split = left.rank

    def element(at: tuple[Term, ...]) -> Term:
        return product(left.element(at[:split]), right.element(at[split:]))

    return Value((*left.extents, *right.extents), element)


def contract(node: Node, left: Value, right: Value, work: Work) -> Value:
    """The last axis of ``left`` summed with the first of ``right``."""
    with work.sizes_of(node):
        work.extents.equate(left.extents[-1], right.extents[0])
    extents = (*left.extents[:-1], *right.extents[1:])
    split = left.rank - 1
    index = work.fresh_index(left.extents[-1])
    work.contracted.append(left.extents[-1])

    def element(at: tuple[Term, ...]) -> Term:
        body = product(left.element((*at[:split], index)), right.element((index, *at[split:])))
        return construct.total(index, body)

    return Value(extents, element, row=left.rank == 1 and right.rank == 2)


def transpose(node: Node, work: Work, scope: Scope) -> Value:
    assert isinstance(node, Transpose)
    if isinstance(node.base, Group) and node.base.delimiter == "{":
        return work.value(node.base, scope)  # {l_1, ..., l_N}^⊤ is a column of numbers
    value = number_value(node.base, work, scope)
    if value.rank == 0:
        _require_transposable(node.base, work, scope)
    if value.rank == 1:
        return Value(value.extents, value.element, row=not value.row)
    if value.rank != 2:
        raise work.refuse(node, f"a transpose of {value.rank} axes")
    return Value(value.extents[::-1], lambda at: value.element(at[::-1]))


def _require_transposable(node: Node, work: Work, scope: Scope) -> None:
    name = _symbol_name(node, work, scope)
    if name is not None and _is_capital(node):
        work.need_rank(name, 2 + _written_places(node, name, work, scope), node)
    vector(node, work, scope)


def _written_places(node: Node, name: str, work: Work, scope: Scope) -> int:
    return work.ranks.get(name, 0) if isinstance(node, Subscript) else 0


def vector(node: Node, work: Work, scope: Scope) -> Value:
    """The value of ``node`` where a vector is needed; a lone symbol becomes one.

    Raises NotRead when nothing in ``node`` can be a vector.
    """
    value = number_value(node, work, scope)
    if value.rank:
        return value
    raised = _raise_inside(node, work, scope)
    if not raised:
        raise work.refuse(
            node,
            "a vector is needed here",
            r"declare its shape, for example x \in \mathbb{R}^{D}",
        )
    return value


def _raise_inside(node: Node, work: Work, scope: Scope) -> bool:
    """Give the symbol that carries the axis of ``node`` one more axis (this restarts)."""
    if isinstance(node, Name | Subscript):
        name = free_name(node, work, scope)
        if name is None:
            return False
        work.need_rank(name, work.ranks.get(name, 0) + 1, node)
        return True
    return any(_raise_inside(part, work, scope) for part in _carriers(node))


def _carriers(node: Node) -> tuple[Node, ...]:
    """The parts of a node that may carry its axis, likeliest first."""
    if isinstance(node, Infix) and node.operator in ("+", "-"):
        return (node.left, node.right)
    if isinstance(node, Infix):
        return (node.left, node.right) if node.operator == "/" else (node.right, node.left)
    if isinstance(node, Juxtaposition):
        return tuple(reversed(node.factors))
    if isinstance(node, Fraction_):
        return (node.numerator,)
    if isinstance(node, Prefix):
        return (node.operand,)
    if isinstance(node, Transpose):
        return (node.base,)
    if isinstance(node, Group) and len(node.items) == 1:
        return node.items
    if isinstance(node, Application):
        return node.arguments
    return ()
