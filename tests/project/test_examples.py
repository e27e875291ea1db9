"""The examples: the article holds, and its twin differs from it by the planted errors alone."""

from __future__ import annotations

import difflib
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
ARTICLES = ("cross_entropy.md", "cross_entropy.zh-CN.md")
PLANTED = 5


def _demo() -> ModuleType:
    spec = importlib.util.spec_from_file_location("demo", ROOT / "examples" / "demo.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_the_demo_shows_every_planted_error_caught_and_nothing_else() -> None:
    ran = subprocess.run(
        [sys.executable, "examples/demo.py"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.count("the article holds") == len(ARTICLES)
    said = f"{PLANTED} of {PLANTED} planted errors caught, 0 false alarms"
    assert ran.stdout.count(said) == len(ARTICLES)


@pytest.mark.slow
def test_the_demo_fails_when_a_planted_error_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    demo = _demo()
    (tmp_path / "right.md").write_text(
        "<!-- planted: nothing is wrong here -->\n$$\ny = x^2\n$$\n"
        "<!-- torchtex: verify x * x -->\n\n"
        "$$\ny = x^2\n$$\n<!-- torchtex: verify x * x * x -->\n"
    )
    monkeypatch.setattr(demo, "FOLDER", tmp_path)
    assert not demo.errors_are_caught("right.md")
    assert not demo.article_holds("right.md")
    printed = capsys.readouterr().out
    assert "MISSED  line 2: nothing is wrong here" in printed
    assert "FALSE ALARM  line 7" in printed


@pytest.mark.parametrize("article", ARTICLES)
def test_the_twin_is_the_article_with_errors_planted(article: str) -> None:
    demo = _demo()
    right = (ROOT / "examples" / article).read_text(encoding="utf-8")
    twin = (ROOT / "examples" / demo.twin_of(article)).read_text(encoding="utf-8")
    planted = demo.planted_errors(twin)
    assert len(planted) == PLANTED
    assert all(twin.splitlines()[line - 1] == "$$" for line in planted)
    kept = [line for line in twin.splitlines() if not line.startswith(("<!-- planted", "> "))]
    named = right.replace(article, demo.twin_of(article), 1).splitlines()
    changed = [line for line in difflib.ndiff(named, kept) if line.startswith("- ")]
    assert len(changed) == PLANTED, "four formulas, and the line of code that the fifth is about"


@pytest.mark.parametrize(
    "names", [ARTICLES, tuple(a.replace("py", "py_with_errors") for a in ARTICLES)]
)
def test_both_languages_hold_the_same_formulas_and_code(names: tuple[str, str]) -> None:
    english, chinese = ((ROOT / "examples" / name).read_text(encoding="utf-8") for name in names)
    assert _formulas_and_code(english) == _formulas_and_code(chinese)


def _formulas_and_code(text: str) -> list[str]:
    """The displays, the blocks and the directives of an article, in order."""
    parts = text.replace("```", "$$").split("$$")[1::2]
    directives = [line for line in text.splitlines() if line.startswith("<!-- torchtex:")]
    return parts + directives
