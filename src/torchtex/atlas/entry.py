"""What the catalogue says of one torch object: roles, options, domains, edges and its formulas.

Entries name torch objects by strings; this room never imports torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import attrs

Role = Literal["data", "labels", "parameter", "option"]
Domain = Literal[
    "real", "positive", "unit", "simplex", "log_simplex", "labels", "signs", "binary", "counts"
]


@attrs.frozen
class Argument:
    """One argument of a torch function, as its signature names it.

    ``role``: ``data`` takes batch axes; ``labels`` is data whose elements are class positions;
    ``parameter`` (a weight, a margin) takes none; ``option`` is a word or a flag (``reduction``).
    ``domain``: where its values may lie.  ``symbols``: names formulas give it (``x``, ``y_hat``).
    ``default``: its default, where it has one.
    """

    name: str
    role: Role
    domain: Domain = "real"
    symbols: tuple[str, ...] = ()
    default: str | float | int | bool | None = None


@attrs.frozen
class DocumentedClaim:
    """A formula of the object's documentation with what is needed to verify it.

    ``latex``: the formula's displays, joined by newlines, as the installed docstring prints them.
    ``code``: the expression it describes, over the names of its symbols.
    ``declare``: what the prose adds.  ``names``: symbol to expression where the names do not tell.
    ``options``: values to sweep, by name; every combination is one verification.
    ``published``: False where ``latex`` had to be corrected, with the reason in ``remark``.
    """

    latex: str
    code: str
    declare: tuple[str, ...] = ()
    names: Mapping[str, str] = attrs.field(factory=dict)
    options: Mapping[str, tuple[str | float | int | bool, ...]] = attrs.field(factory=dict)
    published: bool = True
    remark: str = ""


@attrs.frozen
class Entry:
    """A torch function and its module: ``torch.nn.functional.cross_entropy``.

    ``edges``: documented guards of the implementation (a clamp, a threshold, an epsilon) with the
    name of the inputs they show at; the verdict states them.
    """

    name: str
    module: str | None
    arguments: tuple[Argument, ...]
    claims: tuple[DocumentedClaim, ...] = ()
    edges: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
