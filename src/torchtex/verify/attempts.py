"""From a question to a reading, shapes and domains that the code accepts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs
import numpy as np

from torchtex.index.terms import Tensor
from torchtex.index.traverse import size_names
from torchtex.notation.errors import NotRead
from torchtex.notation.reading import Claim, Context, Known, Reading
from torchtex.notation.resolve import read
from torchtex.pytorch.code import CodeFailed
from torchtex.verify.acceptance import Accepted, Misfit, Rejected, accept
from torchtex.verify.binding import Binding, NotBound
from torchtex.verify.broadcast import lost_subscript
from torchtex.verify.excerpt import excerpt
from torchtex.verify.kinds import Tokens, known_symbols, token_choices, token_combinations
from torchtex.verify.options import accept_options, only_options
from torchtex.verify.pairing import Pairing, batch_size_name
from torchtex.verify.question import Question
from torchtex.verify.relations import Weights
from torchtex.verify.setup import NoRoom, Setting, pairing_of
from torchtex.verify.shapes import (
    FREE,
    NoSizes,
    Sizing,
    equalities,
    free_sizes,
    solve,
    solve_shape,
    with_classes,
)
from torchtex.verify.slots import Array, Sample, Value, from_code
from torchtex.verify.weights import weights_of

LAYOUTS = (1, 0, 2)
MAX_BATCH_RANK = 4


@attrs.frozen(eq=False)
class Layout:
    """One claim with one number of batch axes, accepted by the code, and the given sample.

    ``remark``: what part of the given sample is compared, where it is not all of it.
    """

    accepted: Accepted
    given: tuple[Sample, ...]
    remark: str = ""

    @property
    def pairing(self) -> Pairing:
        return self.accepted.pairing


@attrs.frozen(eq=False)
class Attempt:
    """A way to read and fill that works: a setting, and for each claim its possible layouts."""

    setting: Setting
    layouts: tuple[tuple[Claim, tuple[Layout, ...]], ...]


class Unfilled(Exception):
    """No way to read the formula and fill the code was found; the text says what was tried."""


class Doubtful(Exception):
    """The formula may mean another shape than it writes, and the code takes both."""


@attrs.frozen(eq=False)
class OpenSymbols(Exception):
    """The formula was read, but some of its symbols are not bound to anything."""

    reading: Reading
    symbols: tuple[str, ...]


def find_attempt(question: Question, binding: Binding) -> Attempt:
    """The first way that works.

    Raises NotRead, Unfilled, OpenSymbols or NotBound where none does, and Doubtful where one does
    that nobody may have meant.
    """
    complaints: list[Exception] = []
    seen: dict[tuple[tuple[str, Known], ...], Reading | NotRead] = {}
    failed: set[object] = set()
    for tokens in _tokens(question, binding):
        if question.out_of_time:
            complaints.append(Unfilled("the time budget ran out"))
            break
        try:
            reading = _read_once(question, binding, tokens, seen)
            return _attempt(question, binding, tokens, reading, failed)
        except (NotRead, Unfilled, OpenSymbols, NotBound) as complaint:
            complaints.append(complaint)
    raise _most_helpful(complaints)


def _most_helpful(complaints: list[Exception]) -> Exception:
    """A reading that got furthest tells most: shapes, then open symbols, then the reader."""
    for kind in (Unfilled, OpenSymbols, NotBound, NotRead):
        for complaint in complaints:
            if isinstance(complaint, kind):
                return complaint
    return Unfilled("nothing could be tried")


def _tokens(question: Question, binding: Binding) -> Iterator[Tokens]:
    used = {name for bound in binding.bound.values() for name in bound.arguments}
    choices = {
        argument.name: token_choices(
            argument, question.roles.of(argument.name), question.samples.get(argument.name)
        )
        for argument in binding.code.arguments
        if argument.name in used
    }
    return token_combinations(choices)


def _read_once(
    question: Question,
    binding: Binding,
    tokens: Tokens,
    seen: dict[tuple[tuple[str, Known], ...], Reading | NotRead],
) -> Reading:
    known = known_symbols(binding, tokens, question.samples)
    key = tuple(sorted(known.items(), key=lambda item: item[0]))
    if key not in seen:
        try:
            seen[key] = read(
                question.latex, Context(known, question.declare), dict(question.choices)
            )
        except NotRead as error:
            seen[key] = error
    found = seen[key]
    if isinstance(found, NotRead):
        raise found
    return found


def _attempt(
    question: Question, binding: Binding, tokens: Tokens, reading: Reading, failed: set[object]
) -> Attempt:
    open_symbols = tuple(s.name for s in reading.symbols if s.name not in binding.bound)
    if open_symbols:
        raise OpenSymbols(reading, open_symbols)
    setting = Setting(binding, reading, tokens, question.roles, question.samples)
    found = tuple((claim, layouts_of(question, setting, claim, failed)) for claim in reading.claims)
    return Attempt(setting, found)


def layouts_of(
    question: Question, setting: Setting, claim: Claim, failed: set[object] | None = None
) -> tuple[Layout, ...]:
    """The numbers of batch axes that the code takes, the telling one first.  Raises Unfilled.

    ``failed`` collects what the code did not take, so that it is not tried twice.
    """
    tried = set() if failed is None else failed
    given = _given_values(question, setting)
    counts: tuple[int, ...] = (0,) if setting.reading.uses_batch else LAYOUTS
    if given is not None:
        counts = tuple(range(1 if setting.reading.uses_batch else MAX_BATCH_RANK))
    found: list[Layout] = []
    complaints: list[Exception] = []
    for count in counts:
        if count == 2 and found and given is None:
            break
        try:
            found.append(_layout(question, setting, claim, count, given, tried))
        except (Rejected, Misfit, NoSizes, NoRoom, ValueError) as complaint:
            complaints.append(complaint)
            continue
        if given is not None:
            break
    if not found:
        raise Unfilled(_told_best(complaints))
    return tuple(found)


def _told_best(complaints: list[Exception]) -> str:
    """A result of another shape tells most, then what the code says, then what does not fit."""
    for kind in (Misfit, Rejected):
        for complaint in complaints:
            if isinstance(complaint, kind):
                return str(complaint)
    return str(complaints[-1])


def _given_values(question: Question, setting: Setting) -> dict[str, Value] | None:
    """The values of sample one, if every argument that is needed has one."""
    if not question.inputs:
        return None
    values: dict[str, Value] = {}
    used = {name for bound in setting.binding.bound.values() for name in bound.arguments}
    for argument in setting.binding.code.arguments:
        value = question.samples.get(argument.name)
        if value is None and not argument.required and isinstance(argument.default, (int, float)):
            value = argument.default
        if value is None and argument.name not in used and not argument.required:
            continue
        if value is None:
            return None
        values[argument.name] = value
    return values


def _layout(
    question: Question,
    setting: Setting,
    claim: Claim,
    count: int,
    given: Mapping[str, Value] | None,
    tried: set[object],
) -> Layout:
    pairing = pairing_of(setting, claim, count)
    _check_sizes(pairing)
    key = (claim.expression, pairing.slots, count)
    if key in tried:
        raise Rejected("the code does not take this")
    tried.add(key)
    if count and not pairing.data:
        raise NoSizes("no symbol of the formula is data that could have a batch axis")
    weights = weights_of(question.roles, pairing)
    samples: tuple[Sample, ...] = ()
    if given is not None:
        part = excerpt(pairing, _given_sample(question, pairing, given))
        samples = () if part is None else (part,)
    accepted = _accepted(question, pairing, weights, samples)
    lost = lost_subscript(question, setting, accepted.pairing, accepted.sizing)
    if lost is not None:
        raise Doubtful(lost)
    return Layout(accepted, samples, _remark(given, samples))


def _remark(given: Mapping[str, Value] | None, samples: tuple[Sample, ...]) -> str:
    if given is None or (samples and samples[0].label == "inputs"):
        return ""
    if not samples:
        return "the inputs are too large to be compared; smaller ones are"
    return (
        f"the inputs are large: of them, {samples[0].label.removeprefix('inputs, ')} are compared"
    )


def _check_sizes(pairing: Pairing) -> None:
    """Every size of the formula is one of a tensor's; else it would be made up."""
    known = {name for slot in pairing.slots for extent in slot.all_extents for name in extent.names}
    known |= {name for tensor in pairing.claim.expression.tensors for name in _names(tensor)}
    for name in sorted(size_names(pairing.claim.expression)):
        if name not in known:
            raise NoSizes(f"nothing fixes the size {name}: no tensor has an axis of that length")


def _names(tensor: Tensor) -> tuple[str, ...]:
    return tuple(name for extent in tensor.extents for name in extent.names)


def _accepted(
    question: Question,
    pairing: Pairing,
    weights: tuple[Weights, bool] | None,
    samples: tuple[Sample, ...],
) -> Accepted:
    """With free sizes if the code takes them, else those of the given values, else equal ones."""
    if only_options(pairing):
        options = accept_options(pairing, question.seed)
        if options is None:
            raise Rejected("the code takes no combination of whole numbers that was tried")
        return options
    sizings = [FREE, Sizing(falling=True)]
    pinned = _pinned(question, pairing, samples)
    if pinned:
        sizings.append(Sizing(pinned))
    sizings += [Sizing(same=pairs) for pairs in equalities(pairing)]
    complaint: Exception | None = None
    for sizing in sizings:
        if question.out_of_time:
            raise Rejected("the time budget ran out")
        try:
            return accept(pairing, weights, question.seed, sizing)
        except (Rejected, Misfit, NoSizes) as error:
            complaint = complaint or error
    assert complaint is not None
    raise complaint


def _pinned(question: Question, pairing: Pairing, samples: tuple[Sample, ...]) -> dict[str, int]:
    """Sizes that only values from the surroundings fix (a module's parameters)."""
    if samples:
        return pairing.sizes(samples[0])
    values = {
        slot.name: from_code(slot, question.samples.get(slot.name))
        for slot in pairing.slots
        if not slot.batched
    }
    try:
        return solve(pairing, values)
    except NoSizes:
        return {}


def _given_sample(question: Question, pairing: Pairing, given: Mapping[str, Value]) -> Sample:
    values: dict[str, Value] = {}
    for slot in pairing.slots:
        raw = from_code(slot, given[slot.name])
        values[slot.name] = _as_slot(slot.kind, raw)
    sizes = with_classes(pairing, values, solve(pairing, values))
    batch = tuple(sizes.pop(batch_size_name(axis)) for axis in range(pairing.batch))
    sample = Sample("inputs", values, sizes, batch, seed=question.seed)
    _check_shapes(pairing, sample)
    return _with_result_sizes(pairing, sample)


def _with_result_sizes(pairing: Pairing, sample: Sample) -> Sample:
    """With the sizes that only the result has: the code's value gives them."""
    missing = [name for name in free_sizes(pairing) if name not in sample.sizes]
    if not missing:
        return sample
    try:
        shape = pairing.code_value(sample).shape
    except CodeFailed as error:
        raise Rejected(str(error)) from error
    sizes = solve_shape(pairing.expression.extents, shape, pairing.sizes(sample))
    left = [name for name in missing if name not in sizes]
    if left:
        raise NoSizes(f"nothing fixes the size {left[0]}")
    return attrs.evolve(sample, sizes={**sample.sizes, **{name: sizes[name] for name in missing}})


def _as_slot(kind: str, value: Value) -> Value:
    if kind == "tensor" and not isinstance(value, np.ndarray):
        return np.asarray(value, dtype=np.float64)
    if kind == "tensor" and isinstance(value, np.ndarray):
        return value.astype(np.float64) if value.dtype.kind != "f" else value
    if kind == "number" and isinstance(value, (int, float)):
        return float(value)
    return value


def _check_shapes(pairing: Pairing, sample: Sample) -> None:
    for slot in pairing.slots:
        value: Array | Value = sample.values[slot.name]
        if slot.kind not in ("tensor", "labels") or not isinstance(value, np.ndarray):
            continue
        expected = slot.shape(sample.sizes, sample.batch)
        if expected != value.shape:
            raise NoSizes(
                f"{slot.name} has shape {value.shape} where the formula gives it {expected}"
            )
