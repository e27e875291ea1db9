"""How fast torchtex is: one verification, reading, start-up.  ``make bench`` prints the tables.

A verification is timed warm, the way an editor or a test suite meets it: others have run before in
the process, then the best and the median of a few runs are taken.  For scale, beside it stand one
forward and backward pass of the loss on seven samples, and ``torch.autograd.gradcheck`` of the same
call, which checks a gradient against the code's own values and knows no formula.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import attrs
import torch
import torch.nn.functional as F
from rich.console import Console
from rich.table import Table

import torchtex
from torchtex.notation.resolve import read

RUNS = 5
BATCH, CLASSES = 7, 5
COLUMNS = ("loss", "verdict", "elements", "best ms", "median ms", "torch ms", "gradcheck ms")


@attrs.frozen
class Loss:
    """A loss as formula and code, and inputs for a plain PyTorch call of it."""

    name: str
    latex: str
    code: str
    call: Callable[..., torch.Tensor]
    inputs: tuple[torch.Tensor, ...]


def _real(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64, requires_grad=True)


def _losses() -> tuple[Loss, ...]:
    torch.manual_seed(0)
    logits, labels = _real(BATCH, CLASSES), torch.randint(CLASSES, (BATCH,))
    scores, targets = _real(BATCH), torch.rand(BATCH, dtype=torch.float64)
    cross_entropy = r"L = -\log \frac{\exp(z_y)}{\sum_{j=1}^{C} \exp(z_j)}"
    batch = (
        r"L = -\frac{1}{N} \sum_{n=1}^{N} \log"
        r" \frac{\exp(z_{n,y_n})}{\sum_{j=1}^{C} \exp(z_{n,j})}"
    )
    binary = r"L = -\left[t \log \sigma(x) + (1 - t) \log(1 - \sigma(x))\right]"
    huber = (
        r"L = \begin{cases} \frac{1}{2} (x - t)^2 & |x - t| < 1"
        r" \\ |x - t| - \frac{1}{2} & \text{otherwise} \end{cases}"
    )
    return (
        Loss(
            "cross entropy",
            cross_entropy,
            "F.cross_entropy(z, y)",
            F.cross_entropy,
            (logits, labels),
        ),
        Loss(
            "cross entropy, batch mean",
            batch,
            "F.cross_entropy(z, y)",
            F.cross_entropy,
            (logits, labels),
        ),
        Loss(
            "mean squared error",
            r"L = \frac{1}{n} \sum_{i=1}^{n} (x_i - t_i)^2",
            "F.mse_loss(x, t)",
            F.mse_loss,
            (scores, targets),
        ),
        Loss(
            "binary cross entropy, logits",
            binary,
            "F.binary_cross_entropy_with_logits(x, t)",
            F.binary_cross_entropy_with_logits,
            (scores, targets),
        ),
        Loss(
            "Huber, smooth L1", huber, "F.smooth_l1_loss(x, t)", F.smooth_l1_loss, (scores, targets)
        ),
        Loss(
            "soft margin",
            r"L = \log(1 + \exp(-t x))",
            "F.soft_margin_loss(x, t)",
            F.soft_margin_loss,
            (scores, targets.round() * 2 - 1),
        ),
    )


def _seconds(work: Callable[[], object], runs: int = RUNS) -> list[float]:
    taken = []
    for _ in range(runs):
        start = perf_counter()
        work()
        taken.append(perf_counter() - start)
    return taken


def _forward_and_backward(loss: Loss) -> None:
    torch.autograd.grad(loss.call(*loss.inputs), loss.inputs[0])


def verification_table(losses: tuple[Loss, ...]) -> Table:
    """Time of a warm verification of each loss, with its gradient."""
    table = Table(*COLUMNS, title="one verification, value and gradient")
    torchtex.verify(losses[-1].latex, losses[-1].code)
    for loss in losses:
        verdict = torchtex.verify(loss.latex, loss.code)
        taken = _seconds(lambda loss=loss: torchtex.verify(loss.latex, loss.code))
        plain = _seconds(lambda loss=loss: _forward_and_backward(loss), 50)
        checked = _seconds(lambda loss=loss: torch.autograd.gradcheck(loss.call, loss.inputs))
        times = [min(taken), statistics.median(taken), min(plain), min(checked)]
        shown = [f"{1000 * seconds:.2f}" for seconds in times]
        table.add_row(loss.name, verdict.status, str(verdict.samples), *shown)
    return table


def reading_table(losses: tuple[Loss, ...]) -> Table:
    """Formulas read per second, the whole way to the index language."""
    table = Table("formula", "characters", "formulas per second", title="reading LaTeX")
    for loss in losses:
        best = min(_seconds(lambda loss=loss: read(loss.latex), 50))
        table.add_row(loss.name, str(len(loss.latex)), f"{1 / best:,.0f}")
    return table


def start_up_table() -> Table:
    """Time of a fresh process, interpreter included."""
    table = Table("command", "best ms", title="start-up")
    programs = {
        "python -c pass": "pass",
        "import torchtex": "import torchtex",
        "torchtex --help": "from torchtex.cli import main; main(['--help'])",
        "import torch": "import torch",
    }
    for name, program in programs.items():
        command = [sys.executable, "-c", program]
        best = min(_seconds(lambda command=command: _run(command), 3))
        table.add_row(name, f"{1000 * best:.0f}")
    return table


def _run(command: list[str]) -> None:
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True, cwd=Path(__file__).parent)


def main() -> None:
    torch.set_num_threads(1)
    console = Console(width=100)
    losses = _losses()
    console.print(f"torch {torch.__version__}, one thread")
    console.print(verification_table(losses), reading_table(losses), start_up_table())


if __name__ == "__main__":
    main()
