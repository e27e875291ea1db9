"""What was found in one article."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from torchtex.document.diagnostics import Diagnostic
from torchtex.document.linking import Compare
from torchtex.verify.verdict import Verdict

COUNTED = ("proved", "agrees", "agrees_up_to", "differs", "refused", "unlinked")


@attrs.frozen
class Holding:
    """A formula that agrees with its code."""

    compare: Compare
    verdict: Verdict


@attrs.frozen
class FileReport:
    """What was found in one article.

    ``formulas`` counts every formula once, under the worst of its verdicts or as ``unlinked``;
    ``held`` are the comparisons that agree, ``not_compared`` counts formulas whose directive was
    not followed because nothing was run.
    """

    path: str
    diagnostics: tuple[Diagnostic, ...]
    formulas: Mapping[str, int]
    held: tuple[Holding, ...] = ()
    not_compared: int = 0

    def to_dict(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "diagnostics": [diagnostic.to_dict() for diagnostic in self.diagnostics],
            "formulas": dict(self.formulas),
        }
