"""Every diagnostic: one file each, one row each."""

from __future__ import annotations

from torchtex.document.diagnostics import Rule
from torchtex.document.rules import (
    c101_code_raised,
    c102_code_timed_out,
    c103_code_ended,
    c104_code_not_python,
    d101_unknown_directive,
    d102_directive_not_read,
    d103_directive_misplaced,
    f101_formula_differs,
    f102_formula_not_read,
    f103_formula_not_bound,
    f104_formula_not_reached,
    f110_formula_agrees_up_to,
)

RULES: tuple[Rule, ...] = (
    c101_code_raised.RULE,
    c102_code_timed_out.RULE,
    c103_code_ended.RULE,
    c104_code_not_python.RULE,
    d101_unknown_directive.RULE,
    d102_directive_not_read.RULE,
    d103_directive_misplaced.RULE,
    f101_formula_differs.RULE,
    f102_formula_not_read.RULE,
    f103_formula_not_bound.RULE,
    f104_formula_not_reached.RULE,
    f110_formula_agrees_up_to.RULE,
)
