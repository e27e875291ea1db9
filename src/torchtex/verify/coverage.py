"""Which branches of the formula the samples have reached.

A comparison has to come out both ways, a maximum has to be decided both ways, and so has the sign
inside an absolute value; otherwise a wrong branch could not have shown.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import numpy as np

from torchtex.index.errors import IndexLanguageError
from torchtex.index.evaluate import FLOAT64
from torchtex.index.lift import lift
from torchtex.index.named import unfold
from torchtex.index.terms import (
    Apply,
    Call,
    Comprehension,
    Element,
    Expression,
    Index,
    Number,
    Recurrence,
    Reduce,
    Term,
)
from torchtex.index.traverse import children, tensors_used, walk
from torchtex.verify.pairing import FormulaFailed, Pairing
from torchtex.verify.slots import Array, Sample

COMPARISONS = frozenset({"less", "less_equal", "greater", "greater_equal", "equal", "not_equal"})
ZERO = Number(0)


@attrs.frozen
class Branch:
    """A condition of the formula, over all indices around it, that has to be true somewhere."""

    description: str
    expression: Expression


def branches(pairing: Pairing) -> tuple[Branch, ...]:
    """Every branch of the claim, with the batch axes added."""
    claim = pairing.claim.expression
    found: dict[Branch, None] = {}
    for definition in claim.definitions:
        for path, condition, words in _conditions(definition.body, definition.indices):
            found[_branch(pairing, claim, path, condition, words)] = None
    for path, condition, words in _conditions(claim.body, claim.indices):
        found[_branch(pairing, claim, path, condition, words)] = None
    return tuple(found)


def _branch(
    pairing: Pairing, claim: Expression, path: tuple[Index, ...], condition: Term, words: str
) -> Branch:
    body = Apply("indicator", (condition,))
    whole = Expression(claim.tensors, claim.definitions, path, body)
    return Branch(words, lift(whole, pairing.data, pairing.batch_indices))


def _conditions(
    term: Term, path: tuple[Index, ...]
) -> Iterator[tuple[tuple[Index, ...], Term, str]]:
    if isinstance(term, Call):
        yield from _conditions_of_call(term, path)
        return
    if isinstance(term, Apply):
        yield from ((path, condition, words) for condition, words in _own(term))
    inner = path
    if isinstance(term, Reduce):
        inner = _extended(path, (term.index,))
    elif isinstance(term, Comprehension):
        inner = _extended(path, term.indices)
    elif isinstance(term, Recurrence):
        return
    for child in children(term):
        yield from _conditions(child, inner)


def _conditions_of_call(
    call: Call, path: tuple[Index, ...]
) -> Iterator[tuple[tuple[Index, ...], Term, str]]:
    try:
        yield from _conditions(unfold(call), path)
    except IndexLanguageError:
        for child in children(call):
            yield from _conditions(child, path)


def _extended(path: tuple[Index, ...], more: tuple[Index, ...]) -> tuple[Index, ...]:
    return tuple(index for index in path if index not in more) + more


def _own(term: Apply) -> Iterator[tuple[Term, str]]:
    if not any(isinstance(part, Element) for part in walk(term)):
        return
    if term.operator in COMPARISONS:
        yield term, f"{_words(term)} true"
        yield Apply("not", (term,)), f"{_words(term)} false"
    elif term.operator in ("maximum", "minimum"):
        sign = "greater" if term.operator == "maximum" else "less"
        for place, argument in enumerate(term.arguments):
            others = term.arguments[:place] + term.arguments[place + 1 :]
            wins = tuple(Apply(sign, (argument, other)) for other in others)
            condition = wins[0] if len(wins) == 1 else Apply("and", wins)
            yield condition, f"argument {place + 1} of a {term.operator} decisive"
    elif term.operator == "absolute":
        argument = term.arguments[0]
        yield Apply("greater", (argument, ZERO)), "the inside of an absolute value positive"
        yield Apply("less", (argument, ZERO)), "the inside of an absolute value negative"


def _words(term: Apply) -> str:
    names = sorted(tensors_used(term))
    return f"the condition on {', '.join(names)} ({term.operator.replace('_', ' ')})"


@attrs.define
class Coverage:
    """The branches that no compared sample has reached yet."""

    pairing: Pairing
    missing: list[Branch]

    @staticmethod
    def of(pairing: Pairing) -> Coverage:
        return Coverage(pairing, list(branches(pairing)))

    def reach(self, sample: Sample) -> None:
        """Cross off what this sample reaches."""
        if not self.missing:
            return
        try:
            symbols = self.pairing.symbol_values(sample)
        except FormulaFailed:
            return
        self.missing = [b for b in self.missing if not self._reached(b, sample, symbols)]

    def _reached(self, branch: Branch, sample: Sample, symbols: dict[str, Array]) -> bool:
        try:
            values = self.pairing.formula_at(symbols, sample, branch.expression, FLOAT64)
        except FormulaFailed:
            return True  # not to be evaluated apart from what is around it
        return bool(np.any(values))
