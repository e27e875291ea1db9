"""What the catalogue says of one torch object: roles, options, domains, edges and its formulas.

Entries name torch objects by strings; this room never imports torch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Literal, TypeAlias

import attrs

Role = Literal["data", "labels", "parameter", "option"]
Domain = Literal[
    "real", "positive", "unit", "simplex", "log_simplex", "labels", "signs", "binary", "counts"
]
Value: TypeAlias = "str | float | int | bool"
Expected = Literal["agrees", "agrees_up_to", "differs", "refused"]


@attrs.frozen
class Argument:
    """One argument of a torch function, as its signature names it.

    ``role``: ``data`` takes batch axes; ``labels`` is data whose elements are class positions;
    ``parameter`` (a weight, a margin) takes none; ``option`` is a word or a flag (``reduction``).
    ``domain``: where its values may lie.  ``symbols``: names formulas give it (``x``, ``y_hat``).
    ``default``: its default, where it has one.
    ``choices``: the only values it may take, where they can be listed.
    ``when``: the settings under which this description holds.  An argument that means two things
    (class indices or probabilities, a rate or its logarithm) is described twice in a row.
    """

    name: str
    role: Role
    domain: Domain = "real"
    symbols: tuple[str, ...] = ()
    default: Value | None = None
    choices: tuple[Value, ...] = ()
    when: Mapping[str, Value] = attrs.field(factory=dict)

    def holds_under(self, settings: Mapping[str, Value | None]) -> bool:
        """Whether nothing in ``settings`` contradicts ``when``."""
        return all(settings.get(name, value) == value for name, value in self.when.items())


@attrs.frozen
class Case:
    """One verification: a formula, the code it is compared with, and what must come out.

    ``formula``, ``code``, ``declare`` and ``names`` are what ``verify`` takes; ``settings`` are
    the option values written into ``code`` and ``declare``.
    """

    formula: str
    code: str
    declare: tuple[str, ...]
    names: Mapping[str, str]
    settings: Mapping[str, Value]
    expected: Expected
    relation: str


@attrs.frozen
class DocumentedClaim:
    """A formula of the object's documentation with what is needed to verify it.

    ``latex``: the formula's displays, joined by newlines, as the installed docstring prints them.
    ``code``: the expression it describes, over the names of its symbols; ``{reduction}`` stands
    for the value of the option of that name.
    ``declare``: what the prose adds.  ``names``: symbol to expression where the names do not tell.
    ``options``: values to sweep, by name; every combination is one verification.
    ``published``: False where ``latex`` had to be corrected, with the reason in ``remark``.
    ``expected``: the status of every one of these verifications; ``differs`` or ``refused`` where
    the printed formula is not what the code computes, with the reason in ``remark``.
    ``relation``: the step an ``agrees_up_to`` has to name, for example ``mean``.
    """

    latex: str
    code: str
    declare: tuple[str, ...] = ()
    names: Mapping[str, str] = attrs.field(factory=dict)
    options: Mapping[str, tuple[Value, ...]] = attrs.field(factory=dict)
    published: bool = True
    remark: str = ""
    expected: Expected = "agrees"
    relation: str = ""

    def cases(self) -> Iterator[Case]:
        """One case for each combination of the options, in the order written."""
        for values in product(*self.options.values()):
            settings = dict(zip(self.options, values, strict=True))
            yield self._case(settings)

    def _case(self, settings: Mapping[str, Value]) -> Case:
        written = {name: repr(value) for name, value in settings.items()}
        options = tuple(_declaration(name, value) for name, value in settings.items())
        return Case(
            formula=self.latex,
            code=self.code.format(**written),
            declare=self.declare + options,
            names=self.names,
            settings=settings,
            expected=self.expected,
            relation=self.relation,
        )


def _declaration(name: str, value: Value) -> str:
    """``reduction = mean`` for a word, ``\\text{ignore\\_index} = -100`` for a number."""
    if isinstance(value, (str, bool)):
        return f"{name} = {value}"
    written = name.replace("_", r"\_")
    return rf"\text{{{written}}} = {value}"


@attrs.frozen
class Entry:
    """A torch function and its module: ``torch.nn.functional.cross_entropy``.

    ``arguments`` stand in the order of the function's signature.
    ``edges``: documented guards of the implementation (a clamp, a threshold, an epsilon) with the
    name of the inputs they show at; the verdict states them.
    ``aliases``: other torch names of the same function: ``torch.softmax``.
    """

    name: str
    module: str | None
    arguments: tuple[Argument, ...]
    claims: tuple[DocumentedClaim, ...] = ()
    edges: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()

    def argument(self, name: str) -> tuple[Argument, ...]:
        """Every description of the argument ``name``; empty when there is no such argument."""
        return tuple(argument for argument in self.arguments if argument.name == name)

    @property
    def argument_names(self) -> tuple[str, ...]:
        """The arguments' names in signature order, each once."""
        return tuple(dict.fromkeys(argument.name for argument in self.arguments))
