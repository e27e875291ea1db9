"""Conditions: comparisons, indicators and cases.

Labels and indices are compared by position, whatever number the author starts counting at; only a
comparison with a written number takes the written lower bound.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from torchtex.index import construct
from torchtex.index.terms import Apply, Element, Number, Piecewise, Term
from torchtex.index.traverse import walk
from torchtex.notation.declare import name_of, number_of
from torchtex.notation.positions import name_is_label
from torchtex.notation.products import aligned, number_value
from torchtex.notation.scope import Scope
from torchtex.notation.symbols import free_name
from torchtex.notation.syntax import (
    Cases,
    Group,
    Indicator,
    Logical,
    Name,
    Node,
    Relation,
    Subscript,
    TextLiteral,
)
from torchtex.notation.values import Value, as_number, elementwise
from torchtex.notation.work import Work

COMPARISONS: Mapping[str, str] = MappingProxyType(
    {
        "=": "equal",
        "==": "equal",
        "!=": "not_equal",
        "<": "less",
        "<=": "less_equal",
        ">": "greater",
        ">=": "greater_equal",
    }
)


def condition(node: Node, work: Work, scope: Scope) -> Value:
    """The truth of a written condition.  Raises NotRead for anything that is none."""
    if isinstance(node, Relation):
        return relation(node, work, scope)
    if isinstance(node, Logical):
        return logical(node, work, scope)
    if isinstance(node, Group) and len(node.items) == 1:
        return condition(node.items[0], work, scope)
    raise work.refuse(node, "a condition is needed here", "write a comparison such as x > 0")


def logical(node: Node, work: Work, scope: Scope) -> Value:
    assert isinstance(node, Logical)
    operands = [condition(operand, work, scope) for operand in node.operands]
    joined = aligned(node, lambda *terms: Apply(node.operator, terms), work, *operands)
    return Value(joined.extents, joined.element, kind="boolean")


def relation(node: Node, work: Work, scope: Scope) -> Value:
    """``a < b <= c``: every neighbouring pair holds."""
    assert isinstance(node, Relation)
    pairs = zip(node.operands, node.operands[1:], strict=False)
    parts = [
        _comparison(node, operator, left, right, work, scope)
        for operator, (left, right) in zip(node.operators, pairs, strict=True)
    ]
    if len(parts) == 1:
        return parts[0]
    both = aligned(node, lambda *terms: Apply("and", terms), work, *parts)
    return Value(both.extents, both.element, kind="boolean")


def _comparison(
    node: Node, operator: str, left: Node, right: Node, work: Work, scope: Scope
) -> Value:
    if operator in ("in", "notin"):
        return _membership(node, operator, left, right, work, scope)
    if operator not in COMPARISONS:
        raise work.refuse(node, f"the relation {operator} is not a condition")
    first, second = _compared(left, work, scope), _compared(right, work, scope)
    _check_counted(left, second, first, work)
    _check_counted(right, first, second, work)
    first, second = _alike(left, right, first, second, work)
    _note_constant(left, right, operator, work, scope)
    _note_constant(right, left, operator, work, scope)
    build: Callable[..., Term] = lambda a, b: Apply(COMPARISONS[operator], (a, b))  # noqa: E731
    compared = aligned(node, build, work, first, second)
    return Value(compared.extents, compared.element, kind="boolean")


def _compared(node: Node, work: Work, scope: Scope) -> Value:
    if isinstance(node, TextLiteral):
        raise work.refuse(node, "a word is compared here", "declare the option it names")
    return work.value(node, scope)


def _alike(
    left_node: Node, right_node: Node, left: Value, right: Value, work: Work
) -> tuple[Value, Value]:
    """Two positions as they are; a position and a lone symbol as a label; else numbers."""
    if left.kind == "position" and right.kind == "position":
        _note_classes(work, left, right)
        return left, right
    if left.kind == "position" and _becomes_label(right_node, right, work):
        return left, right
    if right.kind == "position" and _becomes_label(left_node, left, work):
        return left, right
    return as_number(left), as_number(right)


def _check_counted(node: Node, other: Value, value: Value, work: Work) -> None:
    """``k = y + 1``: whether that is the class after y depends on where counting starts."""
    if other.kind != "real" or value.kind != "position" or value.base is None:
        return
    term = other.element(tuple(construct.number(0) for _ in other.extents))
    labels = (
        inner.tensor in work.records and work.records[inner.tensor].labels is not None
        for inner in walk(term)
        if isinstance(inner, Element)
    )
    if isinstance(term, Apply) and any(labels):
        raise work.refuse(
            node,
            "an index is compared with a number computed from a label",
            "compare the index with the label itself",
        )


def _note_classes(work: Work, *values: Value) -> None:
    for value in values:
        element = value.element(tuple(construct.number(0) for _ in value.extents))
        if isinstance(element, Element):
            work.classes.add(element.tensor)


def _becomes_label(node: Node, value: Value, work: Work) -> bool:
    """A symbol compared with an index or a label is a label too: ``1[k = y]``, ignore_index."""
    name = name_of(node.base if isinstance(node, Subscript) else node)
    if name is None or value.kind == "boolean":
        return False
    if name in work.definitions and not value.rank and _is_number(value.scalar):
        return True  # ignore_index = -100: a label of the code, whatever the indices start at
    element = value.element(tuple(construct.number(0) for _ in value.extents))
    if not isinstance(element, Element) or element.tensor not in work.records:
        return False
    known = work.context.known.get(element.tensor)
    if known is not None and known.sort == "real":
        return False
    if name_is_label(node, work):
        return True
    record = work.records[element.tensor]
    record.integer = known is None or known.sort == "integer"
    return True


def _is_number(term: Term) -> bool:
    if isinstance(term, Apply) and term.operator == "negate":
        return _is_number(term.arguments[0])
    return isinstance(term, Number)


def _note_constant(node: Node, other: Node, operator: str, work: Work, scope: Scope) -> None:
    """``y = -1`` says that -1 is among the values of y."""
    number = number_of(other)
    if number is None or operator != "=":
        return
    name = free_name(node, work, scope)
    if name is not None and name in work.records:
        work.records[name].constants.add(float(number))


def _membership(
    node: Node, operator: str, left: Node, right: Node, work: Work, scope: Scope
) -> Value:
    """``x \\in [0, 1]`` and ``y \\in \\{1, 2\\}``."""
    if not isinstance(right, Group) or right.delimiter not in ("(", "[", "{"):
        raise work.refuse(right, "this set is not read", "write an interval or a list of numbers")
    members = [number_value(item, work, scope) for item in right.items]
    value = as_number(work.value(left, scope))
    if right.delimiter == "{":
        tests = [elementwise(construct.equal, value, member) for member in members]
        inside = _joined("or", tests)
    elif len(members) == 2:
        inside = _interval(right.delimiter, value, members)
    else:
        raise work.refuse(right, "an interval has two ends")
    if operator == "notin":
        inside = elementwise(lambda term: Apply("not", (term,)), inside)
    return Value(inside.extents, inside.element, kind="boolean")


def _interval(delimiter: str, value: Value, ends: list[Value]) -> Value:
    operator = "less_equal" if delimiter == "[" else "less"
    above = elementwise(lambda a, b: Apply(operator, (a, b)), ends[0], value)
    below = elementwise(lambda a, b: Apply(operator, (a, b)), value, ends[1])
    return _joined("and", [above, below])


def _joined(operator: str, parts: list[Value]) -> Value:
    if len(parts) == 1:
        return parts[0]
    return elementwise(lambda *terms: Apply(operator, terms), *parts)


def indicator(node: Node, work: Work, scope: Scope) -> Value:
    assert isinstance(node, Indicator)
    return elementwise(construct.indicator, condition(node.condition, work, scope))


def cases(node: Node, work: Work, scope: Scope) -> Value:
    """A piecewise value; rows that ask for an option are decided now."""
    assert isinstance(node, Cases)
    chosen = option_row(node, work)
    if chosen is not None:
        return work.value(chosen, scope)
    values = [number_value(row.value, work, scope) for row in node.rows]
    tests = [
        None if row.condition is None else condition(row.condition, work, scope)
        for row in node.rows
    ]
    if any(test is None for test in tests[:-1]):
        empty = next(row for row, test in zip(node.rows, tests, strict=True) if test is None)
        raise work.refuse(empty.value, "only the last case may go without a condition")
    operands = [*values, *(test for test in tests if test is not None)]
    count = len(values)

    def build(*terms: Term) -> Term:
        conditions = terms[count:]
        rows = tuple(zip(conditions, terms[:count], strict=False))
        return Piecewise(rows, terms[count - 1] if len(conditions) < count else None)

    return aligned(node, build, work, *operands)


def asks_option(node: Node) -> bool:
    """Whether ``node`` is cases over a word: ``if reduction = 'mean'``."""
    return isinstance(node, Cases) and any(_option(row.condition) for row in node.rows)


def option_row(node: Cases, work: Work) -> Node | None:
    """The value of the row whose option holds, None if no row asks for an option.

    Raises NotRead when the option's value is not known or no row is for it.
    """
    if not asks_option(node):
        return None
    for row in node.rows:
        asked = _option(row.condition)
        if asked is None:
            return row.value if row.otherwise else None
        if option_value(asked[0], row.condition or row.value, work) == asked[1]:
            return row.value
    raise work.refuse(node, "no case is for this option")


def _option(node: Node | None) -> tuple[str, str] | None:
    """The option and the word it is compared with."""
    if not isinstance(node, Relation) or node.operators != ("=",):
        return None
    name, word = node.operands
    if not isinstance(name, Name) or name.font == "italic" or not isinstance(word, TextLiteral):
        return None
    return name.text, word.text


def option_value(name: str, node: Node, work: Work) -> str:
    """What the option was declared or bound to.  Raises NotRead when it is not known."""
    if name in work.declarations.options:
        return work.declarations.options[name]
    known = work.context.known.get(name)
    if known is not None and isinstance(known.value, str):
        return known.value
    raise work.refuse(node, f"the value of {name} is not known", f"declare it: '{name} = mean'")
