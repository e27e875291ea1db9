"""Running an article: what its code may do without harm.  Each test is one real process."""

from __future__ import annotations

import time
from pathlib import Path

import attrs
import pytest

from tests.document.running import LIMITS, block, outcomes, stand_in_worker
from torchtex.document.outcomes import Failed, Frame, Judged, NotRun, Raised, Ran, Stopped

pytestmark = pytest.mark.usefixtures(stand_in_worker.__name__)
__all__ = ["stand_in_worker"]

SURVIVABLE = [
    ("x = 41\nprint('to the reader')", Ran("to the reader\n")),
    ("x += 1\nassert x == 42", Ran()),
    ("print('x' * 3_000_000)", Ran("x" * 65536)),
    ("import sys; sys.stdout.write('out'); sys.stderr.write('err')", Ran("out")),
    ("import sys; sys.stdout.close(); sys.stdout = sys.stderr = None", Ran()),
    ("print('still here')", Ran("still here\n")),
    ("import os; os.write(1, b'{}\\n'); os.write(2, b'x'); os.system('echo {}')", Ran()),
    ("import sys; sys.exit(3)", Stopped("exited", "it called sys.exit(3)")),
    ("exit()", Stopped("exited", "it called sys.exit()")),
    ("while True: pass", Stopped("timed out", "it did not end within 1 s")),
    (
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        Stopped("timed out", "it did not end within 1 s"),
    ),
    ("import time; time.sleep(60)", Stopped("timed out", "it did not end within 1 s")),
    (
        "b = bytearray(6 * 2**30)",
        Stopped("out of memory", "it needs more than its 4 GiB of memory"),
    ),
    (
        "import torch; t = torch.ones(2 * 10**9)",
        Stopped("out of memory", "it needs more than its 4 GiB of memory"),
    ),
    ("import threading\nthreading.Thread(target=lambda: [0 for _ in iter(int, 1)]).start()", Ran()),
    ("import os\nif os.fork() == 0: raise SystemExit(0)\nos.wait()", Ran()),
    ("import matplotlib_is_not_there", None),
    ("import os; assert os.environ['MPLBACKEND'] == 'Agg'", Ran()),
    ("assert __name__ == '__main__'", Ran()),
    ("class A: pass\nimport pickle; assert type(pickle.loads(pickle.dumps(A()))) is A", Ran()),
    ("assert x == 42", Ran()),
]


def test_a_process_survives_what_can_be_survived(tmp_path: Path) -> None:
    found = outcomes(tmp_path, "".join(block(source) for source, _ in SURVIVABLE))
    for (source, expected), outcome in zip(SURVIVABLE, found, strict=True):
        if expected is not None:
            assert outcome == expected, source


def test_exceptions_name_the_lines_of_the_article(tmp_path: Path) -> None:
    source = (
        "# Title\n\n"
        + block("import json\ndef f(x):\n    return json.loads(x)")
        + "text\n\n"
        + block("y = 1\n\nf('nonsense')")
        + block("input()")
        + block("raise Exception")
        + block("def g(): g()\ng()")
        + "<!-- torchtex: let a = 1 / 0 -->\n"
    )
    _, in_json, on_input, bare, deep, let = outcomes(tmp_path, source)
    assert in_json == Raised(
        "JSONDecodeError: Expecting value: line 1 column 1 (char 0)",
        (Frame(14, "<module>"), Frame(6, "f")),
    )
    assert on_input == Raised("EOFError: EOF when reading a line", (Frame(18, "<module>"),))
    assert bare == Raised("Exception", (Frame(22, "<module>"),))
    assert isinstance(deep, Raised)
    assert deep.error.startswith("RecursionError: ")
    assert let == Raised("ZeroDivisionError: division by zero")


def test_comparisons_see_the_article_as_it_is_at_their_place(tmp_path: Path) -> None:
    source = (
        block("import random, torch\nx = 1\nfirst = random.random(), torch.rand(1).item()")
        + "$agrees$ <!-- torchtex: verify (x, y); let y = x + 1; name p = q; declare d -->\n\n"
        + block("x = 10\nfrom torch import nn")
        + "$differs$ <!-- torchtex: verify (x, 'y' in globals(), nn.Linear.__name__) -->\n\n"
        + "$loop$ <!-- torchtex: verify x -->\n\n"
        + "$crash$ <!-- torchtex: verify x -->\n\n"
        + "$agrees$ <!-- torchtex: verify w; let w = nothing -->\n\n"
        + "$agrees$ <!-- torchtex: verify second; let second = torch.rand(2) -->\n\n"
        + block("assert (random.random(), torch.rand(1).item()) != first")
        + "$agrees$ <!-- torchtex: verify sorted(__builtins__)[:0] -->\n"
    )
    _, first, _, second, loop, crash, missing, let, _, last = outcomes(tmp_path, source)
    assert isinstance(first, Judged)
    assert first.verdict.status == "agrees"
    assert first.verdict.reading == ("as it stands",)
    assert first.verdict.notes == (
        "(1, 2)",
        "{'names': {'p': 'q'}, 'declare': ('d',), 'seed': 0}",
    )
    assert isinstance(second, Judged)
    assert second.verdict.notes[0] == "(10, False, 'Linear')"
    assert loop == Stopped("timed out", "it did not end within 1 s")
    assert crash == Failed("internal error: ZeroDivisionError: inside verify; please report it")
    assert missing == Failed("let w: NameError: name 'nothing' is not defined")
    assert isinstance(let, Judged)
    assert isinstance(last, Judged)


FATAL = [
    ("import os; os._exit(7)", "killed", "it ended its process with exit code 7"),
    ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "killed", "killed by SIGKILL"),
    ("import ctypes; ctypes.string_at(0)", "killed", "killed by SIGSEGV"),
    ("import os; os.closerange(0, 100)", "killed", "ended its process"),
    (
        "from signal import *; pthread_sigmask(SIG_BLOCK, [SIGALRM])\nwhile True: pass",
        "timed out",
        "it did not end within 1 s",
    ),
]


@pytest.mark.parametrize(("source", "how", "reason"), FATAL)
def test_what_ends_the_process_ends_the_article(
    tmp_path: Path, source: str, how: str, reason: str
) -> None:
    started = time.monotonic()
    dead, after, compared = outcomes(
        tmp_path, block(source) + block("x = 1") + "$agrees$ <!-- torchtex: verify 1 -->"
    )
    assert isinstance(dead, Stopped)
    assert dead.how == how
    assert reason in dead.reason
    assert after == compared == NotRun(f"the article's process ended in line 2 ({dead.reason})")
    assert time.monotonic() - started < 60


def test_an_article_has_a_limit_of_its_own(tmp_path: Path) -> None:
    limits = attrs.evolve(LIMITS, total_seconds=0.5)
    _, second, third = outcomes(tmp_path, block("import time; time.sleep(9)") * 3, limits)
    assert second == Stopped("timed out", "the article took 0.5 s")
    assert isinstance(third, NotRun)


def test_nothing_that_the_code_started_outlives_it(tmp_path: Path) -> None:
    mark = tmp_path / "alive"
    child = f"import time, pathlib; time.sleep(1.5); pathlib.Path({str(mark)!r}).touch()"
    outcomes(
        tmp_path,
        block(f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {child!r}])"),
    )
    time.sleep(2.5)
    assert not mark.exists()


def test_modules_beside_the_article_are_found_and_stand_in_for_nothing(tmp_path: Path) -> None:
    (tmp_path / "my_layers.py").write_text("width = 3\n")
    (tmp_path / "json.py").write_text("raise RuntimeError('the wrong json')\n")
    source = block("import my_layers\nassert my_layers.width == 3") + block(
        "import pathlib\nassert pathlib.Path('article.md').exists()"
    )
    assert outcomes(tmp_path, source) == [Ran(), Ran()]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "article.md",
        "json.py",
        "my_layers.py",
    ]
