"""Runs an article from a test, with the stand-in worker."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from torchtex.document import runner
from torchtex.document.limits import Limits
from torchtex.document.linking import plan
from torchtex.document.markdown import parse
from torchtex.document.outcomes import Outcome

STAND_IN = (sys.executable, "-P", str(Path(__file__).with_name("stand_in_worker.py")))
LIMITS = Limits(seconds=1.0, grace_seconds=1.0, total_seconds=60.0)


@pytest.fixture
def stand_in_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "WORKER", STAND_IN)


def outcomes(folder: Path, source: str, limits: Limits = LIMITS) -> list[Outcome]:
    """What became of each step of an article that stands in ``folder``."""
    article = folder / "article.md"
    article.write_text(source, encoding="utf-8")
    steps = plan(parse(source)).steps
    done = runner.run(str(article), steps, limits, lambda _doing: None)
    assert [each.step for each in done] == list(steps)
    return [each.outcome for each in done]


def block(source: str) -> str:
    return f"```python\n{source}\n```\n\n"
