"""Single edits of a formula's LaTeX: one row per kind of mistake that people make."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping

import attrs

from .tokens import (
    CLOSING,
    OPENING,
    Slice,
    Tokens,
    atom_end,
    cut,
    cuts,
    groups,
    in_subscript,
    index_letters,
    is_symbol,
    joined,
    matching,
    scripts,
    start_of_right_side,
)

Edit = Callable[[Tokens], Iterator[Tokens]]


@attrs.frozen
class Mutant:
    """An edited formula and the kind of its edit."""

    kind: str
    latex: str


def replaced(tokens: Tokens, start: int, end: int, *new: str) -> Tokens:
    return (*tokens[:start], *new, *tokens[end:])


# What a token may be mistaken for.
CONFUSED: Mapping[str, tuple[str, ...]] = {
    "+": ("-",),
    "-": ("+",),
    r"\cdot": ("+",),
    r"\times": ("+",),
    "*": ("+",),
    "<": (r"\le", ">"),
    ">": (r"\ge", "<"),
    r"\le": ("<", r"\ge"),
    r"\leq": ("<", r"\geq"),
    r"\ge": (">", r"\le"),
    r"\geq": (">", r"\leq"),
    r"\ne": ("=",),
    r"\neq": ("=",),
    r"\not=": ("=",),
    r"\not =": ("=",),
    r"\exp": ("", r"\log"),
    r"\log": ("", r"\exp"),
    r"\sqrt": ("",),
    r"\tanh": ("", r"\sinh"),
    r"\sin": ("", r"\cos"),
    r"\cos": (r"\sin",),
    r"\cosh": (r"\sinh", ""),
    r"\sum": (r"\prod", r"\max", ""),
    r"\max": (r"\min",),
    r"\min": (r"\max",),
    r"\lfloor": ("",),
    r"\left\lfloor": (r"\left\lceil",),
    r"\top": ("2",),
    r"\operatorname{erf}": (r"\tanh",),
    r"\text{softmax}": (r"\text{sigmoid}", ""),
    r"\text{ReLU}": ("", r"\exp"),
    r"\mathrm{E}": (r"\mathrm{Var}", ""),
    r"\mathrm{Var}": (r"\mathrm{E}", ""),
}


def confused_tokens(tokens: Tokens) -> Iterator[Tokens]:
    for position, token in enumerate(tokens):
        for other in CONFUSED.get(token, ()):
            yield replaced(tokens, position, position + 1, *([other] if other else []))


def confused_equalities(tokens: Tokens) -> Iterator[Tokens]:
    """``=`` for not equal, in conditions only."""
    for position, token in enumerate(tokens):
        conditioned = any("if" in before for before in tokens[max(0, position - 6) : position])
        if token == "=" and conditioned:
            yield replaced(tokens, position, position + 1, r"\neq")
            yield replaced(tokens, position, position + 1, r"<")


def flipped_signs(tokens: Tokens) -> Iterator[Tokens]:
    """A minus before a factor that has none, or a leading minus taken away."""
    for position, token in enumerate(tokens):
        before = tokens[position - 1] if position else ""
        opens = before in ("=", "(", "{", r"\left(", r"\left[", "&", r"\cdot", "^")
        if token == "-" and opens:
            yield replaced(tokens, position, position + 1)
        elif opens and before != "^" and _starts_factor(tokens, position):
            yield replaced(tokens, position, position, "-")


def _starts_factor(tokens: Tokens, position: int) -> bool:
    token = tokens[position]
    starts = token in (r"\frac", r"\log", r"\exp", r"\sum", r"\max") or is_symbol(token)
    return starts and not in_subscript(tokens, position)


def changed_numbers(tokens: Tokens) -> Iterator[Tokens]:
    for position, token in enumerate(tokens):
        for other in _other_numbers(token):
            yield replaced(tokens, position, position + 1, other)


def _other_numbers(token: str) -> tuple[str, ...]:
    if re.fullmatch(r"\d+\.\d+", token):
        whole, digits = token.split(".")
        shorter = (f"{whole}.{digits[:2]}", f"{whole}.{digits[:8]}")
        return tuple(n for n in ("1", *shorter) if n != token)
    if not token.isdigit():
        return ()
    value = int(token)
    return tuple(str(n) for n in (value + 1, value - 1) if n >= 0)


def dropped_scripts(tokens: Tokens) -> Iterator[Tokens]:
    for mark in "_^":
        for start, end in scripts(tokens, mark):
            yield replaced(tokens, start, end)


def squares_added(tokens: Tokens) -> Iterator[Tokens]:
    right = start_of_right_side(tokens)
    for position in range(right, len(tokens)):
        if in_subscript(tokens, position):
            continue
        if is_symbol(tokens[position]) or tokens[position] in (")", r"\right)"):
            end = atom_end(tokens, position)
            if "^" not in tokens[position:end]:
                yield replaced(tokens, end, end, "^", "2")


def replaced_indices(tokens: Tokens) -> Iterator[Tokens]:
    """One use of an index replaced by another index of the formula."""
    letters = index_letters(tokens)
    right = start_of_right_side(tokens)
    for position in range(right, len(tokens)):
        token = tokens[position]
        if token in letters and in_subscript(tokens, position):
            for other in letters:
                if other != token:
                    yield replaced(tokens, position, position + 1, other)


def shifted_indices(tokens: Tokens) -> Iterator[Tokens]:
    """An index one further, and an upper limit one less."""
    letters = index_letters(tokens)
    right = start_of_right_side(tokens)
    for position in range(right, len(tokens)):
        token, following = tokens[position], tokens[position + 1 : position + 2]
        is_used = in_subscript(tokens, position) and following not in (("=",), (r"\neq",))
        if token in letters and is_used:
            yield replaced(tokens, position, position + 1, "{", token, "+1", "}")
    for start, end in scripts(tokens, "^"):
        if "_" in tokens[max(0, start - 6) : start] and any(t.isalpha() for t in tokens[start:end]):
            yield replaced(tokens, start + 1, end, "{", *tokens[start + 1 : end], "-1", "}")


def symbols_of(tokens: Tokens) -> tuple[str, ...]:
    right = start_of_right_side(tokens)
    letters = index_letters(tokens)
    found: dict[str, None] = {}
    for position in range(right, len(tokens)):
        token = tokens[position]
        if is_symbol(token) and token not in letters and token not in ("e",):
            found[token] = None
    return tuple(found)


def swapped_symbols(tokens: Tokens) -> Iterator[Tokens]:
    """Two symbols exchanged everywhere on the right side."""
    right = start_of_right_side(tokens)
    for one, other in itertools.combinations(symbols_of(tokens), 2):
        exchange = {one: other, other: one}
        yield (*tokens[:right], *(exchange.get(token, token) for token in tokens[right:]))


def replaced_symbols(tokens: Tokens) -> Iterator[Tokens]:
    """One use of a symbol replaced by another symbol."""
    right = start_of_right_side(tokens)
    symbols = symbols_of(tokens)
    for position in range(right, len(tokens)):
        if tokens[position] in symbols:
            for other in symbols:
                if other != tokens[position]:
                    yield replaced(tokens, position, position + 1, other)


SIGNS = frozenset("+-")


def dropped_terms(tokens: Tokens) -> Iterator[Tokens]:
    """One of several summands left out."""
    for start, end in groups(tokens):
        equals = cuts(tokens, (start, end), frozenset(["=", "&", r"\\", ","]))
        start = equals[0] + 1 if equals and equals[0] < end - 1 else start
        stops = [*cuts(tokens, (start, end), SIGNS), end]
        if len(stops) < 2:
            continue
        first = stops[0]
        if first > start:
            after = first + (tokens[first] == "+")
            yield replaced(tokens, start, after)
        for left, right in itertools.pairwise(stops):
            yield replaced(tokens, left, right)


def dropped_factors(tokens: Tokens) -> Iterator[Tokens]:
    """One of several factors left out, a fraction turned over or cut to one part."""
    right = start_of_right_side(tokens)
    position = right
    for position in range(right, len(tokens)):
        token = tokens[position]
        if in_subscript(tokens, position):
            continue
        if token == r"\frac":
            yield from _changed_fractions(tokens, position)
        if is_symbol(token) or token in (r"\mathbb{1}", r"\frac", *OPENING):
            end = atom_end(tokens, position)
            end += end < len(tokens) and tokens[end] in (r"\cdot", r"\times", "*")
            yield replaced(tokens, position, end)


def _changed_fractions(tokens: Tokens, position: int) -> Iterator[Tokens]:
    middle = atom_end(tokens, position + 1)
    end = atom_end(tokens, middle)
    above, below = tokens[position + 1 : middle], tokens[middle:end]
    yield replaced(tokens, position, end, r"\frac", *below, *above)
    yield replaced(tokens, position, end, *above)
    yield replaced(tokens, position, end, *above, *below)


def moved_brackets(tokens: Tokens) -> Iterator[Tokens]:
    """A closing bracket one atom further or one summand earlier, or no bracket at all."""
    for position, token in enumerate(tokens):
        if token not in OPENING or in_subscript(tokens, position):
            continue
        close = matching(tokens, position)
        if close >= len(tokens):
            continue
        if token != "{":
            inside = tokens[position + 1 : close]
            yield replaced(tokens, position, close + 1, *inside)
            further = atom_end(tokens, close + 1)
            if further > close + 1 and tokens[close + 1] not in CLOSING:
                moved = (*tokens[close + 1 : further], tokens[close])
                yield replaced(tokens, close, further, *moved)
        signs = [s for s in cuts(tokens, (position + 1, close), SIGNS) if s > position + 1]
        if signs:
            moved = (tokens[close], *tokens[signs[-1] : close])
            yield replaced(tokens, signs[-1], close + 1, *moved)


BARS = frozenset(["|", r"\left|", r"\right|", r"\|"])


def dropped_bars(tokens: Tokens) -> Iterator[Tokens]:
    """An absolute value or norm left out."""
    bars = [position for position, token in enumerate(tokens) if token in BARS]
    for left, right in zip(bars[::2], bars[1::2], strict=False):
        yield (*tokens[:left], "(", *tokens[left + 1 : right], ")", *tokens[right + 1 :])


def swapped_scopes(tokens: Tokens) -> Iterator[Tokens]:
    """``sum exp`` for ``exp sum``, ``log sum`` for ``sum log``, and the function kept outside."""
    for position, token in enumerate(tokens):
        if token not in (r"\sum", r"\max", r"\prod"):
            continue
        head_end = atom_end(tokens, position)
        if tokens[head_end : head_end + 1] in ((r"\exp",), (r"\log",)):
            body_end = atom_end(tokens, head_end + 1)
            inner = (tokens[head_end], r"\left(", *tokens[position:head_end])
            body = tokens[head_end + 1 : body_end]
            yield replaced(tokens, position, body_end, *inner, *body, r"\right)")
        if position and tokens[position - 1] in (r"\exp", r"\log"):
            swapped = (*tokens[position:head_end], tokens[position - 1])
            yield replaced(tokens, position - 1, head_end, *swapped)


def edited_cases(tokens: Tokens) -> Iterator[Tokens]:
    """Rows dropped, and the values or the conditions of two rows exchanged."""
    if r"\begin{cases}" not in tokens:
        return
    start, end = tokens.index(r"\begin{cases}") + 1, tokens.index(r"\end{cases}")
    breaks = [start - 1, *cuts(tokens, (start, end), frozenset([r"\\"])), end]
    rows = [tokens[a + 1 : b] for a, b in itertools.pairwise(breaks)]
    rows = [row for row in rows if row]
    parts = [(row[: row.index("&")], row[row.index("&") :]) for row in rows]
    for position in range(len(rows)):
        yield _with_rows(tokens, (start, end), rows[:position] + rows[position + 1 :])
    for one, other in itertools.combinations(range(len(rows)), 2):
        changed = list(rows)
        changed[one] = parts[other][0] + parts[one][1]
        changed[other] = parts[one][0] + parts[other][1]
        yield _with_rows(tokens, (start, end), changed)
        changed = list(rows)
        changed[one], changed[other] = changed[other], changed[one]
        yield _with_rows(tokens, (start, end), changed)


def _with_rows(tokens: Tokens, inside: Slice, rows: list[Tokens]) -> Tokens:
    separated = [token for row in rows for token in (*row, r"\\")][:-1]
    return replaced(tokens, *inside, *separated)


def dropped_guards(tokens: Tokens) -> Iterator[Tokens]:
    """The condition under a sum, or an indicator, left out."""
    for position, token in enumerate(tokens):
        if token == r"\neq" and in_subscript(tokens, position):
            yield replaced(tokens, position, atom_end(tokens, position + 1))
            if position >= 2 and tokens[position - 2] == ",":
                yield replaced(tokens, position - 2, atom_end(tokens, position + 1))
        if token == r"\mathbb{1}":
            braces = atom_end(tokens, position)
            if tokens[braces : braces + 1] == (r"\{",):
                yield replaced(tokens, position, matching(tokens, braces) + 1)


EDITS: Mapping[str, Edit] = {
    "token": confused_tokens,
    "equality": confused_equalities,
    "sign": flipped_signs,
    "number": changed_numbers,
    "script dropped": dropped_scripts,
    "square added": squares_added,
    "index replaced": replaced_indices,
    "index shifted": shifted_indices,
    "symbols swapped": swapped_symbols,
    "symbol replaced": replaced_symbols,
    "term dropped": dropped_terms,
    "factor dropped": dropped_factors,
    "bracket moved": moved_brackets,
    "bars dropped": dropped_bars,
    "scope swapped": swapped_scopes,
    "cases edited": edited_cases,
    "guard dropped": dropped_guards,
}


def mutants_of(latex: str) -> tuple[Mutant, ...]:
    """Every single edit of a formula, without repetition and without the formula itself."""
    tokens = cut(latex)
    seen = {joined(tokens)}
    found = []
    for kind, edit in EDITS.items():
        for edited in edit(tokens):
            text = joined(edited)
            if text not in seen:
                seen.add(text)
                found.append(Mutant(kind, text))
    return tuple(found)


def sampled(mutants: tuple[Mutant, ...], most: int) -> tuple[Mutant, ...]:
    """At most ``most`` of them, taken in turn from every kind so that none is left out."""
    kinds: dict[str, list[Mutant]] = {}
    for mutant in mutants:
        kinds.setdefault(mutant.kind, []).append(mutant)
    turns = itertools.zip_longest(*(_spread(group) for group in kinds.values()))
    chosen = [mutant for turn in turns for mutant in turn if mutant is not None]
    return tuple(chosen[:most])


def _spread(group: list[Mutant]) -> list[Mutant]:
    """The same mutants, ordered so that a prefix is spread over the whole formula."""
    order = sorted(range(len(group)), key=lambda position: (position * 0.6180339887) % 1)
    return [group[position] for position in order]
