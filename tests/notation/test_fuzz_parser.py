"""Random text and random edits of real formulas: read or refused, never anything else."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import TypeVar

from hypothesis import example, given, settings
from hypothesis import strategies as st

from torchtex.notation.depth import MAX_TREE_DEPTH, parts
from torchtex.notation.errors import NotRead
from torchtex.notation.parser import parse
from torchtex.notation.reading import Context, Known
from torchtex.notation.resolve import read
from torchtex.notation.syntax import Span

Answer = TypeVar("Answer")

FORMULAS = (
    r"\mathcal{L}_{\text{CE}} = -\log\left(\frac{\exp(z_y)}{\sum_{j=1}^{C}\exp(z_j)}\right)",
    r"\mathcal{L}_{MSE} = \frac{1}{n}\sum_{i=1}^n (y_i-\hat{y}_i)^2",
    r"\ell = -\left[y\cdot\log(\sigma(x)) + (1-y)\cdot\log(1-\sigma(x))\right]",
    r"\text{softmax}\left(\frac{QK^\top}{\sqrt{d_k}}\right)V",
    r"\frac{\partial\mathcal{L}}{\partial z_k} = p_k - y_k",
    r"f(x)=\begin{cases}x^2/2, & |x|<\beta\\ \beta|x|-\beta^2/2 & \text{otherwise}\end{cases}",
    r"D_{KL}(P\|Q)=\sum_x P(x)\log\frac{P(x)}{Q(x)}",
    r"y = \frac{x-\mathrm{E}[x]}{\sqrt{\mathrm{Var}[x]+\epsilon}}*\gamma+\beta",
    r"L_i=-\log\frac{\exp(s_{i,i}/\tau)}{\sum_{k=1}^{2N}\mathbb{1}_{[k\neq i]}\exp(s_{i,k}/\tau)}",
    r"H_{out}=\left\lfloor\frac{H_{in}+2\times\text{padding}[0]-1}{\text{stride}[0]}+1\right\rfloor",
    r"\begin{aligned} l_n &= -w_{y_n} x_{n,y_n}, \\ w_c &= w[c] \cdot \mathbb{1}\{c \ne 1\}"
    r" \end{aligned}",
    r"\ell(x, y) = L = \{l_1,\dots,l_N\}^\top, \quad l_n = \left( x_n - y_n \right)^2",
    r"\sum_{\substack{j=1 \\ j \neq y}}^C \max(0, m - x_y + x_j)^p - \max_{j \neq y} x_j",
    r"h = \tanh(W_1 \mathbf{x} + b_1), \quad o_k = \sum_i^D V_{k,i} h_i",
)
KNOWN = Context(
    {
        "x": Known("real"),
        "y": Known("labels"),
        "z": Known("real"),
        "w": Known("real"),
        "s": Known("real"),
        "p": Known("real"),
        "beta": Known("real"),
    }
)
TOKENS = re.compile(r"\\[A-Za-z]+|\\.|[A-Za-z]+|\d+|\s+|.", re.DOTALL)
SECONDS = 5.0  # of this process: a hang, not a slow machine


def pieces_of(latex: str) -> list[str]:
    return TOKENS.findall(latex)


@st.composite
def edited(draw: st.DrawFn) -> str:
    """A real formula with a few tokens deleted, doubled, exchanged or brought from another."""
    pieces = pieces_of(draw(st.sampled_from(FORMULAS)))
    others = pieces_of(draw(st.sampled_from(FORMULAS)))
    for _ in range(draw(st.integers(1, 4))):
        here = draw(st.integers(0, len(pieces) - 1))
        there = draw(st.integers(0, len(pieces) - 1))
        edit = draw(st.sampled_from(("delete", "double", "exchange", "bring")))
        if edit == "delete" and len(pieces) > 1:
            del pieces[here]
        elif edit == "double":
            pieces.insert(here, pieces[here])
        elif edit == "exchange":
            pieces[here], pieces[there] = pieces[there], pieces[here]
        else:
            pieces.insert(here, draw(st.sampled_from(others)))
    return "".join(pieces)


def answered(action: Callable[[], Answer], latex: str) -> Answer | None:
    """What ``action`` returns, None if it refuses; the place of a refusal lies in the source."""
    started = time.process_time()
    try:
        answer = action()
    except NotRead as refusal:
        assert 0 <= refusal.span.start <= refusal.span.end <= len(latex)
        assert refusal.message in refusal.describe()
        answer = None
    assert time.process_time() - started < SECONDS, latex
    return answer


def check_spans(node: object, around: Span, depth: int = 1) -> None:
    """Every node lies inside the one around it, and none too deep to be walked."""
    span = getattr(node, "span", around)
    assert around.start <= span.start <= span.end <= around.end, node
    assert depth <= MAX_TREE_DEPTH
    for part in parts(node):
        check_spans(part, span, depth + 1)


def check_parsed(latex: str) -> None:
    document = answered(lambda: parse(latex), latex)
    for statement in document.statements if document is not None else ():
        check_spans(statement, Span(0, len(latex)))


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=60))
def test_any_bytes_are_parsed_or_refused(data: bytes) -> None:
    check_parsed(data.decode("latin-1"))


@settings(deadline=None, max_examples=400)
@given(edited())
@example(r"\hat x'_i + {\bf a}_i'")
@example(r"\frac{d}{dx} \frac{d}{dy} f(x)")
@example(r"\left. x \right|_0")
def test_edited_formulas_are_parsed_or_refused(latex: str) -> None:
    check_parsed(latex)


@settings(deadline=None, max_examples=150)
@given(edited())
def test_edited_formulas_are_read_or_refused(latex: str) -> None:
    answered(lambda: read(latex, KNOWN), latex)


@settings(deadline=None, max_examples=100)
@given(edited())
def test_without_anything_known_they_are_read_or_refused_too(latex: str) -> None:
    answered(lambda: read(latex), latex)
