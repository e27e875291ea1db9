"""A worker whose ``verify`` is a stand-in: the LaTeX is the status, the notes what it was given.

The process, its limits and the conversation are the real ones.
"""

from __future__ import annotations

import time
from importlib import import_module
from typing import Any

from torchtex.document import worker
from torchtex.verify.verdict import Counterexample, Verdict


def verify(latex: str, code: str, **given: Any) -> Verdict:
    if latex == "loop":
        while True:
            time.sleep(0.01)
    if latex == "crash":
        raise ZeroDivisionError("inside verify")
    value = eval(code, dict(given["namespace"]), given["inputs"] or {})
    rest = {key: given[key] for key in ("names", "declare", "seed")}
    worst = Counterexample({"x": [1.0, float("inf")]}, formula=2.5, code=float("nan"), element=(1,))
    return Verdict(
        status=latex,
        counterexample=worst if latex == "differs" else None,
        suggestion=r"\frac{1}{N} x" if latex == "differs" else None,
        formula=latex,
        code=code,
        reading=("as it stands",),
        binding={"x": "x"},
        notes=(repr(value), repr(rest)),
    )


import_module("torchtex.verify").verify = verify

if __name__ == "__main__":
    worker.main()
