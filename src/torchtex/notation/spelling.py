"""How a symbol is spelled: in LaTeX, as a canonical name, as an argument of code.

A canonical name is made of words joined by underscores: the base, its accents, its primes, its
subscript words.  ``\\hat{y}_1`` is ``y_hat_1``, ``\\mathcal{L}_{\\text{CE}}`` is ``L_CE``.  Fonts
are no part of it: authors set one symbol bold in one place and italic in the next.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterable, Mapping, Sequence
from types import MappingProxyType

from torchtex.notation.syntax import Name

EXACT = 2
ALIAS = 1
NONE = 0

GREEK_LETTERS: Mapping[str, str] = MappingProxyType(
    {
        "α": "alpha",
        "β": "beta",
        "γ": "gamma",
        "δ": "delta",
        "ε": "epsilon",
        "ζ": "zeta",
        "η": "eta",
        "θ": "theta",
        "ι": "iota",
        "κ": "kappa",
        "λ": "lambda",
        "μ": "mu",
        "ν": "nu",
        "ξ": "xi",
        "π": "pi",
        "ρ": "rho",
        "σ": "sigma",
        "ς": "varsigma",
        "τ": "tau",
        "υ": "upsilon",
        "φ": "phi",
        "χ": "chi",
        "ψ": "psi",
        "ω": "omega",
        "Γ": "Gamma",
        "Δ": "Delta",
        "Θ": "Theta",
        "Λ": "Lambda",
        "Ξ": "Xi",
        "Π": "Pi",
        "Σ": "Sigma",
        "Υ": "Upsilon",
        "Φ": "Phi",
        "Ψ": "Psi",
        "Ω": "Omega",
    }
)

# Names that are one control word in LaTeX and one symbol on paper.
CONTROL_WORDS = frozenset(GREEK_LETTERS.values()) | {
    "ell",
    "varkappa",
    "varphi",
    "varpi",
    "varrho",
    "vartheta",
}

# Two shapes of one letter.  The other variants (\varphi, \vartheta) stay apart, since texts that
# use both shapes of those letters mean different things by them.
VARIANT_LETTERS: Mapping[str, str] = MappingProxyType({"varepsilon": "epsilon"})

ACCENT_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "widehat": "hat",
        "widetilde": "tilde",
        "overline": "bar",
    }
)

# Accents that say "this is a vector", as a bold font does.
SILENT_ACCENTS = frozenset({"vec", "overrightarrow", "boldsymbol"})

WRITTEN_ACCENTS: Mapping[str, str] = MappingProxyType(
    {
        "hat": r"\hat",
        "bar": r"\bar",
        "tilde": r"\tilde",
        "dot": r"\dot",
        "ddot": r"\ddot",
        "check": r"\check",
        "breve": r"\breve",
        "acute": r"\acute",
        "grave": r"\grave",
        "mathring": r"\mathring",
        "underline": r"\underline",
    }
)

COMBINING_ACCENTS: Mapping[str, str] = MappingProxyType(
    {
        "\u0302": "hat",
        "\u0303": "tilde",
        "\u0304": "bar",
        "\u0305": "bar",
        "\u0307": "dot",
        "\u0308": "ddot",
        "\u030c": "check",
    }
)

PRIME = "prime"

# What code calls a symbol where it doesn't use its canonical name; one row per symbol.
ALIASES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "epsilon": ("eps",),
        "lambda": ("lam", "lamb", "lambd", "lamda", "lmbda"),
        "y_hat": (
            "y_pred",
            "pred",
            "preds",
            "prediction",
            "predictions",
            "output",
            "outputs",
            "input",
        ),
        "y": ("y_true", "target", "targets", "label", "labels"),
        "x": ("input", "inputs"),
        "X": ("input", "inputs"),
        "z": ("logit", "logits"),
        "p": ("prob", "probs"),
        "W": ("weight", "weights"),
        "w": ("weight", "weights"),
        "b": ("bias",),
        "g": ("grad", "gradient"),
        "theta": ("param", "params", "parameters"),
        "eta": ("lr", "learning_rate"),
        "tau": ("temperature",),
        "T": ("temperature",),
        "mu": ("mean",),
        "sigma": ("std",),
        "ell": ("l",),
        "varphi": ("phi",),
        "vartheta": ("theta",),
        "varrho": ("rho",),
        "varkappa": ("kappa",),
        "varpi": ("pi",),
    }
)


def canonical_name(name: Name) -> str:
    """The canonical name of a symbol without its subscripts: ``\\hat{y}'`` is ``y_hat_prime``."""
    return canonical(name.text, name.accents, name.primes, name.font)


def canonical(
    base: str,
    accents: Sequence[str] = (),
    primes: int = 0,
    font: str = "italic",
    subscript_words: Sequence[str] = (),
) -> str:
    """The canonical name of a base letter or word with all that is written on it.

    ``accents`` are innermost first; ``subscript_words`` are the subscripts that belong to the
    name (``1``, ``in``, ``CE``), never indices.  ``font`` doesn't count, whatever it is.
    """
    del font
    letters, inner_accents = _without_unicode_accents(base)
    spelled = [_word(letters), *inner_accents]
    spelled += [ACCENT_WORDS.get(a, a) for a in accents if a not in SILENT_ACCENTS]
    spelled += [PRIME] * primes
    spelled += [_word(word) for word in subscript_words]
    return "_".join(spelled)


def latex_name(name: str, worded: Container[str] = ()) -> str:
    """The LaTeX a person would write for a canonical name; reading it gives the name back.

    Letters in ``worded`` are indices where it stands: as a subscript word they are set upright.

    ``y_hat`` is ``\\hat{y}``, ``beta_1`` is ``\\beta_1``, ``L_CE`` is ``L_{\\text{CE}}``,
    ``kernel_size`` is ``\\text{kernel\\_size}``.
    """
    base, *words = name.split("_")
    if not _is_symbol(base) or "" in words:
        return _text(name)
    written, subscripts = _accented(_letter(base), words)
    return written + _subscript(subscripts, worded)


def same_symbol(name: str, argument: str) -> int:
    """How well ``argument``, a name in code, fits the canonical name of a symbol.

    2 when it is that name (``lambda_`` is ``lambda``, ``θ`` is ``theta``), 1 when it is one of its
    aliases or differs only in underscores and case (``yhat``, ``eps``, ``w1`` for ``W_1``), else
    0.  A caller takes exact fits first: ``W`` and ``w`` may both be symbols.
    """
    base, *words = (argument.rstrip("_") or argument).split("_")
    spelled = canonical(base, subscript_words=words)
    if spelled == name:
        return EXACT
    if _squashed(spelled) in {_squashed(spelling) for spelling in _spellings(name)}:
        return ALIAS
    return NONE


def _spellings(name: str) -> Iterable[str]:
    """The name and what it becomes when its leading words are replaced by an alias of theirs."""
    yield name
    words = name.split("_")
    for count in range(1, len(words) + 1):
        head, tail = "_".join(words[:count]), words[count:]
        for alias in ALIASES.get(head, ()):
            if not (tail and tail[0] in WRITTEN_ACCENTS):
                yield "_".join((alias, *tail))


def _squashed(name: str) -> str:
    return name.replace("_", "").casefold()


def _without_unicode_accents(base: str) -> tuple[str, tuple[str, ...]]:
    """``ŷ`` is the letter y with a hat; other accented words stay whole."""
    letter, *marks = list(unicodedata.normalize("NFD", base)) or [""]
    if not marks or any(mark not in COMBINING_ACCENTS for mark in marks):
        return base, ()
    return letter, tuple(COMBINING_ACCENTS[mark] for mark in marks)


def _word(text: str) -> str:
    """A piece of a name: Greek letters spelled out, punctuation an underscore."""
    plain = unicodedata.normalize("NFKC", text)
    spelled = "_".join(_named_letter(piece) for piece in re.sub(r"\W+", "_", plain).split("_"))
    return VARIANT_LETTERS.get(spelled, spelled)


def _named_letter(piece: str) -> str:
    return GREEK_LETTERS.get(piece, piece)


def _is_symbol(base: str) -> bool:
    return base in CONTROL_WORDS or (len(base) == 1 and base.isalpha())


def _letter(base: str) -> str:
    return "\\" + base if base in CONTROL_WORDS else base


def _accented(written: str, words: Sequence[str]) -> tuple[str, Sequence[str]]:
    """The letter with its leading accents and primes, and the words that are left."""
    for position, word in enumerate(words):
        if word in WRITTEN_ACCENTS and "'" not in written:
            written = f"{WRITTEN_ACCENTS[word]}{{{written}}}"
        elif word == PRIME:
            written += "'"
        else:
            return written, words[position:]
    return written, ()


def _subscript(words: Sequence[str], worded: Container[str]) -> str:
    if not words:
        return ""
    written = ",".join(_text(w) if w in worded else _subscript_word(w) for w in words)
    return f"_{written}" if len(written) == 1 else f"_{{{written}}}"


def _subscript_word(word: str) -> str:
    if word.isdigit() or _is_symbol(word):
        return _letter(word)
    return _text(word)


def _text(name: str) -> str:
    escaped = name.replace("_", r"\_")
    return rf"\text{{{escaped}}}"
