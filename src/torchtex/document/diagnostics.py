"""What a check finds: a code, a place and a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal, TypeAlias

import attrs

from torchtex.document.outcomes import Checked
from torchtex.document.position import Range
from torchtex.verify.verdict import Status

Severity: TypeAlias = Literal["error", "warning", "info"]


@attrs.frozen
class Diagnostic:
    """One finding.  The first line of ``message`` stands alone; the others are details.

    ``suggestion`` is LaTeX to write instead, ``status`` the verdict of a formula.
    """

    code: str
    severity: Severity
    range: Range
    message: str
    suggestion: str | None = None
    status: Status | None = None

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dictionary; its keys are stable.  The end is exclusive."""
        return {
            "code": self.code,
            "severity": self.severity,
            "line": self.range.start.line,
            "column": self.range.start.column,
            "end_line": self.range.end.line,
            "end_column": self.range.end.column,
            "message": self.message,
            "suggestion": self.suggestion,
            "status": self.status,
        }


@attrs.frozen
class Rule:
    """One kind of diagnostic; ``find`` yields every one of an article, in any order."""

    code: str
    title: str
    find: Callable[[Checked], Iterator[Diagnostic]]
