"""Which directive belongs to which formula, and in which order things happen."""

from __future__ import annotations

from torchtex.document.linking import Compare, Define, Plan, RunBlock, plan
from torchtex.document.markdown import parse


def planned(source: str) -> Plan:
    return plan(parse(source))


def compared(source: str) -> list[tuple[str, str]]:
    steps = planned(source).steps
    return [(s.formula.latex, s.verify.code) for s in steps if isinstance(s, Compare)]


def test_a_verify_belongs_to_the_nearest_formula_above() -> None:
    source = "$a$ $b$ <!-- torchtex: verify one -->\n\n$$c$$\n<!-- torchtex: verify two -->\n$d$"
    assert compared(source) == [("b", "one"), ("c", "two")]


def test_text_and_blocks_may_stand_between() -> None:
    source = "$$a$$\n\ntext\n\n```python\nx = 1\n```\n<!-- torchtex: verify f(x) -->"
    assert compared(source) == [("a", "f(x)")]
    assert [type(step) for step in planned(source).steps] == [RunBlock, Compare]


def test_what_else_is_said_of_a_formula_counts_before_and_after_its_verify() -> None:
    source = """$$a$$
<!-- torchtex: name p = q -->
```python
x = 1
```
<!-- torchtex: verify f(x); let x = 2; declare a -->
$$b$$
<!-- torchtex: name r = s; verify g(x) -->
"""
    first, second = (s for s in planned(source).steps if isinstance(s, Compare))
    assert [name.symbol for name in first.names] == ["p"]
    assert [let.name for let in first.lets] == ["x"]
    assert [declare.text for declare in first.declares] == ["a"]
    assert [name.symbol for name in second.names] == ["r"]
    assert second.lets == second.declares == ()


def test_a_let_that_belongs_to_no_comparison_defines_a_variable_there() -> None:
    source = """<!-- torchtex: let z = 1 -->
```python
y = z
```
$a$ <!-- torchtex: let w = 2 -->
$b$ <!-- torchtex: verify f(w) -->
"""
    assert [type(step) for step in planned(source).steps] == [Define, RunBlock, Define, Compare]


def test_directives_without_anything_to_belong_to() -> None:
    source = """<!-- torchtex: verify f(x) -->
<!-- torchtex: name p = q -->
$a$ <!-- torchtex: declare a -->
<!-- torchtex: skip -->
$$
b
<!-- torchtex: verify g(x) -->
"""
    problems = [(p.range.start.line, p.message) for p in planned(source).problems]
    assert problems == [
        (1, "nothing to verify: no formula stands above it"),
        (2, "'name' has no effect: no formula stands above it"),
        (3, "'declare' has no effect: no 'verify' belongs to the same formula"),
        (4, "'skip' stands before a Python block"),
        (7, "nothing to verify: the formula that '$$' opens in line 5 is never closed"),
    ]


def test_skipped_blocks_do_not_run() -> None:
    source = """<!-- torchtex: skip -->
```python
a
```
```py notest
b
```
```python
c
```
<!-- torchtex: skip -->
"""
    plan_ = planned(source)
    assert [block.source for block in plan_.runnable] == ["c\n"]
    assert [p.range.start.line for p in plan_.problems] == [11]


def test_ignores_reach_what_they_follow_or_the_whole_file() -> None:
    source = """<!-- torchtex: ignore C101 -->
$a$ <!-- torchtex: ignore F101 -->
```python
x
```
<!-- torchtex: ignore C102 -->
"""
    silences = [(s.codes, s.range and s.range.start.line) for s in planned(source).silences]
    assert silences == [(("C101",), None), (("F101",), 2), (("C102",), 3)]
