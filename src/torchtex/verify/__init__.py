"""Whether a formula says what code does: ``verify(latex, code)`` gives a :class:`Verdict`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torchtex.verify.verdict import Counterexample, Verdict

__all__ = ["Counterexample", "Verdict", "verify"]


def verify(
    latex: str,
    code: Any,
    inputs: Mapping[str, Any] | None = None,
    names: Mapping[str, str] | None = None,
    declare: Sequence[str] = (),
    seed: int = 0,
    namespace: Mapping[str, Any] | None = None,
    budget: float = 10.0,
) -> Verdict:
    """Whether a formula says what the code does.

    ``latex``: the formula.  ``code``: a function, an ``nn.Module`` or a Python expression such as
    ``F.cross_entropy(z, y)``.  ``inputs``: argument name to tensor; they are sample one, and fresh
    ones of the same kinds are drawn as well.  ``names``: symbol to argument name or to an
    expression of arguments (``{"p": "softmax(z)"}``).  ``declare``: strings such as
    ``x \\in \\mathbb{R}^{N\\times D}``.  ``seed``: of every random draw.  ``namespace``: what the
    names of an expression mean; tensors there are inputs, all else is used as it is.
    ``budget``: seconds.

    What the formula or the code get wrong is in the verdict, never an exception.
    """
    # torch takes more than a second to import; a verdict can be read without it.
    from torchtex.verify.flow import verify_now

    return verify_now(latex, code, inputs, names, declare, seed, namespace, budget)
