"""Binding what names and roles leave open: all bindings that fit must agree, else it is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice, permutations

import attrs

from torchtex.notation.errors import NotRead
from torchtex.notation.spelling import latex_name
from torchtex.verify.attempts import Attempt, Doubtful, OpenSymbols, Unfilled, find_attempt
from torchtex.verify.binding import Binding, NotBound
from torchtex.verify.findings import Finding
from torchtex.verify.question import Question

MAX_BINDINGS = 120

Compare = Callable[[Question, Attempt], Finding]


def search(question: Question, opened: OpenSymbols, compare: Compare) -> Finding:
    """Try every assignment of free arguments to open symbols.

    All that the code accepts must agree; if only some do, the formula and the code do not tell
    which is meant, and the finding is refused with the ``--name`` to write.
    """
    free = free_arguments(question, question.binding)
    if len(free) < len(opened.symbols):
        return Finding("refused", reason=_nothing_left(opened.symbols, free))
    pairs = list(islice(_assignments(opened.symbols, free), MAX_BINDINGS + 1))
    if len(pairs) > MAX_BINDINGS:
        return Finding("refused", reason=_too_many(opened.symbols))
    findings = []
    for assignment in pairs:
        finding = _tried(question, assignment, compare)
        if finding is not None:
            findings.append((assignment, finding))
        if question.out_of_time:
            return Finding("refused", reason="the time budget ran out in the search of a binding")
    return _decided(opened.symbols, findings)


def _tried(question: Question, assignment: dict[str, str], compare: Compare) -> Finding | None:
    """The finding under one binding; None where the code does not accept it."""
    binding = question.binding.with_pairs(assignment)
    bound = attrs.evolve(question, binding=binding)
    try:
        return compare(bound, find_attempt(bound, binding))
    except Doubtful as doubt:
        return Finding("refused", reason=str(doubt))
    except (NotRead, Unfilled, OpenSymbols, NotBound):
        return None


def free_arguments(question: Question, binding: Binding) -> tuple[str, ...]:
    """Arguments that stand for no symbol yet: those that must be given first."""
    used = {name for bound in binding.bound.values() for name in bound.arguments}
    left = [argument for argument in binding.code.arguments if argument.name not in used]
    required = [a.name for a in left if a.required]
    given = [a.name for a in left if a.name in question.samples and a.name not in required]
    defaulted = [
        a.name
        for a in left
        if isinstance(a.default, (int, float)) and not isinstance(a.default, bool)
    ]
    return tuple(dict.fromkeys((*required, *given, *defaulted)))


def _assignments(symbols: tuple[str, ...], free: tuple[str, ...]) -> Iterator[dict[str, str]]:
    for chosen in permutations(free, len(symbols)):
        yield dict(zip(symbols, chosen, strict=True))


def _decided(symbols: tuple[str, ...], findings: list[tuple[dict[str, str], Finding]]) -> Finding:
    if not findings:
        return Finding("refused", reason=_no_fit(symbols))
    agreeing = [(pairs, finding) for pairs, finding in findings if finding.ok]
    if len(agreeing) == len(findings):
        return agreeing[0][1]
    if not agreeing and len(findings) == 1:
        return findings[0][1]
    if not agreeing:
        return Finding("refused", reason=_none_agrees(findings))
    return Finding("refused", reason=_some_agree(agreeing))


def _write(symbols: tuple[str, ...]) -> str:
    return " ".join(f"--name '{latex_name(symbol)}=...'" for symbol in symbols)


def _nothing_left(symbols: tuple[str, ...], free: tuple[str, ...]) -> str:
    names = ", ".join(symbols)
    left = f" (the code has {', '.join(free)} left)" if free else ""
    return f"nothing in the code stands for {names}{left}; write {_write(symbols)}"


def _too_many(symbols: tuple[str, ...]) -> str:
    return f"too many arguments could stand for {', '.join(symbols)}; write {_write(symbols)}"


def _no_fit(symbols: tuple[str, ...]) -> str:
    return f"no argument of the code fits {', '.join(symbols)}; write {_write(symbols)}"


def _none_agrees(findings: list[tuple[dict[str, str], Finding]]) -> str:
    return (
        f"{len(findings)} bindings fit and none agrees; write "
        + _flags(findings[0][0])
        + " (or another one) to compare just that"
    )


def _some_agree(agreeing: list[tuple[dict[str, str], Finding]]) -> str:
    return (
        "several bindings fit and only some agree, so the names have to be given; "
        "these agree: " + " or ".join(_flags(pairs) for pairs, _ in agreeing)
    )


def _flags(pairs: dict[str, str]) -> str:
    return " ".join(f"--name '{latex_name(symbol)}={name}'" for symbol, name in pairs.items())
