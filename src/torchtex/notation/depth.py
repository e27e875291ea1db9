"""How deep a syntax tree is: those who walk it by recursion must be able to reach its leaves."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from torchtex.notation.errors import NotRead
from torchtex.notation.syntax import Node, Span

MAX_TREE_DEPTH = 200


def check_depth(statements: tuple[Node, ...], source: str) -> None:
    """Raise NotRead where a tree is deeper than ``MAX_TREE_DEPTH``, as a very long sum is."""
    pending: list[tuple[object, int]] = [(statement, 1) for statement in statements]
    while pending:
        node, depth = pending.pop()
        if depth > MAX_TREE_DEPTH:
            raise _too_deep(node, source)
        pending.extend((part, depth + 1) for part in parts(node))


def parts(node: object) -> Iterator[object]:
    """The nodes directly inside ``node``, in order; ranges and cases count as nodes."""
    for field in attrs.fields(type(node)):  # type: ignore[arg-type]  # every node is attrs
        value = getattr(node, field.name)
        if isinstance(value, tuple):
            yield from (member for entry in value for member in _members(entry))
        elif attrs.has(type(value)) and not isinstance(value, Span):
            yield value


def everything(node: object) -> Iterator[object]:
    """``node`` and all nodes inside it, outer first, in the order written, without recursion."""
    pending = [node]
    while pending:
        here = pending.pop()
        yield here
        pending.extend(reversed(list(parts(here))))


def _members(entry: object) -> tuple[object, ...]:
    """A field holds nodes, or rows of nodes (matrices), or plain words."""
    if isinstance(entry, tuple):
        return entry
    return (entry,) if attrs.has(type(entry)) else ()


def _too_deep(node: object, source: str) -> NotRead:
    span = getattr(node, "span", Span(0, 1))
    return NotRead(
        f"this expression has more than {MAX_TREE_DEPTH} operators in a row or inside each other",
        span,
        source,
        "write it with \\sum, or give its parts names",
    )
