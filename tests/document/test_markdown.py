"""Formulas, blocks and their places.  The oracle is the file: cut out what a range covers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from torchtex.document.markdown import CodeBlock, Formula, Unclosed, parse
from torchtex.document.position import Range


def covered(source: str, place: Range) -> str:
    """The characters of ``source`` in ``place``, found by splitting lines the plain way."""
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    chosen = lines[place.start.line - 1 : place.end.line]
    if len(chosen) == 1:
        return chosen[0][place.start.column - 1 : place.end.column - 1]
    first, *middle, last = chosen
    return "\n".join([first[place.start.column - 1 :], *middle, last[: place.end.column - 1]])


def formulas(source: str) -> list[Formula]:
    return [item for item in parse(source) if isinstance(item, Formula)]


def shown(source: str) -> list[str]:
    return [covered(source, formula.range) for formula in formulas(source)]


def only(source: str) -> Formula:
    (formula,) = formulas(source)
    return formula


@pytest.mark.parametrize(
    ("source", "latex", "display", "line", "column"),
    [
        ("$x$", "x", False, 1, 1),
        ("see $x_1$ here", "x_1", False, 1, 5),
        ("损失 $L$。", "L", False, 1, 4),
        ("a\tb\t$x$", "x", False, 1, 5),
        ("one\ntwo $x$", "x", False, 2, 5),
        ("one\r\ntwo $x$\r\n", "x", False, 2, 5),
        ("one\rtwo $x$", "x", False, 2, 5),
        ("one $x\ny$ two", "x\ny", False, 1, 5),
        ("$`x`$", "x", False, 1, 1),
        (r"a \(x\) b", "x", False, 1, 3),
        ("**bold $x$**", "x", False, 1, 8),
        ("[a $x$ link](https://example.org)", "x", False, 1, 4),
        ("## Title $x$ ##", "x", False, 1, 10),
        ("Title $x$\n=====", "x", False, 1, 7),
        ("> quoted $x$", "x", False, 1, 10),
        ("> quoted\nlazy $x$", "x", False, 2, 6),
        ("- item\n\n  more $x$", "x", False, 3, 8),
        ("1. > - deep $x$", "x", False, 1, 13),
        ("- item\n\t$x$", "x", False, 2, 2),
        ("$$x$$", "x", True, 1, 1),
        ("so $$x$$ follows", "x", True, 1, 4),
        ("$$\nx\n= y\n$$", "x\n= y", True, 1, 1),
        ("$$x\n+ y$$", "x\n+ y", True, 1, 1),
        ("$$\nx\n\ny\n$$", "x\n\ny", True, 1, 1),
        ("text\n$$\n- x\n$$\ntext", "- x", True, 2, 1),
        ("> $$\n> x\n> $$", "x", True, 1, 3),
        ("* a\n  $$\n  x\n  $$", "x", True, 2, 3),
        ("$$\nx\n$$ (1)", "x", True, 1, 1),
        ("```math\nx\n```", "x", True, 1, 1),
        ("   ~~~ math\n   x\n   ~~~", "x", True, 1, 4),
        ("\\[\nx\n\\]", "x", True, 1, 1),
        (r"\[ x \].", "x", True, 1, 1),
        (
            "\\begin{align}\nx &= y\n\\end{align}",
            "\\begin{align}\nx &= y\n\\end{align}",
            True,
            1,
            1,
        ),
        (r"$\text{\$5}$", r"\text{\$5}", False, 1, 1),
        ("---\ntitle: $a$\n---\n$x$", "x", False, 4, 1),
        ("<div>\n\n$x$\n\n</div>", "x", False, 3, 1),
        ("`$` and $x$ and `$`", "x", False, 1, 9),
    ],
)
def test_where_a_formula_stands(
    source: str, latex: str, display: bool, line: int, column: int
) -> None:
    formula = only(source)
    assert (formula.latex, formula.display) == (latex, display)
    assert (formula.range.start.line, formula.range.start.column) == (line, column)


@pytest.mark.parametrize(
    "source",
    [
        "between $5 and $6",
        "from $5–$6, or US$7",
        "it cost 5$ and 6$ then",
        r"\$x\$",
        "`$x$` and ``a ` $x$``",
        "    $x$",
        "```\n$x$\n```",
        "```latex\n$$x$$\n```",
        "~~~python\ns = '$x$'\n~~~",
        "<div>\n$x$\n</div>",
        "<!-- $x$ -->",
        "text <!-- $x$ --> text",
        "a $ x $ b",
        "$x `code$ more`",
        "$$ $$",
        "![$x$](image.png)",
        r"see \[1\] and \[2\]",
    ],
)
def test_what_is_no_formula(source: str) -> None:
    assert formulas(source) == []


def test_a_table_cell_with_an_escaped_pipe() -> None:
    source = "> | a | b |\n> |---|---|\n> | $x$ | $\\|x\\|$ and $y$ |\n> | | $x$ |"
    found = formulas(source)
    assert [formula.latex for formula in found] == ["x", "|x|", "y", "x"]
    assert shown(source) == ["$x$", r"$\|x\|$", "$y$", "$x$"]
    assert [f.range.start.column for f in found] == [5, 11, 23, 7]


def test_several_formulas_on_a_line_are_all_found() -> None:
    source = r"$a$ $b$, **$c$** \(d\) $`e`$ and $$f$$"
    assert shown(source) == ["$a$", "$b$", "$c$", r"\(d\)", "$`e`$", "$$f$$"]


def test_a_display_covers_all_its_lines() -> None:
    source = "- a\n  $$\n  x\n  $$ <!-- note -->\n"
    assert shown(source) == ["$$\n  x\n  $$"]


@pytest.mark.parametrize("source", ["$$\nx\n\n# Title", "text $$ text", "$$\nx\n<!-- a -->\n"])
def test_dollars_that_nothing_closes(source: str) -> None:
    assert [type(item) for item in parse(source)] == [Unclosed]


PREFIXES = ["", "> ", "- ", "3. ", "> - ", "> > ", "- > 1. ", "   "]
WORDS = st.text(alphabet="abc 中文\t,.é😀", max_size=12)
BODIES = st.sampled_from(["x", "x_{1}", r"\frac{a}{b}", "x_1*y*z_2", r"\{a\}", "损失", "a<b"])


@given(
    prefix=st.sampled_from(PREFIXES),
    pieces=st.lists(st.tuples(WORDS, BODIES), min_size=1, max_size=4),
    newline=st.sampled_from(["\n", "\r\n", "\r"]),
    above=st.integers(0, 3),
)
def test_every_planted_formula_is_found_where_it_was_put(
    prefix: str, pieces: list[tuple[str, str]], newline: str, above: int
) -> None:
    line, expected = prefix + "w", []
    for words, body in pieces:
        line += words + " "
        expected.append((above * 2 + 1, len(line) + 1, body))
        line += f"${body}$"
    source = f"text{newline}{newline}" * above + line + newline
    found = [(f.range.start.line, f.range.start.column, f.latex) for f in formulas(source)]
    assert found == expected


def blocks(source: str) -> list[CodeBlock]:
    return [item for item in parse(source) if isinstance(item, CodeBlock)]


@pytest.mark.parametrize(
    "opening",
    [
        "```python",
        "```py",
        "``` Python3",
        "~~~python",
        "```{python}",
        "```{python} label",
        "```python title='a.py'",
        "```python {1,3}",
        "```{.python .numberLines}",
        "````py",
    ],
)
def test_what_is_a_python_block(opening: str) -> None:
    fence = opening[: len(opening) - len(opening.lstrip("`~"))]
    (block,) = blocks(f"text\n\n{opening}\na = 1\n\nb = 2\n{fence}\n")
    assert (block.source, block.line, block.marked_skip) == ("a = 1\n\nb = 2\n", 4, False)


@pytest.mark.parametrize("info", ["", "text", "pycon", "pytb", "python-console", "cython", "js"])
def test_what_is_no_python_block(info: str) -> None:
    assert blocks(f"```{info}\na\n```\n    b = 1\n") == []


@pytest.mark.parametrize("info", ["python notest", "py no-test", "python skip", "{python} notest"])
def test_blocks_that_say_that_they_do_not_run(info: str) -> None:
    (block,) = blocks(f"```{info}\na\n```")
    assert block.marked_skip


def test_a_block_in_a_list_loses_its_indentation_and_keeps_its_lines() -> None:
    (block,) = blocks("1. x\n\n   ```python\n   if a:\n       b\n   ```\n")
    assert (block.source, block.line, block.indents) == ("if a:\n    b\n", 4, (3, 3))
    assert (block.range.start.line, block.range.start.column) == (3, 4)


def test_a_long_article_is_read_quickly_whatever_it_holds() -> None:
    hostile = "\\( " * 20_000 + "\n\n" + "$$\n\n" * 5_001 + "> " * 5_000 + "\n\n" + "$a " * 20_000
    assert all(isinstance(item, (Formula, Unclosed)) for item in parse(hostile))
