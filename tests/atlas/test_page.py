"""The reference page is what the catalogue writes."""

from __future__ import annotations

from pathlib import Path

from torchtex.atlas.page import losses_page

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "losses.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == losses_page()
