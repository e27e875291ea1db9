"""The syntax tree of LaTeX mathematics: what is written, before it is decided what it means.

The parser decides structure (what is a fraction, what is under a Sigma); ``resolve.py`` decides
meaning (what is an index, a label, a product, an application).  Every node carries the span of
its characters in the source, so that a message can put a caret under them.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TypeAlias

import attrs


@attrs.frozen
class Span:
    """Characters ``start`` (inclusive) to ``end`` (exclusive) of the LaTeX source."""

    start: int
    end: int

    def to(self, other: Span) -> Span:
        return Span(min(self.start, other.start), max(self.end, other.end))


@attrs.frozen
class NumberLiteral:
    value: Fraction
    span: Span = attrs.field(eq=False)


@attrs.frozen
class Name:
    """A letter, a Greek letter or a word: ``x``, ``alpha``, ``kernel_size``, ``L``.

    ``text`` is the bare name (``\\_`` unescaped).  ``font`` is one of italic, bold, roman
    (``\\text``, ``\\mathrm``, ``\\operatorname`` and words), calligraphic, blackboard, script.
    ``accents`` lists hat, bar, tilde, dot, ... outermost last; ``primes`` counts ``'``.
    """

    text: str
    span: Span = attrs.field(eq=False)
    font: str = "italic"
    accents: tuple[str, ...] = ()
    primes: int = 0


@attrs.frozen
class TextLiteral:
    """Quoted or free text that is not one word: ``if reduction``, ```mean'``, ``otherwise``."""

    text: str
    span: Span = attrs.field(eq=False)


@attrs.frozen
class Subscript:
    """``base_{a,b}``.  ``items`` are split at commas; ``_{ij}`` is one Juxtaposition item."""

    base: Node
    items: tuple[Node, ...]
    span: Span = attrs.field(eq=False)


@attrs.frozen
class Power:
    """``base^exponent``.  Transposes and label superscripts have nodes of their own."""

    base: Node
    exponent: Node
    span: Span = attrs.field(eq=False)


@attrs.frozen
class Transpose:
    """``base^\\top``, ``base^T``, ``base^\\mathsf{T}``."""

    base: Node
    span: Span = attrs.field(eq=False)


@attrs.frozen
class Superscript:
    """A superscript that cannot be a power: ``x^{(l)}``, ``x^{\\text{max}}``, ``x^*``."""

    base: Node
    label: Node
    span: Span = attrs.field(eq=False)


@attrs.frozen
class Infix:
    """``left operator right``; operator is +, -, \\cdot, \\times, *, /, \\odot, \\circ, \\otimes,
    \\oplus, \\star, @, mod."""

    operator: str
    left: Node
    right: Node
    span: Span = attrs.field(eq=False)
    operator_span: Span = attrs.field(eq=False, default=Span(0, 0))


@attrs.frozen
class Prefix:
    """Unary ``-`` or ``+`` or ``\\pm``."""

    operator: str
    operand: Node
    span: Span = attrs.field(eq=False)


@attrs.frozen
class Postfix:
    """``x!``."""

    operator: str
    operand: Node
    span: Span = attrs.field(eq=False)


@attrs.frozen
class Juxtaposition:
    """Factors written side by side, at least two: ``W x``, ``2 \\tau``, ``q^\\top k``."""

    factors: tuple[Node, ...]
    span: Span = attrs.field(eq=False)


@attrs.frozen
class Fraction_:
    """``\\frac{numerator}{denominator}``; a slash is an Infix."""

    numerator: Node
    denominator: Node
    span: Span = attrs.field(eq=False)


@attrs.frozen
class Root:
    """``\\sqrt[degree]{radicand}``; degree None is the square root."""

    radicand: Node
    degree: Node | None
    span: Span = attrs.field(eq=False)


@attrs.frozen
class Application:
    """``head(arguments)`` for a symbol directly before a group: a call, an index or a product.

    ``delimiter`` is one of ``( [ {``.  Arguments are split at top-level commas, semicolons and
    bars (``P \\| Q`` and ``x \\mid y`` give separator ``bar``).  For a head that can only be a
    function (``\\exp``, ``\\text{ReLU}``, ``\\mathbb{E}``) the parser also makes an Application.
    ``power`` is an exponent written between name and argument: ``\\log^2 x``, ``\\sin^{-1} x``.
    A base such as ``\\log_2 x`` stays a Subscript around the head.
    ``implicit`` is true when no group was written, ``\\log x``; the delimiter is then empty.
    """

    head: Node
    arguments: tuple[Node, ...]
    delimiter: str
    span: Span = attrs.field(eq=False)
    power: Node | None = None
    implicit: bool = False
    separator: str = "comma"


@attrs.frozen
class Group:
    """Anything in delimiters where the delimiter may carry meaning.

    ``delimiter``: ``(``, ``[``, ``{`` (written ``\\{``), ``|``, ``norm``, ``floor``, ``ceil``,
    ``angle``, ``[)`` and ``(]`` (half-open intervals).  Plain braces ``{..}`` make no node.
    ``items`` are split at commas.  Without delimiters, beside a relation, a ``list`` is ``i, j``
    and a ``range`` is ``1, \\dots, N``.
    """

    delimiter: str
    items: tuple[Node, ...]
    span: Span = attrs.field(eq=False)


@attrs.frozen
class Range:
    """What stands under and over a big operator, one per bound index.

    ``i=1``..``n``: index i, lower 1, upper n.  ``k \\neq i``: index None, condition.
    ``j \\in S``: index j, domain S.  Bare ``i``: index i only.
    """

    index: Node | None
    lower: Node | None
    upper: Node | None
    domain: Node | None
    condition: Node | None
    span: Span = attrs.field(eq=False)


@attrs.frozen
class BigOperator:
    """``\\sum``, ``\\prod``, ``\\max``, ``\\min``, ``\\arg\\max``, ``\\int`` with its body.

    ``operator``: sum, product, maximum, minimum, argmax, argmin, integral, expectation.
    ``\\max(a, b)`` without a subscript is an Application of the name ``max`` instead.
    """

    operator: str
    ranges: tuple[Range, ...]
    body: Node
    span: Span = attrs.field(eq=False)
    power: Node | None = None


@attrs.frozen
class Relation:
    """A chain ``a = b \\le c``: operands one more than operators.

    operators: = != < <= > >= << >> in notin ~ approx equiv := <- -> propto.
    """

    operators: tuple[str, ...]
    operands: tuple[Node, ...]
    span: Span = attrs.field(eq=False)


@attrs.frozen
class Logical:
    """``a \\land b``, ``a \\text{ and } b``, ``a \\text{ or } b``."""

    operator: str
    operands: tuple[Node, ...]
    span: Span = attrs.field(eq=False)


@attrs.frozen
class Case:
    """One row of ``cases``: condition None means otherwise or no condition written."""

    value: Node
    condition: Node | None
    otherwise: bool
    span: Span = attrs.field(eq=False)


@attrs.frozen
class Cases:
    rows: tuple[Case, ...]
    span: Span = attrs.field(eq=False)


@attrs.frozen
class Matrix:
    """``bmatrix``, ``pmatrix``, ... rows of entries."""

    rows: tuple[tuple[Node, ...], ...]
    span: Span = attrs.field(eq=False)


@attrs.frozen
class Indicator:
    """``\\mathbb{1}_{[c]}``, ``\\mathbb{1}\\{c\\}``, ``\\mathbf{1}[c]``, ``[c]`` is not one."""

    condition: Node
    span: Span = attrs.field(eq=False)


@attrs.frozen
class Derivative:
    """``\\frac{\\partial L}{\\partial z_k}``, ``\\nabla_z L``, ``\\frac{d}{dx} f``.

    ``numerator`` is what is differentiated, ``variables`` by what; ``gradient`` for nabla.
    """

    numerator: Node
    variables: tuple[Node, ...]
    span: Span = attrs.field(eq=False)
    gradient: bool = False


@attrs.frozen
class Ellipsis_:
    """``\\dots``, ``\\ldots``, ``...``."""

    span: Span = attrs.field(eq=False)


@attrs.frozen
class Missing:
    """An empty group: ``{}``; legal only where nothing is needed (``={}``)."""

    span: Span = attrs.field(eq=False)


Node: TypeAlias = (
    NumberLiteral
    | Name
    | TextLiteral
    | Subscript
    | Power
    | Transpose
    | Superscript
    | Infix
    | Prefix
    | Postfix
    | Juxtaposition
    | Fraction_
    | Root
    | Application
    | Group
    | BigOperator
    | Relation
    | Logical
    | Cases
    | Matrix
    | Indicator
    | Derivative
    | Ellipsis_
    | Missing
)


@attrs.frozen
class Ambiguity:
    """A place where a row of the closed table applied.

    ``row`` names the row (``prefix-scope``, ``sum-scope``, ``slash``, ...), ``chosen`` the reading
    taken, ``alternatives`` the others, in order.  ``(row, span.start)`` identifies the place: a
    reader called again with ``choices={(row, start): alternative}`` takes the other one.
    """

    row: str
    span: Span
    chosen: str
    alternatives: tuple[str, ...]


Choices: TypeAlias = "dict[tuple[str, int], str]"


@attrs.frozen
class Document:
    """A whole LaTeX source: its statements in order (split at ``\\\\``, ``\\quad``, ``;``,
    top-level commas between equations, newlines of ``aligned``, and words such as *where*)."""

    source: str
    statements: tuple[Node, ...]
    ambiguities: tuple[Ambiguity, ...] = ()
