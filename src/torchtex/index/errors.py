"""What can go wrong in the index language; every message names the tensor, index or size."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import attrs

MAX_DEPTH = 100
"""Terms nested deeper than this are refused where they are read, compared or evaluated."""

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


class IndexLanguageError(Exception):
    """Base of every error that this room raises on purpose."""


class TooDeep(IndexLanguageError):
    """A term is nested more than :data:`MAX_DEPTH` levels deep."""

    def __init__(self) -> None:
        super().__init__(f"the term is nested more than {MAX_DEPTH} levels deep")


class IllFormed(IndexLanguageError):
    """A term that means nothing: an unknown operator, a wrong number of arguments or indices."""


@attrs.frozen(eq=False)
class NotParsed(IndexLanguageError):
    """Text that is not a term.  ``position`` counts characters from 0."""

    message: str
    source: str
    position: int

    def __str__(self) -> str:
        start = max(0, self.position - 60)
        shown = self.source[start : self.position + 40].replace("\n", " ")
        return f"{self.message}\n  {shown}\n  {' ' * (self.position - start)}^"


class EvaluationError(IndexLanguageError):
    """An expression has no value for the given inputs."""


class MissingValue(EvaluationError):
    """No value was given for a declared tensor."""

    def __init__(self, tensor: str) -> None:
        super().__init__(f"no value is given for {tensor}")


class ShapeMismatch(EvaluationError):
    """A value's rank is not the declared one."""


class SizeMismatch(EvaluationError):
    """Two tensors give one size different values, or a size is no whole number."""


class SizeUnknown(EvaluationError):
    """No tensor's shape determines a size that the expression uses."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no shape determines the size {name}; give it in sizes")


@attrs.frozen(eq=False)
class OutsideTensor(EvaluationError):
    """A position is not inside the tensor (``axis`` counts from 0)."""

    tensor: str
    position: int
    extent: int
    axis: int

    def __str__(self) -> str:
        return (
            f"position {self.position} is outside {self.tensor}, "
            f"which has {self.extent} elements along axis {self.axis}"
        )


class NotAPosition(EvaluationError):
    """A position, a label or an integer tensor is not a whole number."""


@attrs.frozen(eq=False)
class TooLarge(EvaluationError):
    """The evaluation needs more elementary operations than its budget allows."""

    operations: int
    allowed: int

    def __str__(self) -> str:
        return (
            f"the evaluation needs about {self.operations:.3g} operations, "
            f"more than the {self.allowed:.3g} of its budget"
        )


def refusing_deep_terms(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Turn the interpreter's RecursionError into :class:`TooDeep`."""

    @wraps(function)
    def refusing(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        try:
            return function(*args, **kwargs)
        except RecursionError:
            raise TooDeep from None

    return refusing
