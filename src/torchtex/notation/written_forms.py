"""How each operator and each named function is written: one row a form, with its level.

A form is a template with the least level each argument needs not to stand in parentheses.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType

import attrs


class Level(IntEnum):
    """How tightly a piece of LaTeX holds together, loosest first.

    An OPEN piece swallows what is written after it: ``\\sum_i x_i``, ``\\log\\frac{a}{b}``.
    A CLOSED one may be a factor, but needs parentheses before a power.
    """

    CASES = 0
    EITHER = 1
    BOTH = 2
    RELATION = 3
    SUM = 4
    NEGATED = 5
    OPEN = 6
    PRODUCT = 7
    CLOSED = 8
    ATOM = 9


@attrs.frozen
class Written:
    """A piece of LaTeX.

    ``before_group`` says that a parenthesis directly after it is a factor, not its argument.
    ``swallows`` are the letters of a big operator at its end: a summand after it that has one of
    them would be taken for a part of the operator's body.
    """

    text: str
    level: Level
    before_group: bool = False
    swallows: frozenset[str] = frozenset()


@attrs.frozen
class Form:
    """How an operator is written: ``#1``, ``#2`` are its arguments, ``#*`` all of them.

    ``needs`` is the least level of each argument, the last for all that follow.  Parentheses in
    the template grow with what they hold.
    """

    template: str
    level: Level = Level.CLOSED
    needs: tuple[Level, ...] = (Level.SUM,)


def _relation(symbol: str) -> Form:
    return Form(f"#1 {symbol} #2", Level.RELATION, (Level.SUM,))


def _function(name: str) -> Form:
    return Form(f"{name}(#*)")


FORMS: Mapping[str, Form] = MappingProxyType(
    {
        "divide": Form(r"\frac{#1}{#2}"),
        "power": Form("#1^{#2}", needs=(Level.ATOM, Level.SUM)),
        "modulo": Form(r"#1 \bmod #2", Level.RELATION, (Level.CLOSED,)),
        "sqrt": Form(r"\sqrt{#1}"),
        "absolute": Form(r"\left|#1\right|"),
        "floor": Form(r"\left\lfloor #1 \right\rfloor"),
        "ceil": Form(r"\left\lceil #1 \right\rceil"),
        "round": _function(r"\operatorname{round}"),
        "sign": _function(r"\operatorname{sign}"),
        "maximum": _function(r"\max"),
        "minimum": _function(r"\min"),
        "exp": _function(r"\exp"),
        "expm1": Form(r"\exp(#1) - 1", Level.SUM),
        "log": _function(r"\log"),
        "log1p": Form(r"\log(1 + #1)", needs=(Level.PRODUCT,)),
        "sin": _function(r"\sin"),
        "cos": _function(r"\cos"),
        "tan": _function(r"\tan"),
        "arcsin": _function(r"\arcsin"),
        "arccos": _function(r"\arccos"),
        "arctan": _function(r"\arctan"),
        "sinh": _function(r"\sinh"),
        "cosh": _function(r"\cosh"),
        "tanh": _function(r"\tanh"),
        "arcsinh": _function(r"\sinh^{-1}"),
        "arccosh": _function(r"\cosh^{-1}"),
        "arctanh": _function(r"\tanh^{-1}"),
        "erf": _function(r"\operatorname{erf}"),
        "gamma": _function(r"\Gamma"),
        "loggamma": Form(r"\log(\left|\Gamma(#1)\right|)"),
        "digamma": _function(r"\psi"),
        "factorial": Form("#1!", needs=(Level.ATOM,)),
        "less": _relation("<"),
        "less_equal": _relation(r"\le"),
        "greater": _relation(">"),
        "greater_equal": _relation(r"\ge"),
        "equal": _relation("="),
        "not_equal": _relation(r"\neq"),
        "indicator": Form(r"\mathbb{1}[#1]", needs=(Level.CASES,)),
    }
)

JOINED: Mapping[str, tuple[str, Level]] = MappingProxyType(
    {"and": (r" \land ", Level.BOTH), "or": (r" \lor ", Level.EITHER)}
)

NEGATIONS: Mapping[str, str] = MappingProxyType(
    {
        "less": "greater_equal",
        "less_equal": "greater",
        "greater": "less_equal",
        "greater_equal": "less",
        "equal": "not_equal",
        "not_equal": "equal",
        "and": "or",
        "or": "and",
    }
)

COMPARISONS = frozenset(NEGATIONS) - {"and", "or"}

BIG_OPERATORS: Mapping[str, str] = MappingProxyType(
    {
        "sum": r"\sum",
        "product": r"\prod",
        "maximum": r"\max",
        "minimum": r"\min",
        "argmax": r"\arg\max",
        "argmin": r"\arg\min",
    }
)

# The ones that are written with their whole range; for the others the letter is enough where the
# tensors tell how far it runs.
RANGED = frozenset({"sum", "product"})

# Named functions: arguments of rank 0 are ``#1``; a vector is written without its last index.
NAMED_FORMS: Mapping[str, Form] = MappingProxyType(
    {
        "sigmoid": _function(r"\sigma"),
        "logsigmoid": _function(r"\operatorname{LogSigmoid}"),
        "relu": _function(r"\operatorname{ReLU}"),
        "softplus": _function(r"\operatorname{Softplus}"),
        "silu": _function(r"\operatorname{SiLU}"),
        "gelu": _function(r"\operatorname{GELU}"),
        "softsign": _function(r"\operatorname{SoftSign}"),
        "softmax": _function(r"\operatorname{softmax}"),
        "log_softmax": _function(r"\operatorname{LogSoftmax}"),
        "logsumexp": _function(r"\operatorname{LogSumExp}"),
        "cosine_similarity": _function(r"\cos"),
        "dot": Form(r"\left\langle #1, #2 \right\rangle"),
        "norm": Form(r"\left\|#1\right\|_2"),
        "norm_p": Form(r"\left\|#1\right\|_{#2}"),
    }
)

# What takes the place of a function's symbol where a tensor of that name is about.
UNMISTAKABLE: Mapping[str, tuple[str, Form]] = MappingProxyType(
    {"sigmoid": ("sigma", _function(r"\operatorname{sigmoid}"))}
)

CONSTANTS: Mapping[str, Written] = MappingProxyType(
    {
        "pi": Written(r"\pi", Level.ATOM),
        "infinity": Written(r"\infty", Level.ATOM),
        "e": Written(r"\exp(1)", Level.CLOSED),
    }
)

# Operators whose symbol a tensor may bear; both at once could not be told apart.
SYMBOLS_OF_OPERATORS: Mapping[str, str] = MappingProxyType({"gamma": "Gamma", "digamma": "psi"})

# Letters for indices that need a new one; none of them is a batch or a label by convention.
# Those of definitions and results are others, so that no definition is taken for an index.
INDEX_LETTERS = "ijklpqcfwxz"
DEFINITION_LETTERS = ("a", "b", "s", "u", "v", "g", "d")
RESULT_LETTERS = ("o", "y", "h", "r")
MARKS = ("", "_tilde", "_bar", "_hat", "_prime")

TALL = (r"\frac", r"\sum", r"\prod", r"\begin", r"\sqrt")
