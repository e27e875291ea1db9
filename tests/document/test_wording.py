"""Verdicts in words."""

from __future__ import annotations

from torchtex.document.wording import as_directives, how_it_was_read, shortened, where_they_differ
from torchtex.verify.verdict import Counterexample, Verdict


def test_a_counterexample_shows_both_numbers_and_the_inputs() -> None:
    found = Counterexample({"z": [1.0, 0.25], "y": 1}, formula=1.5, code=float("inf"))
    assert where_they_differ(found) == "value: formula 1.5, code inf at z = [1, 0.25], y = 1"


def test_a_counterexample_of_one_element_of_a_gradient() -> None:
    found = Counterexample({}, 1 / 3, -2.0, element=(0, 2), what="gradient of z")
    assert where_they_differ(found) == "gradient of z[0, 2]: formula 0.333333, code -2"


def test_long_inputs_are_cut_and_stay_on_one_line() -> None:
    found = Counterexample({"z": [[float(i)] * 9 for i in range(99)]}, 1.0, 2.0)
    told = where_they_differ(found)
    assert len(told) < 200
    assert told.endswith("…")


def test_what_is_silent_says_nothing() -> None:
    assert list(how_it_was_read(Verdict("agrees", "x", "x"))) == []


def test_the_reading_the_binding_and_the_notes_are_told() -> None:
    verdict = Verdict(
        "agrees", "x", "x", reading=("a", "b"), binding={r"\alpha": "f(\n  x)"}, notes=("c",)
    )
    assert list(how_it_was_read(verdict)) == ["read: a; b", r"bound: \alpha = f( x)", "note: c"]


def test_shortening() -> None:
    assert shortened("a\n  b") == "a b"
    assert shortened("x" * 81) == "x" * 79 + "…"


def test_advice_for_the_command_line_becomes_directives() -> None:
    reason = r"write --name '\gamma=...' --name 'p=softmax(z)'"
    assert as_directives(reason) == (
        r"write <!-- torchtex: name \gamma=... --> <!-- torchtex: name p=softmax(z) -->"
    )
