"""docs/architecture.md shows the rooms as they are built."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "torchtex"
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
ROWS = [line.split("|")[1:-1] for line in PAGE.splitlines() if re.match(r"\| \d", line)]


def _rooms_built() -> set[str]:
    packages = {f"{path.parent.name}/" for path in PACKAGE.glob("*/__init__.py")}
    return packages | {path.name for path in PACKAGE.glob("*.py") if path.name[0] != "_"}


def _room(row: list[str]) -> str:
    return row[1].strip().strip("`")


def test_every_room_has_a_row_and_every_row_a_room() -> None:
    assert {_room(row) for row in ROWS} == _rooms_built()


def test_the_picture_shows_every_room() -> None:
    picture = PAGE.partition("```mermaid")[2].partition("```")[0]
    assert set(re.findall(r'\["([a-z]+(?:/|\.py))', picture)) == _rooms_built()


def test_each_row_names_files_that_exist_in_its_room() -> None:
    for row in ROWS:
        folder = PACKAGE / _room(row)
        home = folder if folder.is_dir() else PACKAGE
        named = re.findall(r"`(\w+(?:\.py|/))`", row[3] + row[4])
        assert [name for name in named if not (home / name).exists()] == [], _room(row)


def test_the_floors_are_those_of_the_import_contract() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = contracts["contracts"][0]["layers"]
    held = [
        {name.removeprefix("torchtex.") for name in layer.split(" | ") if "(" not in name}
        for layer in layers
    ]
    shown: dict[str, set[str]] = {}
    for row in ROWS:
        shown.setdefault(row[0].strip(), set()).add(
            _room(row).removesuffix("/").removesuffix(".py")
        )
    assert list(shown.values()) == [layer for layer in held if layer]


def test_every_file_that_the_page_names_exists() -> None:
    built = {path.name for path in PACKAGE.rglob("*.py")}
    named = set(re.findall(r"\b(\w+\.py)\b", PAGE))
    assert named
    assert named <= built
