"""Verification from end to end: read, bind, compare, and say what came out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torchtex.notation.errors import NotRead
from torchtex.pytorch.code import CodeFailed
from torchtex.verify.answer import answer
from torchtex.verify.binding import NotBound
from torchtex.verify.question import pose
from torchtex.verify.report import verdict_of
from torchtex.verify.verdict import Verdict


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
    ``F.cross_entropy(z, y)``.  ``inputs``: argument name to tensor (sample one, which decides).
    ``names``: symbol to argument name or to an expression of arguments (``p``: ``softmax(z)``).
    ``declare``: strings such as ``x \\in \\mathbb{R}^{N\\times D}``.  ``seed``: of every random
    draw.  ``namespace``: the names that an expression may use.  ``budget``: seconds.

    Never raises for what the formula or the code says: such a verdict is ``refused``, with the
    reason.
    """
    declared = (declare,) if isinstance(declare, str) else tuple(declare)
    text = code if isinstance(code, str) else ""
    try:
        question = pose(
            latex, code, inputs or {}, names or {}, declared, seed, namespace or {}, budget
        )
        return verdict_of(question, answer(question))
    except NotRead as error:
        return Verdict("refused", latex, text, reason=error.describe(), seed=seed)
    except (CodeFailed, NotBound) as error:
        return Verdict("refused", latex, text, reason=str(error), seed=seed)
