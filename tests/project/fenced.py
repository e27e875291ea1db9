"""The fenced blocks of a Markdown file, and what a console block promises.

A ``console`` block is a transcript: ``$ command`` lines, each followed by what it prints.  A line
``...`` of the transcript stands for any lines, and ``...`` inside a line for any characters.  A
command that does not exit with 0 is followed by the comment ``# exit N``.  Two kinds of numbers
depend on the machine and are compared only in form: rounding errors (``6.5e-16``) and how many
elements were compared (``854 elements``).
"""

from __future__ import annotations

import re
from pathlib import Path

import attrs
from markdown_it import MarkdownIt

MEASURED = re.compile(r"\d+(?:\.\d+)?e-\d+|\d+(?= elements)")


@attrs.frozen
class Block:
    """A fenced block: its info string, its text, the 1-based line of its first fence."""

    path: Path
    line: int
    info: str
    text: str

    @property
    def place(self) -> str:
        return f"{self.path.name}:{self.line}"


@attrs.frozen
class Step:
    """One command of a transcript, what it should print and how it should exit."""

    command: str
    expected: str
    exit_code: int = 0


def blocks(path: Path) -> list[Block]:
    """Every fenced block of ``path``, in order."""
    tokens = MarkdownIt("commonmark").parse(path.read_text(encoding="utf-8"))
    return [
        Block(path, token.map[0] + 1, token.info.strip(), token.content)
        for token in tokens
        if token.type == "fence" and token.map is not None
    ]


def steps(transcript: str) -> list[Step]:
    """The commands of a console block.  Raises ValueError where it does not start with one."""
    if not transcript.startswith("$ "):
        raise ValueError("a console block starts with a line '$ command'")
    return [_step(part) for part in re.split(r"^\$ ", transcript, flags=re.MULTILINE)[1:]]


def _step(part: str) -> Step:
    command, _, printed = part.partition("\n")
    while command.endswith("\\"):
        following, _, printed = printed.partition("\n")
        command = command.removesuffix("\\") + following.removeprefix("> ")
    found = re.search(r"^# exit (\d+)\n?", printed, flags=re.MULTILINE)
    if found is None:
        return Step(command, printed)
    return Step(command, printed.replace(found.group(), ""), int(found.group(1)))


def matches(expected: str, printed: str) -> bool:
    """Whether ``printed`` is what ``expected`` says, trailing blanks aside."""
    pattern = "".join(_line_pattern(line) for line in _lines(expected))
    return re.fullmatch(pattern, "".join(line + "\n" for line in _lines(printed))) is not None


def _line_pattern(line: str) -> str:
    if line == "...":
        return r"(?:.*\n)*?"
    return ".*".join(re.escape(part) for part in line.split("...")) + r"\n"


def _lines(text: str) -> list[str]:
    if not text.strip():
        return []
    return [MEASURED.sub("#", line).rstrip() for line in text.strip("\n").split("\n")]
