"""Answering a question: the top reading first, then what may stand between it and the code."""

from __future__ import annotations

from torchtex.notation.errors import NotRead
from torchtex.verify.attempts import Attempt, Doubtful, OpenSymbols, Unfilled, find_attempt
from torchtex.verify.binding import NotBound
from torchtex.verify.compare import compare_attempt
from torchtex.verify.findings import Finding
from torchtex.verify.lower import lower_readings, without_epsilon
from torchtex.verify.question import Question
from torchtex.verify.search import search


def answer(question: Question) -> Finding:
    """The finding for the top reading, or for one named step from it.  Raises NotRead."""
    top = straight(question)
    if top.ok:
        return top
    for step, other in (*without_epsilon(question), *lower_readings(question, top)):
        if question.out_of_time:
            break
        found = _tried(other)
        if found is not None and found.ok:
            return found.after(step)
    return top


def _tried(question: Question) -> Finding | None:
    try:
        return straight(question)
    except NotRead:
        return None


def straight(question: Question) -> Finding:
    """The finding for one reading.  Raises NotRead."""
    try:
        attempt: Attempt = find_attempt(question, question.binding)
    except OpenSymbols as opened:
        return search(question, opened, compare_attempt)
    except (Unfilled, NotBound, Doubtful) as refusal:
        return Finding("refused", reason=str(refusal))
    return compare_attempt(question, attempt)
