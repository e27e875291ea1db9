"""What a formula/code pair is: both sides, the declared domain, and the truth by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import attrs
import numpy as np

Values = Mapping[str, Any]
Reference = Callable[..., Any]
Domain = Literal[
    "real",  # any real number
    "modest",  # real, within 20 of 0: exponentials stay comparable in float64
    "score",  # real, within 300 of 0
    "positive",
    "unit",  # the open interval (0, 1)
    "closed_unit",  # [0, 1], both ends included
    "binary",  # 0 or 1
    "simplex",  # positive, sums to exactly 1 over the last axis
    "log_unit",  # a logarithm of a probability: negative
    "labels",  # class positions below a size
    "kept_labels",  # class positions, or the ignored label of the pair
    "partners",  # class positions, never a row's own
    "signs",  # -1 or 1
    "whole",  # whole numbers 0, 1, 2, ...
    "choice",  # one of the listed values
]


@attrs.frozen
class Argument:
    """One argument of the code: its shape by size names and where its values lie.

    ``parameter`` says that it takes no batch axes; ``classes`` names the size that labels are
    below; ``choices`` lists the values of the domain ``choice``.
    """

    name: str
    shape: tuple[str, ...] = ()
    domain: Domain = "real"
    parameter: bool = False
    classes: str = ""
    choices: tuple[float, ...] = ()


@attrs.frozen
class Pair:
    """A formula as an author writes it, the code it describes and what both must compute.

    ``reference`` takes the arguments as NumPy arrays (scalars as numbers) and gives what the code
    returns, by hand: it owes nothing to the reader, the evaluator or torch.  ``sizes`` limits
    the values of a size name; ``weights`` gives the weight of each batch element where the
    code's mean is a weighted one, from the argument ``weighted_by``; ``guarded_below`` is the
    magnitude under which a guard in torch's own code shows.
    """

    id: str
    latex: str
    code: str
    arguments: tuple[Argument, ...]
    reference: Reference
    names: Mapping[str, str] = attrs.field(factory=dict)
    declare: tuple[str, ...] = ()
    sizes: Mapping[str, tuple[int, ...]] = attrs.field(factory=dict)
    weights: Reference | None = None
    weighted_by: str = ""
    guarded_below: float = 0.0

    def argument(self, name: str) -> Argument:
        for argument in self.arguments:
            if argument.name == name:
                return argument
        raise KeyError(name)

    @property
    def size_names(self) -> tuple[str, ...]:
        named = [size for argument in self.arguments for size in argument.shape]
        named += [argument.classes for argument in self.arguments if argument.classes]
        return tuple(dict.fromkeys(named))

    def truth(self, values: Values) -> np.ndarray:
        return np.asarray(self.reference(**values), dtype=np.float64)


def data(name: str, shape: str = "", domain: Domain = "real") -> Argument:
    """A tensor that takes batch axes; ``shape`` names its sizes, blank for a scalar."""
    return Argument(name, tuple(shape.split()), domain)


def parameter(name: str, shape: str = "", domain: Domain = "positive") -> Argument:
    """A weight or hyperparameter: no batch axes."""
    return Argument(name, tuple(shape.split()), domain, parameter=True)


def labels(name: str, shape: str, classes: str) -> Argument:
    return Argument(name, tuple(shape.split()), "labels", classes=classes)


def kept_labels(name: str, shape: str, classes: str) -> Argument:
    return Argument(name, tuple(shape.split()), "kept_labels", classes=classes)


def choice(name: str, *values: float) -> Argument:
    return Argument(name, (), "choice", parameter=True, choices=values)
