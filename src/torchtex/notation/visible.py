"""Braces group without showing: what stands in them must look the same without them."""

from __future__ import annotations

from torchtex.notation.syntax import (
    Application,
    BigOperator,
    Infix,
    Juxtaposition,
    Logical,
    Node,
    Prefix,
    Relation,
)

_LOOSE_BEFORE = frozenset(
    "stop open { comma semicolon relation row amp mid bar keyword logical over "
    "begin additive".split()
)
_LOOSE_AFTER = frozenset(
    "stop close } comma semicolon relation row amp mid bar additive keyword logical over end "
    "period".split()
)
_SCRIPTS = frozenset(["^", "_", "prime", "bang"])


def hides_grouping(node: Node, before: str, after: str) -> bool:
    """Whether ``{node}`` would be seen as something else than it is read as.

    ``before`` and ``after`` are the kinds of the tokens around the braces.  ``{a + b} c`` is
    printed as a + b c; in ``({a + b})`` they change nothing, and after a function
    they are taken for its parentheses.
    """
    if after in _SCRIPTS and _is_compound(node):
        return True
    if before == "function":
        return False
    if isinstance(node, Prefix) and before == "sum":
        return after not in _LOOSE_AFTER
    if isinstance(node, Infix) and before == "slash":
        return True
    if isinstance(node, Relation | Logical | Prefix) or _is_sum(node):
        return before not in _LOOSE_BEFORE or after not in _LOOSE_AFTER
    if isinstance(node, BigOperator):
        return after not in _LOOSE_AFTER
    return False


def _is_sum(node: Node) -> bool:
    return isinstance(node, Infix) and node.operator in ("+", "-")


def _is_compound(node: Node) -> bool:
    if isinstance(node, Application):
        return node.implicit
    return isinstance(node, Infix | Juxtaposition | Prefix | Relation | Logical | BigOperator)
