"""Small edits of a formula, written as splices of its LaTeX: the slips that authors make.

Each kind of edit is one row of :data:`KINDS`: from a node of the syntax tree to replacements of
its characters.  A kind's weight is its size: swapping a sign is smaller than inserting a function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TypeAlias

import attrs

from torchtex.notation.depth import everything
from torchtex.notation.errors import NotRead
from torchtex.notation.parser import parse
from torchtex.notation.syntax import (
    Application,
    BigOperator,
    Cases,
    Fraction_,
    Group,
    Infix,
    Juxtaposition,
    Name,
    Node,
    NumberLiteral,
    Power,
    Prefix,
    Relation,
    Root,
    Span,
    Subscript,
)


@attrs.frozen
class Splice:
    """New text for the characters of ``span``."""

    span: Span
    text: str


@attrs.frozen
class Edit:
    """Splices that belong together, and how large the edit is."""

    splices: tuple[Splice, ...]
    weight: int

    def apply(self, source: str) -> str:
        """The source with the splices made, last one first."""
        for splice in sorted(self.splices, key=lambda s: s.span.start, reverse=True):
            source = source[: splice.span.start] + splice.text + source[splice.span.end :]
        return source


@attrs.frozen
class _Source:
    """The LaTeX being edited, with what stands where."""

    latex: str
    names: tuple[Node, ...]

    def text(self, node: Node) -> str:
        return self.latex[node.span.start : node.span.end]


Rewrites: TypeAlias = "Iterator[tuple[Span, str]]"
Kind: TypeAlias = "Callable[[Node, _Source], Rewrites]"


def edited(latex: str) -> list[tuple[int, str]]:
    """Every formula one small edit away, with the edit's size, the smallest first.

    Empty where the formula cannot be parsed.
    """
    try:
        statements = parse(latex).statements
    except NotRead:
        return []
    sides = [side for statement in statements for side in _right_sides(statement)]
    found: dict[str, int] = {}
    for edit in _edits(latex, sides):
        candidate = edit.apply(latex)
        if candidate != latex:
            found.setdefault(candidate, edit.weight)
            found[candidate] = min(found[candidate], edit.weight)
    return sorted(((weight, text) for text, weight in found.items()), key=lambda pair: pair[0])


EQUALITIES = frozenset({"=", ":=", "propto", "approx"})


def _right_sides(statement: Node) -> tuple[Node, ...]:
    """What is claimed: not the name on the left of an equality."""
    if isinstance(statement, Relation) and statement.operators[0] in EQUALITIES:
        return statement.operands[1:]
    return (statement,)


def _edits(latex: str, sides: Sequence[Node]) -> Iterator[Edit]:
    nodes = [node for side in sides for node in _nodes(side)]
    source = _Source(latex, _symbols(nodes, latex))
    for node in nodes:
        for weight, kind in KINDS:
            for span, text in kind(node, source):
                yield Edit((Splice(span, text),), weight)
    for side in sides:
        for weight, text in _around(side, source.text(side)):
            yield Edit((Splice(side.span, text),), weight)
    yield from _swapped_symbols(nodes, source)


def _nodes(side: Node) -> Iterator[Node]:
    for node in everything(side):
        if hasattr(node, "span"):
            yield node  # type: ignore[misc]


def _symbols(nodes: Sequence[Node], latex: str) -> tuple[Node, ...]:
    """One occurrence of each distinct symbol."""
    seen: dict[str, Node] = {}
    for node in nodes:
        if _is_symbol(node):
            seen.setdefault(latex[node.span.start : node.span.end], node)
    return tuple(seen.values())


def _is_symbol(node: Node) -> bool:
    if isinstance(node, Subscript):
        return isinstance(node.base, Name)
    return isinstance(node, Name) and node.font in ("italic", "bold", "roman")


def _is_function(name: str) -> bool:
    return name in FUNCTION_WORDS


FUNCTION_WORDS = frozenset(
    {"exp", "log", "ln", "sigma", "sqrt", "max", "min", "tanh", "softmax", "sin", "cos", "abs"}
)


def _head_name(node: Node) -> str | None:
    if isinstance(node, Application) and isinstance(node.head, Name) and len(node.arguments) == 1:
        return node.head.text
    return None


def _parenthesised(text: str) -> str:
    return f"({text})"


# ---- Σ, exp and log ---------------------------------------------------------------------------


def _function_into_operator(node: Node, source: _Source) -> Rewrites:
    """``\\exp(\\sum_j z_j)`` to ``\\sum_j \\exp(z_j)``."""
    if not isinstance(node, Application) or len(node.arguments) != 1:
        return
    inner = node.arguments[0]
    if not isinstance(inner, BigOperator) or node.power is not None:
        return
    operator = source.latex[inner.span.start : inner.body.span.start]
    yield node.span, f"{operator}{source.text(node.head)}({source.text(inner.body)})"


def _function_out_of_operator(node: Node, source: _Source) -> Rewrites:
    """``\\sum_j \\exp(z_j)`` to ``\\exp(\\sum_j z_j)``."""
    if not isinstance(node, BigOperator):
        return
    body = node.body
    if not isinstance(body, Application) or len(body.arguments) != 1 or body.power is not None:
        return
    operator = source.latex[node.span.start : body.span.start]
    yield node.span, f"{source.text(body.head)}({operator}{source.text(body.arguments[0])})"


def _other_operator(node: Node, source: _Source) -> Rewrites:
    """Another big operator in the same place."""
    if not isinstance(node, BigOperator):
        return
    written = source.latex[node.span.start : node.body.span.start]
    for old in BIG_OPERATORS:
        if written.startswith(old):
            for new in BIG_OPERATORS:
                if new != old:
                    rest = source.latex[node.span.start + len(old) : node.span.end]
                    yield node.span, new + rest
            return


BIG_OPERATORS = (r"\sum", r"\prod", r"\max", r"\min")


def _mean_for_sum(node: Node, source: _Source) -> Rewrites:
    """``\\sum_{i=1}^n`` to its mean."""
    if not isinstance(node, BigOperator) or node.operator != "sum" or len(node.ranges) != 1:
        return
    upper = node.ranges[0].upper
    if upper is not None:
        yield Span(node.span.start, node.span.start), rf"\frac{{1}}{{{source.text(upper)}}} "


# ---- signs, factors, terms --------------------------------------------------------------------


def _other_sign(node: Node, source: _Source) -> Rewrites:
    if isinstance(node, Infix) and node.operator in ("+", "-"):
        yield node.operator_span, "-" if node.operator == "+" else "+"
    if isinstance(node, Prefix) and node.operator == "-":
        yield Span(node.span.start, node.operand.span.start), ""


def _dropped_operand(node: Node, source: _Source) -> Rewrites:
    """One term of a sum, or one factor of a product, alone."""
    if isinstance(node, Infix):
        yield node.span, source.text(node.left)
        yield node.span, source.text(node.right)
    if isinstance(node, Juxtaposition):
        for factor in node.factors:
            yield factor.span, ""
    if isinstance(node, Fraction_):
        yield node.span, source.text(node.numerator)
        yield node.span, source.text(node.denominator)


def _swapped_operands(node: Node, source: _Source) -> Rewrites:
    if isinstance(node, Infix) and node.operator in ("-", "/"):
        between = source.latex[node.left.span.end : node.right.span.start]
        yield node.span, f"{source.text(node.right)}{between}{source.text(node.left)}"
    if isinstance(node, Fraction_):
        numerator, denominator = source.text(node.numerator), source.text(node.denominator)
        yield node.span, rf"\frac{{{denominator}}}{{{numerator}}}"
    if isinstance(node, Application) and len(node.arguments) == 2:
        first, second = node.arguments
        between = source.latex[first.span.end : second.span.start]
        swapped = f"{source.text(second)}{between}{source.text(first)}"
        yield Span(first.span.start, second.span.end), swapped


def _product_for_quotient(node: Node, source: _Source) -> Rewrites:
    if isinstance(node, Infix) and node.operator == "/":
        yield node.operator_span, r" \cdot "
    if isinstance(node, Infix) and node.operator in ("*", "\\cdot"):
        yield node.span, rf"\frac{{{source.text(node.left)}}}{{{source.text(node.right)}}}"


def _around(side: Node, text: str) -> Iterator[tuple[int, str]]:
    """The whole side negated, halved or doubled."""
    is_sum = isinstance(side, Infix | Prefix)
    yield 1, rf"-\left({text}\right)" if is_sum else f"-{text}"
    yield 3, rf"\frac{{1}}{{2}} \left({text}\right)"
    yield 3, rf"2 \left({text}\right)"


# ---- numbers ----------------------------------------------------------------------------------


def _other_number(node: Node, source: _Source) -> Rewrites:
    if not isinstance(node, NumberLiteral):
        return
    value = node.value
    for other in (value + 1, value - 1, value * 2, value / 2):
        if other > 0 or (other == 0 and value == 1):
            yield node.span, _written(other)


def _written(value: Fraction) -> str:
    if value.denominator == 1:
        return str(value.numerator)
    return f"{float(value):g}" if value.denominator in (2, 4, 5, 10) else str(float(value))


def _complement(node: Node, source: _Source) -> Rewrites:
    """``x`` and ``1 - x``."""
    if _is_symbol(node) and not (isinstance(node, Name) and _is_function(node.text)):
        yield node.span, f"(1 - {source.text(node)})"
    if isinstance(node, Infix) and node.operator == "-" and node.left == ONE:
        yield node.span, source.text(node.right)


ONE = NumberLiteral(Fraction(1), Span(0, 0))


# ---- functions and powers ---------------------------------------------------------------------


def _other_function(node: Node, source: _Source) -> Rewrites:
    name = _head_name(node)
    if name not in ("exp", "log", "ln") or not isinstance(node, Application):
        return
    yield node.head.span, r"\exp" if name in ("log", "ln") else r"\log"


def _dropped_function(node: Node, source: _Source) -> Rewrites:
    if _head_name(node) is not None and isinstance(node, Application):
        yield node.span, _parenthesised(source.text(node.arguments[0]))
    if isinstance(node, Root):
        yield node.span, _parenthesised(source.text(node.radicand))
    if isinstance(node, Group) and node.delimiter in ("|", "norm") and len(node.items) == 1:
        yield node.span, _parenthesised(source.text(node.items[0]))


def _dropped_power(node: Node, source: _Source) -> Rewrites:
    if isinstance(node, Power):
        yield node.span, source.text(node.base)


def _inserted_function(node: Node, source: _Source) -> Rewrites:
    if isinstance(node, Name) and _is_function(node.text):
        return
    if _is_symbol(node) or isinstance(node, Fraction_ | BigOperator | Group):
        text = source.text(node)
        yield node.span, rf"\log\left({text}\right)"
        yield node.span, rf"\exp\left({text}\right)"
        yield node.span, rf"\sqrt{{{text}}}"
        yield node.span, rf"\left|{text}\right|"
    if _is_symbol(node) or (isinstance(node, Group) and node.delimiter in ("(", "|", "norm")):
        yield node.span, rf"{{{source.text(node)}}}^2"


def _root_and_sum(node: Node, source: _Source) -> Rewrites:
    """``\\sqrt{a + b}`` and ``\\sqrt{a} + b``."""
    if (
        isinstance(node, Root)
        and isinstance(node.radicand, Infix)
        and node.radicand.operator == "+"
    ):
        left, right = source.text(node.radicand.left), source.text(node.radicand.right)
        yield node.span, rf"(\sqrt{{{left}}} + {right})"
    if isinstance(node, Infix) and node.operator == "+" and isinstance(node.left, Root):
        inside, right = source.text(node.left.radicand), source.text(node.right)
        yield node.span, rf"\sqrt{{{inside} + {right}}}"


# ---- symbols, indices, conditions -------------------------------------------------------------


def _other_symbol(node: Node, source: _Source) -> Rewrites:
    """Another symbol of the formula in this place."""
    if not _is_symbol(node) or (isinstance(node, Name) and _is_function(node.text)):
        return
    written = source.text(node)
    for other in source.names:
        text = source.text(other)
        same_kind = isinstance(other, Subscript) == isinstance(node, Subscript)
        if (
            text != written
            and same_kind
            and not (isinstance(other, Name) and _is_function(other.text))
        ):
            yield node.span, text


def _other_index(node: Node, source: _Source) -> Rewrites:
    """Another letter of the formula as subscript."""
    if not isinstance(node, Subscript):
        return
    letters = {source.text(n) for n in source.names if isinstance(n, Name) and len(n.text) == 1}
    for item in node.items:
        if isinstance(item, Name):
            for letter in sorted(letters - {source.text(item)}):
                yield item.span, letter


def _other_comparison(node: Node, source: _Source) -> Rewrites:
    if not isinstance(node, Relation) or len(node.operands) != 2:
        return
    left, right = source.text(node.operands[0]), source.text(node.operands[1])
    for operator in OTHER_COMPARISONS.get(node.operators[0], ()):
        yield node.span, f"{left} {operator} {right}"


OTHER_COMPARISONS: Mapping[str, tuple[str, ...]] = {
    "<": (r"\leq", ">", r"\geq"),
    "<=": ("<", r"\geq", ">"),
    ">": (r"\geq", "<", r"\leq"),
    ">=": (">", r"\leq", "<"),
    "=": (r"\neq",),
    "!=": ("=",),
}


def _swapped_cases(node: Node, source: _Source) -> Rewrites:
    if not isinstance(node, Cases) or len(node.rows) != 2:
        return
    first, second = (row.value for row in node.rows)
    between = source.latex[first.span.end : second.span.start]
    yield (
        Span(first.span.start, second.span.end),
        f"{source.text(second)}{between}{source.text(first)}",
    )


def _swapped_symbols(nodes: Sequence[Node], source: _Source) -> Iterator[Edit]:
    """Two symbols exchanged wherever they stand."""
    letters = [n for n in source.names if isinstance(n, Name) and not _is_function(n.text)]
    places = [n for n in nodes if isinstance(n, Name)]
    for turn, first in enumerate(letters):
        for second in letters[turn + 1 :]:
            a, b = source.text(first), source.text(second)
            splices = tuple(
                Splice(place.span, b if source.text(place) == a else a)
                for place in places
                if source.text(place) in (a, b)
            )
            yield Edit(splices, 3)


KINDS: tuple[tuple[int, Kind], ...] = (
    (1, _function_into_operator),
    (1, _function_out_of_operator),
    (1, _other_sign),
    (1, _other_comparison),
    (1, _dropped_power),
    (2, _swapped_operands),
    (2, _other_number),
    (2, _other_index),
    (2, _other_operator),
    (2, _mean_for_sum),
    (2, _dropped_function),
    (2, _other_function),
    (2, _swapped_cases),
    (2, _root_and_sum),
    (3, _complement),
    (3, _other_symbol),
    (3, _dropped_operand),
    (3, _product_for_quotient),
    (4, _inserted_function),
)
