"""Mathematics for markdown-it: rules that find formulas and keep the offset of each.

Block rules see offsets in the whole file, inline rules offsets in the content of one paragraph,
heading or cell; ``markdown.py`` brings the two together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import attrs
from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

# An opener that is never closed must not make every other opener read to the end of the file.
LONGEST_DISPLAY_LINES = 1000
LONGEST_INLINE = 10_000

ENVIRONMENT = re.compile(
    r"\\begin\{((?:align|alignat|displaymath|eqnarray|equation|flalign|gather|math|multline)\*?)\}"
)
BACKTICKS = re.compile(r"`+")
COMMENT = re.compile(r"<!-->|<!--->|<!--.*?-->", re.DOTALL)
# A formula that is not closed would swallow these, and with them the rest of the article.
NEVER_INSIDE = ("```", "~~~", "<!--")


@attrs.frozen
class _Display:
    """A display that was found: its LaTeX, and where in the file it and its last line end."""

    latex: str
    start: int
    end: int
    last_line: int


def install(parser: MarkdownIt) -> None:
    """Adds the rules for formulas and for comments to ``parser``."""
    interrupts: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    parser.block.ruler.before("fence", "display_formula", _display_block, interrupts)
    parser.inline.ruler.before("escape", "dollar_formula", _dollars)
    parser.inline.ruler.before("escape", "parenthesis_formula", _parentheses)
    parser.inline.ruler.before("html_inline", "comment", _comment)


def _display_block(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    if state.is_code_block(start_line):
        return False
    display = _find_display(state, start_line, end_line)
    if display is None:
        return False
    if silent:
        return True
    token = state.push("formula", "", 0)
    token.content = display.latex
    token.map = [start_line, display.last_line + 1]
    token.meta = {"start": display.start, "end": display.end, "display": True}
    state.line = display.last_line + 1
    rest = state.src[display.end : state.eMarks[display.last_line]].strip()
    if rest:
        _push_paragraph(state, rest, display.last_line, end_line)
    return True


def _push_paragraph(state: StateBlock, content: str, line: int, end_line: int) -> None:
    """What follows a display on its last line, with the lines that a comment opened there needs."""
    last = line
    while _opens_comment(content) and last + 1 < end_line:
        last += 1
        content += "\n" + state.getLines(last, last + 1, state.blkIndent, False)
    state.push("paragraph_open", "p", 1)
    token = state.push("inline", "", 0)
    token.content = content
    token.map = [line, last + 1]
    token.children = []
    state.push("paragraph_close", "p", -1)
    state.line = last + 1


def _opens_comment(content: str) -> bool:
    return content.rfind("<!--") > content.rfind("-->")


def _find_display(state: StateBlock, start_line: int, end_line: int) -> _Display | None:
    start = state.bMarks[start_line] + state.tShift[start_line]
    first = state.src[start : state.eMarks[start_line]]
    if first.startswith("$$") and not first.startswith("$$$"):
        return _delimited(state, (start, start_line, end_line), "$$", "$$")
    if first.startswith("\\["):
        return _delimited(state, (start, start_line, end_line), "\\[", "\\]")
    environment = ENVIRONMENT.match(first)
    if environment is None:
        return None
    closer = f"\\end{{{environment[1]}}}"
    found = _delimited(state, (start, start_line, end_line), environment[0], closer)
    if found is None:
        return None
    return attrs.evolve(found, latex=environment[0] + found.latex + closer)


def _delimited(
    state: StateBlock, place: tuple[int, int, int], opener: str, closer: str
) -> _Display | None:
    start, start_line, end_line = place
    body = start + len(opener)
    first_end = state.eMarks[start_line]
    close = _find_closer(state.src, closer, body, first_end)
    if close is not None:
        # Text after a display on one line makes it part of a paragraph: the inline rule's.
        alone = not state.src[close + len(closer) : first_end].strip(" \t.,;")
        if not alone and not opener.startswith("\\begin"):
            return None
        latex = state.src[body:close]
        return _Display(latex, start, close + len(closer), start_line) if latex.strip() else None
    parts = [state.src[body:first_end]]
    for line in _inner_lines(state, start_line, end_line):
        left, right = state.bMarks[line] + state.tShift[line], state.eMarks[line]
        close = _find_closer(state.src, closer, left, right)
        if close is None:
            parts.append(state.src[left:right])
            continue
        parts.append(state.src[left:close])
        latex = "\n".join(parts)
        return _Display(latex, start, close + len(closer), line) if latex.strip() else None
    return None


def _inner_lines(state: StateBlock, start_line: int, end_line: int) -> Iterator[int]:
    """The lines after ``start_line`` that a formula opened there can reach."""
    for line in range(start_line + 1, min(end_line, start_line + LONGEST_DISPLAY_LINES)):
        if state.isEmpty(line):
            yield line
            continue
        left = state.bMarks[line] + state.tShift[line]
        outside = state.sCount[line] < state.blkIndent
        if outside or state.src.startswith(NEVER_INSIDE, left):
            return
        yield line


def _find_closer(source: str, closer: str, start: int, end: int) -> int | None:
    """The first ``closer`` whose first character is not itself escaped by a backslash."""
    while (found := source.find(closer, start, end)) != -1:
        if not _escaped(source, found, start):
            return found
        start = found + 1
    return None


def _escaped(source: str, offset: int, start: int) -> bool:
    slashes = 0
    while offset - slashes > start and source[offset - slashes - 1] == "\\":
        slashes += 1
    return slashes % 2 == 1


def _dollars(state: StateInline, silent: bool) -> bool:
    source, start = state.src, state.pos
    if source[start] != "$":
        return False
    if source.startswith("$$", start):
        return _double_dollars(state, silent=silent)
    if source.startswith("$`", start):
        return _span(state, "$`", "`$", silent=silent)
    end = min(state.posMax, start + LONGEST_INLINE)
    close = _find_closer(source, "$", start + 1, end)
    if close is None or not _is_formula(source, start + 1, close, state.posMax):
        return False
    return _take(state, (start + 1, close), close + 1, silent=silent)


def _is_formula(source: str, body: int, close: int, limit: int) -> bool:
    """The usual rule that tells formulas from amounts: ``$5 and $6`` are dollars."""
    if body == close or source[body].isspace() or source[close - 1].isspace():
        return False
    if close + 1 < limit and source[close + 1].isdigit():
        return False
    return not _holds_code(source, body, close)


def _holds_code(source: str, start: int, end: int) -> bool:
    """Whether a code span or a comment starts between; those come before formulas."""
    if source.find("<!--", start, end) != -1:
        return True
    return any(
        re.search(rf"(?<!`){run[0]}(?!`)", source[run.end() : end + LONGEST_INLINE])
        for run in BACKTICKS.finditer(source, start, end)
    )


def _double_dollars(state: StateInline, *, silent: bool) -> bool:
    start = state.pos
    end = min(state.posMax, start + LONGEST_INLINE)
    close = _find_closer(state.src, "$$", start + 2, end)
    if close is not None and state.src[start + 2 : close].strip():
        return _take(state, (start + 2, close), close + 2, silent=silent, display=True)
    if not silent:
        token = state.push("formula_unclosed", "", 0)
        token.content = "$$"
        token.meta = {"start": start, "end": start + 2}
    state.pos = start + 2
    return True


def _parentheses(state: StateInline, silent: bool) -> bool:
    if not state.src.startswith("\\(", state.pos):
        return False
    return _span(state, "\\(", "\\)", silent=silent)


def _span(state: StateInline, opener: str, closer: str, *, silent: bool) -> bool:
    body = state.pos + len(opener)
    close = _find_closer(state.src, closer, body, min(state.posMax, body + LONGEST_INLINE))
    if close is None or not state.src[body:close].strip():
        return False
    return _take(state, (body, close), close + len(closer), silent=silent)


def _take(
    state: StateInline,
    body: tuple[int, int],
    end: int,
    *,
    silent: bool,
    display: bool = False,
) -> bool:
    if not silent:
        token = state.push("formula", "", 0)
        token.content = state.src[slice(*body)]
        token.meta = {"start": state.pos, "end": end, "display": display}
    state.pos = end
    return True


def _comment(state: StateInline, silent: bool) -> bool:
    found = COMMENT.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        token = state.push("comment", "", 0)
        token.content = found[0]
        token.meta = {"start": found.start(), "end": found.end()}
    state.pos = found.end()
    return True
