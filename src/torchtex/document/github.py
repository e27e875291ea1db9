"""A report as workflow commands, which GitHub shows beside the lines of a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from torchtex.document.diagnostics import Diagnostic, Severity
from torchtex.document.file_report import FileReport

COMMANDS: Mapping[Severity, str] = {"error": "error", "warning": "warning", "info": "notice"}


def commands(file: FileReport) -> Iterator[str]:
    """One command per finding."""
    for found in file.diagnostics:
        yield _command(file.path, found)


def command(severity: Severity, message: str) -> str:
    """A command that belongs to no file."""
    return f"::{COMMANDS[severity]}::{_escape_message(message)}"


def _command(path: str, found: Diagnostic) -> str:
    properties = {
        "file": path,
        "line": found.range.start.line,
        "endLine": found.range.end.line,
        "col": found.range.start.column,
        "endColumn": found.range.end.column,
        "title": f"torchtex {found.code}",
    }
    written = ",".join(f"{key}={_escape_property(str(v))}" for key, v in properties.items())
    message = f"{found.code} {found.message}"
    return f"::{COMMANDS[found.severity]} {written}::{_escape_message(message)}"


def _escape_message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape_message(text).replace(":", "%3A").replace(",", "%2C")
