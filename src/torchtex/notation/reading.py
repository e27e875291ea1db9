"""What a formula was read as: claims in the index language, symbols, and how it was decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import attrs

from torchtex.index.terms import Expression, Tensor
from torchtex.notation.syntax import Ambiguity, Span

Sort = Literal["real", "labels", "integer", "text"]


@attrs.frozen
class Known:
    """What the caller knows of a name: its sort, and its value where that is a word or a number.

    ``sort`` is ``real``, ``labels`` (an integer tensor that may index), ``integer`` (a whole
    number or a tuple of them) or ``text`` (an option such as ``reduction``, with its ``value``).
    ``members`` is the length of a tuple such as ``padding``; None for anything else.
    """

    sort: Sort
    value: str | float | int | None = None
    members: int | None = None


@attrs.frozen
class Context:
    """What a formula is read against.

    ``known``: names that are bound, by their canonical form (``y_hat``, ``W_1``, ``p_t``).
    ``declarations``: strings such as ``x \\in \\mathbb{R}^{N \\times D}``, ``i \\neq y``,
    ``reduction = mean``, ``j(i) \\in \\{1, ..., 2N\\}``.
    ``functions``: for an applied symbol such as ``\\mathrm{sim}``, the named function that it
    stands for.
    """

    known: Mapping[str, Known] = attrs.field(factory=dict)
    declarations: tuple[str, ...] = ()
    functions: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen
class Symbol:
    """A free symbol of a formula.

    ``tensor`` gives its name, extents (in the formula's own size names) and sort.
    ``parameter`` is True for one that takes no batch axes (a weight, a hyperparameter), False for
    data, None where the notation does not tell (a lone letter): roles or shapes decide.
    ``domain`` is what a declaration or the formula's own cases say of its values, None if nothing:
    ``positive``, ``unit``, ``simplex``, ``signs``, ``binary`` or a tuple of constants.
    """

    latex: str
    tensor: Tensor
    parameter: bool | None
    span: Span
    domain: str | tuple[float, ...] | None = None
    declared: bool = False  # whether ``domain`` comes from a declaration

    @property
    def name(self) -> str:
        return self.tensor.name


@attrs.frozen
class DerivativeOf:
    """A left side ``dL/dz_k``: the claim gives the gradient of ``function`` with respect to
    ``variable``; the claim's result indices are the variable's, in order."""

    function: str | None
    variable: str


@attrs.frozen
class Claim:
    """One side of an equality, as the element of a tensor.

    ``expression.indices`` are the left side's indices in order (none for a scalar).
    ``up_to_constant``: the side ends in *const.*; ``proportional``: it stands after a propto.
    """

    expression: Expression
    latex: str
    span: Span
    derivative: DerivativeOf | None = None
    up_to_constant: bool = False
    proportional: bool = False


@attrs.frozen
class Reading:
    """A formula that was read.

    ``claims``: each side of a chained equality that says something, first to last.
    ``symbols``: the free symbols, in order of appearance; those inside no claim are left out.
    ``lines``: how it was read, for people: ranges, base of log, ranks, reductions.
    ``uses_batch``: an index of the formula is itself the batch axis (bounded by N, n, m or B, or
    so named): no batch axes may be added.  ``reduces_batch``: that axis is summed over.
    """

    source: str
    claims: tuple[Claim, ...]
    symbols: tuple[Symbol, ...]
    lines: tuple[str, ...]
    ambiguities: tuple[Ambiguity, ...] = ()
    uses_batch: bool = False
    reduces_batch: bool = False

    def symbol(self, name: str) -> Symbol:
        for symbol in self.symbols:
            if symbol.name == name:
                return symbol
        raise KeyError(name)
