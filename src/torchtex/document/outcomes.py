"""What became of each step of an article."""

from __future__ import annotations

from typing import Literal, TypeAlias

import attrs

from torchtex.document.linking import Compare, Define, Plan, RunBlock
from torchtex.document.position import Text
from torchtex.verify.verdict import Verdict

Stop: TypeAlias = Literal["timed out", "out of memory", "exited", "killed"]


@attrs.frozen
class Frame:
    """A line of the article that was being executed, and the function that it is part of."""

    line: int
    function: str


@attrs.frozen
class Ran:
    """It ran to its end.  ``printed``: what it printed, its first 64 KiB."""

    printed: str = ""


@attrs.frozen
class Raised:
    """An exception: its last line, and the article's own frames, the outermost first."""

    error: str
    frames: tuple[Frame, ...] = ()
    printed: str = ""


@attrs.frozen
class Stopped:
    """It was ended, or it ended the process; ``reason`` says it for people."""

    how: Stop
    reason: str


@attrs.frozen
class NotRun:
    """It was not reached; ``reason`` says why."""

    reason: str


@attrs.frozen
class Judged:
    """A comparison that came to a verdict."""

    verdict: Verdict


@attrs.frozen
class Failed:
    """A comparison that came to none; ``reason`` says why."""

    reason: str


Outcome: TypeAlias = "Ran | Raised | Stopped | NotRun | Judged | Failed"


@attrs.frozen
class Done:
    """A step and what became of it."""

    step: RunBlock | Define | Compare
    outcome: Outcome


@attrs.frozen
class Checked:
    """An article after its check: all that the rules look at."""

    path: str
    text: Text
    plan: Plan
    done: tuple[Done, ...]
