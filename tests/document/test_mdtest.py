"""Each diagnostic has a file in ``mdtest/``: articles, and what a check of each prints.

In such a file a ``markdown`` block is an article, called ``article.md``, and the ``text`` block
after it is the report; ``...`` stands for any characters or lines, see ``tests/project/fenced.py``.
``markdown seconds=1`` gives each of its steps one second.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from tests.project.fenced import Block, blocks, matches
from torchtex.document.diagnostics import Rule
from torchtex.document.limits import Limits
from torchtex.document.report import check
from torchtex.document.rules import RULES

FILES = sorted(Path(__file__).with_name("mdtest").glob("*.md"))
PAGES = Path(__file__).parents[2] / "docs" / "diagnostics"
SECONDS = re.compile(r"markdown seconds=(\d+)")


@attrs.frozen
class Case:
    """An article and its report."""

    article: Block
    report: Block

    @property
    def limits(self) -> Limits:
        found = SECONDS.fullmatch(self.article.info)
        return Limits(seconds=float(found[1])) if found else Limits()


def cases() -> Iterator[Case]:
    for path in FILES:
        articles: list[Block] = []
        for block in blocks(path):
            if block.info.startswith("markdown"):
                articles.append(block)
            if block.info == "text" and articles:
                yield Case(articles.pop(), block)
        assert not articles, f"{path.name}: an article has no report"


@pytest.mark.parametrize("case", [*cases()], ids=lambda case: case.article.place)
def test_an_article_is_reported_as_written(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("article.md").write_text(case.article.text, encoding="utf-8")
    report = check("article.md", limits=case.limits)
    assert matches(case.report.text, str(report)), f"printed:\n{report}"
    assert Path("article.md").read_text(encoding="utf-8") == case.article.text


def test_every_diagnostic_has_its_test_and_its_page() -> None:
    codes = {rule.code for rule in RULES}
    assert len(codes) == len(RULES)
    assert {path.stem for path in FILES} >= codes
    assert {path.stem for path in PAGES.glob("*.md")} - {"index"} == codes


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_test_shows_its_diagnostic(rule: Rule) -> None:
    code = rule.code
    (path,) = (path for path in FILES if path.stem == code)
    assert any(f": {code} " in block.text for block in blocks(path) if block.info == "text")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_page_says_what_why_an_example_and_how_to_silence(rule: Rule) -> None:
    page = (PAGES / f"{rule.code}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {rule.code}: {rule.title}\n")
    headings = re.findall(r"^## (.+)$", page, flags=re.MULTILINE)
    assert headings == ["What it means", "Why it matters", "Example", "How to silence it"]
    assert f"torchtex: ignore {rule.code}" in page
