"""Steps to try when the top reading fails: another reading, an epsilon of the code at zero."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from torchtex.pytorch.code import NO_DEFAULT, Code, expression_code
from torchtex.verify.findings import Finding
from torchtex.verify.question import Question
from torchtex.verify.roles import with_setting

SMALL = 1e-3
EPSILON_NAMES = frozenset({"eps", "epsilon"})


def lower_readings(question: Question, top: Finding) -> Iterator[tuple[str, Question]]:
    """The other readings of each ambiguous place, one place at a time."""
    if top.attempt is None:
        return
    source = question.latex
    for ambiguity in top.attempt.setting.reading.ambiguities:
        place = source[ambiguity.span.start : ambiguity.span.end].strip()
        for alternative in ambiguity.alternatives:
            choices = {**question.choices, (ambiguity.row, ambiguity.span.start): alternative}
            step = f"a lower reading of {place} ({ambiguity.row}: {alternative})"
            yield step, attrs.evolve(question, choices=choices)


def without_epsilon(question: Question) -> Iterator[tuple[str, Question]]:
    """The code with an epsilon that the formula does not mention set to zero."""
    for step, code in (*_arguments_at_zero(question), *_literals_at_zero(question.binding.code)):
        binding = attrs.evolve(question.binding, code=code)
        yield step, attrs.evolve(question, code=code, binding=binding)


def _arguments_at_zero(question: Question) -> Iterator[tuple[str, Code]]:
    code = question.binding.code
    used = {name for bound in question.binding.bound.values() for name in bound.arguments}
    for argument in code.arguments:
        if argument.name not in used and _is_small(argument.name, argument.default):
            step = f"equal when {argument.name} = 0 (the code has {argument.default:g})"
            yield step, _fixed(code, argument.name, 0.0)
    yield from _settings_at_zero(question)


def _settings_at_zero(question: Question) -> Iterator[tuple[str, Code]]:
    entry = question.roles.entry
    if entry is None:
        return
    for argument in entry.arguments:
        value = question.roles.settings.get(argument.name)
        if not _is_small(argument.name, value):
            continue
        varied = with_setting(question.binding.code, entry, argument.name)
        if varied is not None:
            step = f"equal when {argument.name} = 0 (torch has {value:g})"
            yield step, _fixed(varied, argument.name, 0.0)


def _is_small(name: str, value: Any) -> bool:
    if value is NO_DEFAULT or isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return 0 < value <= SMALL or (name in EPSILON_NAMES and value > 0)


def _fixed(code: Code, name: str, value: float) -> Code:
    """The code with one argument no longer open."""

    def function(values: Mapping[str, Any]) -> Any:
        return code.function({**values, name: value})

    arguments = tuple(a for a in code.arguments if a.name != name)
    return attrs.evolve(code, arguments=arguments, function=function)


def _literals_at_zero(code: Code) -> Iterator[tuple[str, Code]]:
    if code.tree is None:
        return
    small = sorted({value for value in code.constants if 0 < value <= SMALL})
    for value in small:
        tree = _Zeroed(value).visit(ast.parse(ast.unparse(code.tree), mode="eval"))
        ast.fix_missing_locations(tree)
        step = f"equal when the code's {value:g} is 0"
        yield step, expression_code(code.text, tree, code.arguments, code.environment)


class _Zeroed(ast.NodeTransformer):
    """Replaces one number by zero."""

    def __init__(self, value: float) -> None:
        self.value = value

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        if isinstance(node.value, float) and node.value == self.value:
            return ast.copy_location(ast.Constant(0.0), node)
        return node
