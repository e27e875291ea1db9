"""A syntax tree as one line of text, for tests and for looking at how something was parsed.

``outline(parse(r"-\\\\log p_c").statements[0])`` is ``(- (log! (_ p c)))``: a prefix form in which
``!`` marks a function applied without parentheses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from torchtex.notation.syntax import (
    Application,
    BigOperator,
    Case,
    Cases,
    Derivative,
    Document,
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
    Range,
    Relation,
    Root,
    Subscript,
    Superscript,
    TextLiteral,
    Transpose,
)

_DELIMITERS: Mapping[str, str] = MappingProxyType(
    {"(": "paren", "[": "bracket", "{": "brace", "|": "abs", "": "of"}
)
_FONTS: Mapping[str, str] = MappingProxyType(
    {"bold": "bf", "roman": "rm", "calligraphic": "cal", "blackboard": "bb", "script": "scr"}
)


def outline(node: Node) -> str:
    """``node`` in prefix form; equal outlines mean equal trees up to spans."""
    return _WRITERS[type(node)](node)


def outlines(document: Document) -> tuple[str, ...]:
    """The outline of each statement."""
    return tuple(outline(statement) for statement in document.statements)


def _form(head: str, *parts: Node) -> str:
    return f"({' '.join([head, *map(outline, parts)])})"


def _name(node: Name) -> str:
    font = "" if node.font == "italic" else ":" + _FONTS[node.font]
    return ".".join([node.text, *node.accents]) + "'" * node.primes + font


def _application(node: Application) -> str:
    head = outline(node.head)
    mark = "!" if node.implicit else {"(": "", "[": "[]", "{": "{}"}[node.delimiter]
    power = "" if node.power is None else f"^{outline(node.power)}"
    bar = "|" if node.separator == "bar" else ""
    return _form(f"{head}{power}{mark}{bar}", *node.arguments)


def _group(node: Group) -> str:
    return _form(_DELIMITERS.get(node.delimiter, node.delimiter), *node.items)


def _range(place: Range) -> str:
    parts = []
    if place.index is not None:
        parts.append(outline(place.index))
    if place.domain is not None:
        parts.append(f"in {outline(place.domain)}")
    if place.lower is not None or place.upper is not None:
        lower = "" if place.lower is None else outline(place.lower)
        upper = "" if place.upper is None else outline(place.upper)
        parts.append(f"{lower}..{upper}")
    if place.condition is not None:
        parts.append(f"if {outline(place.condition)}")
    return "[" + " ".join(parts) + "]"


def _big(node: BigOperator) -> str:
    power = "" if node.power is None else f"^{outline(node.power)}"
    ranges = "".join(_range(place) for place in node.ranges)
    return f"({node.operator}{power}{ranges} {outline(node.body)})"


def _relation(node: Relation) -> str:
    if len(set(node.operators)) == 1:
        return _form(node.operators[0], *node.operands)
    rest = zip(node.operators, node.operands[1:], strict=True)
    chain = "".join(f" {operator} {outline(operand)}" for operator, operand in rest)
    return f"(chain {outline(node.operands[0])}{chain})"


def _case(row: Case) -> str:
    if row.otherwise:
        return f"({outline(row.value)} otherwise)"
    if row.condition is None:
        return f"({outline(row.value)})"
    return f"({outline(row.value)} if {outline(row.condition)})"


def _matrix(node: Matrix) -> str:
    rows = " ".join("(" + " ".join(map(outline, row)) + ")" for row in node.rows)
    return f"(matrix {rows})"


_WRITERS: Mapping[type, Callable[..., str]] = MappingProxyType(
    {
        NumberLiteral: lambda node: str(node.value),
        Name: _name,
        TextLiteral: lambda node: f'"{node.text}"',
        Subscript: lambda node: _form("_", node.base, *node.items),
        Power: lambda node: _form("^", node.base, node.exponent),
        Transpose: lambda node: _form("transpose", node.base),
        Superscript: lambda node: _form("label", node.base, node.label),
        Infix: lambda node: _form(node.operator, node.left, node.right),
        Prefix: lambda node: _form(node.operator, node.operand),
        Postfix: lambda node: _form(node.operator, node.operand),
        Juxtaposition: lambda node: _form("juxt", *node.factors),
        Fraction_: lambda node: _form("frac", node.numerator, node.denominator),
        Root: lambda node: _form(
            "sqrt" if node.degree is None else f"root[{outline(node.degree)}]", node.radicand
        ),
        Application: _application,
        Group: _group,
        BigOperator: _big,
        Relation: _relation,
        Logical: lambda node: _form(node.operator, *node.operands),
        Cases: lambda node: f"(cases {' '.join(map(_case, node.rows))})",
        Matrix: _matrix,
        Indicator: lambda node: _form("indicator", node.condition),
        Derivative: lambda node: _form(
            "gradient" if node.gradient else "derivative", node.numerator, *node.variables
        ),
        Ellipsis_: lambda node: "...",
        Missing: lambda node: "()",
    }
)
