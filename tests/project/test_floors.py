"""A room imports only from lower floors, and nothing below pytorch/ imports torch."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _lint_imports(source: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache", "--config", "pyproject.toml"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(source)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_floors_hold() -> None:
    ran = _lint_imports(ROOT / "src")
    assert ran.returncode == 0, ran.stdout


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("index/terms.py", "import torchtex.verify.verdict", "lower floors"),
        ("notation/errors.py", "import torchtex.calculus", "lower floors"),
        ("atlas/entry.py", "import torch", "imports torch"),
        ("document/__init__.py", "import torchtex.cli", "lower floors"),
    ],
)
def test_a_forbidden_import_is_named(tmp_path: Path, module: str, line: str, contract: str) -> None:
    copy = tmp_path / "src"
    shutil.copytree(ROOT / "src", copy)
    changed = copy / "torchtex" / module
    changed.write_text(changed.read_text() + f"\n{line}\n")
    ran = _lint_imports(copy)
    assert ran.returncode == 1
    assert f"{contract} BROKEN" in " ".join(ran.stdout.split())
