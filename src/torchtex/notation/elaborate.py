"""From the syntax tree to values: one row for each kind of node."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from torchtex.notation import calls, conditions, groups, products, reductions, symbols
from torchtex.notation.scope import Scope
from torchtex.notation.syntax import (
    Application,
    BigOperator,
    Cases,
    Derivative,
    Ellipsis_,
    Fraction_,
    Group,
    Indicator,
    Infix,
    Juxtaposition,
    Logical,
    Matrix,
    Missing,
    Name,
    Node,
    NumberLiteral,
    Postfix,
    Power,
    Prefix,
    Relation,
    Root,
    Subscript,
    Superscript,
    TextLiteral,
    Transpose,
)
from torchtex.notation.values import Value
from torchtex.notation.work import Work

Reader = Callable[[Node, Work, Scope], Value]


def _refused(what: str, hint: str = "") -> Reader:
    def refuse(node: Node, work: Work, scope: Scope) -> Value:
        raise work.refuse(node, f"{what} is not read here", hint)

    return refuse


READERS: Mapping[type, Reader] = MappingProxyType(
    {
        NumberLiteral: groups.literal,
        Name: symbols.name,
        Subscript: groups.subscripted,
        Superscript: symbols.superscript,
        Power: groups.power,
        Root: groups.root,
        Postfix: groups.postfix,
        Group: groups.group,
        Transpose: products.transpose,
        Infix: products.infix,
        Prefix: products.prefix,
        Juxtaposition: products.juxtaposition,
        Fraction_: products.fraction,
        Application: calls.application,
        BigOperator: reductions.big_operator,
        Relation: conditions.relation,
        Logical: conditions.logical,
        Cases: conditions.cases,
        Indicator: conditions.indicator,
        Derivative: _refused("a derivative inside a formula", "put it on the left side"),
        Matrix: _refused("a matrix of entries", "write its element with indices"),
        TextLiteral: _refused("text", "symbols with several letters go into \\text{...}"),
        Ellipsis_: _refused("an ellipsis", "write the sum with \\sum"),
        Missing: _refused("an empty group"),
    }
)


def elaborate(work: Work, node: Node, scope: Scope) -> Value:
    """What ``node`` denotes in ``scope``.  Raises NotRead, or Restart when a rank has grown."""
    return READERS[type(node)](node, work, scope)
