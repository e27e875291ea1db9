"""What the catalogue knows of the code's arguments, in the words of verification."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import attrs

from torchtex.atlas.entry import Argument, Entry
from torchtex.pytorch.code import NO_DEFAULT, Code, CodeArgument, expression_code
from torchtex.pytorch.objects import CallRoles, call_roles

# Objects whose class axis stands second whatever follows it: (N, C, d1, ..., dK).
CLASS_SECOND: Mapping[str, frozenset[str]] = {
    "torch.nn.functional.cross_entropy": frozenset({"input", "target"}),
    "torch.nn.functional.nll_loss": frozenset({"input"}),
}


@attrs.frozen
class Roles:
    """The roles of one piece of code.

    ``described``: for an argument expression, what the torch object says of it.  ``settings``:
    the options and numbers in effect.  ``entry``: the object, None where it is not known.
    """

    described: Mapping[str, tuple[Argument, ...]] = attrs.field(factory=dict)
    settings: Mapping[str, Any] = attrs.field(factory=dict)
    entry: Entry | None = None

    def of(self, expression: str) -> tuple[Argument, ...]:
        return self.described.get(expression, ())

    def class_second(self, expression: str) -> bool:
        """Whether the tensor has its class axis second."""
        if self.entry is None:
            return False
        moved = CLASS_SECOND.get(self.entry.name, frozenset())
        return any(a.name in moved and a.role == "data" for a in self.of(expression))

    def given(self, argument: str) -> str | None:
        """The expression given to one of the object's arguments."""
        for expression, descriptions in self.described.items():
            if any(description.name == argument for description in descriptions):
                return expression
        return None


def roles_of(code: Any, read: Code, namespace: Mapping[str, Any]) -> Roles:
    """The roles of the code's arguments; empty where the code calls nothing that is known."""
    target = code if read.tree is None and not isinstance(code, Code) else read.text
    found: CallRoles = call_roles(target, namespace)
    return Roles(dict(found.roles), dict(found.settings), found.entry)


def with_setting(code: Code, entry: Entry, name: str) -> Code | None:
    """The code with one more argument, ``name``, handed to the torch object it calls.

    So that a setting left at its default can be varied.  None where the call cannot take it.
    """
    if code.tree is None or name in code.argument_names:
        return None
    call = _call_taking(code.tree.body, entry, name)
    if call is None:
        return None
    tree = ast.parse(ast.unparse(code.tree), mode="eval")
    again = _call_taking(tree.body, entry, name)
    assert again is not None
    again.keywords.append(ast.keyword(arg=name, value=ast.Name(id=name, ctx=ast.Load())))
    ast.fix_missing_locations(tree)
    default = next((a.default for a in entry.arguments if a.name == name), None)
    argument = CodeArgument(name, default=NO_DEFAULT if default is None else default)
    return expression_code(code.text, tree, (*code.arguments, argument), code.environment)


def _call_taking(body: ast.expr, entry: Entry, name: str) -> ast.Call | None:
    """The call of the object, function or module constructor, that keyword arguments go to."""
    if not isinstance(body, ast.Call):
        return None
    call = body.func if isinstance(body.func, ast.Call) else body
    last = ast.unparse(call.func).rpartition(".")[2]
    names = {entry.name.rpartition(".")[2], (entry.module or "").rpartition(".")[2]}
    taken = {keyword.arg for keyword in call.keywords}
    return call if last in names and name not in taken else None
