"""How large a syntax tree may be.

Those who walk it by recursion must be able to reach its leaves from anywhere within Python's
default recursion limit (resolution takes up to eight calls for each level), and those who compare
neighbours with each other must come to an end.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from torchtex.notation.errors import NotRead
from torchtex.notation.syntax import Node, Span

MAX_TREE_DEPTH = 100
MAX_WIDTH = 200
MAX_STATEMENTS = 100


def check_extent(statements: tuple[Node, ...], source: str) -> None:
    """Raise NotRead at a node that lies too deep, as in a very long sum, or has too many parts."""
    if len(statements) > MAX_STATEMENTS:
        raise NotRead(
            f"more than {MAX_STATEMENTS} equations stand here",
            statements[MAX_STATEMENTS].span,
            source,
            "read them in parts",
        )
    pending: list[tuple[object, int]] = [(statement, 1) for statement in statements]
    while pending:
        node, depth = pending.pop()
        if depth > MAX_TREE_DEPTH:
            raise _too_deep(node, source)
        inside = tuple(parts(node))
        if len(inside) > MAX_WIDTH:
            raise _too_wide(inside[MAX_WIDTH], source)
        pending.extend((part, depth + 1) for part in inside)


def parts(node: object) -> Iterator[object]:
    """The nodes directly inside ``node``, in order; ranges and cases count as nodes."""
    for field in getattr(type(node), "__attrs_attrs__", ()):
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
    return NotRead(
        f"there are more than {MAX_TREE_DEPTH} operators in a row or inside each other",
        getattr(node, "span", Span(0, 1)),
        source,
        "write it with \\sum, or give its parts names",
    )


def _too_wide(node: object, source: str) -> NotRead:
    return NotRead(
        f"more than {MAX_WIDTH} factors, items or rows stand side by side",
        getattr(node, "span", Span(0, 1)),
        source,
        "write it with an index, or give its parts names",
    )
