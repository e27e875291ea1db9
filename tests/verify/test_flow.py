"""verify() from end to end: what it takes, what it refuses, what it prints."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest
import torch
from torch import nn

from torchtex.verify import Verdict, verify

CE = r"\mathcal{L}_{CE} = -\log\frac{\exp(z_y)}{\sum_{j=1}^{C}\exp(z_j)}"


def test_the_verdict_prints_for_people():
    text = str(verify(CE, "F.cross_entropy(z, y)"))
    assert text.startswith("agrees up to: mean over the batch")
    for part in ("log is the natural logarithm", "Σ over j", "z is z", "one batch axis", "seed 0"):
        assert part in text


def test_what_differs_prints_both_numbers_and_a_suggestion():
    text = str(verify(CE.replace(r"-\log", r"\log"), "F.cross_entropy(z, y)"))
    assert text.startswith("differs")
    assert "did you mean" in text
    assert "formula" in text
    assert "code" in text


@pytest.mark.parametrize(
    ("latex", "code"),
    [(CE, "F.cross_entropy(z, y)"), (r"f = \log x", "torch.log(x).clamp(min=0)"), ("f = ", "x")],
)
def test_the_dictionary_is_json(latex, code):
    verdict = verify(latex, code)
    read_back = json.loads(json.dumps(verdict.to_dict(), allow_nan=False))
    assert read_back["status"] == verdict.status
    assert read_back["ok"] is verdict.ok


@pytest.mark.parametrize(
    ("latex", "code", "reason"),
    [
        (r"L = \frac{a", "a", "^"),
        (r"L = \nonsense{x}", "x", "nonsense"),
        (r"L = x_i y_j z_k w", "x", ""),
        ("L = x", "x +", "not a Python expression"),
        ("L = x", "F.no_such_loss(x)", "no_such_loss"),
        ("L = x", "raise ValueError('no')", "not a Python expression"),
        ("L = x", "x.reshape(7, 7, 7, 7)", "RuntimeError"),
        ("L = x", "exit(1)", "x"),
        ("L = " + "{" * 5000 + "x" + "}" * 5000, "x", ""),
        ("", "x", ""),
        ("L = x\0", "x", ""),
    ],
)
def test_bad_input_is_refused_with_a_reason(latex, code, reason):
    verdict = verify(latex, code)
    assert verdict.status == "refused", str(verdict)
    assert verdict.reason
    assert reason in verdict.reason
    assert "Traceback" not in verdict.reason


def test_unknown_and_misshapen_inputs_are_refused():
    unknown = verify("f = x^2", "x ** 2", {"q": torch.ones(3)})
    assert unknown.status == "refused"
    assert "no argument 'q'" in unknown.reason
    misshapen = verify(
        r"\ell_n = (x_n - y_n)^2", "((x - y) ** 2)", {"x": torch.ones(3), "y": torch.ones(1)}
    )
    assert misshapen.status == "refused"


def test_the_users_inputs_are_compared_first_and_decide():
    code = "torch.where(x == 1 / 8.1, x + 1, x ** 2)"
    assert verify("f = x^2", code).ok
    verdict = verify("f = x^2", code, {"x": torch.tensor([1.0, 1 / 8.1], dtype=torch.float64)})
    assert verdict.status == "differs"


def test_functions_and_modules():
    def squared(x, y, scale=1.0):
        return scale * (x - y) ** 2

    assert verify("f = s (x - y)^2", squared, names={"s": "scale"}).status == "agrees"
    assert verify(r"f = \max(0, x)", nn.ReLU()).status == "agrees"
    assert verify("y = W x + b", nn.Linear(3, 2)).status == "agrees"
    assert verify("y = W x - b", nn.Linear(3, 2)).status == "differs"


def test_names_of_a_document():
    around = {
        "logits": torch.randn(8, 5),
        "labels": torch.randint(0, 5, (8,)),
        "criterion": nn.CrossEntropyLoss(),
    }
    names = {"z": "logits", "y": "labels"}
    verdict = verify(CE, "criterion(logits, labels)", names=names, namespace=around)
    assert verdict.status == "agrees_up_to", str(verdict)
    assert around["logits"].shape == (8, 5)


def test_random_code_is_compared_with_a_seed():
    def noisy(x):
        return x + 0 * torch.rand(1)

    assert verify("f = x", noisy).status == "agrees"


def test_the_same_seed_gives_the_same_verdict():
    first, again = (verify(CE, "F.cross_entropy(z, y)", seed=3) for _ in range(2))
    assert first == again
    assert first.seed == 3


def test_the_time_budget_is_kept():
    def slow(x):
        time.sleep(0.2)
        return x**2

    started = time.monotonic()
    verdict = verify("f = x^2", slow, budget=1.0)
    assert time.monotonic() - started < 3.0
    assert verdict.status == "refused"
    assert "time budget" in verdict.reason


def test_an_unreached_branch_is_no_agreement():
    latex = r"f = \begin{cases} x & x < 10^{7} \\ 2x & \text{otherwise} \end{cases}"
    verdict = verify(latex, "x * 1.0")
    assert verdict.status in ("refused", "differs")
    assert not verdict.ok


def test_reading_a_verdict_needs_no_torch():
    program = "import sys, torchtex.verify; print('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_a_verdict_is_ok_for_three_words():
    words = ("proved", "agrees", "agrees_up_to", "differs", "refused")
    assert [Verdict(word, "", "").ok for word in words] == [True, True, True, False, False]
