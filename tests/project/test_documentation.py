"""What the documentation shows is what happens: its commands and its Python are run.

- ``console`` blocks are transcripts (see ``fenced.py``), run in the repository's root;
- ``python`` blocks of a page run in order in one process; a ``text`` block right after one is
  what it prints;
- ``sh`` blocks are set-up commands, which a test cannot run inside itself: they may only clone the
  repository, install the package or name a target of the Makefile.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project.fenced import Block, blocks, matches, steps

ROOT = Path(__file__).resolve().parents[2]
# CONTRIBUTING.md is run by test_contributing.py, on a copy of the sources.
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*.md")])
EXECUTED = [page for page in PAGES if page.name != "CONTRIBUTING.md"]
SETTING_UP = re.compile(r"(git clone \S+|cd \S+|pip install \S+|make( [a-z]+)?( +# .*)?|# .*|)")


def _environment() -> dict[str, str]:
    scripts = str(Path(sys.executable).parent)
    return {**os.environ, "PATH": scripts + os.pathsep + os.environ["PATH"], "COLUMNS": "100"}


def _blocks_of(pages: list[Path], info: str) -> list[Block]:
    return [block for page in pages for block in blocks(page) if block.info == info]


def _python_program(page: Path) -> tuple[str, str]:
    """A page's Python, and what its text blocks say that it prints."""
    marker = "----"
    program, promised = [], []
    previous = None
    for block in blocks(page):
        if block.info == "python":
            program.append(f"print({marker!r})\n{block.text}")
            promised.append(marker + "\n...\n")
        if block.info == "text" and previous == "python":
            promised[-1] = marker + "\n" + block.text
        previous = block.info
    return "\n".join(program), "".join(promised)


@pytest.mark.parametrize("block", _blocks_of(EXECUTED, "console"), ids=lambda block: block.place)
def test_commands_print_what_the_page_shows(block: Block) -> None:
    for step in steps(block.text):
        ran = subprocess.run(
            ["sh", "-c", step.command],
            cwd=ROOT,
            env=_environment(),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        shown = f"$ {step.command}\n{ran.stdout}{ran.stderr}"
        assert ran.returncode == step.exit_code, shown
        assert matches(step.expected, ran.stdout + ran.stderr), shown


@pytest.mark.parametrize(
    "page", [page for page in EXECUTED if _python_program(page)[0]], ids=lambda page: page.name
)
def test_python_prints_what_the_page_shows(page: Path) -> None:
    program, promised = _python_program(page)
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert matches(promised, ran.stdout), ran.stdout


@pytest.mark.parametrize("block", _blocks_of(PAGES, "sh"), ids=lambda block: block.place)
def test_setting_up_names_what_exists(block: Block) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    for line in block.text.splitlines():
        assert SETTING_UP.fullmatch(line), line
        assert set(re.findall(r"^make ([a-z]+)", line)) <= targets, line


def test_every_block_says_what_it_is() -> None:
    unlabelled = [block.place for page in PAGES for block in blocks(page) if not block.info]
    assert unlabelled == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    local = [target for target in targets if "://" not in target]
    assert [target for target in local if not (page.parent / target).exists()] == []
