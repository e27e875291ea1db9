"""The statements of a formula put in order: what is claimed, and what it refers to.

``\\ell(x, y) = L = \\{l_1, ...\\}^\\top, \\quad l_n = (x_n - y_n)^2`` claims something of
``\\ell`` and defines ``L`` and ``l`` on the way.  The claim is the left side that no other
statement uses.
"""

from __future__ import annotations

import attrs

from torchtex.notation.conditions import asks_option
from torchtex.notation.declare import (
    Declarations,
    declare_constraint,
    declare_guard,
    name_of,
    word_of,
)
from torchtex.notation.depth import everything
from torchtex.notation.errors import NotRead
from torchtex.notation.functions import FUNCTIONS
from torchtex.notation.reading import Context
from torchtex.notation.spelling import canonical_name
from torchtex.notation.survey import (
    applied_names,
    bound_letters,
    candidate_names,
    written_subscripts,
)
from torchtex.notation.syntax import (
    Application,
    Cases,
    Derivative,
    Document,
    Ellipsis_,
    Group,
    Infix,
    Missing,
    Name,
    Node,
    NumberLiteral,
    Power,
    Prefix,
    Relation,
    Root,
    Span,
    Subscript,
    Superscript,
    TextLiteral,
    Transpose,
)
from torchtex.notation.work import DefinitionRecord

EQUATIONS = frozenset({"=", ":=", "approx", "equiv", "<-", "propto", "->"})
RANGE_HINT = r"write it as n = 1, \dots, N, with limits linear in sizes"
STEP_LETTERS = frozenset({"t", "k", "s", "l"})
ELEMENTARY = frozenset({"log", "ln", "exp", "sqrt", "max", "min", "abs"})


@attrs.frozen
class Head:
    """A left side: its name, its index letters in order, the arguments written after it."""

    name: str
    letters: tuple[str, ...] = ()
    formals: tuple[Node, ...] = ()
    derivative: Derivative | None = None
    negative: bool = False
    squared: bool = False


@attrs.frozen
class Equation:
    """One statement: its left side, further names for it, and the sides that say something."""

    head: Head | None
    aliases: tuple[Head, ...]
    sides: tuple[Node, ...]
    relations: tuple[str, ...]
    node: Node


@attrs.frozen
class Program:
    """What is claimed, the definitions it may use, and the declarations written beside it."""

    target: Equation
    definitions: tuple[DefinitionRecord, ...]
    declarations: Declarations


def program_of(document: Document, declarations: Declarations, context: Context) -> Program:
    """Order the statements.  Raises NotRead when nothing, or more than one thing, is claimed."""
    equations: list[Equation] = []
    for statement in document.statements:
        constraint = declare_constraint(declarations, statement, document.source)
        if constraint is not None:
            declarations = constraint
            continue
        guarded = _guarded(declarations, statement, document)
        if guarded is not None:
            declarations = guarded
            continue
        _check_range(statement, document)
        equation = _equation(statement, document, context)
        if equation is not None:
            equations.append(equation)
    beside = [
        equation
        for source, node in declarations.definitions
        if (equation := _equation(node, Document(source, (node,)), context)) is not None
    ]
    chosen = _without_unmet_options(equations, declarations, context, document)
    target = _target(chosen, document)
    others = [e for e in (*beside, *chosen) if e is not target]
    records = [
        attrs.evolve(record, written=equation in chosen and record.written)
        for equation in others
        for record in _records(equation, (*chosen, *beside))
    ]
    records += _alias_records(target)
    return Program(target, tuple(records), declarations)


def _guarded(
    declarations: Declarations, statement: Node, document: Document
) -> Declarations | None:
    """``i \\neq y`` beside a formula guards its big operators over i.

    Raises NotRead for a condition that would otherwise go unread.
    """
    if not isinstance(statement, Relation) or statement.operators[0] in (*EQUATIONS, "~"):
        return None
    guarded = declare_guard(declarations, statement, document.source)
    if guarded is not None and guarded.guards[-1].letter in bound_letters(document):
        return guarded
    raise NotRead("this condition is not read here", statement.span, document.source)


def _check_range(statement: Node, document: Document) -> None:
    """A range that was not understood must not pass as a remark."""
    last = statement.operands[-1] if isinstance(statement, Relation) else None
    if isinstance(last, Group) and last.delimiter == "range":
        raise NotRead("this range is not read", statement.span, document.source, RANGE_HINT)


# -- statements --------------------------------------------------------------------------------


def _equation(node: Node, document: Document, context: Context) -> Equation | None:
    if isinstance(node, TextLiteral | Ellipsis_ | Missing) or _is_remark(node):
        return None
    if not isinstance(node, Relation) or node.operators[0] not in EQUATIONS:
        if isinstance(node, Relation):
            return None  # a condition, or "target ~ Poisson(input)"
        return Equation(None, (), (node,), (), node)
    head = head_of(node.operands[0], node.operands[1:], document, context)
    if head is None:
        return Equation(None, (), node.operands, ("=", *node.operators), node)
    aliases: list[Head] = []
    rest = list(zip(node.operators, node.operands[1:], strict=True))
    while len(rest) > 1:
        alias = head_of(rest[0][1], (), document, context)
        if alias is None or not _names_something_new(alias, context, document):
            break
        aliases.append(_with_letters(alias, head))
        rest.pop(0)
    if _is_elementary(node.operands[0]):
        rest.insert(0, ("=", node.operands[0]))  # \sinh(x) = ... claims something of sinh itself
    sides = tuple(side for _, side in rest)
    return Equation(head, tuple(aliases), sides, tuple(op for op, _ in rest), node)


def _is_elementary(node: Node) -> bool:
    """A left side such as ``\\tanh(x)``, whose meaning nobody defines anew."""
    if not isinstance(node, Application) or not isinstance(node.head, Name):
        return False
    function = FUNCTIONS.get(node.head.text)
    return function is not None and function.operator is not None and function.shape == "scalar"


def _is_remark(node: Node) -> bool:
    """``C = \\text{number of classes}``: words, not mathematics."""
    return isinstance(node, Relation) and isinstance(node.operands[-1], TextLiteral)


def _names_something_new(alias: Head, context: Context, document: Document) -> bool:
    return alias.name not in context.known and alias.derivative is None and not alias.formals


def _with_letters(alias: Head, head: Head) -> Head:
    letters = tuple(letter for letter in alias.letters if letter in head.letters)
    return attrs.evolve(alias, letters=letters or alias.letters)


def head_of(
    node: Node, sides: tuple[Node, ...], document: Document, context: Context
) -> Head | None:
    """The left side ``node`` is, or None if it is an expression of its own."""
    if isinstance(node, Prefix) and node.operator == "-":
        inner = head_of(node.operand, sides, document, context)
        return None if inner is None else attrs.evolve(inner, negative=not inner.negative)
    if isinstance(node, Power) and _is_two(node.exponent):
        inner = head_of(node.base, sides, document, context)
        return None if inner is None or inner.formals else attrs.evolve(inner, squared=True)
    if isinstance(node, Derivative):
        return _derivative_head(node, sides, document, context)
    if isinstance(node, Application):
        return _applied_head(node, sides, document, context)
    if isinstance(node, Subscript) and isinstance(node.base, Application):
        applied = _applied_head(node.base, sides, document, context)
        if applied is None:
            return None
        letters = _left_letters(node.items, sides, document, context, applied.name)
        return attrs.evolve(applied, letters=(*letters, *applied.letters))
    return _plain_head(node, sides, document, context)


def _is_two(node: Node) -> bool:
    return isinstance(node, NumberLiteral) and node.value == 2


def _plain_head(
    node: Node, sides: tuple[Node, ...], document: Document, context: Context
) -> Head | None:
    if isinstance(node, Name):
        return Head(canonical_name(node))
    if isinstance(node, Superscript):
        inner = head_of(node.base, sides, document, context)
        label = word_of(node.label)
        if inner is None or label is None:
            return None
        return attrs.evolve(inner, name=f"{inner.name}_{label}")
    if isinstance(node, Subscript) and isinstance(node.base, Name | Superscript):
        return _subscripted_head(node, sides, document, context)
    return None


def _subscripted_head(
    node: Subscript, sides: tuple[Node, ...], document: Document, context: Context
) -> Head | None:
    base = head_of(node.base, sides, document, context)
    if base is None:
        return None
    _check_left(node.items, document)
    letters = _left_letters(node.items, sides, document, context, base.name)
    words = [word_of(item) for item in node.items if not _is_letter_of(item, letters)]
    name = "_".join([base.name, *(word for word in words if word)])
    return attrs.evolve(base, name=name, letters=letters)


def _check_left(items: tuple[Node, ...], document: Document) -> None:
    """A shifted index on the left shifts the result; only a step such as t + 1 is a name."""
    for item in items:
        if isinstance(item, Infix) and not STEP_LETTERS.issuperset(_single_letters((item,))):
            raise NotRead(
                "a shifted index on the left side",
                item.span,
                document.source,
                "shift the right side instead",
            )


def _is_letter_of(item: Node, letters: tuple[str, ...]) -> bool:
    names = _single_letters((item,))
    return bool(names) and all(name in letters for name in names)


def _single_letters(items: tuple[Node, ...]) -> list[str]:
    found = []
    for item in items:
        for here in everything(item):
            if isinstance(here, Name) and here.font == "italic" and len(here.text) == 1:
                found.append(here.text + "'" * here.primes)
    return found


def _left_letters(
    items: tuple[Node, ...],
    sides: tuple[Node, ...],
    document: Document,
    context: Context,
    name: str,
) -> tuple[str, ...]:
    """Letters on the left that stand as subscripts on the right: indices of the result."""
    used = set[str]()
    for side in sides or document.statements:
        used |= written_subscripts(side) | _arguments(side)
    if sides:
        used |= set().union(*(written_subscripts(s) for s in _defined_beside(document)))
    letters = [
        letter
        for letter in _single_letters(items)
        if letter in used and f"{name}_{letter}" not in context.known
    ]
    return tuple(dict.fromkeys(letters))


def _defined_beside(document: Document) -> list[Relation]:
    return [statement for statement in document.statements if isinstance(statement, Relation)][1:]


def _arguments(node: Node) -> set[str]:
    """Letters inside the arguments of functions and conditions: ``1[k = y]``."""
    return {
        here.text + "'" * here.primes
        for here in everything(node)
        if isinstance(here, Name) and here.font == "italic" and len(here.text) == 1
    }


def _applied_head(
    node: Application, sides: tuple[Node, ...], document: Document, context: Context
) -> Head | None:
    if node.implicit or node.delimiter == "{" or node.power is not None:
        return None
    base = _plain_head(node.head, sides, document, context)
    if base is None or base.name in ELEMENTARY:
        return None
    if not all(_is_formal(argument) for argument in node.arguments):
        return None
    letters = base.letters
    for formal in node.arguments:
        if isinstance(formal, Subscript) and isinstance(formal.base, Name):
            owner = canonical_name(formal.base)
            letters += _left_letters(formal.items, sides, document, context, owner)
    unique = tuple(dict.fromkeys(letters))
    return attrs.evolve(base, letters=unique, formals=node.arguments)


def _is_formal(node: Node) -> bool:
    return isinstance(node, Name | Superscript) or (
        isinstance(node, Subscript) and isinstance(node.base, Name)
    )


def _derivative_head(
    node: Derivative, sides: tuple[Node, ...], document: Document, context: Context
) -> Head | None:
    if len(node.variables) != 1:
        return None
    variable = node.variables[0]
    letters: tuple[str, ...] = ()
    if isinstance(variable, Subscript) and isinstance(variable.base, Name):
        owner = canonical_name(variable.base)
        letters = _left_letters(variable.items, sides, document, context, owner)
    of = name_of(node.numerator) or ""
    return Head(of, letters, (), derivative=node)


# -- options and order -------------------------------------------------------------------------


def _without_unmet_options(
    equations: list[Equation], declarations: Declarations, context: Context, document: Document
) -> list[Equation]:
    """Statements that are cases over an option: kept, and alone, where a case holds."""
    kept: list[Equation] = []
    for equation in equations:
        side = equation.sides[-1]
        if not (isinstance(side, Cases) and asks_option(side) and equation.head is not None):
            kept.append(equation)
        elif _option_met(side, declarations, context, document):
            name = equation.head.name
            kept = [_renamed(e) if e.head and e.head.name == name else e for e in kept]
            kept.append(equation)
    return kept


def _renamed(equation: Equation) -> Equation:
    """The unreduced form of a loss, which its reduced form replaces."""
    assert equation.head is not None
    return attrs.evolve(equation, head=attrs.evolve(equation.head, name=equation.head.name + "'"))


def _option_met(
    node: Cases, declarations: Declarations, context: Context, document: Document
) -> bool:
    for row in node.rows:
        asked = row.condition
        if not isinstance(asked, Relation) or not isinstance(asked.operands[0], Name):
            return row.otherwise
        name, word = asked.operands[0].text, asked.operands[1]
        known = context.known.get(name)
        value = declarations.options.get(name) or (known.value if known is not None else None)
        if value is None:
            raise NotRead(
                f"the value of {name} is not known",
                asked.span,
                document.source,
                f"declare it: '{name} = mean'",
            )
        if isinstance(word, TextLiteral) and word.text == str(value):
            return True
    return False


def _target(equations: list[Equation], document: Document) -> Equation:
    """The equation whose left side no other equation uses."""
    if not equations:
        raise NotRead("nothing is claimed here", _whole(document), document.source)
    if len(equations) == 1:
        return equations[0]
    unused = [e for e in equations if not _is_used(e, equations)]
    if len(unused) == 1:
        return unused[0]
    named = [e for e in unused if e.head is None or not e.head.name.endswith("'")]
    if len(named) == 1:
        return named[0]
    raise NotRead(
        "several formulas stand here that do not use each other",
        (named or unused or equations)[-1].node.span,
        document.source,
        "verify one formula at a time",
    )


def _whole(document: Document) -> Span:
    return Span(0, len(document.source))


def _is_used(equation: Equation, equations: list[Equation]) -> bool:
    if equation.head is None or equation.head.derivative is not None:
        return False
    names = {equation.head.name, *(alias.name for alias in equation.aliases)}
    return any(
        names & set(candidate_names(side))
        for other in equations
        if other is not equation
        for side in other.sides
    )


def _records(equation: Equation, equations: tuple[Equation, ...]) -> list[DefinitionRecord]:
    if equation.head is None or equation.head.derivative is not None:
        return []
    body = _signed(equation.sides[0], equation.head)
    formals = equation.head.formals if _is_applied(equation, equations) else ()
    letters = () if formals else equation.head.letters
    record = DefinitionRecord(
        equation.head.name,
        letters,
        formals,
        body,
        equation.node.span,
        takes_vectors=bool(formals) and _needs_vectors(body),
        written=not equation.head.name.endswith("'"),
    )
    return [record, *_alias_records(equation)]


def _signed(side: Node, head: Head) -> Node:
    """What the name itself stands for where the left side is ``-L`` or ``\\sigma^2``."""
    if head.squared:
        return Root(side, None, side.span)
    return Prefix("-", side, side.span) if head.negative else side


def _alias_records(equation: Equation) -> list[DefinitionRecord]:
    return [
        DefinitionRecord(
            alias.name, alias.letters, (), equation.sides[0], equation.node.span, written=False
        )
        for alias in equation.aliases
    ]


def _is_applied(equation: Equation, equations: tuple[Equation, ...]) -> bool:
    assert equation.head is not None
    return bool(equation.head.formals) and any(
        equation.head.name in applied_names(side)
        for other in equations
        if other is not equation
        for side in other.sides
    )


def _needs_vectors(body: Node) -> bool:
    return any(
        (isinstance(here, Group) and here.delimiter in ("norm", "angle"))
        or isinstance(here, Transpose)
        for here in everything(body)
    )


def is_constant_remainder(node: Node) -> bool:
    """``const.`` and what else means a number that does not matter."""
    text = node.text if isinstance(node, Name | TextLiteral) else ""
    return text.strip(" .").lower() in ("const", "constant", "常数", "常數")


def without_constant(node: Node) -> tuple[Node, bool]:
    """A side without its ``+ const.``, and whether it had one."""
    if isinstance(node, Infix) and node.operator in "+-" and is_constant_remainder(node.right):
        return node.left, True
    return node, False
