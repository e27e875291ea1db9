"""The words of LaTeX mathematics: one table for each thing a macro can be."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from torchtex.notation.spelling import CONTROL_WORDS

# Letters: what a control word is called as a name.
LETTERS: Mapping[str, str] = MappingProxyType(
    {
        **{word: word for word in CONTROL_WORDS},
        "varepsilon": "epsilon",
        "infty": "infty",
        "hbar": "hbar",
        "imath": "i",
        "jmath": "j",
    }
)

# Functions that may stand before their argument without parentheses.
PREFIX_FUNCTIONS = frozenset(
    """exp log ln lg sin cos tan cot sinh cosh tanh arcsin arccos arctan erf sgn sign
    max min arg argmax argmin sup inf""".split()
)

# Written as plain letters, without \text: these runs of letters are one word.
WORDS = frozenset(
    """softmax logsoftmax sigmoid relu gelu silu softplus mean var std abs floor ceil round sqrt
    margin alpha beta gamma delta eps epsilon lambda sigma theta loss input target weight bias
    reduction label logits size padding dilation stride batch""".split()
) | (PREFIX_FUNCTIONS - {"arg", "sup", "inf", "lg"})

# Runs of letters that are one word where they stand as a subscript.
SUBSCRIPT_WORDS = frozenset(
    """in out max min pred true ref pos neg train test model data prior post old new CE BCE MSE MAE
    NLL KL JS CLIP VAE GAN DPO PPO FL reg rec recon total cls seq head tok text img hid""".split()
)

BIG_OPERATORS: Mapping[str, str] = MappingProxyType(
    {"sum": "sum", "prod": "product", "int": "integral", "iint": "integral", "oint": "integral"}
)

# With a subscript these run over an index; before a group they are functions.
EXTREMA: Mapping[str, str] = MappingProxyType(
    {
        "max": "maximum",
        "min": "minimum",
        "sup": "maximum",
        "inf": "minimum",
        "argmax": "argmax",
        "argmin": "argmin",
    }
)

RELATIONS: Mapping[str, str] = MappingProxyType(
    {
        "=": "=",
        "==": "=",
        ":=": ":=",
        "≔": ":=",
        "<": "<",
        ">": ">",
        "<=": "<=",
        ">=": ">=",
        "!=": "!=",
        "≠": "!=",
        "≤": "<=",
        "≥": ">=",
        "∈": "in",
        "≈": "approx",
        "∝": "propto",
        "->": "->",
        "→": "->",
        "←": "<-",
        "\\coloneqq": ":=",
        "\\triangleq": ":=",
        "\\defeq": ":=",
        "\\eq": "=",
        "\\lt": "<",
        "\\gt": ">",
        "\\le": "<=",
        "\\leq": "<=",
        "\\leqslant": "<=",
        "\\ge": ">=",
        "\\geq": ">=",
        "\\geqslant": ">=",
        "\\ll": "<",
        "\\gg": ">",
        "\\ne": "!=",
        "\\neq": "!=",
        "\\in": "in",
        "\\notin": "notin",
        "\\sim": "~",
        "\\approx": "approx",
        "\\simeq": "approx",
        "\\equiv": "equiv",
        "\\propto": "propto",
        "\\leftarrow": "<-",
        "\\gets": "<-",
        "\\to": "->",
        "\\rightarrow": "->",
        "\\mapsto": "->",
    }
)

PRODUCTS: Mapping[str, str] = MappingProxyType(
    {
        "*": "*",
        "/": "/",
        "@": "@",
        "×": "\\times",
        "·": "\\cdot",
        "⊙": "\\odot",
        "\\ast": "*",
        "\\cdot": "\\cdot",
        "\\bullet": "\\cdot",
        "\\times": "\\times",
        "\\odot": "\\odot",
        "\\circ": "\\circ",
        "\\otimes": "\\otimes",
        "\\div": "/",
        "\\bmod": "\\bmod",
        "\\mod": "\\bmod",
        "\\pmod": "\\bmod",
    }
)

SIGNS: Mapping[str, str] = MappingProxyType(
    {"+": "+", "-": "-", "−": "-", "–": "-", "\\pm": "\\pm", "\\mp": "\\mp"}
)

LOGICAL: Mapping[str, str] = MappingProxyType(
    {
        "\\land": "and",
        "\\wedge": "and",
        "\\lor": "or",
        "\\vee": "or",
        "and": "and",
        "or": "or",
        "且": "and",
        "和": "and",
        "或": "or",
    }
)

# Opening delimiter: what its group is called, and what closes it.
OPENERS: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        "(": ("(", (")",)),
        "[": ("[", ("]",)),
        "\\{": ("{", ("\\}",)),
        "\\lbrace": ("{", ("\\rbrace", "\\}")),
        "\\lbrack": ("[", ("\\rbrack", "]")),
        "\\lfloor": ("floor", ("\\rfloor",)),
        "\\lceil": ("ceil", ("\\rceil",)),
        "\\langle": ("angle", ("\\rangle",)),
        "\\lvert": ("|", ("\\rvert",)),
        "\\lVert": ("norm", ("\\rVert",)),
        "⌊": ("floor", ("⌋",)),
        "⌈": ("ceil", ("⌉",)),
        "⟨": ("angle", ("⟩",)),
        "（": ("(", ("）",)),
    }
)
CLOSERS = frozenset(closer for _, closers in OPENERS.values() for closer in closers)

BARS: Mapping[str, str] = MappingProxyType(
    {"|": "|", "\\vert": "|", "\\|": "norm", "\\Vert": "norm", "‖": "norm", "∥": "norm"}
)

FONTS: Mapping[str, str] = MappingProxyType(
    {
        "mathrm": "roman",
        "text": "roman",
        "textrm": "roman",
        "textup": "roman",
        "textnormal": "roman",
        "textsf": "roman",
        "texttt": "roman",
        "mathtt": "roman",
        "mathsf": "roman",
        "mbox": "roman",
        "hbox": "roman",
        "operatorname": "roman",
        "operatorname*": "roman",
        "textit": "roman",
        "mathit": "italic",
        "mathnormal": "italic",
        "mathbf": "bold",
        "textbf": "bold",
        "boldsymbol": "bold",
        "bm": "bold",
        "pmb": "bold",
        "mathbfit": "bold",
        "mathcal": "calligraphic",
        "mathscr": "calligraphic",
        "mathfrak": "calligraphic",
        "mathbb": "blackboard",
        "mathbbm": "blackboard",
        "mathds": "blackboard",
    }
)

# Their argument is words, spaces and all.
TEXT_MACROS = frozenset(
    "text textrm textup textnormal textsf texttt textbf textit mbox hbox".split()
)

FONT_SWITCHES: Mapping[str, str] = MappingProxyType(
    {"rm": "roman", "bf": "bold", "it": "italic", "cal": "calligraphic", "tt": "roman", "sf": "roman"}
)

ACCENTS = frozenset(
    """hat widehat bar overline tilde widetilde dot ddot vec check breve acute grave mathring
    overrightarrow underline""".split()
)

STATEMENT_ENVIRONMENTS = frozenset(
    """aligned align align* alignat alignat* alignedat split gathered gather gather* equation
    equation* multline multline* eqnarray eqnarray* flalign flalign* displaymath math""".split()
)
CASE_ENVIRONMENTS = frozenset(["cases", "dcases", "rcases", "cases*", "numcases"])
MATRIX_ENVIRONMENTS = frozenset(
    "matrix bmatrix pmatrix vmatrix Vmatrix Bmatrix smallmatrix array".split()
)

ELLIPSES = frozenset(["\\dots", "\\ldots", "\\cdots", "\\dotsc", "\\dotsb", "...", "…", "⋯"])

# The first word of a text that is no symbol: what it does to the mathematics around it.
KEYWORDS: Mapping[str, str] = MappingProxyType(
    {
        "if": "if",
        "for": "if",
        "when": "if",
        "若": "if",
        "当": "if",
        "當": "if",
        "如果": "if",
        "otherwise": "otherwise",
        "else": "otherwise",
        "otherwise.": "otherwise",
        "否则": "otherwise",
        "否則": "otherwise",
        "其他": "otherwise",
        "其它": "otherwise",
        "where": "where",
        "with": "where",
        "其中": "where",
        "and": "and",
        "or": "or",
        "且": "and",
        "或": "or",
    }
)
