"""Colours and progress, on a terminal; plain lines anywhere else."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from torchtex.document.text import Line, Tone

STYLES: Mapping[Tone, str] = {
    "error": "red",
    "warning": "yellow",
    "info": "cyan",
    "good": "green",
    "detail": "dim",
    "summary": "bold",
}


def write(lines: Iterable[Line]) -> None:
    """Prints ``lines``, in colour where someone is looking."""
    if not sys.stdout.isatty() or "NO_COLOR" in os.environ:
        for line in lines:
            print(line.text)
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)
    for line in lines:
        console.print(Text(line.text, STYLES[line.tone]))


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """A function that shows what is being done, on a terminal, until the work is over."""
    if not sys.stderr.isatty() or "CI" in os.environ:
        yield lambda _doing: None
        return
    from rich.console import Console
    from rich.markup import escape

    with Console(stderr=True).status("reading") as status:
        yield lambda doing: status.update(escape(doing))
