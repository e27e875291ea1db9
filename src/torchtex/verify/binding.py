"""Which symbol of the formula is which argument of the code.

In this order: what the user names, the same name, an alias of it, the role that the torch object
gives an argument.  Nothing is guessed here; what stays open is searched by :mod:`search`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from torchtex.notation.errors import NotRead
from torchtex.notation.resolve import survey
from torchtex.notation.spelling import ALIAS, EXACT, same_symbol
from torchtex.pytorch.code import Code, CodeFailed, read_code
from torchtex.verify.pairing import Bound
from torchtex.verify.roles import Roles, with_setting


class NotBound(Exception):
    """A symbol of the formula has no counterpart in the code; the text says what to write."""


@attrs.frozen(eq=False)
class Binding:
    """What is bound so far, by symbol, and the code with the arguments that this needed.

    ``words``: options of the torch object that the formula mentions, with their values.
    """

    code: Code
    bound: Mapping[str, Bound]
    words: Mapping[str, Any] = attrs.field(factory=dict)

    @property
    def taken(self) -> frozenset[str]:
        """The arguments that stand for a symbol by themselves."""
        return frozenset(b.argument for b in self.bound.values() if b.argument is not None)

    def with_pairs(self, pairs: Mapping[str, str]) -> Binding:
        """With more symbols bound to arguments."""
        more = {symbol: Bound(symbol, name, argument=name) for symbol, name in pairs.items()}
        return attrs.evolve(self, bound={**self.bound, **more})


def bind(
    candidates: Iterable[str],
    code: Code,
    names: Mapping[str, str],
    roles: Roles,
    namespace: Mapping[str, Any],
) -> Binding:
    """Bind the candidate symbols of a formula.  Raises :class:`NotBound`, :class:`CodeFailed`."""
    symbols = tuple(dict.fromkeys(candidates))
    bound, code = _by_user(symbols, code, names, namespace)
    binding = Binding(code, bound)
    binding = _by_spelling(binding, symbols, EXACT)
    binding = _by_role(_by_spelling(binding, symbols, ALIAS), symbols, roles, namespace)
    return _by_setting(binding, symbols, roles)


def _by_user(
    symbols: tuple[str, ...], code: Code, names: Mapping[str, str], namespace: Mapping[str, Any]
) -> tuple[dict[str, Bound], Code]:
    bound: dict[str, Bound] = {}
    for written, expression in names.items():
        symbol = _symbol_written(written, symbols)
        bound[symbol] = _bound_to(symbol, expression, code, namespace)
    return bound, _with_arguments_of(code, bound.values())


def _symbol_written(written: str, symbols: tuple[str, ...]) -> str:
    if written in symbols:
        return written
    try:
        found = survey(written)
    except NotRead as error:
        raise NotBound(f"the symbol {written!r} is not read: {error.message}") from error
    matching = [name for name in found if name in symbols]
    if not matching:
        known = ", ".join(symbols)
        raise NotBound(f"the formula has no symbol {written!r}; it has {known}")
    return max(matching, key=len)


def _bound_to(symbol: str, expression: str, code: Code, namespace: Mapping[str, Any]) -> Bound:
    text = expression.strip()
    if text in code.argument_names:
        return Bound(symbol, text, argument=text)
    scope = {**(code.environment if code.tree is not None else {}), **namespace}
    inner = read_code(text, {k: v for k, v in scope.items() if k not in code.argument_names})
    return Bound(symbol, text, code=inner)


def _with_arguments_of(code: Code, bounds: Iterable[Bound]) -> Code:
    """The code with the arguments that only a bound expression uses: they are sampled as well."""
    known = set(code.argument_names)
    extra = []
    for bound in bounds:
        if bound.code is None:
            continue
        for argument in bound.code.arguments:
            if argument.name not in known and argument.sample is None:
                raise CodeFailed(
                    f"NameError: {bound.symbol} = {bound.expression} uses {argument.name}, "
                    f"which is no argument of {code.text}"
                )
            if argument.name not in known:
                known.add(argument.name)
                extra.append(argument)
    if not extra:
        return code
    unused = frozenset(argument.name for argument in extra)

    def function(values: Mapping[str, Any]) -> Any:
        return code.function({k: v for k, v in values.items() if k not in unused})

    return attrs.evolve(code, arguments=(*code.arguments, *extra), function=function)


def _by_spelling(binding: Binding, symbols: tuple[str, ...], strength: int) -> Binding:
    """Symbols and arguments of one spelling, where each fits only the other."""
    open_symbols = [symbol for symbol in symbols if symbol not in binding.bound]
    free = [name for name in binding.code.argument_names if name not in binding.taken]
    fits = {
        symbol: [name for name in free if same_symbol(symbol, name) == strength]
        for symbol in open_symbols
    }
    wanted = [name for names in fits.values() for name in names]
    pairs = {
        symbol: names[0]
        for symbol, names in fits.items()
        if len(names) == 1 and wanted.count(names[0]) == 1
    }
    return binding.with_pairs(pairs)


def _by_role(
    binding: Binding, symbols: tuple[str, ...], roles: Roles, namespace: Mapping[str, Any]
) -> Binding:
    """Symbols that the torch object's documentation uses for what an argument is given."""
    open_symbols = [symbol for symbol in symbols if symbol not in binding.bound]
    taken = {bound.expression for bound in binding.bound.values()}
    fits = {
        expression: [s for s in open_symbols if any(s in a.symbols for a in descriptions)]
        for expression, descriptions in roles.described.items()
        if expression not in taken and all(a.role != "option" for a in descriptions)
    }
    while True:
        pair = _only_fit(fits)
        if pair is None:
            return binding
        expression, symbol = pair
        bound = _bound_to(symbol, expression, binding.code, namespace)
        binding = attrs.evolve(binding, bound={**binding.bound, symbol: bound})
        fits.pop(expression)
        fits = {key: [s for s in found if s != symbol] for key, found in fits.items()}


def _only_fit(fits: Mapping[str, list[str]]) -> tuple[str, str] | None:
    """An expression and a symbol that fit only each other."""
    for expression, found in fits.items():
        if len(found) == 1 and sum(found[0] in others for others in fits.values()) == 1:
            return expression, found[0]
    return None


def _by_setting(binding: Binding, symbols: tuple[str, ...], roles: Roles) -> Binding:
    """Settings of the torch object that the code leaves alone or writes as a constant."""
    if roles.entry is None:
        return binding
    words: dict[str, Any] = {}
    for argument in roles.entry.arguments:
        value = roles.settings.get(argument.name)
        open_symbols = [s for s in argument.symbols if s in symbols and s not in binding.bound]
        if value is None or not open_symbols:
            continue
        symbol = open_symbols[0]
        if isinstance(value, (str, bool)):
            words[symbol] = value
            continue
        binding = _with_number(binding, symbol, argument.name, value, roles)
    return attrs.evolve(binding, words=words)


def _with_number(
    binding: Binding, symbol: str, argument: str, value: float, roles: Roles
) -> Binding:
    assert roles.entry is not None
    varied = None
    if not isinstance(value, int):
        varied = with_setting(binding.code, roles.entry, argument)
    if varied is not None:
        return attrs.evolve(binding, code=varied).with_pairs({symbol: argument})
    bound = constant(symbol, value)
    return attrs.evolve(binding, bound={**binding.bound, symbol: bound})


def constant(symbol: str, value: float) -> Bound:
    """A symbol that stands for one number."""
    inner = read_code(repr(value))
    return Bound(symbol, repr(value), code=inner)
