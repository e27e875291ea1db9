"""Several nodes as one: a list, or conditions that hold together."""

from __future__ import annotations

from collections.abc import Sequence

from torchtex.notation.syntax import Ellipsis_, Group, Logical, Node


def listed(items: Sequence[Node]) -> Node:
    """``a, b`` as a group; ``1, \\dots, N`` as a range."""
    dotted = any(isinstance(item, Ellipsis_) for item in items)
    span = items[0].span.to(items[-1].span)
    return Group("range" if dotted else "list", tuple(items), span)


def all_of(items: Sequence[Node]) -> Node:
    """Conditions joined by *and*; a lone one is itself."""
    if len(items) == 1:
        return items[0]
    return Logical("and", tuple(items), items[0].span.to(items[-1].span))
