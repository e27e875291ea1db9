"""Runs the steps of an article in order, in one process of their own, and ends that process."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import attrs

import torchtex
from torchtex.document import wire
from torchtex.document.limits import GIBIBYTE, Limits
from torchtex.document.linking import Define, RunBlock, Step
from torchtex.document.outcomes import (
    Done,
    Failed,
    Frame,
    Judged,
    NotRun,
    Outcome,
    Raised,
    Ran,
    Stopped,
)

# -P: modules beside the article must not stand in for those that the worker needs to start.
WORKER = (sys.executable, "-P", "-m", "torchtex.document.worker")
Progress = Callable[[str], None]


def run(path: str, steps: Sequence[Step], limits: Limits, progress: Progress) -> tuple[Done, ...]:
    """Each step with its outcome.  ``path`` is the article, whose folder is the working folder.

    Raises :class:`NotStarted`.
    """
    if not steps:
        return ()
    with Process(path, limits) as process:
        return tuple(_each(process, steps, limits, progress))


def _each(
    process: Process, steps: Sequence[Step], limits: Limits, progress: Progress
) -> Iterator[Done]:
    end = time.monotonic() + limits.total_seconds
    over: str | None = None
    for step in steps:
        if over is not None:
            yield Done(step, NotRun(over))
            continue
        progress(describe(step))
        left = end - time.monotonic()
        if left <= 0:
            process.kill()
            outcome: Outcome = Stopped("timed out", f"the article took {limits.total_seconds:g} s")
        else:
            outcome = _outcome(process, step, min(limits.seconds, left), limits)
        if not process.alive and isinstance(outcome, Stopped):
            over = f"the article's process ended in line {_line(step)} ({outcome.reason})"
        yield Done(step, outcome)


def describe(step: Step) -> str:
    """What is being done, for a progress line."""
    if isinstance(step, RunBlock):
        return f"running the block in line {step.block.line}"
    if isinstance(step, Define):
        return f"defining {step.let.name}"
    return f"comparing the formula in line {step.formula.range.start.line}"


def _line(step: Step) -> int:
    if isinstance(step, RunBlock):
        return step.block.line
    place = step.let.range if isinstance(step, Define) else step.verify.range
    return place.start.line


def _outcome(process: Process, step: Step, seconds: float, limits: Limits) -> Outcome:
    try:
        answer = process.ask({**_request(step, seconds), "seconds": seconds}, seconds)
    except queue.Empty:
        process.kill()
        return Stopped("timed out", f"it did not end within {seconds:.3g} s")
    except Gone as gone:
        return Stopped("killed", str(gone))
    return _understood(answer, step, seconds, limits)


def _request(step: Step, seconds: float) -> dict[str, Any]:
    if isinstance(step, RunBlock):
        return {"do": "run", "source": step.block.source, "line": step.block.line}
    if isinstance(step, Define):
        return {"do": "define", "name": step.let.name, "expression": step.let.expression}
    return {
        "do": "compare",
        "latex": step.formula.latex,
        "code": step.verify.code,
        "lets": [(let.name, let.expression) for let in step.lets],
        "names": [(name.symbol, name.expression) for name in step.names],
        "declare": [declare.text for declare in step.declares],
        "budget": 0.8 * seconds,  # the rest is for what its last sample still takes
    }


def _understood(answer: Mapping[str, Any], step: Step, seconds: float, limits: Limits) -> Outcome:
    kind = answer["outcome"]
    if kind == "ran":
        return Ran(answer["printed"])
    if kind == "judged":
        return Judged(wire.verdict_from(answer["verdict"]))
    if kind == "failed":
        return Failed(answer["reason"])
    if kind == "raised":
        frames = tuple(Frame(line, name) for line, name in answer["frames"])
        return Raised(answer["error"], frames, answer["printed"])
    if kind == "timed out":
        return Stopped("timed out", f"it did not end within {seconds:.3g} s")
    if kind == "out of memory":
        gibibytes = limits.memory / GIBIBYTE
        return Stopped("out of memory", f"it needs more than its {gibibytes:.3g} GiB of memory")
    return Stopped("exited", f"it called {answer['reason']}")


class Gone(Exception):
    """The process is not there any more; the text says what ended it."""


class NotStarted(Exception):
    """The process for an article's code could not be started; the text says why."""


@attrs.define(init=False)
class Process:
    """The worker and everything that it starts, which all end when the ``with`` block does."""

    _limits: Limits
    _process: subprocess.Popen[bytes]
    _answers: queue.Queue[bytes | None]
    _reader: threading.Thread
    alive: bool

    def __init__(self, path: str, limits: Limits) -> None:
        article = Path(path).resolve()
        self._limits = limits
        self._process = subprocess.Popen(
            WORKER,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=article.parent,
            env=_environment(),
            start_new_session=True,
        )
        self._answers = queue.Queue()
        self._reader = threading.Thread(
            target=_read, args=(self._process.stdout, self._answers), daemon=True
        )
        self._reader.start()
        self.alive = True
        search = [str(article.parent), str(Path.cwd())]
        try:
            self._begin({"path": str(article), "memory": limits.memory, "search": search})
        except BaseException:
            self.kill()
            raise

    def _begin(self, message: Mapping[str, Any]) -> None:
        try:
            answer = self._exchange(message, self._limits.start_seconds)
        except queue.Empty:
            raise NotStarted(f"no answer within {self._limits.start_seconds:g} s") from None
        except Gone as gone:
            raise NotStarted(str(gone)) from gone
        if answer["outcome"] != "ready":
            raise NotStarted(answer["reason"])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()

    def ask(self, message: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        """The answer to ``message``.  Raises ``queue.Empty`` if there is none in time, and
        :class:`Gone` if the process has ended."""
        return self._exchange(message, seconds + self._limits.grace_seconds)

    def _exchange(self, message: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(wire.encode(message))
            self._process.stdin.flush()
        except OSError:
            raise self._gone() from None
        line = self._answers.get(timeout=seconds)
        if line is None:
            raise self._gone()
        try:
            return wire.decode(line)
        except ValueError:
            raise self._gone() from None

    def _gone(self) -> Gone:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=2)
        status = self._process.returncode
        self.kill()
        return Gone(_farewell(status))

    def kill(self) -> None:
        """Ends the process and all that it has started."""
        if not self.alive:
            return
        self.alive = False
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        with contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        # A process that left the group may still hold the other end: don't wait for it.
        self._reader.join(timeout=1)


def _read(source: IO[bytes] | None, answers: queue.Queue[bytes | None]) -> None:
    """Passes lines on as they come; None at the end."""
    assert source is not None
    with source:
        for line in source:
            answers.put(line)
    answers.put(None)


def _farewell(status: int | None) -> str:
    if status is None:
        return "it closed its connection"
    if status >= 0:
        return f"it ended its process with exit code {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    return f"its process was killed by {name}"


def _environment() -> dict[str, str]:
    """The caller's, with what makes runs repeatable and keeps windows and files away."""
    package_folder = str(Path(torchtex.__file__).resolve().parents[1])
    inherited = os.environ.get("PYTHONPATH")
    return {
        **os.environ,
        "MPLBACKEND": "Agg",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": os.pathsep.join([package_folder, *([inherited] if inherited else [])]),
        "PYTHONUTF8": "1",
    }
