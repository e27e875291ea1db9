"""``torchtex verify`` with nothing replaced: verdicts, and input that is meant to hurt."""

from __future__ import annotations

import io
import json
import sys

import pytest

from torchtex.cli import main

CROSS_ENTROPY = r"\mathcal{L}_{CE} = -\log\frac{\exp(z_y)}{\sum_{j=1}^{C}\exp(z_j)}"
SWAPPED = r"-\log\frac{\exp(z_y)}{\exp(\sum_{j=1}^{C} z_j)}"


@pytest.mark.parametrize(
    ("latex", "code", "status", "exit_code"),
    [
        (CROSS_ENTROPY, "F.cross_entropy(z, y)", "agrees_up_to", 0),
        (CROSS_ENTROPY, "F.cross_entropy(z, y, reduction='none')", "agrees", 0),
        (SWAPPED, "F.cross_entropy(z, y)", "differs", 1),
        (r"\frac{x", "x", "refused", 2),
        (r"\frobnicate{x}", "x", "refused", 2),
        ("", "x", "refused", 2),
        ("x^2", "x **", "refused", 2),
        ("x^2", "exit(3)", "refused", 2),
    ],
)
def test_a_verdict_and_its_exit_code(
    latex: str, code: str, status: str, exit_code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", latex, code, "--json"]) == exit_code
    found = json.loads(capsys.readouterr().out)
    assert found["status"] == status
    assert found["ok"] == (exit_code == 0)


def test_given_inputs_are_used(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["verify", "x^2", "torch.square(x)", "--let", "x=torch.randn(8, 5)", "--json"]
    assert main(words) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["binding"] == {"x": "x"}


@pytest.mark.parametrize(
    "latex", ["{" * 100_000, "{" * 100_000 + "x" + "}" * 100_000, "x+" * 50_000, "\ufffd" * 1000]
)
def test_formulas_that_are_meant_to_hurt(
    latex: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(latex.encode())))
    assert main(["verify", "-", "x", "--json"]) == 2
    printed = capsys.readouterr()
    assert json.loads(printed.out)["status"] == "refused"
    assert "Traceback" not in printed.err
