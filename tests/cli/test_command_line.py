"""The command line: what it understands, what it says, how it exits."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import torchtex
from torchtex.cli import main
from torchtex.verify.verdict import Counterexample, Verdict


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What ``verify`` is called with; a stand-in whose verdict is the first word of the LaTeX."""
    seen: list[dict[str, Any]] = []

    def verify(latex: str, code: str, **given: Any) -> Verdict:
        print("printed by the code")
        seen.append({"latex": latex, "code": code, **given})
        if latex == "crash":
            raise KeyError("a mistake")
        if latex == "interrupt":
            raise KeyboardInterrupt
        worst = Counterexample({"x": [float("inf"), 1.0]}, formula=float("nan"), code=-float("inf"))
        known = latex if latex in ("proved", "agrees_up_to", "differs", "refused") else "agrees"
        return Verdict(known, latex, code, counterexample=worst)

    monkeypatch.setattr(import_module("torchtex.verify"), "verify", verify)
    return seen


@pytest.mark.parametrize(
    ("status", "code"),
    [("proved", 0), ("agrees", 0), ("agrees_up_to", 0), ("differs", 1), ("refused", 2)],
)
def test_the_exit_code_of_a_verdict(calls: list[dict[str, Any]], status: str, code: int) -> None:
    assert main(["verify", status, "f(x)"]) == code


@pytest.mark.parametrize(
    "latex", [r"-\log p_y", "-x", r"-\sum_c y_c \log p_c", r"--\alpha", r"-\frac{a}{b}=c", "-1"]
)
@pytest.mark.parametrize("first", [True, False])
def test_formulas_may_begin_with_a_minus(
    calls: list[dict[str, Any]], latex: str, first: bool
) -> None:
    rest = ["--let", "x=-1", "--name", r"\alpha=x", "--declare", "x > 0", "--seed=3"]
    words = [latex, "-x", *rest] if first else [*rest, latex, "-x"]
    assert main(["verify", *words]) == 0
    assert calls == [
        {
            "latex": latex,
            "code": "-x",
            "inputs": {"x": -1},
            "names": {r"\alpha": "x"},
            "declare": ("x > 0",),
            "seed": 3,
        }
    ]


def test_lets_are_torch_values_in_order_and_repeatable(calls: list[dict[str, Any]]) -> None:
    words = ["verify", "x", "x", "--let", "z=torch.randn(2, 3)", "--let", "y=F.relu(z)"]
    main(words)
    main(words)
    first, second = (call["inputs"] for call in calls)
    assert first["z"].shape == (2, 3)
    assert bool((first["y"] == first["z"].clamp(min=0)).all())
    assert bool((first["z"] == second["z"]).all())


def test_the_budget_is_passed_on(calls: list[dict[str, Any]]) -> None:
    main(["verify", "x", "x", "--budget", "0.5"])
    assert calls[0]["budget"] == 0.5


def test_json_is_standard_and_alone_on_standard_output(
    calls: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", "differs", "f(x)", "--json"]) == 1
    printed = capsys.readouterr()

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    found = json.loads(printed.out, parse_constant=refuse)
    assert (found["status"], found["ok"], found["code"]) == ("differs", False, "f(x)")
    assert found["counterexample"]["inputs"] == {"x": ["inf", 1.0]}
    assert found["counterexample"]["formula"] == "nan"
    assert "printed by the code" in printed.err


def test_latex_from_standard_input_and_from_a_file(
    calls: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "formula.tex"
    path.write_text("损失 = x\n", encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("y = 损失".encode())))
    main(["verify", f"@{path}", "x"])
    main(["verify", "-", "x"])
    assert [call["latex"] for call in calls] == ["损失 = x\n", "y = 损失"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["verfy"], "unknown command 'verfy'; did you mean 'verify'?"),
        (["article.md"], "did you mean 'check article.md'?"),
        (["frobnicate"], "choose one of verify, check"),
        (["--verbose"], "unrecognized arguments: --verbose"),
        (["verify"], "required: LATEX, CODE; see 'torchtex verify --help'"),
        (["verify", "x"], "required: CODE"),
        (["verify", "x", "y", "z"], "unrecognized arguments: z"),
        (["verify", "x", "x", "--jsno"], "unknown option --jsno; did you mean --json?"),
        (["verify", "x", "x", "--let"], "--let needs a value"),
        (["verify", "x", "x", "--let", "z"], "--let needs NAME=EXPRESSION, not 'z'"),
        (["verify", "x", "x", "--let", "z=("], "--let z: not a Python expression"),
        (["verify", "x", "x", "--let", "1=2"], "--let 1: this is not a Python name"),
        (["verify", "x", "x", "--let", "z=1", "--let", "z=2"], "--let z is given twice"),
        (["verify", "x", "x", "--let", "z=1/0"], "--let z: ZeroDivisionError: division by zero"),
        (["verify", "x", "x", "--name", "p="], "--name needs NAME=EXPRESSION"),
        (["verify", "x", "x", "--seed", "-1"], "'-1' is not a whole number"),
        (["verify", "x", "x", "--budget", "nan"], "'nan' is not a positive number"),
        (["verify", "x", "x", "--json=yes"], "ignored explicit argument"),
        (["verify", "@missing.tex", "x"], "missing.tex: no such file"),
        (["verify", "@.", "x"], "this is a folder"),
        (["check"], "required: PATH"),
        (["check", "missing.md"], "missing.md: no such file or directory"),
        (["check", "a.md", "--timeout", "0"], "'0' is not a positive number"),
        (["check", "a.md", "--json", "--github"], "exclude each other"),
    ],
)
def test_wrong_usage_is_one_clear_line(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str], calls: list[dict[str, Any]]
) -> None:
    assert main(words) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    assert line.startswith("torchtex: error: ")
    assert said in line
    assert calls == []


@pytest.mark.parametrize("data", [b"x\0y", "x".encode("utf-16"), "公式".encode("gbk")])
def test_standard_input_that_is_no_text(
    data: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert main(["verify", "-", "x"]) == 2
    assert "standard input: " in capsys.readouterr().err


def test_no_command_prints_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "verify" in capsys.readouterr().err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--version"])
    assert not stopped.value.code
    assert capsys.readouterr().out == f"torchtex {torchtex.__version__}\n"


def test_an_internal_error_is_one_line_and_a_traceback_only_on_demand(
    calls: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", "crash", "x"]) == 2
    short = capsys.readouterr().err
    assert "internal error: KeyError: 'a mistake'; please report it" in short
    assert "Traceback" not in short
    assert main(["verify", "crash", "x", "--debug"]) == 2
    assert "Traceback" in capsys.readouterr().err


def test_an_interrupt_is_no_traceback(
    calls: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", "interrupt", "x"]) == 130
    assert capsys.readouterr().err.endswith("torchtex: interrupted\n")


def test_check_prints_lines_json_or_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.md").write_text("$x$\n\n<!-- torchtex: verfy -->\n", encoding="utf-8")
    assert main(["check", "a.md"]) == 2
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("a.md:3:16: D101 unknown directive 'verfy'")
    assert second.endswith("unlinked 1")
    assert main(["check", "--json", "a.md", "missing.md"]) == 2
    printed = capsys.readouterr()
    assert [file["path"] for file in json.loads(printed.out)["files"]] == ["a.md"]
    assert printed.err == "torchtex: error: missing.md: no such file or directory\n"
    assert main(["check", "a.md", "missing.md", "--github"]) == 2
    commands = capsys.readouterr().out.splitlines()
    assert commands[0].startswith("::error file=a.md,line=3,")
    assert commands[1] == "::error::missing.md: no such file or directory"


def _run(*words: str, **settings: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "torchtex", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **settings)


def test_help_comes_at_once() -> None:
    quickest = float("inf")
    for _ in range(3):
        started = time.perf_counter()
        assert _run("--help").returncode == 0
        quickest = min(quickest, time.perf_counter() - started)
    assert quickest < 0.2


def test_a_reader_that_leaves_early_is_no_error(tmp_path: Path) -> None:
    article = tmp_path / "a.md"
    article.write_text("<!-- torchtex: verfy -->\n\n" * 20_000, encoding="utf-8")
    command = f"'{sys.executable}' -m torchtex check '{article}' | head -1"
    ran = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 2
    assert "D101" in ran.stdout
    assert ran.stderr == ""


def test_a_terminal_gets_colours_and_the_same_words(tmp_path: Path) -> None:
    article = tmp_path / "a.md"
    article.write_text("$x$ [bold]\n<!-- torchtex: [red] -->", encoding="utf-8")
    ours, theirs = pty.openpty()
    environment = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "CI", "TERM")}
    ran = subprocess.run(
        [sys.executable, "-m", "torchtex", "check", str(article)],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.PIPE,
        env={**environment, "TERM": "xterm-256color"},
        timeout=120,
    )
    os.close(theirs)
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    assert ran.returncode == 2
    assert "\x1b[31m" in shown
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown).replace("\r\n", "\n")
    assert plain == _run("check", str(article)).stdout


def test_output_in_an_encoding_that_lacks_characters(tmp_path: Path) -> None:
    article = tmp_path / "a.md"
    article.write_text("$x$\n<!-- torchtex: 验证 -->", encoding="utf-8")
    ran = _run("check", str(article), env={"PYTHONIOENCODING": "ascii", "PATH": ""})
    assert (ran.returncode, ran.stderr) == (2, "")
    assert r"'\u9a8c\u8bc1'" in ran.stdout


def test_an_interrupt_ends_the_code_of_the_article_too(tmp_path: Path) -> None:
    mark = tmp_path / "started"
    article = tmp_path / "a.md"
    article.write_text(
        f"```python\nimport os, pathlib, time\n"
        f"pathlib.Path({str(mark)!r}).write_text(str(os.getpid()))\ntime.sleep(60)\n```\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "torchtex", "check", str(article)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not (mark.exists() and mark.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "", "torchtex: interrupted\n")
    assert not Path(f"/proc/{mark.read_text()}").exists()
