"""The convention that keeps the documentation true is itself held to what it promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.project.fenced import Step, blocks, matches, steps


def test_blocks_carry_their_info_and_line(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# Title\n\n```console\n$ ls\n```\n\n- in a list\n\n  ```python\n  x = 1\n  ```\n"
    )
    found = [(block.line, block.info, block.text) for block in blocks(page)]
    assert found == [(3, "console", "$ ls\n"), (9, "python", "x = 1\n")]


def test_a_transcript_is_its_commands_in_order() -> None:
    transcript = "$ torchtex verify 'a' 'b'\ndiffers\n# exit 1\n$ echo \\\n> done\ndone\n"
    assert steps(transcript) == [
        Step("torchtex verify 'a' 'b'", "differs\n", 1),
        Step("echo done", "done\n", 0),
    ]


def test_a_transcript_without_a_command_is_an_error() -> None:
    with pytest.raises(ValueError, match="starts with"):
        steps("just output\n")


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        ("agrees\n", "agrees\n", True),
        ("agrees\n", "agrees  \n\n", True),
        ("agrees\n", "differs\n", False),
        ("agrees\n", "agrees\nand more\n", False),
        ("first\n...\nlast\n", "first\na\nb\nlast\n", True),
        ("first\n...\nlast\n", "first\nlast\n", True),
        ("first\n...\nlast\n", "first\na\n", False),
        ("error ... in value\n", "error 1.2e-16 in value\n", True),
        ("error ... in value\n", "error 1.2e-16\nin value\n", False),
        ("error 6.5e-16 of 854 elements\n", "error 1e-15 of 900 elements\n", True),
        ("error 6.5e-16\n", "error 0.1\n", False),
        ("formula 0.5544\n", "formula 0.5545\n", False),
        ("", "", True),
        ("", "noise\n", False),
    ],
)
def test_output_is_compared_line_by_line(expected: str, printed: str, same: bool) -> None:
    assert matches(expected, printed) is same
