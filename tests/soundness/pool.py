"""Runs the pairs of the harness side by side."""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from .count import Amount, PairCount
from .pairs import pair_named

WORKERS = 2


def work(identifier: str, amount: Amount) -> PairCount:
    """One pair, in a worker process."""
    import torch

    from .harness import judged_pair

    torch.set_num_threads(1)
    return judged_pair(pair_named(identifier), amount)


def run(identifiers: list[str], amount: Amount) -> tuple[PairCount, ...]:
    """All pairs, two at a time; a line on stderr for each."""
    counts: dict[str, PairCount] = {}
    with ProcessPoolExecutor(WORKERS, get_context("spawn")) as pool:
        jobs = {pool.submit(work, name, amount): name for name in identifiers}
        for job in as_completed(jobs):
            count = job.result()
            counts[count.pair] = count
            print(progress(count, len(counts), len(jobs)), file=sys.stderr, flush=True)
    return tuple(counts[name] for name in identifiers)


def progress(count: PairCount, done: int, jobs: int) -> str:
    if count.problem:
        first = count.problem.splitlines()[0]
        return f"[{done}/{jobs}] {count.pair}: does not count: {first}"
    return (
        f"[{done}/{jobs}] {count.pair}: {count.mutants} mutants, {count.different} different, "
        f"{count.of('false verified')} false verified, {count.seconds:.0f} s"
    )
