"""The project's own files agree with one another."""

from __future__ import annotations

import re
import subprocess
import tomllib
from importlib.metadata import entry_points, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import torchtex

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PINS = dict(
    line.split("==")
    for line in (ROOT / "constraints.txt").read_text().splitlines()
    if line and not line.startswith("#")
)


@pytest.mark.parametrize(
    "wanted", [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]
)
def test_each_dependency_is_tested_at_a_version_in_its_range(wanted: str) -> None:
    requirement = Requirement(wanted)
    assert requirement.specifier, "a range, not a bare name"
    assert requirement.specifier.contains(PINS[requirement.name])


def test_the_tests_run_with_the_pinned_versions() -> None:
    installed = {name: version(name).partition("+")[0] for name in PINS}
    assert installed == PINS


def test_ci_runs_the_test_command_of_the_readme() -> None:
    commands = [
        line
        for line in (ROOT / ".ci" / "run").read_text().splitlines()
        if line and not line.startswith(("#", "set ", "cd "))
    ]
    assert commands == ["exec make test"]
    assert "make test" in (ROOT / "README.md").read_text()


def test_the_version_stands_in_the_changelog() -> None:
    assert f"## [{torchtex.__version__}]" in (ROOT / "CHANGELOG.md").read_text()


def test_the_command_is_installed() -> None:
    [command] = entry_points(group="console_scripts", name="torchtex")
    assert command.value == "torchtex.cli:main"


def test_the_package_says_that_it_is_typed() -> None:
    assert (Path(torchtex.__file__).parent / "py.typed").exists()


def test_make_help_lists_every_target_that_people_call() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^\.PHONY: (.*)$", makefile, flags=re.MULTILINE)[0].split())
    listed = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert {line.split()[1] for line in listed.stdout.splitlines()} == targets


def test_a_python_too_old_is_refused_with_what_to_do(tmp_path: Path) -> None:
    for name in ("python3", "python3.11", "python3.12", "python3.13", "python3.14", "python"):
        old = tmp_path / name
        old.write_text("#!/bin/sh\nexit 1\n")
        old.chmod(0o755)
    (tmp_path / "Makefile").write_text((ROOT / "Makefile").read_text())
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "constraints.txt").touch()
    ran = subprocess.run(
        ["make", "setup"],
        cwd=tmp_path,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode != 0
    assert "needs Python 3.11 or newer" in ran.stderr
    assert not (tmp_path / ".venv").exists()
