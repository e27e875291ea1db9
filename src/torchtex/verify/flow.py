"""Verification from end to end: read, bind, compare, and say what came out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torchtex.notation.errors import NotRead
from torchtex.pytorch.code import CodeFailed, on_one_thread
from torchtex.verify.answer import answer
from torchtex.verify.binding import NotBound
from torchtex.verify.question import pose
from torchtex.verify.report import verdict_of
from torchtex.verify.verdict import Verdict


def verify_now(
    latex: str,
    code: Any,
    inputs: Mapping[str, Any] | None,
    names: Mapping[str, str] | None,
    declare: Sequence[str],
    seed: int,
    namespace: Mapping[str, Any] | None,
    budget: float,
) -> Verdict:
    """See :func:`torchtex.verify.verify`."""
    declared = (declare,) if isinstance(declare, str) else tuple(declare)
    text = code if isinstance(code, str) else getattr(code, "__name__", type(code).__name__)
    try:
        question = pose(
            latex, code, inputs or {}, names or {}, declared, seed, namespace or {}, budget
        )
        with on_one_thread():
            return verdict_of(question, answer(question))
    except NotRead as error:
        return Verdict("refused", latex, text, reason=error.describe(), seed=seed)
    except (CodeFailed, NotBound) as error:
        return Verdict("refused", latex, text, reason=str(error), seed=seed)
