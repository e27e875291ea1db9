"""What each argument may be, in the order tried: data, a number, labels, one-hot labels, ..."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any, Literal, TypeAlias

import numpy as np

from torchtex.atlas.entry import Argument
from torchtex.notation.reading import Known
from torchtex.pytorch.code import NO_DEFAULT, CodeArgument
from torchtex.verify.binding import Binding
from torchtex.verify.roles import Roles
from torchtex.verify.slots import Value

Token = Literal["data", "number", "tensor", "labels", "one_hot", "integer", "fixed"]
Tokens: TypeAlias = "Mapping[str, Token]"

MAX_ATTEMPTS = 200
UNKNOWN: tuple[Token, ...] = ("data", "number", "tensor", "labels", "one_hot", "integer")
UNIFORM: tuple[Token, ...] = ("integer",)


def token_choices(
    argument: CodeArgument, described: tuple[Argument, ...], given: Value
) -> tuple[Token, ...]:
    """What ``argument`` may be: its value tells, then its role, then its default."""
    if given is not None:
        return _from_value(given)
    if isinstance(argument.default, (str, bool)):
        return ("fixed",)
    if described:
        return _from_roles(described)
    if argument.default is not NO_DEFAULT and argument.default is not None:
        return _from_default(argument.default)
    return UNKNOWN


def _from_value(given: Value) -> tuple[Token, ...]:
    if isinstance(given, np.ndarray):
        return ("data",) if given.dtype.kind == "f" else ("labels", "one_hot", "integer", "data")
    if isinstance(given, (bool, str)):
        return ("fixed",)
    if isinstance(given, float):
        return ("number",)
    return ("integer", "number")


def _from_roles(described: tuple[Argument, ...]) -> tuple[Token, ...]:
    tokens: dict[Token, None] = {}
    for argument in described:
        if argument.role == "labels":
            tokens.update(dict.fromkeys(("labels", "one_hot")))
        elif argument.role == "option":
            tokens.update(dict.fromkeys(("integer", "number")))
        else:
            tokens["data"] = None
    return tuple(sorted(tokens, key=UNKNOWN.index))


def _from_default(default: Any) -> tuple[Token, ...]:
    if isinstance(default, (bool, str)):
        return ("fixed",)
    if isinstance(default, int):
        return ("integer", "number")
    if isinstance(default, float):
        return ("number",)
    return ("integer",) if isinstance(default, tuple) else UNKNOWN


def token_combinations(choices: Mapping[str, tuple[Token, ...]]) -> Iterator[Tokens]:
    """Every combination, those nearest to the first choices first; at most MAX_ATTEMPTS.

    Formulas about whole numbers only are common: all arguments whole is tried second.
    """
    names = tuple(choices)
    first = {name: choices[name][0] for name in names}
    yield first
    for token in UNIFORM:
        if len(names) > 1 and all(token in choices[name] for name in names):
            yield dict.fromkeys(names, token)
    ranked = (
        sorted(
            product(*(range(len(choices[name])) for name in names)), key=lambda places: sum(places)
        )
        if _combinations(choices) <= 50_000
        else ()
    )
    for places in ranked[1:MAX_ATTEMPTS]:
        yield {name: choices[name][place] for name, place in zip(names, places, strict=True)}


def _combinations(choices: Mapping[str, tuple[Token, ...]]) -> int:
    return int(np.prod([float(len(found)) for found in choices.values()] or [1.0]))


def known_symbols(
    binding: Binding, tokens: Tokens, samples: Mapping[str, Value]
) -> dict[str, Known]:
    """What the reader is told of every bound symbol."""
    known: dict[str, Known] = {
        symbol: Known("text", value) if isinstance(value, str) else Known("integer", value)
        for symbol, value in binding.words.items()
    }
    for symbol, bound in binding.bound.items():
        known[symbol] = Known("real")
        if bound.argument is not None:
            sample = samples.get(bound.argument, _default(binding, bound.argument))
            known[symbol] = _known(tokens.get(bound.argument, "data"), sample)
        elif bound.code is not None and not bound.arguments:
            known[symbol] = _known_constant(bound.expression)
    return known


def _default(binding: Binding, name: str) -> Value:
    default = binding.code.argument(name).default
    return default if isinstance(default, (str, bool, int, float, tuple)) else None


def _known(token: Token, sample: Value) -> Known:
    if token == "labels":
        return Known("labels")
    if token == "integer":
        members = len(sample) if isinstance(sample, tuple) else None
        return Known("integer", members=members)
    if token == "fixed" and isinstance(sample, str):
        return Known("text", sample)
    return Known("real")


def _known_constant(text: str) -> Known:
    try:
        return Known("integer", int(text))
    except ValueError:
        return Known("real")


def domain_from_roles(roles: Roles, expression: str, token: Token) -> str | None:
    """Where the torch object says the values lie; None where it says nothing."""
    wanted = "labels" if token in ("labels", "one_hot") else "data"
    for argument in roles.of(expression):
        if (argument.role == "labels") == (wanted == "labels"):
            return argument.domain
    return None
