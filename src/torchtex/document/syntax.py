"""Python blocks that are not Python, found without executing anything."""

from __future__ import annotations

import re
import warnings

import attrs

from torchtex.document.markdown import CodeBlock
from torchtex.document.position import Position, Range

# What people paste into Python blocks, and what to do about it.
PASTED = (
    (re.compile(r"^\s*>>>", re.MULTILINE), "a session with >>> is a 'pycon' block"),
    (re.compile(r"^\s*[!%]", re.MULTILINE), "notebook commands are not Python"),
)
MARK = "to keep it from running, write 'python notest'"


@attrs.frozen
class NotPython:
    """Why a block is not Python; ``range`` is the character, where it is known."""

    reason: str
    range: Range | None


def not_python(block: CodeBlock) -> NotPython | None:
    """What is wrong with a block; None if it is Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(block.source, "<block>", "exec", dont_inherit=True)
    except SyntaxError as error:
        return NotPython(f"{error.msg}{_hint(block)}", _place(block, error))
    except (ValueError, RecursionError, MemoryError) as error:
        return NotPython(str(error) or "it is nested too deeply", None)
    return None


def _hint(block: CodeBlock) -> str:
    hints = [hint for pattern, hint in PASTED if pattern.search(block.source)]
    return "; ".join(["", *hints, MARK]) if hints else ""


def _place(block: CodeBlock, error: SyntaxError) -> Range | None:
    if error.lineno is None or not 1 <= error.lineno <= len(block.indents):
        return None
    indent = block.indents[error.lineno - 1]
    start = Position(block.line + error.lineno - 1, indent + max(1, error.offset or 1))
    return Range(start, Position(start.line, start.column + 1))
