"""A claim beside the code: which symbol is which value, along which axes; both sides evaluated."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import attrs
import numpy as np

from torchtex.index.errors import IndexLanguageError, TooLarge
from torchtex.index.evaluate import ARBITRARY, EXTENDED, FLOAT64, evaluate
from torchtex.index.lift import lift
from torchtex.index.terms import Expression, Index, Size
from torchtex.notation.reading import Claim, Reading
from torchtex.pytorch.code import Code, CodeFailed
from torchtex.verify.slots import Array, Sample, Slot, Value, for_code, from_code, whole


class FormulaFailed(Exception):
    """The formula has no value for a sample; the text says why."""


class FormulaTooLarge(FormulaFailed):
    """The formula may have a value, but it takes too many operations to compute."""


@attrs.frozen(eq=False)
class Bound:
    """What a symbol stands for: an argument, or an expression of arguments.

    ``expression`` is what is printed.  ``code`` computes the value where it is more than one
    argument's name; ``argument`` is that name otherwise.
    """

    symbol: str
    expression: str
    argument: str | None = None
    code: Code | None = None

    @property
    def arguments(self) -> tuple[str, ...]:
        if self.argument is not None:
            return (self.argument,)
        return () if self.code is None else self.code.argument_names


@attrs.frozen(eq=False)
class Pairing:
    """One claim of a reading, paired with the code.

    ``batch``: how many leading batch axes the data symbols get.  ``data``: the symbols that get
    them.  ``slots``: every argument of the code that is given.
    """

    code: Code
    reading: Reading
    claim: Claim
    bound: tuple[Bound, ...]
    slots: tuple[Slot, ...]
    data: frozenset[str]
    batch: int

    def slot(self, name: str) -> Slot:
        for slot in self.slots:
            if slot.name == name:
                return slot
        raise KeyError(name)

    @property
    def batch_indices(self) -> tuple[Index, ...]:
        return tuple(Index(f"batch{k}", Size.free(batch_size_name(k))) for k in range(self.batch))

    @property
    def expression(self) -> Expression:
        """The claim with the batch axes added."""
        return _lifted(self.claim.expression, self.data, self.batch_indices)

    def result_shape(self, sample: Sample) -> tuple[int, ...]:
        """The shape of the formula's value: batch axes, then the left side's indices."""
        sizes = self.sizes(sample)
        return tuple(whole(extent, sizes) for extent in self.expression.extents)

    def sizes(self, sample: Sample) -> dict[str, int]:
        batch = {batch_size_name(k): length for k, length in enumerate(sample.batch)}
        return {**sample.sizes, **batch}

    def code_values(self, sample: Sample) -> dict[str, Value]:
        """The arguments as the code takes them."""
        return {s.name: for_code(s, sample.values[s.name]) for s in self.slots}

    def symbol_values(self, sample: Sample) -> dict[str, Array]:
        """The symbols' values: arguments as they are, expressions computed by torch in float64.

        Raises :class:`FormulaFailed` where a bound expression does not run.
        """
        return {b.symbol: self.symbol_value(b, sample.values, sample) for b in self.bound}

    def symbol_value(self, bound: Bound, values: Mapping[str, Value], sample: Sample) -> Array:
        if bound.argument is not None:
            raw: Any = values[bound.argument]
        else:
            raw = computed(bound, values, sample.seed)
        array = np.asarray(raw)
        return self._one_hot(bound.symbol, array, sample)

    def _one_hot(self, symbol: str, array: Array, sample: Sample) -> Array:
        """An integer tensor bound to a real symbol of one more rank is one-hot over its classes."""
        tensor = self.claim_tensor(symbol)
        if tensor is None:
            return array
        rank = tensor.rank + (self.batch if symbol in self.data else 0)
        if array.dtype.kind not in "iu" or tensor.labels is not None or array.ndim != rank - 1:
            return array
        classes = whole(tensor.extents[-1], self.sizes(sample))
        return np.asarray(array[..., None] == np.arange(classes), dtype=np.float64)

    def claim_tensor(self, symbol: str) -> Any:
        for tensor in self.claim.expression.tensors:
            if tensor.name == symbol:
                return tensor
        return None

    def formula_value(self, sample: Sample, arithmetic: Any = FLOAT64) -> Array:
        """The formula's value, batch axes first.  Raises :class:`FormulaFailed`."""
        return self.formula_at(self.symbol_values(sample), sample, self.expression, arithmetic)

    def formula_at(
        self,
        symbols: Mapping[str, Array],
        sample: Sample,
        expression: Expression,
        arithmetic: Any,
        sizes: Mapping[str, int] | None = None,
    ) -> Array:
        """The value of ``expression`` for these symbols.  Raises :class:`FormulaFailed`."""
        used = {tensor.name: symbols[tensor.name] for tensor in expression.tensors}
        with np.errstate(all="ignore"):
            try:
                return np.asarray(
                    evaluate(expression, used, {**self.sizes(sample), **(sizes or {})}, arithmetic)
                )
            except TooLarge as error:
                raise FormulaTooLarge(str(error)) from error
            except (IndexLanguageError, ArithmeticError) as error:
                raise FormulaFailed(str(error)) from error

    def code_value(self, sample: Sample) -> Array:
        """What the formula is compared with: the code's value, or its gradient where the left
        side is a derivative.  Raises :class:`CodeFailed`."""
        if self.claim.derivative is None:
            return self.code.value(self.code_values(sample), sample.seed)
        return self._code_gradient(sample, self.claim.derivative.variable)

    def output_shape(self, sample: Sample) -> tuple[int, ...]:
        """The shape of the code's own value.  Raises :class:`CodeFailed`."""
        return self.code.value(self.code_values(sample), sample.seed).shape

    def _code_gradient(self, sample: Sample, variable: str) -> Array:
        """The gradient of the code's sum with respect to the argument of a symbol."""
        argument = next((b.argument for b in self.bound if b.symbol == variable), None)
        if argument is None:
            raise CodeFailed(f"the gradient is by {variable}, which is no argument of the code")
        slot = self.slot(argument)
        if slot.kind != "tensor":
            raise CodeFailed(f"the gradient is by {argument}, which is no real tensor")
        outcome = self.code.pull_back(
            self.code_values(sample), (argument,), lambda shape: np.ones(shape), sample.seed
        )
        if argument not in outcome.gradients:
            raise CodeFailed(f"{argument}: {outcome.without_gradient[argument]}")
        return np.asarray(from_code(slot, outcome.gradients[argument]))


def computed(bound: Bound, values: Mapping[str, Value], seed: int) -> Array:
    """The value of a bound expression.  Raises :class:`FormulaFailed`."""
    assert bound.code is not None
    needed = {name: values[name] for name in bound.code.argument_names}
    try:
        return bound.code.value(needed, seed)
    except CodeFailed as error:
        raise FormulaFailed(f"{bound.symbol} = {bound.expression}: {error}") from error


def batch_size_name(axis: int) -> str:
    """The size of a batch axis; no reader produces this name."""
    return f"batch size {axis}"


@lru_cache(maxsize=256)
def _lifted(expression: Expression, data: frozenset[str], batch: tuple[Index, ...]) -> Expression:
    return lift(expression, data, batch)


PRECISE = EXTENDED


def arbitrary(digits: int) -> Any:
    """Decimal arithmetic with this many digits."""
    return ARBITRARY(digits)
