"""The parser: tokens to the syntax tree, by operator precedence.

From loosest to tightest: *and* and *or*, relations, + and -, written products, a sign,
juxtaposition and slashes, functions without parentheses, scripts.  The readers of these levels
stand in ``parsing/``, one idea in each file; every kind of token that begins an operand is one row
of ``parsing/expressions.py``.  Ambiguous places follow the table of ``ambiguous.py``.  The
parser never goes back, so it takes linear time.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from torchtex.notation.ambiguous import Decisions
from torchtex.notation.depth import MAX_TREE_DEPTH, check_extent, everything
from torchtex.notation.errors import NotRead
from torchtex.notation.lexer import tokenize
from torchtex.notation.parsing.expressions import StatementReader
from torchtex.notation.statements import statements
from torchtex.notation.syntax import Derivative, Document, Ellipsis_, Missing, Name, Node, Span

NO_CHOICES: Mapping[tuple[str, int], str] = MappingProxyType({})


def parse(
    latex: str,
    words: frozenset[str] = frozenset(),
    choices: Mapping[tuple[str, int], str] = NO_CHOICES,
) -> Document:
    """The syntax tree of ``latex``.

    ``words`` are runs of letters that are one name without ``\\text``.  ``choices`` gives, by row
    and first character of an :class:`Ambiguity`, another reading of that place.
    Raises :class:`NotRead` with the span of what is not read.
    """
    tokens = tokenize(latex, words)
    decisions = Decisions(choices)
    pieces = statements(tokens, latex)
    found = [StatementReader(latex, piece, words, decisions).statement() for piece in pieces]
    kept = tuple(node for node in found if not isinstance(node, Missing | Ellipsis_))
    if not kept:
        raise NotRead("there is no formula here", Span(0, min(1, len(latex))), latex)
    if len(tokens) > MAX_TREE_DEPTH:
        check_extent(kept, latex)
    if any(token.kind == "partial" for token in tokens):
        _check_differentials(kept, latex)
    return Document(latex, kept, tuple(decisions.met))


def _check_differentials(found: tuple[Node, ...], source: str) -> None:
    for statement in found:
        for node in everything(statement):
            if isinstance(node, Name) and node.text == "partial":
                raise NotRead(
                    "this sign of differentiation belongs to no derivative",
                    node.span,
                    source,
                    "write \\frac{\\partial L}{\\partial x}",
                )
            if isinstance(node, Derivative) and isinstance(node.numerator, Missing):
                raise NotRead("nothing is differentiated here", node.span, source)
