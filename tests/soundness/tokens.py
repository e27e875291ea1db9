"""LaTeX cut into tokens, with brackets and scripts found: what an edit works on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

Tokens = tuple[str, ...]
Slice = tuple[int, int]

# Words in a font or in text are one token: editing their letters would only rename them.
TOKEN = re.compile(
    r"\\(?:text|mathrm|mathcal|operatorname|mathbf|mathbb|mathsf|hat|bar|tilde)\{[^{}]*\}"
    r"|\\begin\{\w+\}|\\end\{\w+\}"
    r"|\\not\s*=|\\(?:left|right)(?:\\[a-zA-Z]+|\\.|.)"
    r"|\\[a-zA-Z]+|\\.|\d+\.\d+|\d+|\s+|pos|."
)
OPENING = {"{": "}", "(": ")", "[": "]", r"\{": r"\}", r"\left(": r"\right)"}
OPENING |= {r"\left[": r"\right]", r"\left\{": r"\right\}"}
CLOSING = {closing: opening for opening, closing in OPENING.items()}
GREEK_NAMES = "alpha beta gamma delta epsilon varepsilon theta lambda mu nu sigma tau Delta phi rho"
GREEK = frozenset("\\" + name for name in GREEK_NAMES.split())


def cut(latex: str) -> Tokens:
    """The tokens of a formula, blanks left out."""
    return tuple(token for token in TOKEN.findall(latex) if not token.isspace())


def joined(tokens: Sequence[str]) -> str:
    """LaTeX again: a blank only where a macro would swallow a letter or numbers would merge."""
    text = ""
    for token in tokens:
        macro = re.search(r"\\[a-zA-Z]+$", text)
        merges = (macro and token[:1].isalpha()) or (text[-1:].isdigit() and token[:1].isdigit())
        text += f" {token}" if merges else token
    return text


def matching(tokens: Tokens, opening: int) -> int:
    """The position of the bracket that closes the one at ``opening``; the end where none does."""
    depth = 0
    for position in range(opening, len(tokens)):
        if tokens[position] in OPENING:
            depth += 1
        elif tokens[position] in CLOSING:
            depth -= 1
            if depth == 0:
                return position
    return len(tokens)


def is_symbol(token: str) -> bool:
    """Whether a token names a quantity: a letter, a Greek letter, an accented or roman one."""
    if token in GREEK or token == "pos":
        return True
    if re.fullmatch(r"[a-zA-Z]", token):
        return True
    return bool(re.fullmatch(r"\\(hat|bar|tilde|mathbf|mathrm|text)\{[a-z_\\]*[a-z]\}", token))


def atom_end(tokens: Tokens, start: int) -> int:
    """Just after the atom at ``start`` with its scripts: a symbol, a group, a fraction."""
    end = _core_end(tokens, start)
    while end < len(tokens) and tokens[end] in ("_", "^", "'"):
        end = end + 1 if tokens[end] == "'" else _core_end(tokens, end + 1)
    return end


def _core_end(tokens: Tokens, start: int) -> int:
    if start >= len(tokens):
        return start
    token = tokens[start]
    if token in OPENING:
        return matching(tokens, start) + 1
    arguments = {r"\frac": 2, r"\sqrt": 1}.get(token, 0)
    end = start + 1
    for _ in range(arguments):
        end = _core_end(tokens, end)
    return end


def scripts(tokens: Tokens, mark: str) -> Iterator[Slice]:
    """Each ``_x`` or ``^x``, the mark included, outside the limits of big operators."""
    for position, token in enumerate(tokens):
        if token == mark and position + 1 < len(tokens):
            yield position, _core_end(tokens, position + 1)


def groups(tokens: Tokens) -> Iterator[Slice]:
    """The inside of each bracket, and the whole formula: where terms stand side by side."""
    yield 0, len(tokens)
    for position, token in enumerate(tokens):
        if token in OPENING:
            yield position + 1, matching(tokens, position)


def cuts(tokens: Tokens, inside: Slice, separators: frozenset[str]) -> list[int]:
    """Positions of separators inside a group, not in a deeper one."""
    found, depth = [], 0
    for position in range(*inside):
        token = tokens[position]
        depth += (token in OPENING) - (token in CLOSING)
        if depth == 0 and token in separators:
            found.append(position)
    return found


def index_letters(tokens: Tokens) -> tuple[str, ...]:
    """The letters that stand in subscripts, in order of appearance."""
    found: dict[str, None] = {}
    for start, end in scripts(tokens, "_"):
        found |= {t: None for t in tokens[start:end] if re.fullmatch(r"[a-z]", t)}
    return tuple(found)


def in_subscript(tokens: Tokens, position: int) -> bool:
    return any(start <= position < end for start, end in scripts(tokens, "_"))


def start_of_right_side(tokens: Tokens) -> int:
    """Just after the first equals sign that is not inside a bracket; 0 where there is none."""
    equals = cuts(tokens, (0, len(tokens)), frozenset("="))
    return equals[0] + 1 if equals else 0


def left_side(latex: str) -> str | None:
    """What stands before the equals sign; None where there is none, or more than one equation."""
    tokens = cut(latex)
    right = start_of_right_side(tokens)
    return joined(tokens[: right - 1]) if right and r"\quad" not in tokens else None
