"""Which torch object a piece of code calls, and what its argument expressions mean to it."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from types import MappingProxyType, ModuleType
from typing import Any

import attrs
import torch
from torch import nn

from torchtex.atlas.catalogue import ENTRIES, lookup, names_of
from torchtex.atlas.entry import Argument, Entry

NOTHING: Mapping[str, Any] = MappingProxyType({})
LIBRARIES: Mapping[str, Any] = MappingProxyType(
    {"torch": torch, "nn": nn, "F": torch.nn.functional}
)
# Names bound inside these belong to them, not to the program around them.
INNER_SCOPES = (ast.Lambda, ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)

_ABSENT = object()


@attrs.frozen(eq=False)
class CallRoles(Mapping[str, tuple[Argument, ...]]):
    """A mapping from argument expressions to what they mean: ``{"z": (input,), "y": (target,)}``.

    An expression has several descriptions where the object takes it in several ways (class
    indices or probabilities) or where it is given to several calls.

    ``entry``: the object called; None when nothing in the code is in the catalogue, or when
    several calls are and none of them is the whole expression.
    ``settings``: the object's options and numbers that are in effect and known, defaults included.
    ``whole``: whether the whole expression is that one call.
    """

    entry: Entry | None = None
    roles: Mapping[str, tuple[Argument, ...]] = attrs.field(factory=dict)
    settings: Mapping[str, Any] = attrs.field(factory=dict)
    whole: bool = False

    def __getitem__(self, expression: str) -> tuple[Argument, ...]:
        return self.roles[expression]

    def __iter__(self) -> Iterator[str]:
        return iter(self.roles)

    def __len__(self) -> int:
        return len(self.roles)


@attrs.frozen(eq=False)
class _Call:
    """One recognised call: the expressions given to the arguments of ``entry``.

    ``fixed``: settings known without looking at the expressions (those of a module instance).
    ``complete``: False where ``*`` or ``**`` may give more than is seen.
    """

    entry: Entry
    given: tuple[tuple[str, ast.expr], ...]
    fixed: Mapping[str, Any] = NOTHING
    complete: bool = True


def resolve_target(
    code: str | Callable[..., Any], namespace: Mapping[str, Any] = NOTHING
) -> str | None:
    """The torch name of what ``code`` is or, as an expression, is one call of; None if neither.

    A module's name is that of its function where the catalogue knows it:
    ``nn.CrossEntropyLoss(weight=w)(z, y)`` is ``torch.nn.functional.cross_entropy``.
    """
    if not isinstance(code, str):
        return _torch_name(code)
    tree = _parsed(code)
    if tree is None:
        return None
    body = tree.body
    value = _value(body, namespace)
    if value is not _ABSENT:
        return _torch_name(value)
    if not isinstance(body, ast.Call):
        return None
    call = _recognised(body, namespace)
    return _called_name(body, namespace) if call is None else call.entry.name


def call_roles(code: str | Callable[..., Any], namespace: Mapping[str, Any] = NOTHING) -> CallRoles:
    """What each argument expression of ``code`` means to the torch object it is given to.

    Inside a larger expression, and inside the arguments of a call, only bare names get a role.
    A function or a module gives the roles of its own argument names.
    """
    if not isinstance(code, str):
        return _roles_of_callable(code)
    tree = _parsed(code)
    if tree is None:
        return CallRoles()
    value = _value(tree.body, namespace)
    if value is not _ABSENT:
        return _roles_of_callable(value)
    calls = tuple(_recognised_calls(tree.body, namespace))
    if not calls:
        return CallRoles()
    whole = calls[0][0] is tree.body
    roles: dict[str, tuple[Argument, ...]] = {}
    for node, call in calls:
        _add_roles(roles, call, namespace, every_expression=node is tree.body)
    if not whole and len(calls) > 1:
        return CallRoles(roles=roles)
    return CallRoles(calls[0][1].entry, roles, _settings(calls[0][1], namespace), whole)


def _parsed(source: str) -> ast.Expression | None:
    try:
        return ast.parse(source.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


# ---- recognising calls -----------------------------------------------------------------------


def _recognised_calls(
    node: ast.AST, namespace: Mapping[str, Any]
) -> Iterator[tuple[ast.Call, _Call]]:
    """Every recognised call under ``node``, outermost first."""
    if isinstance(node, INNER_SCOPES):
        return
    if isinstance(node, ast.Call):
        call = _recognised(node, namespace)
        if call is not None:
            yield node, call
            for _, expression in call.given:
                yield from _recognised_calls(expression, namespace)
            return
    for child in ast.iter_child_nodes(node):
        yield from _recognised_calls(child, namespace)


def _recognised(node: ast.Call, namespace: Mapping[str, Any]) -> _Call | None:
    if isinstance(node.func, ast.Call):
        return _constructed_and_applied(node, node.func, namespace)
    target = _value(node.func, namespace, called=True)
    if target is _ABSENT:
        return _method_call(node)
    if isinstance(target, nn.Module):
        return _applied_instance(node, target)
    entry = _entry_of(target)
    if entry is None:
        return None
    if isinstance(target, type):
        return _constructed(node, target, entry)
    return _bound(entry, node, entry.argument_names)


def _constructed(node: ast.Call, module: type, entry: Entry) -> _Call:
    call = _bound(entry, node, _parameter_names(module))
    known = set(entry.argument_names)
    return attrs.evolve(call, given=tuple(pair for pair in call.given if pair[0] in known))


def _constructed_and_applied(
    node: ast.Call, constructor: ast.Call, namespace: Mapping[str, Any]
) -> _Call | None:
    module = _value(constructor.func, namespace)
    entry = _entry_of(module)
    if entry is None or not isinstance(module, type):
        return None
    construction = _constructed(constructor, module, entry)
    application = _bound(entry, node, entry.argument_names, _forward_names(module))
    return _Call(
        entry,
        application.given + construction.given,
        complete=application.complete and construction.complete,
    )


def _applied_instance(node: ast.Call, module: nn.Module) -> _Call | None:
    entry = _entry_of(module)
    if entry is None:
        return None
    call = _bound(entry, node, entry.argument_names, _forward_names(type(module)))
    return attrs.evolve(call, fixed=_settings_of_instance(module, entry))


def _method_call(node: ast.Call) -> _Call | None:
    """``z.softmax(1)``: a name that is no library is taken for a tensor."""
    if not isinstance(node.func, ast.Attribute):
        return None
    entry = lookup(f"torch.Tensor.{node.func.attr}")
    if entry is None:
        return None
    receiver, *rest = entry.argument_names
    call = _bound(entry, node, tuple(rest))
    return attrs.evolve(call, given=((receiver, node.func.value), *call.given))


def _bound(
    entry: Entry,
    node: ast.Call,
    positions: tuple[str, ...],
    keywords: tuple[str, ...] | None = None,
) -> _Call:
    """The expressions of ``node`` by argument name.

    ``positions`` names the positional arguments in order; ``keywords``, where the callable spells
    them otherwise than the entry does, its own names for the same positions.
    """
    spelled = dict(zip(keywords or positions, positions, strict=False))
    given: list[tuple[str, ast.expr]] = []
    complete = True
    for name, expression in zip(positions, node.args, strict=False):
        if isinstance(expression, ast.Starred):
            complete = False
            break
        given.append((name, expression))
    for keyword in node.keywords:
        if keyword.arg is None:
            complete = False
            continue
        given.append((spelled.get(keyword.arg, keyword.arg), keyword.value))
    return _Call(entry, tuple(given), complete=complete)


def _parameter_names(function: Callable[..., Any]) -> tuple[str, ...]:
    return tuple(inspect.signature(function).parameters)


def _forward_names(module: type) -> tuple[str, ...]:
    return _parameter_names(module.forward)[1:]  # type: ignore[attr-defined]


# ---- what the arguments mean -----------------------------------------------------------------


def _add_roles(
    roles: dict[str, tuple[Argument, ...]],
    call: _Call,
    namespace: Mapping[str, Any],
    *,
    every_expression: bool,
) -> None:
    settings = _settings(call, namespace)
    for name, expression in call.given:
        described = _described(call.entry, name, settings)
        shown = every_expression and not isinstance(expression, ast.Constant)
        if not described or not (shown or isinstance(expression, ast.Name)):
            continue
        source = ast.unparse(expression)
        earlier = roles.get(source, ())
        roles[source] = earlier + tuple(a for a in described if a not in earlier)


def _described(entry: Entry, name: str, settings: Mapping[str, Any]) -> tuple[Argument, ...]:
    return tuple(a for a in entry.argument(name) if a.holds_under(settings))


def _settings(call: _Call, namespace: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is known of the options and numbers in effect: defaults, then what is given."""
    known = _defaults(call.entry) if call.complete else {}
    known.update(call.fixed)
    for name, expression in call.given:
        known.pop(name, None)
        value = _plain(expression, namespace)
        if value is not _ABSENT:
            known[name] = value
    return known


def _defaults(entry: Entry) -> dict[str, Any]:
    return {a.name: a.default for a in entry.arguments if a.default is not None}


def _plain(expression: ast.expr, namespace: Mapping[str, Any]) -> Any:
    """The word, number or flag that an expression is, or ``_ABSENT``."""
    value = _value(expression, namespace)
    if value is _ABSENT:
        try:
            value = ast.literal_eval(expression)
        except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
            return _ABSENT
    return value if isinstance(value, (str, bool, int, float)) else _ABSENT


def _settings_of_instance(module: nn.Module, entry: Entry) -> dict[str, Any]:
    found = {name: getattr(module, name, _ABSENT) for name in entry.argument_names}
    return {
        name: value for name, value in found.items() if isinstance(value, (str, bool, int, float))
    }


def _roles_of_callable(code: Any) -> CallRoles:
    entry = _entry_of(code)
    if entry is None:
        return CallRoles()
    settings = _defaults(entry)
    spelled = {name: name for name in entry.argument_names}
    if isinstance(code, nn.Module):
        settings.update(_settings_of_instance(code, entry))
        forward = zip(_forward_names(type(code)), entry.argument_names, strict=False)
        spelled.update(forward)
    described = {own: _described(entry, name, settings) for own, name in spelled.items()}
    return CallRoles(entry, described, settings, whole=True)


# ---- finding the object ----------------------------------------------------------------------


def _value(node: ast.expr, namespace: Mapping[str, Any], *, called: bool = False) -> Any:
    """What a name or a dotted name is; ``_ABSENT`` for anything else or unknown.

    ``called``: a bare name that nothing defines is taken for the torch function of that name.
    """
    if isinstance(node, ast.Name):
        return _named_value(node.id, namespace, called=called)
    if not isinstance(node, ast.Attribute):
        return _ABSENT
    owner = _value(node.value, namespace)
    # Looking an attribute up on anything else could run a property of the user's.
    if isinstance(owner, (ModuleType, type, nn.Module)):
        return getattr(owner, node.attr, _ABSENT)
    return _ABSENT


def _named_value(name: str, namespace: Mapping[str, Any], *, called: bool) -> Any:
    if name in namespace:
        return namespace[name]
    if name in LIBRARIES:
        return LIBRARIES[name]
    if called:
        return getattr(torch.nn.functional, name, getattr(torch, name, _ABSENT))
    return _ABSENT


def _entry_of(target: Any) -> Entry | None:
    # An instance counts as its exact class: a subclass may compute something else.
    return _entries_by_object().get(id(type(target) if isinstance(target, nn.Module) else target))


@cache
def _entries_by_object() -> Mapping[int, Entry]:
    found = {}
    for entry in ENTRIES:
        for name in names_of(entry):
            target = _object_called(name)
            if target is not _ABSENT:
                found[id(target)] = entry
    return MappingProxyType(found)


def _object_called(name: str) -> Any:
    target: Any = torch
    for part in name.split(".")[1:]:
        target = getattr(target, part, _ABSENT)
    return target


def _called_name(node: ast.Call, namespace: Mapping[str, Any]) -> str | None:
    """The torch name of a called object that the catalogue has no entry for."""
    function = node.func
    if isinstance(function, ast.Call):
        module = _value(function.func, namespace)
        return _torch_name(module) if isinstance(module, type) else None
    target = _value(function, namespace, called=True)
    return None if target is _ABSENT else _torch_name(target)


def _torch_name(target: Any) -> str | None:
    entry = _entry_of(target)
    if entry is not None:
        return entry.name
    owner = type(target) if isinstance(target, nn.Module) else target
    name = getattr(owner, "__name__", "")
    return _first_name(owner, (f"{room}.{name}" for room in TORCH_ROOMS))


TORCH_ROOMS = ("torch.nn.functional", "torch.nn", "torch", "torch.special", "torch.Tensor")


def _first_name(target: Any, candidates: Iterable[str]) -> str | None:
    return next((name for name in candidates if _object_called(name) is target), None)
