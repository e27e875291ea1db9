"""The process that an article's code runs in: ``python -m torchtex.document.worker``.

It reads one JSON object per line and answers each with one.  Before the first, it keeps its own
copies of the two pipes and gives the article's code an empty standard input and a muted standard
output, so that nothing that the code reads, prints or closes touches the conversation.
"""

from __future__ import annotations

import io
import os
import random
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import CodeType, FrameType, ModuleType
from typing import Any, BinaryIO

from torchtex.document import wire

MOST_PRINTED = 64 * 1024
LONGEST_ERROR = 2000
MOST_FRAMES = 50
SEED = 0
# What torch says when an allocation fails; it raises RuntimeError, not MemoryError.
OUT_OF_MEMORY = ("can't allocate memory", "not enough memory", "CUDA out of memory")


class TimeIsUp(BaseException):
    """The time of a block or of a comparison is over.  Not an Exception: code that catches those
    must not catch it by accident."""


class Beginning(io.RawIOBase):
    """An output that remembers the first bytes it is given and forgets the rest."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.kept = bytearray()

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self.descriptor

    def write(self, data: Any) -> int:
        room = MOST_PRINTED - len(self.kept)
        self.kept += bytes(data)[:room]
        return len(data)


class Article:
    """The state of one article: its variables, as a module of its own that is ``__main__``."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.module = ModuleType("__main__")
        # No __file__, as in a notebook: a new process of the code would try to run that as Python.
        sys.modules["__main__"] = self.module

    @property
    def variables(self) -> dict[str, Any]:
        return self.module.__dict__

    def public_variables(self) -> dict[str, Any]:
        return {k: v for k, v in self.variables.items() if not k.startswith("__")}

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Does what ``request`` says, within its time."""
        work: Callable[[], dict[str, Any]] = {
            "run": lambda: self.run(request["source"], request["line"]),
            "define": lambda: self.define(request["name"], request["expression"]),
            "compare": lambda: self.compare(request),
        }[request["do"]]
        return _guarded(work, request["seconds"], self.path)

    def run(self, source: str, line: int) -> dict[str, Any]:
        # Blank lines before the source give every line the number that it has in the article.
        code = compile("\n" * (line - 1) + source, self.path, "exec", dont_inherit=True)
        return self._execute(code)

    def _execute(self, code: CodeType) -> dict[str, Any]:
        exec(code, self.variables)  # noqa: S102 - running the article's code is the task
        return {"outcome": "ran"}

    def define(self, name: str, expression: str) -> dict[str, Any]:
        self.variables[name] = self.evaluate(expression, {})
        return {"outcome": "ran"}

    def evaluate(self, expression: str, more: Mapping[str, Any]) -> Any:
        from torchtex.pytorch.code import LIBRARIES

        scope = {**LIBRARIES, **self.variables, **more}
        return eval(expression.strip(), scope)  # noqa: S307 - a directive of the article

    def compare(self, request: Mapping[str, Any]) -> dict[str, Any]:
        import torch

        with _same_random_numbers(), torch.enable_grad():
            torch.manual_seed(SEED)
            inputs: dict[str, Any] = {}
            for name, expression in request["lets"]:
                try:
                    inputs[name] = self.evaluate(expression, inputs)
                except Exception as error:
                    return {"outcome": "failed", "reason": f"let {name}: {_describe(error)}"}
            return self._judge(request, inputs)

    def _judge(self, request: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
        from torchtex.verify import verify

        try:
            verdict = verify(
                request["latex"],
                request["code"],
                inputs=inputs or None,
                names=dict(request["names"]) or None,
                declare=tuple(request["declare"]),
                seed=SEED,
                namespace=self.public_variables(),
                budget=request["budget"],
            )
        except Exception as error:
            reason = f"internal error: {_describe(error)}; please report it"
            return {"outcome": "failed", "reason": reason}
        return {"outcome": "judged", "verdict": verdict.to_dict()}


def _guarded(work: Callable[[], dict[str, Any]], seconds: float, path: str) -> dict[str, Any]:
    """What ``work`` gives, or a description of how it ended."""
    printed = _fresh_streams()
    try:
        with _time_limit(seconds):
            result = work()
    except TimeIsUp:
        result = {"outcome": "timed out"}
    except SystemExit as stop:
        code = "" if stop.code is None else repr(stop.code)
        result = {"outcome": "exited", "reason": f"sys.exit({code})"}
    except MemoryError:
        result = {"outcome": "out of memory"}
    except BaseException as error:
        result = _raised(error, path)
    return {**result, "printed": printed.kept.decode(errors="replace")}


def _fresh_streams() -> Beginning:
    """An empty standard input, and a standard output and error that remember their beginning,
    whatever the code before has done to its own."""
    printed = Beginning(1)
    sys.stdin = io.TextIOWrapper(io.BytesIO())
    sys.stdout = io.TextIOWrapper(printed, encoding="utf-8", write_through=True)
    sys.stderr = io.TextIOWrapper(Beginning(2), encoding="utf-8", write_through=True)
    return printed


def _raised(error: BaseException, path: str) -> dict[str, Any]:
    message = _describe(error)
    if isinstance(error, RuntimeError) and any(phrase in message for phrase in OUT_OF_MEMORY):
        return {"outcome": "out of memory"}
    frames = [
        (line, frame.f_code.co_name)
        for frame, line in traceback.walk_tb(error.__traceback__)
        if frame.f_code.co_filename == path
    ]
    return {"outcome": "raised", "error": message, "frames": frames[-MOST_FRAMES:]}


def _describe(error: BaseException) -> str:
    """The exception's name and text, on as many lines as it has; its own ``str`` may fail."""
    name = type(error).__name__
    try:
        text = str(error).strip()
    except BaseException:
        text = ""
    return f"{name}: {text}"[:LONGEST_ERROR] if text else name


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Raises :class:`TimeIsUp` in the running code after ``seconds``, and every second then.

    Where the system has no such timer, the process that started this one ends it.
    """
    if not hasattr(signal, "setitimer"):
        yield
        return
    armed = True

    def ring(_number: int, _frame: FrameType | None) -> None:
        if armed:
            raise TimeIsUp

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    finally:
        armed = False
        signal.setitimer(signal.ITIMER_REAL, 0.0)


@contextmanager
def _same_random_numbers() -> Iterator[None]:
    """Comparisons leave the article's random numbers where they were."""
    import numpy as np
    import torch

    before = random.getstate(), np.random.get_state(), torch.random.get_rng_state()
    try:
        yield
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])
        torch.random.set_rng_state(before[2])


def _seed_everything() -> None:
    import numpy as np
    import torch

    random.seed(SEED)
    np.random.seed(SEED)
    torch.manual_seed(SEED)


def _limit_memory(size: int) -> None:
    """Bounds what the process can write to.  Mapped libraries don't count: PyTorch's are large."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    allowed = size if hard == resource.RLIM_INFINITY else min(size, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (allowed, hard))


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The conversation, moved away from the descriptors that the article's code will use."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    return requests, answers


def _serve(requests: BinaryIO, answers: BinaryIO) -> None:
    start = wire.decode(requests.readline())
    _seed_everything()
    _limit_memory(start["memory"])
    sys.path[:0] = start["search"]
    sys.argv = [start["path"]]
    article = Article(start["path"])
    us = os.getpid()
    answers.write(wire.encode({"outcome": "ready"}))
    answers.flush()
    for line in requests:
        answer = article.answer(wire.decode(line))
        if os.getpid() != us:  # the code forked, and this is the child
            return
        answers.write(wire.encode(answer))
        answers.flush()


def main() -> None:
    """Answers requests until there are no more."""
    requests, answers = _take_pipes()
    try:
        _serve(requests, answers)
    except Exception as error:
        answers.write(wire.encode({"outcome": "broken", "reason": _describe(error)}))
        answers.flush()
    finally:
        os._exit(0)  # threads that the code left behind must not keep the process alive


if __name__ == "__main__":
    main()
