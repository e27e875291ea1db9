"""From a reading and a binding to a pairing: slots with kinds, shapes and first domains."""

from __future__ import annotations

from collections.abc import Mapping

import attrs
import numpy as np

from torchtex.atlas.entry import Argument
from torchtex.index.terms import Apply, Element, Index, Size
from torchtex.index.traverse import walk
from torchtex.notation.reading import Claim, Reading, Symbol
from torchtex.notation.work import is_setting
from torchtex.pytorch.code import NO_DEFAULT, CodeArgument
from torchtex.verify.binding import Binding
from torchtex.verify.kinds import Token, Tokens, domain_from_roles
from torchtex.verify.pairing import Bound, Pairing
from torchtex.verify.roles import Roles
from torchtex.verify.slots import Domain, Kind, Slot, Value

NAMED_TUPLE_LENGTH = 2


@attrs.frozen(eq=False)
class Setting:
    """Everything a pairing is built from, for one attempt.

    ``samples``: values known for arguments (the user's inputs, a document's variables).
    """

    binding: Binding
    reading: Reading
    tokens: Tokens
    roles: Roles
    samples: Mapping[str, Value]


class NoRoom(Exception):
    """An argument of the code stands for nothing in the formula."""


def pairing_of(setting: Setting, claim: Claim, batch: int) -> Pairing:
    """The pairing with ``batch`` leading batch axes.  Raises :class:`NoRoom`."""
    binding, reading = setting.binding, setting.reading
    symbols = {symbol.name: symbol for symbol in reading.symbols}
    bound = tuple(b for b in binding.bound.values() if b.symbol in symbols)
    data = frozenset(
        b.symbol for b in bound if batch and takes_batch(setting, symbols[b.symbol], b)
    )
    slots = []
    for argument in binding.code.arguments:
        slot = _slot(setting, argument, symbols, bound, data)
        if slot is not None:
            slots.append(slot)
    return Pairing(binding.code, reading, claim, bound, tuple(slots), data, batch)


def takes_batch(setting: Setting, symbol: Symbol, bound: Bound) -> bool:
    """Whether a symbol is data: by notation, by the torch object, by what it is bound to."""
    if symbol.tensor.integer:
        return False
    if bound.argument is not None and _is_plain(setting, bound.argument, symbol):
        return False
    described = setting.roles.of(bound.expression)
    if described:
        return any(argument.role in ("data", "labels") for argument in described)
    if bound.argument is None:
        return bool(bound.arguments) and symbol.parameter is not True
    return symbol.parameter is not True


def _is_plain(setting: Setting, name: str, symbol: Symbol) -> bool:
    """A Python number or word rather than a tensor."""
    token = setting.tokens.get(name, "data")
    if token in ("number", "integer", "fixed"):
        return True
    sample = setting.samples.get(name)
    if sample is not None:
        return not isinstance(sample, np.ndarray)
    return token == "data" and _is_lone_setting(setting, symbol) and not setting.roles.of(name)


def _is_lone_setting(setting: Setting, symbol: Symbol) -> bool:
    """A letter without subscripts that names a setting, or stands beside vectors as one."""
    if symbol.tensor.rank or symbol.parameter is False or symbol.tensor.labels is not None:
        return False
    return is_setting(symbol.name) or any(
        other.tensor.rank and other.parameter is not True for other in setting.reading.symbols
    )


def _slot(
    setting: Setting,
    argument: CodeArgument,
    symbols: Mapping[str, Symbol],
    bound: tuple[Bound, ...],
    data: frozenset[str],
) -> Slot | None:
    name = argument.name
    direct = [b for b in bound if b.argument == name]
    if direct:
        return _bound_slot(setting, argument, symbols[direct[0].symbol], direct[0], data)
    users = [b for b in bound if b.code is not None and name in b.arguments]
    if users:
        return _shaped_like(setting, argument, symbols[users[0].symbol], users[0], data)
    sample = setting.samples.get(name)
    if sample is not None:
        return Slot(name, "fixed", value=sample, differentiable=False)
    described = setting.roles.of(name)
    if argument.required and described and all(a.role == "parameter" for a in described):
        # The code has a setting that the formula does not mention: whether it matters will show.
        return _unmentioned(setting, name, described[0], symbols)
    if argument.default is NO_DEFAULT:
        raise NoRoom(f"the argument {name} of the code stands for no symbol of the formula")
    return None


def _unmentioned(
    setting: Setting, name: str, described: Argument, symbols: Mapping[str, Symbol]
) -> Slot:
    """A number, or, where torch's default is none, a vector over the last axis of the data."""
    data = [s for s in symbols.values() if s.tensor.rank and s.parameter is not True]
    if described.default is not None or not data:
        return Slot(name, "number", domain=described.domain)
    return Slot(name, "tensor", extents=data[0].tensor.extents[-1:], domain=described.domain)


def _bound_slot(
    setting: Setting, argument: CodeArgument, symbol: Symbol, bound: Bound, data: frozenset[str]
) -> Slot:
    token = setting.tokens.get(argument.name, "data")
    kind = slot_kind(setting, argument, symbol, token)
    extents = symbol.tensor.extents
    classes = symbol.tensor.labels
    if token == "one_hot":
        classes, extents = _one_hot_classes(argument, extents), extents[:-1]
    elif kind == "labels" and classes is None:
        classes = _compared_with(setting, symbol)
    described = setting.roles.of(argument.name)
    members = _members(setting, argument, symbol) if kind == "integers" else None
    return Slot(
        name=argument.name,
        kind=kind,
        extents=extents if kind in ("tensor", "labels", "integers") else (),
        batched=symbol.name in data,
        domain=first_domain(setting, argument, symbol, token, kind),
        classes=classes,
        members=members,
        value=_fixed_value(setting, argument),
        class_second=kind == "tensor" and setting.roles.class_second(argument.name),
        may_be=ignored_labels(setting) if kind == "labels" else (),
        differentiable=kind == "tensor" and not (described and described[0].role == "option"),
    )


def _one_hot_classes(argument: CodeArgument, extents: tuple[Size, ...]) -> Size:
    if not extents:
        raise NoRoom(f"{argument.name} is a number in the formula and cannot be one-hot")
    return extents[-1]


def _compared_with(setting: Setting, symbol: Symbol) -> Size:
    """The range of labels that are only compared: that of the index they are compared with."""
    for claim in setting.reading.claims:
        expression = claim.expression
        for body in (expression.body, *(d.body for d in expression.definitions)):
            for term in walk(body):
                if isinstance(term, Apply) and _names(term, symbol.name):
                    indices = [a for a in term.arguments if isinstance(a, Index)]
                    if indices:
                        return indices[0].extent
    raise NoRoom(f"nothing says how many values the label {symbol.name} can take")


def _names(term: Apply, symbol: str) -> bool:
    return any(isinstance(a, Element) and a.tensor == symbol for a in term.arguments)


def _fixed_value(setting: Setting, argument: CodeArgument) -> Value:
    sample = setting.samples.get(argument.name)
    if sample is not None:
        return sample
    default = argument.default
    return default if isinstance(default, (int, float, str, tuple)) else None


def slot_kind(setting: Setting, argument: CodeArgument, symbol: Symbol, token: Token) -> Kind:
    """The kind of a slot: a lone setting is a Python number, unless a tensor was given for it."""
    if token in ("labels", "one_hot") or symbol.tensor.labels is not None:
        return "labels"
    if token == "fixed":
        return "fixed"
    if token == "integer":
        return "integers" if symbol.tensor.rank == 1 else "integer"
    given = setting.samples.get(argument.name)
    if token == "number" and symbol.tensor.rank == 0:
        return "number"
    if symbol.tensor.rank or isinstance(given, np.ndarray):
        return "tensor"
    described = setting.roles.of(argument.name)
    if described:
        return "number" if all(a.role in ("parameter", "option") for a in described) else "tensor"
    lone = token == "data" and _is_lone_setting(setting, symbol)
    return "number" if symbol.parameter or lone else "tensor"


def _members(setting: Setting, argument: CodeArgument, symbol: Symbol) -> int:
    sample = setting.samples.get(argument.name)
    if isinstance(sample, tuple):
        return len(sample)
    extent = symbol.tensor.extents[0]
    return int(extent.constant) if extent.is_fixed else NAMED_TUPLE_LENGTH


def first_domain(
    setting: Setting, argument: CodeArgument, symbol: Symbol, token: Token, kind: Kind
) -> Domain:
    """The widest domain to try: what is declared, else what the torch object says, else real."""
    if kind == "labels":
        return "labels"
    if symbol.domain is not None and symbol.declared:
        return symbol.domain
    known = domain_from_roles(setting.roles, argument.name, token)
    if known is not None:
        return known
    return symbol.domain if symbol.domain is not None else "real"


def narrowed_by_formula(setting: Setting) -> tuple[str, ...]:
    """Symbols whose domain only the formula's own cases tell: the verdict has to say so."""
    found = []
    for bound in setting.binding.bound.values():
        symbol = next((s for s in setting.reading.symbols if s.name == bound.symbol), None)
        if symbol is None or symbol.domain is None or symbol.declared:
            continue
        token = setting.tokens.get(bound.argument or "", "data")
        known = domain_from_roles(setting.roles, bound.expression, token)
        if known is None and bound.argument is not None and isinstance(symbol.domain, tuple):
            values = ", ".join(f"{value:g}" for value in symbol.domain)
            found.append(f"{bound.expression} in {{{values}}}")
    return tuple(found)


def _shaped_like(
    setting: Setting, argument: CodeArgument, symbol: Symbol, bound: Bound, data: frozenset[str]
) -> Slot:
    """An argument that only an expression uses has the shape of the symbol it gives."""
    sample = setting.samples.get(argument.name)
    token = setting.tokens.get(argument.name, "data")
    if sample is not None and not isinstance(sample, np.ndarray):
        return Slot(argument.name, "fixed", value=sample, differentiable=False)
    known = domain_from_roles(setting.roles, argument.name, token)
    kind: Kind = "labels" if token in ("labels", "one_hot") else "tensor"
    extents, classes = symbol.tensor.extents, symbol.tensor.labels
    if kind == "labels" and classes is None and extents:
        classes, extents = extents[-1], extents[:-1]
    return Slot(
        name=argument.name,
        kind=kind,
        extents=extents,
        batched=symbol.name in data,
        domain="labels" if kind == "labels" else (known or "real"),
        classes=classes,
        class_second=kind == "tensor" and setting.roles.class_second(argument.name),
        value=sample,
        may_be=ignored_labels(setting) if kind == "labels" else (),
    )


def ignored_labels(setting: Setting) -> tuple[int, ...]:
    """The label that the torch object ignores, where the formula speaks of one.

    A formula that says nothing of it is about labels that are classes.
    """
    value = setting.roles.settings.get("ignore_index")
    if not isinstance(value, int):
        return ()
    bound = any(b.expression == str(value) for b in setting.binding.bound.values())
    if bound or _writes(setting.reading, value):
        return (value,)
    return ()


def _writes(reading: Reading, value: int) -> bool:
    return str(abs(value)) in reading.source
