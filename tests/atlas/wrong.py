"""Wrong neighbours of the documented formulas: one character or one symbol changed in each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

SWAPPED = (("`mean'", "`?'"), ("`sum'", "`mean'"), ("`?'", "`sum'"))

Edit = tuple[str, str]

# For each function, edits of its formulas; one applies where its first part occurs.
EDITS: Mapping[str, tuple[Edit, ...]] = {
    "mse_loss": ((r"x_n - y_n", r"x_n + y_n"), (r")^2", r")^3")),
    "l1_loss": ((r"x_n - y_n", r"x_n + y_n"),),
    "smooth_l1_loss": (
        (r"/ beta, ", r", "),
        (r"| < beta", r"| > beta"),
        (r"- 0.5 * beta", r"+ 0.5 * beta"),
    ),
    "huber_loss": (
        (r"0.5 (x_n", r"0.25 (x_n"),
        (r"| < delta", r"| > delta"),
        (r"delta * (|x_n", r"(|x_n"),
    ),
    "cross_entropy": (
        (r"l_n = - ", r"l_n = "),
        (r"y_n \not= \text{ignore\_index}\}", r"y_n = \text{ignore\_index}\}"),
        (r"\sum_{c=1}^C \exp(x_{n,c})", r"\exp(\sum_{c=1}^C x_{n,c})"),
        (r"(1 - \varepsilon)", r"(1 + \varepsilon)"),
        (r"\frac{\varepsilon}{C}", r"\frac{\varepsilon}{N}"),
    ),
    "nll_loss": (
        (r"l_n = - w", r"l_n = w"),
        (r"c \not= \text", r"c = \text"),
    ),
    "binary_cross_entropy": (
        (r"(1 - y_n)", r"(1 + y_n)"),
        (r"\log (1 - x_n)", r"\log (1 + x_n)"),
    ),
    "binary_cross_entropy_with_logits": (
        (r"(1 - y_n)", r"(1 + y_n)"),
        (r"y_n \cdot \log \sigma(x_n)", r"y_n \cdot \log x_n"),
        (r"(1 - y_{n,c})", r"(1 + y_{n,c})"),
        (r"p_c y_{n,c}", r"y_{n,c}"),
    ),
    "kl_div": (
        (r"\frac{y_{\text{true}}}{y_{\text{pred}}}", r"\frac{y_{\text{pred}}}{y_{\text{true}}}"),
        (r"- \log y_{\text{pred}}", r"+ \log y_{\text{pred}}"),
        (r"- \log q", r"+ \log q"),
        (r"\frac{1}{N}", r"\frac{1}{C}"),
    ),
    "poisson_nll_loss": (
        (r"- \text{target}*", r"+ \text{target}*"),
        (r"0.5 *", r"0.25 *"),
        (r"\text{target} > 1", r"\text{target} > 2"),
    ),
    "gaussian_nll_loss": (
        (r"- \text{target}", r"+ \text{target}"),
        (r"\right)^2}", r"\right)}"),
        (r"\frac{1}{2} \log(2\pi)", r"\frac{1}{2} \log(\pi)"),
    ),
    "hinge_embedding_loss": (
        (r"margin - x_n", r"margin + x_n"),
        (r"y_n = 1,", r"y_n = -1,"),
    ),
    "cosine_embedding_loss": (
        (r"- \text{margin}", r"+ \text{margin}"),
        (r"1 - ", r"1 + "),
    ),
    "margin_ranking_loss": ((r"-y * ", r"y * "), (r"x1 - x2", r"x1 + x2")),
    "triplet_margin_loss": ((r"- d(a_i, n_i)", r"+ d(a_i, n_i)"), (r"a_i, n_i", r"p_i, n_i")),
    "soft_margin_loss": ((r"-y[i]", r"y[i]"), (r"1 + ", r"2 + ")),
    "multilabel_soft_margin_loss": ((r"(1-y[i])", r"(1+y[i])"), (r"= - ", r"= ")),
    "multi_margin_loss": (
        (r"- x[y] + x[i]", r"+ x[y] - x[i]"),
        (r"\max(0, ", r"\max(1, "),
        (r"w[y]", r"w[i]"),
    ),
}


def neighbours(function: str, latex: str) -> Iterator[str]:
    """The wrong formulas near ``latex``, which is one of ``function``'s."""
    for right, wrong in EDITS[function]:
        if right in latex:
            yield latex.replace(right, wrong, 1)
    if "`mean'" in latex:
        yield _swapped(latex)


def _swapped(latex: str) -> str:
    for found, replacement in SWAPPED:
        latex = latex.replace(found, replacement)
    return latex
