"""Which formula is compared with what, and in which order the article runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias, TypeVar

import attrs

from torchtex.document.directives import (
    Declare,
    Directive,
    Ignore,
    Let,
    Name,
    Problem,
    Skip,
    Verify,
)
from torchtex.document.markdown import CodeBlock, Formula, Item, Unclosed
from torchtex.document.position import Range


@attrs.frozen
class RunBlock:
    """Run a Python block of the article."""

    block: CodeBlock


@attrs.frozen
class Define:
    """Give a variable of the article a value, by a ``let`` that belongs to no formula."""

    let: Let


@attrs.frozen
class Compare:
    """Compare a formula with the code of a ``verify`` directive.

    ``lets`` are inputs of this comparison alone; ``names`` and ``declares`` belong to the formula.
    """

    formula: Formula
    verify: Verify
    lets: tuple[Let, ...] = ()
    names: tuple[Name, ...] = ()
    declares: tuple[Declare, ...] = ()


Step: TypeAlias = "RunBlock | Define | Compare"


@attrs.frozen
class Silence:
    """Diagnostics that are not wanted: ``codes``, in ``range`` or, with None, everywhere."""

    codes: tuple[str, ...]
    range: Range | None


@attrs.frozen
class Plan:
    """An article, ready to be checked."""

    formulas: tuple[Formula, ...]
    steps: tuple[Step, ...]
    problems: tuple[Problem, ...]
    silences: tuple[Silence, ...]

    @property
    def runnable(self) -> tuple[CodeBlock, ...]:
        """The Python blocks that are not marked to be skipped."""
        return tuple(step.block for step in self.steps if isinstance(step, RunBlock))


@attrs.frozen
class _Group:
    """A formula, a block or the top of the file (None), and the directives up to the next one."""

    head: Formula | Unclosed | CodeBlock | None
    directives: tuple[Directive, ...]


Kind = TypeVar("Kind")


def plan(items: Sequence[Item]) -> Plan:
    """Reads the directives of an article as steps, and finds those that belong to nothing."""
    groups = tuple(_groups(items))
    steps, misplaced = _steps(groups)
    wrong = tuple(item for item in items if isinstance(item, Problem))
    return Plan(
        formulas=_of(Formula, items),
        steps=steps,
        problems=tuple(sorted((*wrong, *misplaced), key=lambda problem: problem.range)),
        silences=tuple(_silences(groups)),
    )


def _of(kind: type[Kind], items: Sequence[object]) -> tuple[Kind, ...]:
    return tuple(item for item in items if isinstance(item, kind))


def _groups(items: Sequence[Item]) -> Iterator[_Group]:
    head: Formula | Unclosed | CodeBlock | None = None
    directives: list[Directive] = []
    for item in items:
        if isinstance(item, Problem):
            continue
        if isinstance(item, (Formula, Unclosed, CodeBlock)):
            yield _Group(head, tuple(directives))
            head, directives = item, []
        else:
            directives.append(item)
    yield _Group(head, tuple(directives))


def _steps(groups: Sequence[_Group]) -> tuple[tuple[Step, ...], tuple[Problem, ...]]:
    steps: list[Step] = []
    problems: list[Problem] = []
    skipping: Skip | None = None
    formula: Formula | Unclosed | None = None
    for index, group in enumerate(groups):
        if isinstance(group.head, CodeBlock):
            if skipping is None and not group.head.marked_skip:
                steps.append(RunBlock(group.head))
        elif skipping is not None:
            problems.append(_misplaced("'skip' stands before a Python block", skipping.range))
        skipping = next(reversed(_of(Skip, group.directives)), None)
        if isinstance(group.head, (Formula, Unclosed)):
            formula = group.head
        belonging = _belonging(groups, index)
        steps.extend(_directed(formula, group, belonging))
        problems.extend(_orphans(formula, group, belonging))
    if skipping is not None:
        problems.append(_misplaced("'skip' stands before a Python block", skipping.range))
    return tuple(steps), tuple(problems)


def _belonging(groups: Sequence[_Group], index: int) -> tuple[Directive, ...]:
    """The directives of a formula: its own, and those after the blocks that follow it."""
    first = index
    while first > 0 and isinstance(groups[first].head, CodeBlock):
        first -= 1
    last = index + 1
    while last < len(groups) and isinstance(groups[last].head, CodeBlock):
        last += 1
    return tuple(directive for group in groups[first:last] for directive in group.directives)


def _directed(
    formula: Formula | Unclosed | None, group: _Group, belonging: tuple[Directive, ...]
) -> Iterator[Step]:
    """What the directives of a group ask for, in their order."""
    verified = bool(_of(Verify, belonging))
    for directive in group.directives:
        if isinstance(directive, Let) and not verified:
            yield Define(directive)
        if isinstance(directive, Verify) and isinstance(formula, Formula):
            yield Compare(
                formula,
                directive,
                _of(Let, belonging),
                _of(Name, belonging),
                _of(Declare, belonging),
            )


def _orphans(
    formula: Formula | Unclosed | None, group: _Group, belonging: tuple[Directive, ...]
) -> Iterator[Problem]:
    """Directives that ask for something that is not there."""
    if isinstance(formula, Formula):
        verified = bool(_of(Verify, belonging))
        reason = "no 'verify' belongs to the same formula"
    elif formula is None:
        verified, reason = False, "no formula stands above it"
    else:
        line = formula.range.start.line
        verified, reason = False, f"the formula that '$$' opens in line {line} is never closed"
    for directive in group.directives:
        if isinstance(directive, Verify) and not isinstance(formula, Formula):
            yield _misplaced(f"nothing to verify: {reason}", directive.range)
        if isinstance(directive, (Name, Declare)) and not verified:
            word = type(directive).__name__.lower()
            yield _misplaced(f"'{word}' has no effect: {reason}", directive.range)


def _misplaced(message: str, place: Range) -> Problem:
    return Problem("misplaced", message, place)


def _silences(groups: Sequence[_Group]) -> Iterator[Silence]:
    for group in groups:
        for ignore in _of(Ignore, group.directives):
            yield Silence(ignore.codes, None if group.head is None else group.head.range)
