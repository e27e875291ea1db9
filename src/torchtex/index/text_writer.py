"""Terms and expressions as one line of text that ``text_reader`` reads back exactly."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from torchtex.index.errors import IllFormed, IndexLanguageError, refusing_deep_terms
from torchtex.index.operators import CONSTANTS, OPERATORS
from torchtex.index.terms import (
    Apply,
    Call,
    Comprehension,
    Constant,
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
from torchtex.index.text_lexer import quoted

OR, AND, COMPARISON, SUM, PRODUCT, UNARY, POWER, ATOM = range(8)

INFIX = {
    "or": OR,
    "and": AND,
    "less": COMPARISON,
    "less_equal": COMPARISON,
    "greater": COMPARISON,
    "greater_equal": COMPARISON,
    "equal": COMPARISON,
    "not_equal": COMPARISON,
    "add": SUM,
    "subtract": SUM,
    "multiply": PRODUCT,
    "divide": PRODUCT,
    "power": POWER,
}
"""How tightly each operator binds that is written between its arguments."""

# What may stand unbracketed as the first argument at the same level: reading goes left to right,
# and extends a running sum or product.
_CONTINUES = {
    "add": ("subtract",),
    "subtract": ("add", "subtract"),
    "multiply": ("divide",),
    "divide": ("multiply", "divide"),
}
_LONGEST_DECIMAL = 30


@refusing_deep_terms
def write_term(term: Term) -> str:
    """The term on one line.  Raises IllFormed for an unknown operator, TooDeep."""
    return _write(term, OR, ())


@refusing_deep_terms
def write_expression(expression: Expression, *, header: bool = True) -> str:
    """The expression on one line: inputs (with ``header``), definitions and ``result``.

    Raises as :func:`write_term` does.
    """
    statements = [write_tensor(tensor) for tensor in expression.tensors] if header else []
    for definition in expression.definitions:
        statements.append(_assignment(definition.name, definition.indices, definition.body))
    statements.append(_assignment("result", expression.indices, expression.body))
    return "; ".join(statements)


def write_tensor(tensor: Tensor) -> str:
    """``z: real[N, C]``."""
    sort = "integer" if tensor.integer else "real"
    if tensor.labels is not None:
        label = f"label({write_size(tensor.labels)})"
        sort = f"integer {label}" if tensor.integer else label
    extents = ", ".join(write_size(extent) for extent in tensor.extents)
    return (
        f"{quoted(tensor.name)}: {sort}[{extents}]" if extents else f"{quoted(tensor.name)}: {sort}"
    )


def write_size(size: Size) -> str:
    """``2N - 1``, ``C/2``, ``7``."""
    parts = [_multiple(coefficient, quoted(name)) for name, coefficient in size.coefficients]
    if size.constant != 0 or not parts:
        parts.append(str(size.constant))
    return " + ".join(parts).replace("+ -", "- ")


def _multiple(coefficient: Fraction, name: str) -> str:
    over = "" if coefficient.denominator == 1 else f"/{coefficient.denominator}"
    if abs(coefficient.numerator) == 1:
        return f"{'-' if coefficient < 0 else ''}{name}{over}"
    # 2e3 would be a number.
    space = " " if name[0] in "eE" else ""
    return f"{coefficient.numerator}{space}{name}{over}"


def _assignment(name: str, indices: tuple[Index, ...], body: Term) -> str:
    binders = f"[{_binders(indices)}]" if indices else ""
    return f"{quoted(name)}{binders} = {_write(body, OR, indices)}"


def _binders(indices: Iterable[Index]) -> str:
    return ", ".join(_binder(index) for index in indices)


def _binder(index: Index) -> str:
    return f"{quoted(index.name)}:{write_size(index.extent)}"


def _write(term: Term, level: int, bound: tuple[Index, ...]) -> str:
    """The term, bracketed if it binds less tightly than ``level``; ``bound`` outermost first."""
    own = _level(term)
    text = _bare(term, bound)
    return f"({text})" if own < level else text


def _level(term: Term) -> int:
    match term:
        case Number(value):
            return UNARY if value < 0 and _decimal(value) is not None else ATOM
        case Apply("negate", (_,)):
            return UNARY
        case Apply(operator, arguments) if _is_infix(operator, len(arguments)):
            return INFIX[operator]
        case Comprehension():
            return OR - 1
    return ATOM


def _is_infix(operator: str, count: int) -> bool:
    return operator in INFIX and OPERATORS[operator].accepts(count)


def _bare(term: Term, bound: tuple[Index, ...]) -> str:
    match term:
        case Number(value):
            return _number(value)
        case Constant(name):
            return _constant(name, bound)
        case Size():
            return _size_term(term)
        case Index():
            return _index(term, bound)
        case Element():
            return _element(term, bound)
        case Apply():
            return _apply(term, bound)
        case Piecewise():
            return _piecewise(term, bound)
        case Reduce():
            return _reduce(term, bound)
        case Comprehension():
            inner = bound + term.indices
            return f"({_binders(term.indices)}) -> {_write(term.body, OR, inner)}"
        case Call():
            return _call(term, bound)
        case Recurrence():
            return _recurrence(term, bound)
    raise TypeError(f"not a term: {term!r}")


def _number(value: Fraction) -> str:
    decimal = _decimal(value)
    return decimal if decimal is not None else f"rational({value.numerator}, {value.denominator})"


def _decimal(value: Fraction) -> str | None:
    """The number in decimal digits, if it has few."""
    if value.denominator == 1:
        return str(value.numerator)
    for digits in range(1, _LONGEST_DECIMAL):
        scaled = value * 10**digits
        if scaled.denominator == 1:
            whole, part = divmod(abs(scaled.numerator), 10**digits)
            return f"{'-' if value < 0 else ''}{whole}.{part:0{digits}d}"
    return None


def _constant(name: str, bound: tuple[Index, ...]) -> str:
    hidden = any(index.name == name for index in bound)
    return f"constant({quoted(name)})" if hidden or name not in CONSTANTS else name


def _size_term(size: Size) -> str:
    text = write_size(size)
    simple = (len(size.coefficients) == 1 and size == Size.free(size.names[0])) or (
        size.is_fixed and size.constant >= 0 and size.constant.denominator == 1
    )
    return f"#{text}" if simple else f"#({text})"


def _index(index: Index, bound: tuple[Index, ...]) -> str:
    """Its name where that means this very index; else with its extent."""
    innermost = next((each for each in reversed(bound) if each.name == index.name), None)
    return quoted(index.name) if innermost == index else "{" + _binder(index) + "}"


def _element(element: Element, bound: tuple[Index, ...]) -> str:
    if element.indices:
        return f"{quoted(element.tensor)}[{_list(element.indices, bound)}]"
    hidden = element.tensor in CONSTANTS or any(index.name == element.tensor for index in bound)
    return quoted(element.tensor) + ("[]" if hidden else "")


def _list(terms: Iterable[Term], bound: tuple[Index, ...]) -> str:
    return ", ".join(_write(term, OR, bound) for term in terms)


def _arguments(terms: Iterable[Term], bound: tuple[Index, ...]) -> str:
    """Arguments of a call, where a comprehension needs no brackets."""
    return ", ".join(_write(term, OR - 1, bound) for term in terms)


def _apply(term: Apply, bound: tuple[Index, ...]) -> str:
    name, arguments = term.operator, term.arguments
    if name not in OPERATORS:
        raise IllFormed(f"there is no operator {name!r}")
    if name == "negate" and len(arguments) == 1:
        return "-" + _operand_of_minus(arguments[0], bound)
    if not _is_infix(name, len(arguments)):
        return f"{name}({_list(arguments, bound)})"
    if name == "power":
        return "^".join(_write(argument, ATOM, bound) for argument in arguments)
    level = INFIX[name]
    first, *others = arguments
    first_level = level if _continues(name, first) else level + 1
    written = [_write(first, first_level, bound)]
    written += [_write(other, level + 1, bound) for other in others]
    return f" {OPERATORS[name].symbol} ".join(written)


def _operand_of_minus(operand: Term, bound: tuple[Index, ...]) -> str:
    """Bracketed where the minus sign would become part of a number."""
    if isinstance(operand, Number):
        return f"({_bare(operand, bound)})"
    return _write(operand, POWER, bound)


def _continues(name: str, first: Term) -> bool:
    return (
        isinstance(first, Apply)
        and first.operator in _CONTINUES.get(name, ())
        and _is_infix(first.operator, len(first.arguments))
    )


def _piecewise(term: Piecewise, bound: tuple[Index, ...]) -> str:
    rows = [
        f"{_write(condition, OR, bound)} -> {_write(value, OR, bound)}"
        for condition, value in term.cases
    ]
    if term.otherwise is not None:
        rows.append(f"else {_write(term.otherwise, OR, bound)}")
    return f"case({', '.join(rows)})"


def _reduce(term: Reduce, bound: tuple[Index, ...]) -> str:
    inner = (*bound, term.index)
    guard = "" if term.guard is None else f" | {_write(term.guard, OR, inner)}"
    return f"{term.operator}({_binder(term.index)}{guard}, {_write(term.body, OR, inner)})"


def _call(term: Call, bound: tuple[Index, ...]) -> str:
    if term.name in OPERATORS:
        raise IllFormed(f"{term.name} is an operator, not a named function")
    at = f"[{_list(term.at, bound)}]" if term.at else ""
    return f"{quoted(term.name)}({_arguments(term.arguments, bound)}){at}"


def _recurrence(term: Recurrence, bound: tuple[Index, ...]) -> str:
    inner = bound + term.indices
    initial = f"{quoted(term.state)}[{_binders(term.indices)}] = {_write(term.initial, OR, inner)}"
    following = f"{_binder(term.step)} -> {_write(term.following, OR, (*inner, term.step))}"
    at = f"[{_list(term.at, bound)}]" if term.at else ""
    return f"repeat({initial}; {following}; {_write(term.count, OR, bound)}){at}"


def describe(term: Term) -> str:
    """The term for a message: never raises, shortened where it is long."""
    try:
        text = write_term(term)
    except IndexLanguageError:
        text = type(term).__name__
    return text if len(text) <= 80 else text[:77] + "..."
