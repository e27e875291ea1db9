"""What is asked: a formula, code, and all that is given with them."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np

from torchtex.notation.resolve import survey
from torchtex.pytorch.code import Code, CodeFailed, as_value, read_code
from torchtex.verify.binding import Binding, bind
from torchtex.verify.roles import Roles, roles_of
from torchtex.verify.slots import Value

Choices = Mapping[tuple[str, int], str]


@attrs.frozen(eq=False)
class Question:
    """A verification to be done.

    ``samples``: values known for arguments: the user's inputs and the surroundings' variables.
    ``inputs``: the names of those that the user gave or that the document defines.
    """

    latex: str
    code: Code
    roles: Roles
    binding: Binding
    declare: tuple[str, ...]
    samples: Mapping[str, Value]
    inputs: frozenset[str]
    seed: int
    deadline: float
    choices: Choices = attrs.field(factory=dict)

    @property
    def out_of_time(self) -> bool:
        return time.monotonic() > self.deadline


def pose(
    latex: str,
    code: Any,
    inputs: Mapping[str, Any],
    names: Mapping[str, str],
    declare: tuple[str, ...],
    seed: int,
    namespace: Mapping[str, Any],
    budget: float,
) -> Question:
    """Read the code, bind what can be bound.  Raises CodeFailed, NotRead and NotBound."""
    read = read_code(code, namespace)
    given = _given(read, inputs)
    candidates = (*survey(latex, declare), *_written_names(latex, read))
    roles = roles_of(code, read, namespace)
    binding = bind(candidates, read, names, roles, namespace)
    variables = [a.name for a in read.arguments if _is_variable(a, read)]
    around = {a.name: a.sample for a in binding.code.arguments if a.sample is not None}
    return Question(
        latex=latex,
        code=read,
        roles=roles,
        binding=binding,
        declare=declare,
        samples={**around, **given},
        inputs=frozenset((*given, *variables)),
        seed=seed,
        deadline=time.monotonic() + budget,
    )


def _written_names(latex: str, read: Code) -> tuple[str, ...]:
    """Arguments of several letters that the formula writes as such: ``pos`` is not p·o·s."""
    return tuple(
        name
        for name in read.argument_names
        if len(name) > 1 and re.search(rf"(?<![\\A-Za-z]){re.escape(name)}(?![A-Za-z])", latex)
    )


def _is_variable(argument: Any, read: Code) -> bool:
    """A tensor of the surroundings that an expression uses by name."""
    return read.tree is not None and argument.sample is not None


def _given(read: Code, inputs: Mapping[str, Any]) -> dict[str, Value]:
    unknown = [name for name in inputs if name not in read.argument_names]
    if unknown:
        known = ", ".join(read.argument_names) or "none"
        raise CodeFailed(f"the code has no argument {unknown[0]!r}; its arguments are: {known}")
    given = {name: as_value(value) for name, value in inputs.items()}
    return {name: _plain(value) for name, value in given.items() if value is not None}


def _plain(value: Value) -> Value:
    """A one-element array keeps its shape; booleans of tensors count as whole numbers."""
    return (
        value.astype(np.int64) if isinstance(value, np.ndarray) and value.dtype == bool else value
    )
