"""What each command and character of LaTeX mathematics is: one row each.

A row gives the kind of token the parser sees and the bare text it carries.  A new operator,
relation, letter or delimiter is one more row here and nothing else in the lexer or parser.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from torchtex.notation.spelling import CONTROL_WORDS, GREEK_LETTERS

Entry = tuple[str, str]  # the kind of token, its text


def _rows(kind: str, rows: Mapping[str, str]) -> dict[str, Entry]:
    return {written: (kind, text) for written, text in rows.items()}


def _same(kind: str, names: Iterable[str]) -> dict[str, Entry]:
    return {name: (kind, name) for name in names}


# Functions that may stand before their argument without parentheses.
PREFIX_FUNCTIONS = frozenset(
    """exp log ln lg sin cos tan cot sec csc sinh cosh tanh coth arcsin arccos arctan det dim
    sgn erf Pr""".split()
)

# With a subscript these run over an index; before a group they are functions of its items.
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

BIG_OPERATORS: Mapping[str, str] = MappingProxyType(
    {"sum": "sum", "prod": "product", "int": "integral", "iint": "integral", "oint": "integral"}
)

RELATIONS: Mapping[str, str] = MappingProxyType(
    {
        "eq": "=",
        "coloneqq": ":=",
        "coloneq": ":=",
        "triangleq": ":=",
        "doteq": ":=",
        "lt": "<",
        "gt": ">",
        "le": "<=",
        "leq": "<=",
        "leqslant": "<=",
        "ge": ">=",
        "geq": ">=",
        "geqslant": ">=",
        "ll": "<<",
        "gg": ">>",
        "ne": "!=",
        "neq": "!=",
        "in": "in",
        "notin": "notin",
        "sim": "~",
        "approx": "approx",
        "simeq": "approx",
        "cong": "approx",
        "equiv": "equiv",
        "propto": "propto",
        "leftarrow": "<-",
        "gets": "<-",
        "to": "->",
        "rightarrow": "->",
        "mapsto": "->",
    }
)

# What \not does to the relation after it.
NEGATIONS: Mapping[str, str] = MappingProxyType(
    {"=": "!=", "in": "notin", "<": ">=", ">": "<=", "<=": ">", ">=": "<", "equiv": "!="}
)

_PRODUCTS: Mapping[str, str] = MappingProxyType(
    {
        "cdot": "\\cdot",
        "bullet": "\\cdot",
        "times": "\\times",
        "odot": "\\odot",
        "circ": "\\circ",
        "otimes": "\\otimes",
        "oplus": "\\oplus",
        "star": "\\star",
        "ast": "*",
        "div": "/",
        "bmod": "mod",
    }
)

# Delimiters: the side a lone one takes, and what its group is called.
DELIMITERS: Mapping[str, Entry] = MappingProxyType(
    {
        "(": ("open", "("),
        ")": ("close", "("),
        "[": ("open", "["),
        "]": ("close", "["),
        "\\{": ("open", "{"),
        "\\}": ("close", "{"),
        "|": ("bar", "|"),
        "\\|": ("bar", "norm"),
        "<": ("open", "angle"),
        ">": ("close", "angle"),
        ".": ("null", "."),
        "/": ("slash", "/"),
        "\\lbrace": ("open", "{"),
        "\\rbrace": ("close", "{"),
        "\\lbrack": ("open", "["),
        "\\rbrack": ("close", "["),
        "\\lparen": ("open", "("),
        "\\rparen": ("close", "("),
        "\\vert": ("bar", "|"),
        "\\Vert": ("bar", "norm"),
        "\\lvert": ("open", "|"),
        "\\rvert": ("close", "|"),
        "\\lVert": ("open", "norm"),
        "\\rVert": ("close", "norm"),
        "\\lfloor": ("open", "floor"),
        "\\rfloor": ("close", "floor"),
        "\\lceil": ("open", "ceil"),
        "\\rceil": ("close", "ceil"),
        "\\langle": ("open", "angle"),
        "\\rangle": ("close", "angle"),
    }
)

# Font commands: the font of the names in their argument.
FONTS: Mapping[str, str] = MappingProxyType(
    {
        "mathrm": "roman",
        "operatorname": "roman",
        "mathsf": "roman",
        "mathtt": "roman",
        "mathit": "roman",
        "mathnormal": "italic",
        "mathbf": "bold",
        "boldsymbol": "bold",
        "bm": "bold",
        "pmb": "bold",
        "mathbfit": "bold",
        "vec": "bold",
        "mathcal": "calligraphic",
        "mathscr": "calligraphic",
        "mathfrak": "calligraphic",
        "mathbb": "blackboard",
        "mathbbm": "blackboard",
        "mathds": "blackboard",
    }
)

# Text commands: their argument is words, spaces and all.
TEXTS = frozenset(
    "text textrm textup textnormal textsf texttt textbf textit textsc mbox hbox".split()
)

# Font commands without an argument, in force to the end of their braces.
SWITCHES: Mapping[str, str] = MappingProxyType(
    {
        "rm": "roman",
        "sf": "roman",
        "tt": "roman",
        "it": "italic",
        "bf": "bold",
        "cal": "calligraphic",
        "boldmath": "bold",
    }
)

ACCENTS: Mapping[str, str] = MappingProxyType(
    {
        "hat": "hat",
        "widehat": "hat",
        "bar": "bar",
        "overline": "bar",
        "tilde": "tilde",
        "widetilde": "tilde",
        "dot": "dot",
        "ddot": "ddot",
        "check": "check",
        "widecheck": "check",
        "breve": "breve",
        "acute": "acute",
        "grave": "grave",
        "mathring": "mathring",
        "underline": "underline",
        "overrightarrow": "vec",
    }
)

# Commands that only move ink: they make no token.
_SPACING = frozenset(
    """thinspace medspace thickspace negthinspace negmedspace negthickspace enspace enskip
    displaystyle textstyle scriptstyle scriptscriptstyle limits nolimits displaylimits nonumber
    notag noindent strut mathstrut allowbreak nobreak break boxed mathop mathord mathbin mathrel
    mathpunct mathopen mathclose mathinner big Big bigg Bigg bigm Bigm biggm Biggm hfill relax null
    normalsize small""".split()
)

# Commands that are dropped together with their argument in braces.
_DROPPED = frozenset(
    "label tag color textcolor hspace vspace phantom hphantom vphantom smash".split()
)

CASE_ENVIRONMENTS = frozenset(["cases", "dcases", "rcases", "cases*", "dcases*", "numcases"])
MATRIX_ENVIRONMENTS = frozenset(
    "matrix bmatrix pmatrix vmatrix Vmatrix Bmatrix smallmatrix array".split()
)
LINE_ENVIRONMENTS = frozenset(
    """aligned align align* alignat alignat* alignedat split gathered gather gather* equation
    equation* multline multline* eqnarray eqnarray* flalign flalign* displaymath math""".split()
)

COMMANDS: Mapping[str, Entry] = MappingProxyType(
    {
        **_same("name", CONTROL_WORDS),
        **_same("name", ["varepsilon", "infty", "hbar", "emptyset", "Re", "Im", "aleph"]),
        **_rows("name", {"imath": "i", "jmath": "j", "varGamma": "Gamma", "varSigma": "Sigma"}),
        **_same("function", PREFIX_FUNCTIONS),
        **_same("extremum", EXTREMA),
        **_rows("big", BIG_OPERATORS),
        **_rows("relation", RELATIONS),
        **_rows("times", _PRODUCTS),
        **_rows("additive", {"pm": "\\pm", "mp": "\\mp"}),
        **_rows("logical", {"land": "and", "wedge": "and", "lor": "or", "vee": "or"}),
        **_rows("font", FONTS),
        **_same("words", TEXTS),
        **_rows("switch", SWITCHES),
        **_rows("accent", ACCENTS),
        **_same("space", _SPACING),
        **_same("dropped", _DROPPED),
        **_same("fraction", ["frac", "dfrac", "tfrac", "cfrac"]),
        **_same("sized", "left right middle bigl bigr Bigl Bigr biggl biggr Biggl Biggr".split()),
        **_same("ellipsis", "dots ldots cdots dotsc dotsb dotsm dotsi dotso vdots ddots".split()),
        **_rows("prime", {"prime": "'"}),
        **_rows(
            "label", {"top": "top", "intercal": "top", "dagger": "dagger", "ddagger": "ddagger"}
        ),
        **_same("brace-note", ["underbrace", "overbrace"]),
        **_same("stacked", ["stackrel", "overset"]),
        **_rows("hard", {"implies": "=>", "Rightarrow": "=>", "iff": "=>", "Leftrightarrow": "=>"}),
        **_rows("keyword", {"forall": "for"}),
        "sqrt": ("root", "sqrt"),
        "underset": ("underset", "underset"),
        "substack": ("substack", "substack"),
        "over": ("over", "over"),
        "partial": ("partial", "partial"),
        "nabla": ("nabla", "nabla"),
        "mid": ("mid", "|"),
        "parallel": ("bar", "norm"),
        "arg": ("arg", "arg"),
        "not": ("not", "not"),
        "begin": ("begin", "begin"),
        "end": ("end", "end"),
        "quad": ("quad", "quad"),
        "qquad": ("quad", "quad"),
        "cr": ("row", "\\\\"),
        "newline": ("row", "\\\\"),
        "colon": ("colon", ":"),
        "comma": ("comma", ","),
        "lnot": ("refused", "negation"),
        "neg": ("refused", "negation"),
        "binom": ("refused", "a binomial coefficient"),
        "dbinom": ("refused", "a binomial coefficient"),
        "tbinom": ("refused", "a binomial coefficient"),
        "choose": ("refused", "a binomial coefficient"),
        "lim": ("refused", "a limit"),
        "bigcup": ("refused", "a union of sets"),
        "bigcap": ("refused", "an intersection of sets"),
        "cup": ("refused", "a union of sets"),
        "cap": ("refused", "an intersection of sets"),
        **{name[1:]: entry for name, entry in DELIMITERS.items() if len(name) > 2},
    }
)

# Single characters (and pairs that are one sign).
SYMBOLS: Mapping[str, Entry] = MappingProxyType(
    {
        "{": ("{", "{"),
        "}": ("}", "}"),
        "^": ("^", "^"),
        "_": ("_", "_"),
        "&": ("amp", "&"),
        "'": ("prime", "'"),
        "’": ("prime", "'"),
        "′": ("prime", "'"),
        "!": ("bang", "!"),
        "+": ("additive", "+"),
        "-": ("additive", "-"),
        "−": ("additive", "-"),
        "±": ("additive", "\\pm"),
        "*": ("times", "*"),
        "@": ("times", "@"),
        "·": ("times", "\\cdot"),
        "⋅": ("times", "\\cdot"),
        "×": ("times", "\\times"),
        "⊙": ("times", "\\odot"),
        "∘": ("times", "\\circ"),
        "÷": ("times", "/"),
        "/": ("slash", "/"),
        ",": ("comma", ","),
        "，": ("comma", ","),
        "、": ("comma", ","),
        ";": ("semicolon", ";"),
        "；": ("semicolon", ";"),
        ":": ("colon", ":"),
        "：": ("colon", ":"),
        ".": ("period", "."),
        "。": ("period", "."),
        "=": ("relation", "="),
        "<": ("relation", "<"),
        ">": ("relation", ">"),
        "==": ("relation", "="),
        ":=": ("relation", ":="),
        "<=": ("relation", "<="),
        ">=": ("relation", ">="),
        "!=": ("relation", "!="),
        "->": ("relation", "->"),
        "<-": ("relation", "<-"),
        "≔": ("relation", ":="),
        "≤": ("relation", "<="),
        "≥": ("relation", ">="),
        "≠": ("relation", "!="),
        "≈": ("relation", "approx"),
        "≡": ("relation", "equiv"),
        "∈": ("relation", "in"),
        "∉": ("relation", "notin"),
        "∼": ("relation", "~"),
        "∝": ("relation", "propto"),
        "←": ("relation", "<-"),
        "→": ("relation", "->"),
        "∧": ("logical", "and"),
        "∨": ("logical", "or"),
        "(": ("open", "("),
        ")": ("close", "("),
        "（": ("open", "("),
        "）": ("close", "("),
        "[": ("open", "["),
        "]": ("close", "["),
        "\\{": ("open", "{"),
        "\\}": ("close", "{"),
        "⌊": ("open", "floor"),
        "⌋": ("close", "floor"),
        "⌈": ("open", "ceil"),
        "⌉": ("close", "ceil"),
        "⟨": ("open", "angle"),
        "⟩": ("close", "angle"),
        "|": ("bar", "|"),
        "\\|": ("bar", "norm"),
        "||": ("bar", "norm"),
        "‖": ("bar", "norm"),
        "∥": ("bar", "norm"),
        "∣": ("mid", "|"),
        "...": ("ellipsis", "..."),
        "…": ("ellipsis", "..."),
        "⋯": ("ellipsis", "..."),
        "∑": ("big", "sum"),
        "∏": ("big", "product"),
        "∫": ("big", "integral"),
        "∂": ("partial", "partial"),
        "∇": ("nabla", "nabla"),
        "∞": ("name", "infty"),
        "ℓ": ("name", "ell"),
        "⊤": ("label", "top"),
        "\\\\": ("row", "\\\\"),
        **_rows("name", {sign: name for sign, name in GREEK_LETTERS.items() if sign not in "ΣΠ"}),
    }
)
