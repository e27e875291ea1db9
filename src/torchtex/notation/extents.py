"""Extents while a formula is being read: unknown ones are placeholders, solved at the end.

An axis of a tensor gets a placeholder size; each use of the axis says how far it must reach.
``Σ_j`` without limits gets a placeholder too, which the axes it indexes determine.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from torchtex.index.terms import Size


class Conflict(Exception):
    """Two extents that cannot be one: ``N`` elements against ``3``."""


def is_placeholder(name: str) -> bool:
    return name.startswith("?")


@attrs.define
class Extents:
    """The extents of one reading.  Mutable while reading, solved once by :meth:`solution`."""

    _count: int = 0
    _known: dict[str, Size] = attrs.field(factory=dict)
    _reaches: list[tuple[Size, Size]] = attrs.field(factory=list)
    _hints: dict[str, str] = attrs.field(factory=dict)

    def fresh(self, hint: str = "D") -> Size:
        """A placeholder that may be printed as ``hint`` if nothing names it."""
        self._count += 1
        name = f"?{self._count}"
        self._hints[name] = hint
        return Size.free(name)

    def resolve(self, size: Size) -> Size:
        """``size`` with everything known so far put in."""
        for _ in range(64):
            replaced = self._once(size)
            if replaced == size:
                return size
            size = replaced
        return size

    def _once(self, size: Size) -> Size:
        total = Size.fixed(size.constant)
        for name, factor in size.coefficients:
            total = total + self._known.get(name, Size.free(name)) * factor
        return total

    def equate(self, left: Size, right: Size) -> None:
        """Make two extents one.  Raises :class:`Conflict` when they are different numbers."""
        difference = self.resolve(left) - self.resolve(right)
        if not difference.coefficients:
            if difference.constant != 0:
                raise Conflict(f"{show(self.resolve(left))} and {show(self.resolve(right))}")
            return
        name, factor = min(difference.coefficients, key=self._preference)
        rest = Size.combine(
            {n: -v / factor for n, v in difference.coefficients if n != name},
            -difference.constant / factor,
        )
        self._known[name] = rest

    def _preference(self, item: tuple[str, object]) -> tuple[bool, bool, str]:
        """What is replaced first: a placeholder, and among those one without a telling letter."""
        name = item[0]
        return (not is_placeholder(name), self._hints.get(name, "D") != "D", name)

    def reach(self, axis: Size, extent: Size) -> None:
        """Say that ``axis`` is indexed up to ``extent``; the largest such extent is its size."""
        self._reaches.append((axis, extent))

    def settle(self) -> None:
        """Let axes and the indices that run over them determine each other.

        A named axis fixes an index without limits; an axis without a name takes the largest
        extent it is indexed by.
        """
        self._follow_named_axes()
        groups: dict[Size, list[Size]] = {}
        for axis, extent in self._reaches:
            resolved = self.resolve(axis)
            if _is_open(resolved):
                groups.setdefault(resolved, []).append(extent)
        for target, extents in groups.items():
            for largest in _largest_by_kind([self.resolve(extent) for extent in extents]):
                if not _within(largest, self.resolve(target)):
                    self.equate(target, largest)
        self._follow_named_axes()
        self._reaches = []

    def _follow_named_axes(self) -> None:
        for axis, extent in self._reaches:
            known, running = self.resolve(axis), self.resolve(extent)
            if not _is_open(known) and _is_open(running - Size.fixed(running.constant)):
                self.equate(running, known)

    def solution(self, taken: Iterable[str]) -> dict[str, Size]:
        """What each placeholder or merged name stands for; unnamed ones get readable names."""
        used = set(taken)
        for placeholder, hint in self._hints.items():
            for name in self.resolve(Size.free(placeholder)).names:
                if is_placeholder(name):
                    self._known[name] = Size.free(_unused(self._hints[name] or hint, used))
        names = set(self._hints) | set(self._known)
        return {name: self.resolve(Size.free(name)) for name in names}


def _is_open(size: Size) -> bool:
    """Whether a size is one placeholder, which may still become anything."""
    return size.constant == 0 and len(size.names) == 1 and is_placeholder(size.names[0])


def _within(extent: Size, axis: Size) -> bool:
    """Whether an index below ``extent`` certainly lies inside ``axis``."""
    gap = axis - extent
    return gap.is_fixed and gap.constant >= 0


def _largest_by_kind(extents: list[Size]) -> list[Size]:
    largest: dict[tuple[tuple[str, object], ...], Size] = {}
    for extent in extents:
        seen = largest.get(extent.coefficients)
        if seen is None or seen.constant < extent.constant:
            largest[extent.coefficients] = extent
    # Placeholders last: a named extent decides before an unknown one follows it.
    return sorted(largest.values(), key=lambda s: any(is_placeholder(n) for n in s.names))


def _unused(hint: str, used: set[str]) -> str:
    name, count = hint, 1
    while name in used:
        count += 1
        name = f"{hint}_{count}"
    used.add(name)
    return name


def show(size: Size) -> str:
    """``2N - 1``: for people."""
    parts: list[str] = []
    for name, factor in size.coefficients:
        text = name if abs(factor) == 1 else f"{abs(factor)}{name}"
        sign = "-" if factor < 0 else "+"
        parts.append(f"{sign} {text}" if parts else (f"-{text}" if factor < 0 else text))
    if size.constant != 0 or not parts:
        sign = "-" if size.constant < 0 else "+"
        parts.append(f"{sign} {abs(size.constant)}" if parts else str(size.constant))
    return " ".join(parts)
