"""Delimiters that carry meaning, powers and roots: ``|x|``, norms, floors, ``x^2``, ``\\sqrt``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from types import MappingProxyType

from torchtex.index import construct
from torchtex.index.terms import Apply, Call, Comprehension, Constant, Number, Term
from torchtex.notation.calls import is_product, paired
from torchtex.notation.declare import number_of, size_of
from torchtex.notation.positions import point, position
from torchtex.notation.products import aligned, number_value, vector
from torchtex.notation.scope import Scope
from torchtex.notation.spelling import canonical_name
from torchtex.notation.symbols import definition_value, subscript
from torchtex.notation.syntax import (
    Application,
    Ellipsis_,
    Group,
    Juxtaposition,
    Name,
    Node,
    NumberLiteral,
    Postfix,
    Power,
    Root,
    Subscript,
)
from torchtex.notation.values import Value, elementwise, scalar
from torchtex.notation.work import Work


def group(node: Node, work: Work, scope: Scope) -> Value:
    assert isinstance(node, Group)
    if any(isinstance(item, Ellipsis_) for item in node.items):
        return listed(node, work, scope)
    reader = DELIMITERS.get(node.delimiter)
    if reader is None or not node.items:
        raise work.refuse(node, "this group is not read here")
    return reader(node, work, scope)


def _plain(node: Group, work: Work, scope: Scope) -> Value:
    if len(node.items) != 1:
        raise work.refuse(node, "a list stands where one value is needed")
    return work.value(node.items[0], scope)


def _absolute(node: Group, work: Work, scope: Scope) -> Value:
    if len(node.items) != 1:
        raise work.refuse(node, "one value stands between bars")
    return elementwise(construct.absolute, number_value(node.items[0], work, scope))


def _rounded(operator: str) -> Callable[[Group, Work, Scope], Value]:
    def read(node: Group, work: Work, scope: Scope) -> Value:
        value = number_value(node.items[0], work, scope)
        return elementwise(lambda term: Apply(operator, (term,)), value)

    return read


def _angle(node: Group, work: Work, scope: Scope) -> Value:
    if len(node.items) != 2:
        raise work.refuse(node, "two vectors stand between angle brackets")
    left, right = (vector(item, work, scope) for item in node.items)
    return paired(node, "dot", left, right, work)


def _norm(node: Group, work: Work, scope: Scope) -> Value:
    return norm(node, None, work, scope)


DELIMITERS: Mapping[str, Callable[[Group, Work, Scope], Value]] = MappingProxyType(
    {
        "(": _plain,
        "[": _plain,
        "{": _plain,
        "|": _absolute,
        "norm": _norm,
        "floor": _rounded("floor"),
        "ceil": _rounded("ceil"),
        "angle": _angle,
    }
)


def norm(node: Group, order: Node | None, work: Work, scope: Scope) -> Value:
    """``\\|x\\|``, ``\\|x\\|_1``, ``\\|x\\|_p``; over all axes of a matrix for ``_F``."""
    value = vector(node.items[0], work, scope)
    if isinstance(order, Name) and order.text == "F":
        return _frobenius(value, work)
    if value.rank > 1:
        raise work.refuse(node, "the norm of a matrix", r"write \|W\|_F for the Frobenius norm")
    index = work.fresh_index(value.extents[-1])
    inner = Comprehension((index,), value.element((index,)))
    if order is None or number_of(order) == 2:
        work.note("‖·‖ is the Euclidean norm")
        return scalar(Call("norm", (inner,)))
    exponent = number_value(order, work, scope).scalar
    if exponent == Constant("infinity"):
        return scalar(
            construct.reduce("maximum", index, construct.absolute(value.element((index,))))
        )
    return scalar(Call("norm_p", (inner, exponent)))


def _frobenius(value: Value, work: Work) -> Value:
    term: Term
    indices = tuple(work.fresh_index(extent) for extent in value.extents)
    term = construct.power(value.element(indices), 2)
    for index in reversed(indices):
        term = construct.total(index, term)
    return scalar(construct.sqrt(term))


def subscripted(node: Node, work: Work, scope: Scope) -> Value:
    """A subscript: a norm's order, or an element of something."""
    assert isinstance(node, Subscript)
    base = node.base
    if isinstance(base, Group) and base.delimiter == "norm":
        return norm(base, node.items[0], work, scope)
    return subscript(node, work, scope)


def listed(node: Group, work: Work, scope: Scope) -> Value:
    """``\\{l_1, \\dots, l_N\\}``: the vector of all l."""
    first, last = node.items[0], node.items[-1]
    if not (isinstance(first, Subscript) and isinstance(last, Subscript)):
        raise work.refuse(node, "this list is not read", r"write \{l_1, \dots, l_N\}")
    if not isinstance(first.base, Name) or len(first.items) != len(last.items):
        raise work.refuse(node, "the ends of this list do not match")
    name = canonical_name(first.base)
    axis = _varying(first, last, work)
    upper = size_of(last.items[axis])
    if name not in work.definitions or upper is None:
        raise work.refuse(node, f"{name} is not defined beside this list")
    record = work.definitions[name]
    whole = definition_value(node, record, (), work)
    if whole.rank != len(first.items):
        raise work.refuse(node, f"{name} is defined with {whole.rank} indices")
    with work.sizes_of(node):
        work.extents.equate(whole.extents[axis], upper)
    fixed = [
        None if place == axis else position(item, work, scope)
        for place, item in enumerate(first.items)
    ]
    for own, place in zip(whole.extents, fixed, strict=False):
        if place is not None:
            point(own, place, node, work)
    open_axes = [place for place, at in enumerate(fixed) if at is None]
    extents = tuple(whole.extents[place] for place in open_axes)

    def element(at: tuple[Term, ...]) -> Term:
        given = iter(at)
        return whole.element(tuple(next(given) if p is None else p.term for p in fixed))

    return Value(extents, element)


def _varying(first: Subscript, last: Subscript, work: Work) -> int:
    pairs = enumerate(zip(first.items, last.items, strict=True))
    places = [place for place, (left, right) in pairs if left != right]
    if len(places) != 1:
        raise work.refuse(last, "one subscript of this list has to run")
    return places[0]


# -- powers and roots --------------------------------------------------------------------------


def power(node: Node, work: Work, scope: Scope) -> Value:
    assert isinstance(node, Power)
    if _is_euler(node.base, work):
        return elementwise(construct.exp, number_value(node.exponent, work, scope))
    split = _factor_to_power(node, work, scope)
    if split is not None:
        return split
    base, exponent = number_value(node.base, work, scope), number_value(node.exponent, work, scope)
    if base.rank == 2 and number_of(node.exponent) is not None:
        raise work.refuse(node, "the power of a matrix", "write an elementwise power with indices")
    return aligned(node, construct.power, work, base, exponent)


def _factor_to_power(node: Power, work: Work, scope: Scope) -> Value | None:
    """``a(b)^2`` where a is a factor: only the group is squared."""
    base = node.base
    if not isinstance(base, Application) or not is_product(base, work, scope):
        return None
    inside = Power(Group(base.delimiter, base.arguments, base.span), node.exponent, node.span)
    return work.value(Juxtaposition((base.head, inside), node.span), scope)


def _is_euler(node: Node, work: Work) -> bool:
    return (
        isinstance(node, Name)
        and node.text == "e"
        and not node.accents
        and not work.is_known("e")
        and "e" not in work.definitions
    )


def root(node: Node, work: Work, scope: Scope) -> Value:
    assert isinstance(node, Root)
    radicand = number_value(node.radicand, work, scope)
    if node.degree is None:
        return elementwise(construct.sqrt, radicand)
    degree = number_value(node.degree, work, scope)
    return aligned(
        node,
        lambda term, n: construct.power(term, construct.divide(1, n)),
        work,
        radicand,
        degree,
    )


def postfix(node: Node, work: Work, scope: Scope) -> Value:
    assert isinstance(node, Postfix)
    if node.operator != "!":
        raise work.refuse(node, f"{node.operator} is not read")
    return elementwise(
        lambda term: Apply("factorial", (term,)), number_value(node.operand, work, scope)
    )


def literal(node: Node, work: Work, scope: Scope) -> Value:
    assert isinstance(node, NumberLiteral)
    return scalar(Number(Fraction(node.value)))
