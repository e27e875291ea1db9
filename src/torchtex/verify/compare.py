"""One way of reading and binding, compared in full: claim by claim, layout by layout."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from torchtex.notation.extents import show
from torchtex.notation.reading import Claim
from torchtex.verify.attempts import Attempt, Layout
from torchtex.verify.examination import Examination, examine
from torchtex.verify.findings import Finding, worst
from torchtex.verify.flatten import agrees_flattened
from torchtex.verify.lengths import odd_lengths
from torchtex.verify.options import examine_options, only_options
from torchtex.verify.question import Question
from torchtex.verify.sampling import plan, short_plan
from torchtex.verify.setup import narrowed_by_formula
from torchtex.verify.slots import Slot
from torchtex.verify.unmentioned import hidden_dependence


def compare_attempt(question: Question, attempt: Attempt) -> Finding:
    """Compare every claim of the reading; the worst finding counts."""
    found: list[Finding] = []
    for claim, layouts in attempt.layouts:
        finding = compare_claim(question, attempt, claim, layouts)
        finding = _with_domain(attempt, _complete(question, finding))
        for length in odd_lengths(question, finding.layout):
            finding = finding.after(length)
        found.append(finding)
        if finding.status == "differs":
            break
    return worst(tuple(found))


def _with_domain(attempt: Attempt, finding: Finding) -> Finding:
    """A domain that only the formula's own cases tell is a step of the verdict."""
    for domain in narrowed_by_formula(attempt.setting):
        finding = finding.after(f"on the domain {domain}")
    return finding


def _complete(question: Question, finding: Finding) -> Finding:
    """A formula that leaves out what the code's value depends on cannot say what it does."""
    examined = finding.examination
    if not finding.ok or finding.layout is None or examined is None or examined.relation is None:
        return finding
    hidden = hidden_dependence(question, finding.layout, examined.relation)
    if hidden is None:
        return finding
    name, failure = hidden
    reason = f"the code depends on {name}, which the formula does not mention"
    examination = attrs.evolve(examined, relation=None, failure=failure)
    return attrs.evolve(finding, status="differs", steps=(), reason=reason, examination=examination)


def compare_claim(
    question: Question, attempt: Attempt, claim: Claim, layouts: Sequence[Layout]
) -> Finding:
    """Compare one claim: fully in its telling layout, shortly in the others.

    Where the code reduces the batch of the telling layout in a way of its own, it may be meant for
    inputs of exactly the formula's ranks.  Where it keeps the batch, its values decide.
    """
    whole = _over_all_elements(question, layouts)
    if whole is not None:
        finding = _examined(question, attempt, claim, whole)
        if finding.ok:
            return attrs.evolve(finding, notes=(*finding.notes, OVER_ALL))
    first = _examined(question, attempt, claim, layouts[0])
    others = layouts[1:]
    if first.ok:
        return _confirmed(question, attempt, claim, first, others)
    if _fits_element_by_element(first):
        return first
    for layout in others:
        second = _examined(question, attempt, claim, layout)
        if second.ok:
            note = _layout_note(layout, layouts[0])
            return attrs.evolve(second, notes=(*second.notes, note))
        first = _simpler(first, second)
    return first


def _fits_element_by_element(finding: Finding) -> bool:
    assert finding.layout is not None
    return any(not relation.axes for relation in finding.layout.accepted.relations)


OVER_ALL = "of tensors with more axes, the index runs over all elements"


def _over_all_elements(question: Question, layouts: Sequence[Layout]) -> Layout | None:
    """The layout without batch axes, if the code treats tensors of more axes as one long vector.

    Then nothing is reduced over a batch: the formula's own index runs over all elements.
    """
    plain = next((layout for layout in layouts if layout.pairing.batch == 0), None)
    batched = next((layout for layout in layouts if layout.pairing.batch == 1), None)
    if plain is None or batched is None or batched.given:
        return None
    return plain if agrees_flattened(plain, batched, question.seed) else None


def _simpler(first: Finding, second: Finding) -> Finding:
    """Of two that differ, the one with fewer axes makes the smaller counterexample."""
    return second if second.status == "differs" and first.status == "differs" else first


def _layout_note(layout: Layout, telling: Layout) -> str:
    axes, failed = layout.pairing.batch, telling.pairing.batch
    if axes == 0:
        return "for one sample; with a batch axis the code is neither per sample nor mean nor sum"
    return f"with {axes} batch axes; with {failed} the code computes something else"


def _confirmed(
    question: Question, attempt: Attempt, claim: Claim, first: Finding, others: Sequence[Layout]
) -> Finding:
    """The other layouts that the code takes: where nothing is reduced in them, they decide too."""
    assert first.examination is not None and first.layout is not None
    samples, notes = first.examination.samples, list(first.notes)
    for layout in others:
        examined = _run_shortly(question, layout)
        if examined.agrees:
            samples += examined.samples
        elif _both_element_by_element(first, layout):
            return _examined_as(attempt, claim, layout, examined)
        else:
            notes.append(_layout_note(first.layout, layout))
    whole = attrs.evolve(first.examination, samples=samples)
    return attrs.evolve(first, examination=whole, notes=tuple(notes))


def _run(question: Question, layout: Layout) -> Examination:
    planned = plan(layout.pairing)
    return examine(
        layout.accepted, question.roles, layout.given, planned, question.seed, question.deadline
    )


def _run_shortly(question: Question, layout: Layout) -> Examination:
    return examine(
        layout.accepted,
        question.roles,
        (),
        short_plan(),
        question.seed,
        question.deadline,
        at_least=0,
    )


def _both_element_by_element(first: Finding, layout: Layout) -> bool:
    plain = any(not relation.axes for relation in layout.accepted.relations)
    return _fits_element_by_element(first) and plain


def _examined(question: Question, attempt: Attempt, claim: Claim, layout: Layout) -> Finding:
    if only_options(layout.pairing):
        examined = examine_options(layout.accepted, layout.given, question.seed, question.deadline)
    else:
        examined = _run(question, layout)
    return _examined_as(attempt, claim, layout, examined)


def _examined_as(attempt: Attempt, claim: Claim, layout: Layout, examined: Examination) -> Finding:
    finding = Finding(
        "agrees",
        notes=_notes(layout, examined),
        attempt=attempt,
        claim=claim,
        layout=layout,
        examination=examined,
    )
    return _judged(finding, examined)


def _judged(finding: Finding, examined: Examination) -> Finding:
    if not examined.agrees:
        return attrs.evolve(finding, status="differs", reason=_difference(examined))
    if examined.unfinished is not None:
        return attrs.evolve(finding, status="refused", reason=examined.unfinished)
    if not examined.samples:
        reason = "; ".join(examined.notes) or "the code ran on no sample"
        return attrs.evolve(finding, status="refused", reason=f"nothing was compared: {reason}")
    if examined.unreached:
        reason = (
            f"all {examined.samples} elements agree, but no sample made "
            + " or ".join(examined.unreached)
            + "; give inputs that do"
        )
        return attrs.evolve(finding, status="refused", reason=reason)
    if not examined.decided:
        reason = "no sample had more than one batch element: mean and sum cannot be told apart"
        return attrs.evolve(finding, status="refused", reason=reason)
    assert examined.relation is not None
    if examined.relation.name:
        finding = finding.after(examined.relation.name)
    if finding.claim is not None and finding.claim.up_to_constant:
        finding = finding.after("up to the term written as const.")
    if finding.claim is not None and finding.claim.proportional:
        finding = finding.after("up to a constant factor (written as proportional)")
    if examined.silent:
        names = ", ".join(examined.silent)
        finding = finding.after(f"value only: the code gives no gradient with respect to {names}")
    return finding


def _difference(examined: Examination) -> str:
    failure = examined.failure
    if failure is None:
        return "the two sides differ"
    return (
        f"the {failure.what} differs ({failure.sample.label}): "
        f"formula {failure.difference.formula:.10g}, code {failure.difference.code:.10g}"
    )


def _notes(layout: Layout, examined: Examination) -> tuple[str, ...]:
    domains = [line for line in (_domain(slot) for slot in layout.pairing.slots) if line]
    missing = [
        f"{name}: {reason}; its gradient is not compared"
        for name, reason in examined.without_gradient.items()
        if name not in examined.silent
    ]
    same = [
        f"the code needs {name} = {show(extent)}" for name, extent in layout.accepted.sizing.same
    ]
    remark = [layout.remark] if layout.remark else []
    return (*domains, *same, *remark, *missing, *examined.notes)


def _domain(slot: Slot) -> str:
    if slot.kind == "fixed":
        return f"{slot.name} is kept as it is"
    if slot.domain in ("real", "labels"):
        return ""
    if isinstance(slot.domain, tuple):
        return f"{slot.name} in {{{', '.join(f'{value:g}' for value in slot.domain)}}}"
    return f"{slot.name} is sampled where the code takes it: {slot.domain}"
