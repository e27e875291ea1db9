"""A report as lines of text, as a linter prints them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias

import attrs

from torchtex.document.diagnostics import Diagnostic
from torchtex.document.file_report import COUNTED, FileReport, Holding
from torchtex.document.wording import how_it_was_read, shortened

Tone: TypeAlias = Literal["error", "warning", "info", "good", "detail", "summary"]


@attrs.frozen
class Line:
    """One line and its tone, which a terminal may show as a colour."""

    text: str
    tone: Tone


def file_lines(file: FileReport) -> Iterator[Line]:
    """The findings and the formulas that hold, in the order of the article."""
    placed = [(found.range, _diagnostic(file.path, found)) for found in file.diagnostics]
    placed += [(held.compare.formula.range, _holding(file.path, held)) for held in file.held]
    for _, block in sorted(placed, key=lambda pair: pair[0]):
        yield from block


def _diagnostic(path: str, found: Diagnostic) -> tuple[Line, ...]:
    first, *details = found.message.split("\n")
    head = f"{_place(path, found.range.start.line, found.range.start.column)} {found.code} {first}"
    return (Line(head, found.severity), *(Line(f"    {text}", "detail") for text in details))


def _holding(path: str, held: Holding) -> tuple[Line, ...]:
    start = held.compare.formula.range.start
    code = shortened(held.compare.verify.code)
    said = f"{_place(path, start.line, start.column)} {held.verdict.status}: {code}"
    details = (Line(f"    {text}", "detail") for text in how_it_was_read(held.verdict))
    return (Line(said, "good"), *details)


def _place(path: str, line: int, column: int) -> str:
    return f"{path}:{line}:{column}:"


def closing_lines(formulas: Mapping[str, int], not_compared: int) -> Iterator[Line]:
    """The summary, and what was left out on purpose."""
    yield Line(summary(formulas), "summary")
    if not_compared:
        what = "1 formula" if not_compared == 1 else f"{not_compared} formulas"
        yield Line(f"nothing was run: {what} with a verify directive not compared", "summary")


def summary(formulas: Mapping[str, int]) -> str:
    return " · ".join(f"{word.replace('_', ' ')} {formulas[word]}" for word in COUNTED)
