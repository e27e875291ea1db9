"""Directives in comments: what they say, where they stand, what is wrong with them."""

from __future__ import annotations

import pytest

from tests.document.test_markdown import covered
from torchtex.document.directives import Declare, Ignore, Let, Name, Problem, Skip, Verify
from torchtex.document.markdown import Formula, parse


def directives(source: str) -> list[object]:
    return [item for item in parse(source) if not isinstance(item, Formula)]


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("verify F.mse_loss(x, y)", Verify, {"code": "F.mse_loss(x, y)"}),
        ("let z = torch.randn(8, 5)", Let, {"name": "z", "expression": "torch.randn(8, 5)"}),
        ("name p = softmax(z)", Name, {"symbol": "p", "expression": "softmax(z)"}),
        ("name p_{i=1} = z == y", Name, {"symbol": "p_{i=1}", "expression": "z == y"}),
        (r"name \hat{y} = y_hat", Name, {"symbol": r"\hat{y}", "expression": "y_hat"}),
        ("declare x in R^{N x D}", Declare, {"text": "x in R^{N x D}"}),
        (r"declare y \in \{0,\; 1\}", Declare, {"text": r"y \in \{0,\; 1\}"}),
        ("ignore F101", Ignore, {"codes": ("F101",)}),
        ("ignore F101, N201 C101", Ignore, {"codes": ("F101", "N201", "C101")}),
        ("skip", Skip, {}),
    ],
)
@pytest.mark.parametrize("frame", ["<!-- torchtex: {} -->", "text <!--torchtex:{}--> text"])
def test_a_directive(text: str, kind: type, said: dict[str, object], frame: str) -> None:
    source = frame.format(text)
    (found,) = directives(source)
    assert type(found) is kind
    assert {name: getattr(found, name) for name in said} == said
    assert covered(source, found.range) == text


def test_several_directives_in_one_comment() -> None:
    source = (
        "$x$ <!-- torchtex: verify F.mse_loss(\n    x, y); let x = 1\n   torchtex: declare x\n\n-->"
    ).replace("\n\n", "\n")
    found = directives(source)
    assert [type(item) for item in found[:2]] == [Verify, Let]
    assert found[0].code == "F.mse_loss(\n    x, y)"
    assert covered(source, found[1].range) == "let x = 1"


def test_a_comment_of_several_lines_in_a_quote() -> None:
    source = "> $$\n> x\n> $$ <!-- torchtex: verify f(1,\n>    2)\n>  let z = 3 -->\n> $y$"
    found = directives(source)
    assert [covered(source, item.range) for item in found][1:] == ["let z = 3"]
    assert (found[1].range.start.line, found[1].range.start.column) == (5, 4)
    assert [f.latex for f in parse(source) if isinstance(f, Formula)] == ["x", "y"]


@pytest.mark.parametrize(
    "source",
    [
        "<!-- a remark -->",
        "<!-- torchtext is a library -->",
        "<!-- torchtex is nice -->",
        "`<!-- torchtex: verfy x -->`",
        "```\n<!-- torchtex: verfy x -->\n```",
        "<pre>\n<!-- torchtex: verfy x -->\n</pre>",
    ],
)
def test_what_is_no_directive(source: str) -> None:
    assert directives(source) == []


@pytest.mark.parametrize(
    ("source", "kind", "said"),
    [
        ("<!-- torchtex: verfy x -->", "unknown", "did you mean 'verify'"),
        ("<!-- torchtex: frobnicate -->", "unknown", "expected verify, let, name"),
        ("<!-- torchtex: -->", "unknown", "no directive"),
        ("<!-- torchtex verify x -->", "unknown", "starts with 'torchtex:'"),
        ("<!-- torchtext: verify x -->", "unknown", "starts with 'torchtex:'"),
        ("<!-- torchtex: verify -->", "unreadable", "no Python expression"),
        ("<!-- torchtex: verify f(x -->", "unreadable", "never closed"),
        ("<!-- torchtex: verify " + "(" * 1000 + " -->", "unreadable", "nested"),
        ("<!-- torchtex: let z -->", "unreadable", "expected NAME = EXPRESSION"),
        ("<!-- torchtex: let 1 = 2 -->", "unreadable", "not a Python name"),
        ("<!-- torchtex: name p = -->", "unreadable", "expected NAME = EXPRESSION"),
        ("<!-- torchtex: declare -->", "unreadable", "nothing is declared"),
        ("<!-- torchtex: ignore -->", "unreadable", "no code"),
        ("<!-- torchtex: ignore all -->", "unreadable", "'all' is not a code"),
        ("<!-- torchtex: skip this -->", "unreadable", "stands alone"),
        ("<!-- torchtex: verify x\n\nmore", "unreadable", "not closed"),
        ("a <!-- torchtex: verify x\n\nb -->", "unreadable", "not closed"),
    ],
)
def test_a_directive_that_cannot_be_followed_is_never_lost(
    source: str, kind: str, said: str
) -> None:
    (problem,) = directives(source)
    assert isinstance(problem, Problem)
    assert problem.kind == kind
    assert said in problem.message
