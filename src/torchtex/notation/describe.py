"""How a formula was read, in words: ranges, ranks, conventions."""

from __future__ import annotations

from collections.abc import Iterator

from torchtex.index.terms import Expression, Index, Reduce, Size
from torchtex.index.traverse import walk
from torchtex.notation.extents import show
from torchtex.notation.reading import Claim, Symbol

RANKS = ("a number", "a vector of {}", "a matrix of {} × {}")
OPERATORS = {
    "sum": "Σ",
    "product": "Π",
    "maximum": "max",
    "minimum": "min",
    "argmax": "argmax",
    "argmin": "argmin",
}


def describe(
    claims: tuple[Claim, ...],
    symbols: tuple[Symbol, ...],
    notes: tuple[str, ...],
) -> tuple[str, ...]:
    """Lines that say every decision a reader could have made otherwise."""
    lines = [_result(claims[0])]
    lines += [_symbol(symbol) for symbol in symbols]
    lines += list(dict.fromkeys(line for claim in claims for line in _ranges(claim.expression)))
    lines += list(notes)
    if any(claim.up_to_constant for claim in claims):
        lines.append("a constant is left open")
    if any(claim.proportional for claim in claims):
        lines.append("∝: a constant factor is left open")
    return tuple(dict.fromkeys(lines))


def _result(claim: Claim) -> str:
    indices = claim.expression.indices
    what = "the result is one number"
    if indices:
        axes = ", ".join(f"{index.name} < {show(index.extent)}" for index in indices)
        what = f"the result has an element for each {axes}"
    if claim.derivative is not None:
        of = claim.derivative.function or "the code's value"
        return f"the gradient of {of} with respect to {claim.derivative.variable}; {what}"
    return what


def _symbol(symbol: Symbol) -> str:
    tensor = symbol.tensor
    if tensor.labels is not None:
        kind = f"a label, one of {show(tensor.labels)}"
        return f"{symbol.name}: {kind}" + _over(tensor.extents)
    if tensor.integer:
        return f"{symbol.name}: a whole number" + _over(tensor.extents)
    extents = tuple(show(extent) for extent in tensor.extents)
    if len(extents) < len(RANKS):
        return f"{symbol.name}: " + RANKS[len(extents)].format(*extents)
    return f"{symbol.name}: a tensor of " + " × ".join(extents)


def _over(extents: tuple[Size, ...]) -> str:
    if not extents:
        return ""
    return " for each of " + " × ".join(show(extent) for extent in extents)


def _ranges(expression: Expression) -> Iterator[str]:
    bodies = [expression.body, *(definition.body for definition in expression.definitions)]
    for body in bodies:
        for term in walk(body):
            if isinstance(term, Reduce):
                yield _range(term.operator, term.index, guarded=term.guard is not None)


def _range(operator: str, index: Index, *, guarded: bool) -> str:
    only = ", where the condition under it holds" if guarded else ""
    sign = OPERATORS.get(operator, operator)
    return f"{sign} over {index.name} is over {show(index.extent)} elements{only}"
