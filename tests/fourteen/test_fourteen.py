"""Every one of the fourteen formulas verifies against PyTorch, value and gradient."""

from __future__ import annotations

import pytest

from tests.fourteen.table import FORMULAS, PAGE, Everyday, page, verified

# Formula 8 is a gradient itself, its value is compared with autograd; formula 14 counts pixels.
WITHOUT_GRADIENT = {8, 14}


@pytest.mark.parametrize(("number", "formula"), list(enumerate(FORMULAS, 1)))
def test_verified(number: int, formula: Everyday) -> None:
    verdict = verified(formula)
    assert verdict.status == formula.status, str(verdict)
    assert (formula.relation or "") in (verdict.relation or "")
    assert verdict.samples >= 200
    assert verdict.max_error is not None
    if number not in WITHOUT_GRADIENT:
        assert verdict.max_gradient_error is not None, str(verdict)


def test_the_page_says_what_is_so() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()
