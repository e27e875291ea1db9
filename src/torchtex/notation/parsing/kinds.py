"""Kinds of tokens: which begin an operand, which are infix operators and how tightly they bind."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

LOGICAL, RELATION, ADDITIVE, TIMES = 1, 2, 3, 4
STRENGTH: Mapping[str, int] = MappingProxyType(
    {"logical": LOGICAL, "relation": RELATION, "additive": ADDITIVE, "times": TIMES}
)
SCRIPTS = frozenset(["_", "^", "prime"])
OPERAND_KINDS = frozenset(
    """number name text ellipsis { open bar fraction root accent font brace-note partial nabla
    function extremum big underset begin""".split()
)
ARGUMENT_GROUPS = frozenset(["(", "[", "{"])
POSTFIX = SCRIPTS | {"bang", "open"}
