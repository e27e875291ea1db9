"""What follows an operand at once: scripts, primes, a factorial, the group it is applied to."""

from __future__ import annotations

from torchtex.notation.parsing.delimited import GroupReader
from torchtex.notation.parsing.kinds import POSTFIX, SCRIPTS
from torchtex.notation.parsing.lists import all_of, listed
from torchtex.notation.scripts import primed, raised, takes_group
from torchtex.notation.syntax import (
    Application,
    Group,
    Indicator,
    Logical,
    Name,
    Node,
    Postfix,
    Power,
    Relation,
    Span,
    Subscript,
    Superscript,
    Transpose,
)
from torchtex.notation.tokens import Token


class AttachmentReader(GroupReader):
    """Reads what is attached to an operand."""

    def _postfixed(self, node: Node) -> Node:
        while (kind := self.current.kind) in POSTFIX:
            if kind in SCRIPTS:
                node = self._scripted(node)
            elif kind == "bang":
                self.position += 1
                node = Postfix("!", node, self._since(node.span.start))
            elif isinstance(node, Power) and _is_word(node.base) and self._group_ahead():
                node = self._applied(node.base, node.exponent)
            elif self._group_ahead() and takes_group(node, self.current.text):
                node = self._applied(node, None)
            else:
                break
        return node

    def _scripted(self, node: Node) -> Node:
        """Subscript, superscript and primes in any order, each once."""
        start = node.span.start
        below: tuple[Node, ...] | None = None
        above: tuple[Node, ...] | None = None
        caret = self.current
        below_end = start
        while (token := self.current).kind in SCRIPTS:
            if taken := self._primes_ahead() if token.kind != "_" else 0:
                node = self._primed(node, taken)
            elif (token.kind == "_" and below is not None) or (
                token.kind == "^" and above is not None
            ):
                raise self._refuse(token.span, "a second script at this place", "use braces")
            elif token.kind == "_":
                self.position += 1
                below = self._script()
                below_end = self.last_end
            else:
                caret = token
                self.position += 1
                above = self._script()
        if below is not None:
            node = self._subscripted(node, below, Span(start, max(below_end, node.span.end)))
        if above is not None:
            node = self._raised(node, above, caret, self._since(start))
        return node

    def _primes_ahead(self) -> int:
        """How many tokens ``'``, ``^\\prime`` or ``^{\\prime\\prime}`` take here; 0 for none."""
        kinds = self.tokens
        place = self.position + (kinds[self.position].kind == "^")
        braced = kinds[place].kind == "{"
        place += braced
        first = place
        while kinds[place].kind == "prime":
            place += 1
        if place == first or (braced and kinds[place].kind != "}"):
            return 0
        return place + braced - self.position

    def _primed(self, node: Node, taken: int) -> Node:
        first = self.current
        passed = self.tokens[self.position : self.position + taken]
        self.position += taken
        count = sum(token.kind == "prime" for token in passed)
        marked = primed(node, count, self._since(node.span.start))
        if marked is None:
            raise self._refuse(first.span, "a prime stands on a symbol only", "rename the symbol")
        return marked

    def _subscripted(self, node: Node, items: tuple[Node, ...], span: Span) -> Node:
        """A subscript; on an indicator it is the condition."""
        if isinstance(node, Name) and _is_indicator(node):
            condition = _conditions(items, node.font == "blackboard")
            if condition is not None:
                return Indicator(condition, span)
        return Subscript(node, items, span)

    def _raised(self, base: Node, items: tuple[Node, ...], caret: Token, span: Span) -> Node:
        what = raised(base, items)
        exponent = items[0] if len(items) == 1 else listed(items)
        if what == "transpose or power":
            readings = ("power", "transpose") if "T" in self.words else ("transpose", "power")
            what = (
                "transpose"
                if self.decisions.take("transpose", caret.span, *readings) == "transpose"
                else "power"
            )
        if what == "transpose":
            return Transpose(base, span)
        return Superscript(base, exponent, span) if what == "label" else Power(base, exponent, span)

    def _applied(self, head: Node, power: Node | None) -> Node:
        """``head`` before a group: an application, or an indicator with its condition."""
        opener = self.current
        self.position += 1
        items, closer, separator = self._enclosed(opener)
        if closer.text not in (opener.text, "."):
            raise self._unclosed(opener)
        span = Span(head.span.start, closer.end)
        if isinstance(head, Name) and _is_indicator(head):
            condition = _conditions(items, head.font == "blackboard")
            if condition is not None:
                return Indicator(condition, span)
        return Application(head, items, opener.text, span, power, False, separator)


def _is_word(node: Node) -> bool:
    return isinstance(node, Name) and node.font == "roman" and len(node.text) > 1


def _is_indicator(name: Name) -> bool:
    if name.accents or name.primes:
        return False
    return name.text in ("1", "I") and name.font in ("blackboard", "bold", "roman")


def _conditions(items: tuple[Node, ...], certain: bool) -> Node | None:
    """The condition an indicator has, or None if ``items`` are no conditions.

    A blackboard 1 is an indicator whatever stands in it; a bold 1 is only with a comparison.
    """
    inner = items
    while len(inner) == 1 and isinstance(inner[0], Group) and inner[0].delimiter in "([{":
        inner = inner[0].items
    if not inner:
        return None
    if certain or all(isinstance(item, Relation | Logical) for item in inner):
        return all_of(inner)
    return None
