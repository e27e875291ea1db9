"""A Markdown article: its formulas, its Python blocks and its directives, in order, with places.

Markdown is read as CommonMark with tables.  Formulas are ``$$...$$``, a ``math`` block,
``\\[...\\]`` and ``\\begin{align}`` standing alone, ``$...$``, ``$`...`$`` and ``\\(...\\)``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

import attrs
from markdown_it import MarkdownIt
from markdown_it.token import Token

from torchtex.document import math_rules
from torchtex.document.directives import Directive, Problem, read_comment
from torchtex.document.places import Cells, Lines
from torchtex.document.position import Range, Text


@attrs.frozen
class Formula:
    """A formula; ``range`` includes its delimiters, ``latex`` does not."""

    latex: str
    range: Range
    display: bool


@attrs.frozen
class Unclosed:
    """A ``$$`` that nothing closes."""

    range: Range


@attrs.frozen
class CodeBlock:
    """A Python block.  ``line`` is the first line of ``source`` in the file, counted from 1;
    ``indents`` says how many characters of each line stand before the source; ``marked_skip`` is
    True where the block itself says that it does not run."""

    source: str
    range: Range
    line: int
    indents: tuple[int, ...]
    marked_skip: bool


Item: TypeAlias = "Formula | Unclosed | CodeBlock | Directive | Problem"

FRONT_MATTER = re.compile(r"---[ \t]*\n(?:.*\n)*?(?:---|\.\.\.)[ \t]*(?:\n|$)")
RAW_HTML = re.compile(r"\s*<(?:script|pre|style|textarea)\b", re.IGNORECASE)
PYTHON = re.compile(r"\{?\.?(?:python3?|py)(?=[\s,:}]|$)", re.IGNORECASE)
NOT_RUN = re.compile(r"(?<![\w-])(?:notest|no-test|skip)(?![\w-])", re.IGNORECASE)
FORMULA_INFO = ("math", "{math}")
LOST_DIRECTIVE = re.compile(r"<!--\s*torchtex\s*:", re.IGNORECASE)


def parse(source: str) -> tuple[Item, ...]:
    """Everything in ``source`` that a check looks at, in order of appearance."""
    text = Text.of(source)
    parser = MarkdownIt("commonmark").enable("table")
    math_rules.install(parser)
    tokens = parser.parse(_without_front_matter(text.source))
    return tuple(_items(text, tokens))


def _without_front_matter(source: str) -> str:
    found = FRONT_MATTER.match(source)
    if found is None:
        return source
    return re.sub(r"[^\n]", " ", found[0]) + source[found.end() :]


def _items(text: Text, tokens: list[Token]) -> Iterator[Item]:
    cells = Cells(text)
    in_row = False
    for token in tokens:
        if token.type in ("tr_open", "tr_close"):
            in_row = token.type == "tr_open"
            cells = Cells(text)
        elif token.type == "formula":
            yield _formula(text, token, token.meta["start"], token.meta["end"])
        elif token.type == "fence":
            yield from _fence(text, token)
        elif token.type == "html_block" and not RAW_HTML.match(token.content):
            yield from _html_block(text, token)
        elif token.type == "inline":
            yield from _inline(text, token, cells.place(token) if in_row else _lines(text, token))


def _lines(text: Text, token: Token) -> Lines:
    first = token.map[0] if token.map else 0
    return Lines.of(text, token.content, first)


def _formula(text: Text, token: Token, start: int, end: int) -> Formula:
    return Formula(token.content.strip(), text.range(start, end), bool(token.meta["display"]))


def _inline(text: Text, token: Token, lines: Lines) -> Iterator[Item]:
    for child in token.children or []:
        if child.type == "text" and LOST_DIRECTIVE.search(child.content):
            yield _lost(text, token.content, lines)
        if child.type not in ("formula", "formula_unclosed", "comment"):
            continue
        start = lines.offset(child.meta["start"])
        end = lines.offset(child.meta["end"] - 1) + 1
        if child.type == "formula":
            yield _formula(text, child, start, end)
        elif child.type == "formula_unclosed":
            yield Unclosed(text.range(start, end))
        else:
            begins = int(child.meta["start"])
            yield from _comment(text, child.content, lines, begins)


def _html_block(text: Text, token: Token) -> Iterator[Item]:
    lines = _lines(text, token)
    rest = token.content
    for found in math_rules.COMMENT.finditer(token.content):
        yield from _comment(text, found[0], lines, found.start())
        rest = token.content[found.end() :]
    if LOST_DIRECTIVE.search(rest):
        yield _lost(text, token.content, lines)


def _lost(text: Text, content: str, lines: Lines) -> Problem:
    """A directive in a comment that is never closed: nobody would read it."""
    *_, last = LOST_DIRECTIVE.finditer(content)
    start = lines.offset(last.start())
    message = "this comment is not closed: '-->' is missing, or a blank line stands inside it"
    return Problem("unreadable", message, text.range(start, start + len(last[0])))


def _comment(text: Text, comment: str, lines: Lines, begins: int) -> Iterator[Directive | Problem]:
    """The directives of a comment that starts at ``begins`` in the content of ``lines``."""

    def place(start: int, end: int) -> Range:
        first, last = lines.offset(begins + start), lines.offset(begins + max(start, end - 1))
        return text.range(first, last + 1)

    yield from read_comment(comment, place)


def _fence(text: Text, token: Token) -> Iterator[Item]:
    info = token.info.strip()
    if info.split(maxsplit=1)[:1] == [FORMULA_INFO[0]] or info.startswith(FORMULA_INFO[1]):
        if token.content.strip():
            yield Formula(token.content.strip(), _fence_range(text, token), display=True)
    elif PYTHON.match(info):
        yield _code_block(text, token, info)


def _fence_range(text: Text, token: Token) -> Range:
    first, last = token.map or (0, 1)
    start = text.starts[first] + max(0, text.line(first).find(token.markup))
    last_line = max(first, min(last, len(text.starts)) - 1)
    end = text.starts[last_line] + len(text.line(last_line).rstrip())
    return text.range(start, max(end, start + 1))


def _code_block(text: Text, token: Token, info: str) -> CodeBlock:
    first = (token.map or (0, 1))[0] + 1
    contents = token.content.split("\n")[:-1] if token.content else []
    indents = tuple(
        max(0, len(text.line(first + index)) - len(content))
        for index, content in enumerate(contents)
    )
    return CodeBlock(
        source=token.content,
        range=_fence_range(text, token),
        line=first + 1,
        indents=indents,
        marked_skip=NOT_RUN.search(info) is not None,
    )
