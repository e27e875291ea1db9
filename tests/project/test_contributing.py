"""The walk-throughs of CONTRIBUTING.md, done on a copy of the sources.

The first line of each Python block says what to do with the rest: ``# add to FILE, after: TEXT``
inserts it below the one line that starts with TEXT, ``# new file FILE`` writes it, and
``# in FILE`` says that it stands there.  Console blocks run where the edits above them are made.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project.fenced import Block, blocks, matches, steps

ROOT = Path(__file__).resolve().parents[2]
BLOCKS = blocks(ROOT / "CONTRIBUTING.md")
INSTRUCTION = re.compile(r"# (add to|new file|in) ([\w/.]+)(?:, after: (.+))?")


def _instructed(block: Block) -> tuple[str, str, str, str]:
    """What to do, with which file, below which line, and the text."""
    first, _, text = block.text.partition("\n")
    found = INSTRUCTION.fullmatch(first)
    assert found is not None, f"{block.place}: {first}"
    return found[1], found[2], found[3] or "", text


def _apply(block: Block, copy: Path) -> None:
    task, name, after, text = _instructed(block)
    file = copy / name
    if task == "new file":
        file.write_text(text)
    if task == "add to":
        lines = file.read_text().splitlines(keepends=True)
        [place] = [number for number, line in enumerate(lines) if line.strip().startswith(after)]
        file.write_text("".join([*lines[: place + 1], text, *lines[place + 1 :]]))


def _run(command: str, copy: Path) -> subprocess.CompletedProcess[str]:
    scripts = str(Path(sys.executable).parent)
    environment = {
        **os.environ,
        "PATH": scripts + os.pathsep + os.environ["PATH"],
        "PYTHONPATH": str(copy / "src"),
    }
    return subprocess.run(
        ["sh", "-c", command],
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.slow
def test_the_walk_throughs_do_what_they_say(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "src", tmp_path / "src")
    ran = 0
    for block in BLOCKS:
        if block.info == "python":
            _apply(block, tmp_path)
        for step in steps(block.text) if block.info == "console" else ():
            done = _run(step.command, tmp_path)
            shown = f"{block.place}\n$ {step.command}\n{done.stdout}{done.stderr}"
            assert done.returncode == step.exit_code, shown
            assert matches(step.expected, done.stdout + done.stderr), shown
            ran += 1
    assert ran >= 4


@pytest.mark.parametrize(
    "block", [block for block in BLOCKS if "\n# in " in "\n" + block.text], ids=lambda b: b.place
)
def test_what_is_quoted_stands_in_the_file(block: Block) -> None:
    _, name, _, text = _instructed(block)
    assert text in (ROOT / name).read_text()


def test_files_that_are_named_exist() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:src|tests|docs)/[\w/.]+)`", page)
    assert named
    assert [name for name in named if "NAME" not in name and not (ROOT / name).exists()] == []
