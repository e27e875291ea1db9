"""Tokens: what is one name, what is dropped, what is refused and where."""

from __future__ import annotations

import time

import pytest

from torchtex.notation.dictionary import COMMANDS, SYMBOLS
from torchtex.notation.errors import NotRead
from torchtex.notation.lexer import MAX_NESTING, MAX_TOKENS, tokenize


def texts(latex: str, *words: str) -> list[str]:
    return [token.text for token in tokenize(latex, frozenset(words))]


def kinds(latex: str) -> list[str]:
    return [token.kind for token in tokenize(latex)]


def refused(latex: str) -> NotRead:
    with pytest.raises(NotRead) as caught:
        tokenize(latex)
    return caught.value


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        ("QK", ["Q", "K"]),
        ("softmax", ["softmax"]),
        ("margin - x", ["margin", "-", "x"]),
        (r"0.5 * beta", ["0.5", "*", "beta"]),
        ("xy2", ["x", "y", "2"]),
        (r"\text{kernel\_size}[0]", ["kernel_size", "[", "0", "["]),
        (r"\text{x.size}(0)", ["x.size", "(", "0", "("]),
        (r"\text{target!}", ["target", "!"]),
        (r"\text{const.}", ["const"]),
        (r"\text{in-batch}", ["in-batch"]),
        (r"\text{交叉熵}", ["交叉熵"]),
        (r"\operatorname{mean}(L)", ["mean", "(", "L", "("]),
        (r"\operatorname*{arg\,max}", ["argmax"]),
        (r"\arg\min", ["argmin"]),
        (r"\arg\,\max", ["argmax"]),
        (r"{\rm margin}", ["margin"]),
        (r"{\bf x}_i", ["x", "_", "i"]),
        (r"\mathbf{Wx}", ["bold", "{", "W", "x", "}"]),
        (r"\mathbf{MLP}", ["MLP"]),
        (r"10{,}000", ["10000"]),
        ("1e-6", ["1e-6"]),
        ("2e-x", ["2", "e", "-", "x"]),
        (r"_{out}", ["_", "{", "out", "}"]),
        ("out", ["o", "u", "t"]),
        (r"KL(p)", ["KL", "(", "p", "("]),
        (r"y \not= k", ["y", "!=", "k"]),
        (r"y \not\in S", ["y", "notin", "S"]),
        (r"a \overset{\text{def}}{=} b", ["a", ":=", "b"]),
        ("α ≤ β·γ", ["alpha", "<=", "beta", "\\cdot", "gamma"]),
        (r"\big( x \Bigr)", ["(", "x", "("]),
        (r"\left. x \right)", [".", "x", "("]),
        (r"\begin{array}{l@{}r} a \end{array}", ["array", "a", "array"]),
        (r"a \\[2pt] b", ["a", "\\\\", "b"]),
    ],
)
def test_what_is_one_token(latex: str, expected: list[str]) -> None:
    assert texts(latex) == expected


@pytest.mark.parametrize(
    "dropped",
    [
        r"\,",
        r"\;",
        r"\!",
        "~",
        r"\ ",
        r"\thinspace ",
        r"\displaystyle ",
        r"\limits ",
        r"\nonumber ",
        r"\label{eq:1}",
        r"\tag{3}",
        r"\color{red}",
        r"\hspace{1em}",
        "% a remark",
        r"\text{ }",
        r"\phantom{x_{i}}",
    ],
)
def test_what_only_moves_ink_makes_no_token(dropped: str) -> None:
    assert texts(f"a {dropped}\n + b") == ["a", "\n", "+", "b"]


@pytest.mark.parametrize(
    ("latex", "words", "expected"),
    [
        ("x1 - x2", ("x1", "x2"), ["x1", "-", "x2"]),
        ("x1 - x2", (), ["x", "1", "-", "x", "2"]),
        ("lr g", ("lr",), ["lr", "g"]),
        ("kernel_size - 1", ("kernel_size",), ["kernel_size", "-", "1"]),
        ("y_hat - y", ("y_hat",), ["y_hat", "-", "y"]),
        ("p_t", ("p_t",), ["p", "_", "t"]),  # letters with one-letter subscripts stay subscripts
        ("x12", ("x1",), ["x", "12"]),
        ("kernel_sizes", ("kernel_size",), ["k", "e", "r", "n", "e", "l", "_", *"sizes"]),
    ],
)
def test_words_the_caller_gives_are_one_name(
    latex: str, words: tuple[str, ...], expected: list[str]
) -> None:
    assert texts(latex, *words) == expected


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        (r"\text{if}", [("keyword", "if")]),
        (r"\text{ if }", [("keyword", "if")]),
        (r"\text{if~}", [("keyword", "if")]),
        (r"\text{当}", [("keyword", "if")]),
        (r"\text{对数}", [("name", "对数")]),  # a logarithm, not "for"
        (r"\text{otherwise.}", [("keyword", "otherwise")]),
        (r"\text{否则}", [("keyword", "otherwise")]),
        (r"\mathrm{otherwise}", [("keyword", "otherwise")]),
        ("otherwise", [("keyword", "otherwise")]),
        (r"\text{s.t.}", [("keyword", "where")]),
        (r"\text{sat}", [("name", "sat")]),
        (r"\text{for all } ", [("keyword", "for")]),
        (r"\text{if reduction}", [("keyword", "if"), ("name", "reduction")]),
        (r"\text{`mean';}", [("text", "mean")]),
        (r'\text{"mean"}', [("text", "mean")]),
        (r"\text{“mean”，}", [("text", "mean")]),
        (
            r"\text{if reduction = 'sum'.}",
            [("keyword", "if"), ("name", "reduction"), ("relation", "="), ("text", "sum")],
        ),
        (r"\text{number of classes}", [("text", "number of classes")]),
        (r"\text{max}", [("extremum", "max")]),
        (r"\text{log}", [("function", "log")]),
        (
            r"\text{if $x > 0$}",
            [("keyword", "if"), ("name", "x"), ("relation", ">"), ("number", "0")],
        ),
    ],
)
def test_words_of_text_steer_name_or_say_nothing(
    latex: str, expected: list[tuple[str, str]]
) -> None:
    assert [(token.kind, token.text) for token in tokenize(latex)] == expected


@pytest.mark.parametrize(
    ("latex", "font"),
    [
        (r"\mathbf{x}", "bold"),
        (r"\boldsymbol{x}", "bold"),
        (r"\bm x", "bold"),
        (r"\vec{x}", "bold"),
        (r"\mathcal{L}", "calligraphic"),
        (r"\mathbb{R}", "blackboard"),
        (r"\mathbb 1", "blackboard"),
        (r"\mathrm{E}", "roman"),
        (r"\text{ReLU}", "roman"),
        (r"\operatorname{erfc}", "roman"),
        ("x", "italic"),
        (r"\theta", "italic"),
    ],
)
def test_fonts_of_names(latex: str, font: str) -> None:
    (token,) = tokenize(latex)
    assert (token.kind, token.font) == ("name", font)
    assert (token.start, token.end) == (0, len(latex))


def test_spans_cover_what_was_written() -> None:
    latex = r"\mathcal{L} = \text{kernel\_size} \le 10{,}000 y_{out}"
    written = [latex[token.start : token.end] for token in tokenize(latex)]
    assert written == [
        *(r"\mathcal{L}", "=", r"\text{kernel\_size}", r"\le", "10{,}000"),
        *("y", "_", "{", "out", "}"),
    ]


def test_every_row_of_the_dictionary_is_read_or_refused_with_its_span() -> None:
    for name in COMMANDS:
        latex = f"\\{name}{{(}} x"
        try:
            tokens = tokenize(latex)
        except NotRead as refusal:
            assert refusal.span.start == 0
        else:
            assert all(latex[token.start : token.end] for token in tokens)
    for sign in SYMBOLS:
        assert tokenize(sign)[0].start == 0


@pytest.mark.parametrize(
    ("latex", "at", "says"),
    [
        ("a + \x00b", "\x00", "U+0000"),
        ("a \x07", "\x07", "U+0007"),
        (r"a + \frobnicate x", r"\frobnicate", r"\frobnicate is not known"),
        (r"\binom{n}{k}", r"\binom", "binomial"),
        ("$x$", "$", "$ is not read"),
        (r"\(x\)", r"\(", "is not read"),
        ("x \u0436", "\u0436", r"outside of \text"),
        ("√2", "√", "is not read"),
        (r"a \text{b", r"\text", "needs words in braces"),
        (r"\left x", r"\left", "needs a delimiter"),
        (r"\left) x", r"\left)", "wrong side"),
        (r"\not x", r"\not", "before a relation"),
        (r"\arg x", r"\arg", r"\max or \min"),
        ("1e999999", "1e999999", "too long"),
        ("9E5296", "9E5296", "too long"),
        ("1e-1000", "1e-1000", "too long"),
        ("7" * 500, "7" * 500, "too long"),
        ("a\\", "\\", "is not read"),
        (r"\begin cases", r"\begin", "name of an environment"),
    ],
)
def test_what_belongs_to_no_formula_is_refused_under_a_caret(
    latex: str, at: str, says: str
) -> None:
    refusal = refused(latex)
    assert latex[refusal.span.start : refusal.span.end] == at
    assert says in refusal.message
    assert "^" in str(refusal)


def test_an_unknown_command_comes_with_a_hint() -> None:
    assert refused(r"\frobnicate").hint == r"if it is a symbol, write \text{frobnicate}"


@pytest.mark.parametrize("opener", ["{", "(", r"\left(", r"\begin{cases}", r"\mathbf{{"])
def test_deep_nesting_is_refused_at_the_opener_that_is_too_deep(opener: str) -> None:
    latex = opener * 100_000
    started = time.process_time()
    refusal = refused(latex)
    assert time.process_time() - started < 5
    assert f"more than {MAX_NESTING} levels" in refusal.message
    assert refusal.span.start <= (MAX_NESTING + 1) * len(opener)


@pytest.mark.parametrize("unit", ["a+", "x", "|a|", r"\frac{a}{b}+", "a=b\n", "%\n", " ", "9"])
def test_a_megabyte_is_answered_in_under_a_second(unit: str) -> None:
    latex = unit * (1_000_000 // len(unit))
    started = time.process_time()
    try:
        tokens = tokenize(latex)
    except NotRead as refusal:
        assert refusal.span.end <= len(latex)
    else:
        assert len(tokens) <= MAX_TOKENS
    assert time.process_time() - started < 5


def test_kinds_of_a_whole_formula() -> None:
    expected = "additive function fraction { function open name _ name close }"
    expected += " { big _ name name _ name }"
    assert kinds(r"-\log\frac{\exp(z_y)}{\sum_j z_j}") == expected.split()
