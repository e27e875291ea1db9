"""Declarations: what an author says of a symbol beside the formula.

``x \\in \\mathbb{R}^{N \\times D}`` (or ``x in R^{N x D}``) gives a shape, ``y \\in \\{-1, 1\\}``
or ``p \\in (0, 1)`` a domain, ``y \\in \\{1, \\dots, C\\}^N`` labels,
``j(i) \\in \\{1, \\dots, 2N\\}`` a label that depends on an index, ``i \\neq y`` a guard on every
reduction over i, ``i = 1, \\dots, N`` an index of the result, ``reduction = mean`` an option,
``sim = cosine_similarity`` a function, ``w \\text{ parameter}`` a role; any other equation is a
definition.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction

import attrs

from torchtex.index.terms import Size
from torchtex.notation.errors import NotRead
from torchtex.notation.functions import FUNCTIONS
from torchtex.notation.parser import parse
from torchtex.notation.spelling import canonical_name
from torchtex.notation.syntax import (
    Application,
    Ellipsis_,
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
    Span,
    Subscript,
    Superscript,
    TextLiteral,
    Transpose,
)

OPTION_VALUES = frozenset({"mean", "sum", "none", "batchmean", "True", "False", "true", "false"})
ROLES: Mapping[str, bool] = {"parameter": True, "data": False, "batch": False}


@attrs.frozen
class IndexRange:
    """A declared index of the result: ``i = 1, ..., N``."""

    letter: str
    lower: int
    extent: Size


@attrs.frozen
class Guard:
    """A condition on an index: ``i \\neq y``."""

    letter: str
    condition: Node
    source: str


@attrs.frozen
class Declarations:
    """Everything declared, by canonical name."""

    extents: Mapping[str, tuple[Size, ...]] = attrs.field(factory=dict)
    labels: Mapping[str, Size] = attrs.field(factory=dict)
    dependent: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)
    domains: Mapping[str, str | tuple[float, ...]] = attrs.field(factory=dict)
    guards: tuple[Guard, ...] = ()
    ranges: Mapping[str, IndexRange] = attrs.field(factory=dict)
    options: Mapping[str, str] = attrs.field(factory=dict)
    functions: Mapping[str, str] = attrs.field(factory=dict)
    roles: Mapping[str, bool] = attrs.field(factory=dict)
    definitions: tuple[tuple[str, Node], ...] = ()

    def size_names(self) -> frozenset[str]:
        sizes: list[Size] = [size for shape in self.extents.values() for size in shape]
        sizes += [*self.labels.values(), *(r.extent for r in self.ranges.values())]
        return frozenset(name for size in sizes for name in size.names)


def declared(sources: Iterable[str], words: frozenset[str]) -> Declarations:
    """Read declaration strings.  Raises :class:`NotRead` for one that says nothing known."""
    found = Declarations()
    for source in sources:
        found = _declare(found, source, words)
    return found


def _declare(found: Declarations, source: str, words: frozenset[str]) -> Declarations:
    worded = _worded(found, source)
    if worded is not None:
        return worded
    latex = _as_latex(source)
    for statement in parse(latex, words).statements:
        understood = declare_statement(found, statement, latex)
        if understood is None:
            raise _not_understood(source, statement)
        found = understood
    return found


_ASSIGNMENT = re.compile(
    r"^\s*\\?(?:text|mathrm|operatorname)?\{?([\w\\]+)\}?\s*=\s*(-?[\w.]+)\s*$"
)
_ROLE = re.compile(r"^\s*(.+?)\s*(?:\\text\{)?\s*\b(parameter|data|batch)\b\s*\}?\s*$")


def _worded(found: Declarations, source: str) -> Declarations | None:
    """``reduction = mean``, ``sim = cosine_similarity``, ``w parameter``."""
    if assignment := _ASSIGNMENT.match(source):
        name, value = assignment[1].replace("\\", ""), assignment[2]
        if value in OPTION_VALUES:
            return attrs.evolve(found, options={**found.options, name: value})
        if value in FUNCTIONS and len(value) > 1:
            return attrs.evolve(found, functions={**found.functions, name: value})
        return _numbered(found, source, name, value)
    if role := _ROLE.match(source):
        name = _only_name(role[1])
        if name is not None:
            return attrs.evolve(found, roles={**found.roles, name: ROLES[role[2]]})
    return None


def _numbered(found: Declarations, source: str, name: str, value: str) -> Declarations | None:
    """``margin = 0.5``: a definition."""
    try:
        number = Fraction(value)
    except ValueError:
        return None
    span = Span(0, len(source))
    left = Name(name, span, "italic" if len(name) == 1 else "roman")
    magnitude = NumberLiteral(abs(number), span)
    right = Prefix("-", magnitude, span) if number < 0 else magnitude
    equation = Relation(("=",), (left, right), span)
    return attrs.evolve(found, definitions=(*found.definitions, (source, equation)))


def _only_name(latex: str) -> str | None:
    statements = parse(latex).statements
    return name_of(statements[0]) if len(statements) == 1 else None


def _as_latex(source: str) -> str:
    """Plain text such as ``x in R^{N x D}`` spelled as LaTeX."""
    latex = re.sub(r"(?<![\\\w])in(?!\w)", r"\\in", source)
    latex = re.sub(r"(?<![\\\w{])R(?=\s*(\^|$|,))", r"\\mathbb{R}", latex)
    latex = re.sub(r"(?<=[\w}])\s+x\s+(?=[\w\\])", r" \\times ", latex)
    return latex.replace("!=", r"\neq ")


def declare_statement(found: Declarations, node: Node, source: str) -> Declarations | None:
    """``found`` with one statement added, or None if the statement is no declaration."""
    if not isinstance(node, Relation):
        return None
    for recognise in (_membership, _range, declare_guard, _positivity, _definition):
        understood = recognise(found, node, source)
        if understood is not None:
            return understood
    return None


def declare_constraint(found: Declarations, node: Node, source: str) -> Declarations | None:
    """Like :func:`declare_statement`, but equations stay what they are: claims.

    A condition on an index (``i \\neq y``) is for the caller to take as a guard.
    """
    if not isinstance(node, Relation):
        return None
    for recognise in (_membership, _range, _positivity):
        understood = recognise(found, node, source)
        if understood is not None:
            return understood
    return None


def _membership(found: Declarations, node: Relation, source: str) -> Declarations | None:
    if node.operators != ("in",):
        return None
    subjects, domain = _subjects(node.operands[0]), node.operands[1]
    for subject in subjects:
        updated = _member(found, subject, domain)
        if updated is None:
            return None
        found = updated
    return found


def _subjects(node: Node) -> tuple[Node, ...]:
    if isinstance(node, Group) and node.delimiter in ("", "list"):
        return node.items
    return (node,)


def _member(found: Declarations, subject: Node, domain: Node) -> Declarations | None:
    if isinstance(subject, Application):
        return _dependent(found, subject, domain)
    if isinstance(subject, Subscript) and all(_is_letter(item) for item in subject.items):
        whole = _member(found, subject.base, domain)  # y_i \in {0, 1} speaks of all of y
        found = found if whole is None else whole
    name = name_of(subject)
    if name is None:
        return found if isinstance(subject, Subscript) else None
    shape = shape_of(domain)
    if shape is not None:
        return attrs.evolve(found, extents={**found.extents, name: shape})
    base, power = (domain.base, domain.exponent) if isinstance(domain, Power) else (domain, None)
    if values_of(base) == "simplex":
        power = None  # the power of a simplex counts its dimensions
    count = _label_count(base)
    if count is not None:
        found = attrs.evolve(found, labels={**found.labels, name: count})
    else:
        values = values_of(base)
        if values is None:
            return None
        found = attrs.evolve(found, domains={**found.domains, name: values})
    if power is not None:
        extents = _sizes(power)
        if extents is None:
            return None
        found = attrs.evolve(found, extents={**found.extents, name: extents})
    return found


def _is_letter(node: Node) -> bool:
    return isinstance(node, Name) and node.font == "italic" and len(node.text) == 1


def _dependent(found: Declarations, subject: Application, domain: Node) -> Declarations | None:
    name = name_of(subject.head)
    letters = tuple(a.text for a in subject.arguments if isinstance(a, Name))
    count = _label_count(domain)
    if name is None or count is None or len(letters) != len(subject.arguments):
        return None
    return attrs.evolve(
        found,
        dependent={**found.dependent, name: letters},
        labels={**found.labels, name: count},
    )


def shape_of(domain: Node) -> tuple[Size, ...] | None:
    """``\\mathbb{R}`` is (), ``\\mathbb{R}^{N \\times D}`` is (N, D)."""
    if _is_reals(domain):
        return ()
    if isinstance(domain, Transpose) and _is_reals(domain.base):
        return (Size.free("T"),)  # nothing transposes the real numbers
    if isinstance(domain, Power) and _is_reals(domain.base):
        return _sizes(domain.exponent)
    return None


def _is_reals(node: Node) -> bool:
    return isinstance(node, Name) and node.text == "R" and node.font == "blackboard"


def _sizes(node: Node) -> tuple[Size, ...] | None:
    if isinstance(node, Infix) and node.operator in ("\\times", "*"):
        left, right = _sizes(node.left), _sizes(node.right)
        return None if left is None or right is None else (*left, *right)
    size = size_of(node)
    return None if size is None else (size,)


def _label_count(node: Node) -> Size | None:
    """``{1, ..., C}`` and ``{0, ..., C-1}`` have C labels."""
    if not (isinstance(node, Group) and node.delimiter in ("{", "[", "range")):
        return None
    items = node.items
    if not any(isinstance(item, Ellipsis_) for item in items):
        return None
    lower, upper = size_of(items[0]), size_of(items[-1])
    if lower is None or upper is None or not lower.is_fixed:
        return None
    return upper - lower + 1


_INTERVALS: Mapping[tuple[float, float], str] = {(0.0, 1.0): "unit"}


def values_of(node: Node) -> str | tuple[float, ...] | None:
    """``(0, 1)`` is ``unit``, ``\\{-1, 1\\}`` its members, ``\\mathbb{R}_+`` is ``positive``."""
    if isinstance(node, Subscript) and _is_reals(node.base):
        return "positive"
    if isinstance(node, Power | Superscript) and _is_reals(node.base):
        return "positive"
    if isinstance(node, Name) and node.font == "blackboard" and node.text == "N":
        return "counts"
    if isinstance(node, Name) and node.text == "Delta":
        return "simplex"
    if not isinstance(node, Group):
        return None
    members = [number_of(item) for item in node.items]
    if any(member is None for member in members):
        return "positive" if node.delimiter == "(" and members[0] == 0 else None
    numbers = tuple(float(member) for member in members if member is not None)
    if node.delimiter in ("(", "[") and len(numbers) == 2:
        return _INTERVALS.get((numbers[0], numbers[1]))
    return numbers if node.delimiter == "{" else None


def _range(found: Declarations, node: Relation, source: str) -> Declarations | None:
    """``n = 1, \\dots, N``."""
    if node.operators != ("=",) or not isinstance(node.operands[0], Name):
        return None
    letter, values = node.operands[0].text, node.operands[1]
    count = _label_count(values)
    if count is None or not isinstance(values, Group):
        return None
    lower = number_of(values.items[0])
    if lower is None:
        return None
    declared_range = IndexRange(letter, int(lower), count)
    return attrs.evolve(found, ranges={**found.ranges, letter: declared_range})


def declare_guard(found: Declarations, node: Relation, source: str) -> Declarations | None:
    letter = node.operands[0]
    if node.operators not in (("!=",), ("<",), ("<=",)) or not isinstance(letter, Name):
        return None
    if number_of(node.operands[1]) is not None:
        return None
    text = source[node.span.start : node.span.end]
    return attrs.evolve(found, guards=(*found.guards, Guard(letter.text, node, text)))


def _positivity(found: Declarations, node: Relation, source: str) -> Declarations | None:
    """``\\epsilon > 0``."""
    name = name_of(node.operands[0])
    if node.operators not in ((">",), (">=",)) or name is None or len(node.operands) != 2:
        return None
    if number_of(node.operands[1]) != 0:
        return None
    return attrs.evolve(found, domains={**found.domains, name: "positive"})


def _definition(found: Declarations, node: Relation, source: str) -> Declarations | None:
    if node.operators[0] not in ("=", ":="):
        return None
    return attrs.evolve(found, definitions=(*found.definitions, (source, node)))


def number_of(node: Node) -> Fraction | None:
    if isinstance(node, NumberLiteral):
        return node.value
    if isinstance(node, Prefix) and node.operator in ("-", "+"):
        value = number_of(node.operand)
        return None if value is None else (-value if node.operator == "-" else value)
    return None


def size_of(node: Node) -> Size | None:
    """A size linear in names: ``N``, ``2N``, ``C - 1``, ``C/2``; None for anything else."""
    number = number_of(node)
    if number is not None:
        return Size.fixed(number)
    name = name_of(node)
    if name is not None:
        return Size.free(name)
    if isinstance(node, Group) and len(node.items) == 1:
        return size_of(node.items[0])
    if isinstance(node, Juxtaposition) and len(node.factors) == 2:
        return _scaled(node.factors[0], node.factors[1])
    if isinstance(node, Fraction_):
        return _divided(node.numerator, node.denominator)
    if isinstance(node, Infix) and node.operator in _SIZE_OPERATORS:
        return _SIZE_OPERATORS[node.operator](node.left, node.right)
    return None


def _added(left: Node, right: Node) -> Size | None:
    first, second = size_of(left), size_of(right)
    return None if first is None or second is None else first + second


def _subtracted(left: Node, right: Node) -> Size | None:
    first, second = size_of(left), size_of(right)
    return None if first is None or second is None else first - second


def _scaled(left: Node, right: Node) -> Size | None:
    first, second = size_of(left), size_of(right)
    if first is None or second is None:
        return None
    if first.is_fixed:
        return second * first.constant
    return first * second.constant if second.is_fixed else None


def _divided(left: Node, right: Node) -> Size | None:
    first, second = size_of(left), number_of(right)
    return None if first is None or not second else first * (1 / second)


_SIZE_OPERATORS: Mapping[str, Callable[[Node, Node], Size | None]] = {
    "+": _added,
    "-": _subtracted,
    "*": _scaled,
    "\\cdot": _scaled,
    "\\times": _scaled,
    "/": _divided,
}


def name_of(node: Node) -> str | None:
    """The canonical name of a symbol written alone or with subscripts that belong to its name."""
    if isinstance(node, Name):
        return canonical_name(node)
    if isinstance(node, Subscript) and isinstance(node.base, Name):
        words = [word_of(item) for item in node.items]
        if all(word is not None for word in words):
            return "_".join([canonical_name(node.base), *(w for w in words if w is not None)])
    return None


def word_of(item: Node) -> str | None:
    """A subscript that belongs to a name: a digit, a word, a run of letters such as ``CE``."""
    if isinstance(item, NumberLiteral) and item.value.denominator == 1:
        return str(item.value)
    if isinstance(item, TextLiteral):
        return re.sub(r"\W+", "_", item.text.strip())
    if isinstance(item, Name):
        return canonical_name(item)
    if isinstance(item, Juxtaposition) and all(isinstance(f, Name) for f in item.factors):
        return "".join(f.text for f in item.factors if isinstance(f, Name))
    return None


def _not_understood(source: str, node: Node) -> NotRead:
    return NotRead(
        "this declaration is not understood",
        node.span,
        source,
        r"write 'x \in \mathbb{R}^{N \times D}', 'y \in \{-1, 1\}', 'i \neq y', 'reduction = mean'",
    )
