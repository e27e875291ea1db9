"""Spellings of symbols: LaTeX to canonical name, back, and names in code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from torchtex.notation.spelling import (
    ALIASES,
    WRITTEN_ACCENTS,
    canonical,
    canonical_name,
    latex_name,
    same_symbol,
)
from torchtex.notation.syntax import Name, Span

SPAN = Span(0, 1)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (Name("alpha", SPAN), "alpha"),
        (Name("α", SPAN), "alpha"),
        (Name("y", SPAN, accents=("hat",)), "y_hat"),
        (Name("ŷ", SPAN), "y_hat"),
        (Name("y", SPAN, accents=("widehat",)), "y_hat"),
        (Name("x", SPAN, accents=("tilde",)), "x_tilde"),
        (Name("x", SPAN, accents=("hat", "bar")), "x_hat_bar"),
        (Name("x", SPAN, accents=("vec",)), "x"),
        (Name("y", SPAN, primes=1), "y_prime"),
        (Name("y", SPAN, accents=("hat",), primes=2), "y_hat_prime_prime"),
        (Name("W", SPAN, font="bold"), "W"),
        (Name("L", SPAN, font="calligraphic"), "L"),
        (Name("varepsilon", SPAN), "epsilon"),
        (Name("ϵ", SPAN), "epsilon"),
        (Name("kernel_size", SPAN, font="roman"), "kernel_size"),
        (Name("log-prob", SPAN, font="roman"), "log_prob"),
        (Name("损失", SPAN, font="roman"), "损失"),
        (Name("écart", SPAN, font="roman"), "écart"),
    ],
)
def test_a_symbol_has_one_canonical_name(name: Name, expected: str) -> None:
    assert canonical_name(name) == expected


def test_subscript_words_follow_accents_and_primes() -> None:
    assert canonical("W", subscript_words=("1",)) == "W_1"
    assert canonical("H", subscript_words=("in",)) == "H_in"
    assert canonical("L", font="calligraphic", subscript_words=("CE",)) == "L_CE"
    assert canonical("m", ("hat",), 1, "bold", ("t",)) == "m_hat_prime_t"
    assert canonical("x", subscript_words=("1", "2")) == "x_1_2"
    assert canonical("p", subscript_words=("θ",)) == "p_theta"


def test_letters_that_texts_tell_apart_stay_apart() -> None:
    assert canonical("varphi") != canonical("phi")
    assert canonical("ell") != canonical("l")
    assert canonical("Sigma") != canonical("sigma")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("x", "x"),
        ("lambda", r"\lambda"),
        ("ell", r"\ell"),
        ("y_hat", r"\hat{y}"),
        ("theta_tilde", r"\tilde{\theta}"),
        ("x_hat_bar", r"\bar{\hat{x}}"),
        ("y_prime", "y'"),
        ("y_hat_prime_prime", r"\hat{y}''"),
        ("W_1", "W_1"),
        ("W_12", "W_{12}"),
        ("beta_1", r"\beta_1"),
        ("p_t", "p_t"),
        ("p_theta", r"p_{\theta}"),
        ("x_1_2", "x_{1,2}"),
        ("H_in", r"H_{\text{in}}"),
        ("L_CE", r"L_{\text{CE}}"),
        ("m_hat_t", r"\hat{m}_t"),
        ("kernel_size", r"\text{kernel\_size}"),
        ("lambda_", r"\text{lambda\_}"),
        ("损失", r"\text{损失}"),
    ],
)
def test_a_canonical_name_is_written_as_a_person_would(name: str, expected: str) -> None:
    assert latex_name(name) == expected


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("x", "x"),
        ("y_hat", "y_hat"),
        ("y_hat", "ŷ"),
        ("y_hat_1", "ŷ_1"),
        ("theta", "θ"),
        ("theta_1", "θ_1"),
        ("lambda", "lambda_"),
        ("lambda", "λ"),
        ("W_1", "W_1"),
        ("epsilon", "epsilon"),
    ],
)
def test_its_own_name_fits_exactly(name: str, argument: str) -> None:
    assert same_symbol(name, argument) == 2


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("y_hat", "yhat"),
        ("y_hat", "y_pred"),
        ("y_hat", "pred"),
        ("y_hat_1", "y_pred_1"),
        ("epsilon", "eps"),
        ("epsilon_1", "eps1"),
        ("lambda", "lam"),
        ("lambda", "lmbda"),
        ("W_1", "W1"),
        ("W_1", "w1"),
        ("W_1", "weight_1"),
        ("N", "n"),
        ("z", "logits"),
        ("varphi", "phi"),
    ],
)
def test_an_alias_fits_less_well(name: str, argument: str) -> None:
    assert same_symbol(name, argument) == 1


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("x", "y"),
        ("y", "y_hat"),
        ("y_hat", "y"),
        ("y_hat", "target"),
        ("y", "pred"),
        ("y_hat", "target_hat"),
        ("W_1", "W_2"),
        ("W_1", "W_11"),
        ("alpha", "gamma"),
        ("beta_1", "beta"),
        ("p", "q"),
    ],
)
def test_another_name_does_not_fit(name: str, argument: str) -> None:
    assert same_symbol(name, argument) == 0


@pytest.mark.parametrize("name", sorted(ALIASES))
def test_every_alias_row_is_canonical_and_matched(name: str) -> None:
    for alias in ALIASES[name]:
        assert canonical(alias) == alias
        assert same_symbol(name, alias) == 1


bases = st.sampled_from(["x", "W", "alpha", "Sigma", "ell", "varphi"])
accents = st.lists(st.sampled_from(sorted(WRITTEN_ACCENTS)), max_size=2)
words = st.lists(st.sampled_from(["1", "23", "in", "t", "CE", "theta"]), max_size=2)


@given(base=bases, accents=accents, primes=st.integers(0, 2), words=words)
def test_different_names_are_written_differently(
    base: str, accents: list[str], primes: int, words: list[str]
) -> None:
    name = canonical(base, accents, primes, subscript_words=words)
    written = latex_name(name)
    assert written.count("'") == primes
    assert all(WRITTEN_ACCENTS[accent] in written for accent in accents)
    assert all(word in written for word in words)
    assert latex_name(name + "_0") != written
