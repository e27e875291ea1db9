"""A symbol before a group: a function, an element in brackets, or a product.

``\\exp(x)``, ``\\mathrm{sim}(z_i, z_j)``, ``P(x)`` with x summed over, ``x[y]``, ``w_n [ ... ]``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import attrs

from torchtex.index import construct
from torchtex.index.terms import Apply, Call, Comprehension, Number, Size, Term
from torchtex.notation.declare import name_of, size_of
from torchtex.notation.functions import FUNCTIONS, INVERSES, PAIRED, Function
from torchtex.notation.positions import bound_index, name_is_label, split_name
from torchtex.notation.products import aligned, number_value, times, vector
from torchtex.notation.reductions import over_all
from torchtex.notation.scope import Scope
from torchtex.notation.spelling import canonical_name
from torchtex.notation.symbols import free_name, named_element, pattern_key
from torchtex.notation.syntax import (
    Application,
    Group,
    Infix,
    Juxtaposition,
    Name,
    Node,
    NumberLiteral,
    Power,
    Subscript,
)
from torchtex.notation.values import Value, elementwise
from torchtex.notation.work import DefinitionRecord, Work


def application(node: Node, work: Work, scope: Scope) -> Value:
    assert isinstance(node, Application)
    head = head_name(node.head)
    if head is not None and head in work.definitions and work.definitions[head].formals:
        return defined_function(node, work.definitions[head], work, scope)
    function = function_named(node, work, scope)
    if function is not None and node.implicit:
        split = _before_a_group(node, work, scope)
        if split is not None:
            return work.value(split, scope)
    if function is not None:
        return _with_power(node, called(node, function, work, scope), work, scope)
    if _asks_size(node):
        return _size_of_axis(node, work, scope)
    if _indexes(node, work, scope):
        return _element(node, work, scope)
    return _product(node, work, scope)


def _before_a_group(node: Application, work: Work, scope: Scope) -> Node | None:
    """``\\log x (1 - y)`` is ``\\log(x) (1 - y)``: a function without a group takes one factor."""
    argument = node.arguments[0]
    inner = argument.base if isinstance(argument, Power) else argument
    if not isinstance(inner, Application) or not is_product(inner, work, scope):
        return None
    group: Node = Group(inner.delimiter, inner.arguments, inner.span)
    if isinstance(argument, Power):
        group = attrs.evolve(argument, base=group)
    applied = attrs.evolve(node, arguments=(inner.head,))
    return Juxtaposition((applied, group), node.span)


def is_product(node: Application, work: Work, scope: Scope) -> bool:
    """Whether the head is a factor of the group: ``a (b + c)``."""
    head = head_name(node.head)
    if head is not None and head in work.definitions and work.definitions[head].formals:
        return False
    if function_named(node, work, scope) is not None or node.implicit:
        return False
    return not (_asks_size(node) or _indexes(node, work, scope))


def head_name(head: Node) -> str | None:
    if isinstance(head, Name):
        return canonical_name(head)
    return name_of(head)


def function_named(node: Application, work: Work, scope: Scope) -> Function | None:
    """The function ``node`` applies, or None if its head is a symbol."""
    name = head_name(node.head)
    if name is None or bound_index(node.head, scope) is not None or name in scope.patterns:
        return _based_logarithm(node)
    if not isinstance(node.head, Name) and _based_logarithm(node) is not None:
        return _based_logarithm(node)
    declared = work.declarations.functions.get(name) or work.context.functions.get(name)
    if declared is not None:
        work.note(f"{name} is {declared} (declared)")
        return FUNCTIONS[declared]
    if len(node.arguments) == 2 and name in PAIRED:
        return PAIRED[name]
    text = node.head.text if isinstance(node.head, Name) else name
    function = FUNCTIONS.get(text) or FUNCTIONS.get(name)
    if function is None or (_may_be_symbol(node, name) and work.is_known(name)):
        return None
    return function


def _may_be_symbol(node: Application, name: str) -> bool:
    return isinstance(node.head, Name) and (len(node.head.text) == 1 or name in ("sigma", "Gamma"))


def _based_logarithm(node: Application) -> Function | None:
    head = node.head
    if isinstance(head, Subscript) and isinstance(head.base, Name) and head.base.text == "log":
        return FUNCTIONS["log"]
    return None


def called(node: Application, function: Function, work: Work, scope: Scope) -> Value:
    """The value of a function at the arguments written."""
    work.note(function.says)
    return SHAPES[function.shape](node, function, work, scope)


def _only(node: Application, work: Work) -> Node:
    if len(node.arguments) != 1:
        raise work.refuse(node, f"{work.text(node.head)} takes one argument here")
    return node.arguments[0]


def _scalar(node: Application, function: Function, work: Work, scope: Scope) -> Value:
    argument = number_value(_only(node, work), work, scope)
    head = node.head
    if isinstance(head, Subscript) and isinstance(head.base, Name) and head.base.text == "log":
        return _logarithm_to_base(head, argument, work, scope)
    if function.operator is not None:
        operator = function.operator
        return elementwise(lambda term: Apply(operator, (term,)), argument)
    named = str(function.named)
    return elementwise(lambda term: Call(named, (term,)), argument)


def _logarithm_to_base(head: Subscript, argument: Value, work: Work, scope: Scope) -> Value:
    base = number_value(head.items[0], work, scope)
    work.note(f"the logarithm is to base {work.text(head.items[0])}")
    return elementwise(
        lambda a, b: construct.divide(construct.log(a), construct.log(b)), argument, base
    )


def _vector(node: Application, function: Function, work: Work, scope: Scope) -> Value:
    argument = vector(_only(node, work), work, scope)
    named = str(function.named)
    if argument.rank > 1:
        work.note(f"{named} is over the last axis")
    index = work.fresh_index(argument.extents[-1])

    def element(at: tuple[Term, ...]) -> Term:
        inner = Comprehension((index,), argument.element((*at[:-1], index)))
        return Call(named, (inner,), (at[-1],))

    return Value(argument.extents, element, row=argument.row)


def _reducing(node: Application, function: Function, work: Work, scope: Scope) -> Value:
    argument = vector(_only(node, work), work, scope)
    index = work.fresh_index(argument.extents[-1])

    def element(at: tuple[Term, ...]) -> Term:
        return Call(str(function.named), (Comprehension((index,), argument.element((*at, index))),))

    return Value(argument.extents[:-1], element)


def _pairing(node: Application, function: Function, work: Work, scope: Scope) -> Value:
    if len(node.arguments) != 2:
        raise work.refuse(node, f"{work.text(node.head)} takes two vectors")
    left, right = (vector(argument, work, scope) for argument in node.arguments)
    return paired(node, str(function.named), left, right, work)


def paired(node: Node, named: str, left: Value, right: Value, work: Work) -> Value:
    """A named function of two vectors; leading axes are elementwise."""
    with work.sizes_of(node):
        work.extents.equate(left.extents[-1], right.extents[-1])
    index = work.fresh_index(left.extents[-1])
    widest = left if left.rank >= right.rank else right

    def vector_of(value: Value, at: tuple[Term, ...]) -> Comprehension:
        leading = at[len(at) - (value.rank - 1) :] if value.rank > 1 else ()
        return Comprehension((index,), value.element((*leading, index)))

    def element(at: tuple[Term, ...]) -> Term:
        return Call(named, (vector_of(left, at), vector_of(right, at)))

    return Value(widest.extents[:-1], element)


def _variadic(node: Application, function: Function, work: Work, scope: Scope) -> Value:
    arguments = _flattened(node.arguments)
    operator = str(function.operator)
    if len(arguments) == 1:
        return over_all(operator, vector(arguments[0], work, scope), work)
    values = [number_value(argument, work, scope) for argument in arguments]
    return aligned(node, lambda *terms: Apply(operator, terms), work, *values)


def _clip(node: Application, function: Function, work: Work, scope: Scope) -> Value:
    """``clip(x, lo, hi)``: torch's order, the upper bound last."""
    if len(node.arguments) != 3:
        raise work.refuse(node, "clip takes a value and two bounds")
    values = [number_value(argument, work, scope) for argument in node.arguments]
    return aligned(
        node,
        lambda x, low, high: construct.minimum(construct.maximum(x, low), high),
        work,
        *values,
    )


def _flattened(arguments: tuple[Node, ...]) -> tuple[Node, ...]:
    if len(arguments) == 1 and isinstance(arguments[0], Group) and len(arguments[0].items) > 1:
        return arguments[0].items
    return arguments


def _mean(node: Application, function: Function, work: Work, scope: Scope) -> Value:
    return mean_of(vector(_only(node, work), work, scope), work)


def mean_of(value: Value, work: Work) -> Value:
    total = over_all("sum", value, work).scalar
    return Value((), lambda _: construct.divide(total, _count(value)))


def _count(value: Value) -> Term:
    extents: tuple[Size, ...] = value.extents
    return extents[0] if len(extents) == 1 else construct.multiply(*extents)


def _variance(node: Application, function: Function, work: Work, scope: Scope) -> Value:
    value = vector(_only(node, work), work, scope)
    centre = mean_of(value, work)
    squared = elementwise(
        lambda term, mean: construct.power(construct.subtract(term, mean), 2), value, centre
    )
    return mean_of(squared, work)


def _total(node: Application, function: Function, work: Work, scope: Scope) -> Value:
    return over_all("sum", vector(_only(node, work), work, scope), work)


Shaped = Callable[[Application, Function, Work, Scope], Value]
SHAPES: Mapping[str, Shaped] = MappingProxyType(
    {
        "scalar": _scalar,
        "vector": _vector,
        "reducing": _reducing,
        "pairing": _pairing,
        "variadic": _variadic,
        "clip": _clip,
        "mean": _mean,
        "variance": _variance,
        "total": _total,
    }
)


def _with_power(node: Application, value: Value, work: Work, scope: Scope) -> Value:
    """``\\log^2 x`` is a square, ``\\sin^{-1} x`` an inverse function."""
    if node.power is None:
        return value
    exponent = number_value(node.power, work, scope)
    inverse = INVERSES.get(head_name(node.head) or "")
    minus_one = construct.negate(1)
    if exponent.rank == 0 and exponent.scalar in (Number(-1), minus_one):
        if inverse is None:
            raise work.refuse(node.power, "this may be an inverse function or a reciprocal")
        argument = number_value(_only(node, work), work, scope)
        return elementwise(lambda term: Apply(inverse, (term,)), argument)
    return elementwise(construct.power, value, exponent)


# -- functions the formula defines -------------------------------------------------------------


def defined_function(
    node: Application, record: DefinitionRecord, work: Work, scope: Scope
) -> Value:
    """``d(a_i, p_i)`` where ``d(x_i, y_i) = ...`` is given."""
    record.used = True
    if len(node.arguments) != len(record.formals):
        raise work.refuse(node, f"{record.name} is defined with {len(record.formals)} arguments")
    if record.busy:
        raise work.refuse(node, f"{record.name} is defined by itself")
    arguments = [_argument(argument, record, work, scope) for argument in node.arguments]
    keys = [pattern_key(formal) for formal in record.formals]
    record.busy = True
    try:
        return work.value(
            record.body, Scope().with_patterns(dict(zip(keys, arguments, strict=True)))
        )
    finally:
        record.busy = False


def _argument(node: Node, record: DefinitionRecord, work: Work, scope: Scope) -> Value:
    """An argument; a vector where the definition takes the norm of its formal."""
    return vector(node, work, scope) if record.takes_vectors else number_value(node, work, scope)


# -- brackets and sizes ------------------------------------------------------------------------


def _asks_size(node: Application) -> bool:
    head = node.head
    return isinstance(head, Name) and head.text.split(".")[-1] in SIZE_METHODS and "." in head.text


SIZE_METHODS = frozenset({"size", "nelement", "nElement", "numel", "shape"})


def _size_of_axis(node: Application, work: Work, scope: Scope) -> Value:
    """``\\text{x.size}(0)`` and ``\\text{x.nelement}()``."""
    assert isinstance(node.head, Name)
    symbol, method = node.head.text.rsplit(".", 1)
    record = work.record(symbol, node, 1)
    if method not in ("size", "shape"):
        return Value((), lambda _: _count(Value(tuple(record.axes), lambda at: at[0])))
    axis = size_of(node.arguments[0]) if node.arguments else None
    if axis is None or not axis.is_fixed or not 0 <= axis.constant < len(record.axes):
        raise work.refuse(node, f"{symbol} has no such axis here")
    return Value((), lambda _: record.axes[int(axis.constant)])


def _indexes(node: Application, work: Work, scope: Scope) -> bool:
    """Whether the group holds places: ``x[i]``, ``w[y]``, ``padding[0]``, ``P(x)``."""
    if free_name(node.head, work, scope) is None and not _defined_head(node, work):
        return False
    if node.delimiter == "[":
        return all(_is_place(argument, work, scope, bracket=True) for argument in node.arguments)
    return node.delimiter == "(" and all(
        bound_index(argument, scope) is not None for argument in node.arguments
    )


def _defined_head(node: Application, work: Work) -> bool:
    name = head_name(node.head)
    return name is not None and name in work.definitions


def _is_place(node: Node, work: Work, scope: Scope, *, bracket: bool) -> bool:
    if isinstance(node, NumberLiteral):
        return bracket
    if bound_index(node, scope) is not None:
        return True
    if isinstance(node, Infix) and node.operator in "+-":
        places = (node.left, node.right)
        return all(_is_place(place, work, scope, bracket=True) for place in places)
    if isinstance(node, Application) and node.delimiter == "[":
        return name_is_label(node.head, work) or _conventional(node.head, work)
    if isinstance(node, Subscript):
        return name_is_label(node.base, work) or _conventional(node.base, work)
    return name_is_label(node, work) or _conventional(node, work)


def _conventional(node: Node, work: Work) -> bool:
    return not work.context.known and isinstance(node, Name) and node.text in ("y", "t", "label")


def _element(node: Application, work: Work, scope: Scope) -> Value:
    bracket = node.delimiter == "["
    head = node.head
    places: tuple[Node, ...] = ()
    if isinstance(head, Subscript) and isinstance(head.base, Name):
        full, places = split_name(head.base, head.items, work, scope)
    else:
        full = head_name(head) or ""
    value = named_element(node, full, (*places, *node.arguments), work, scope, bracket=bracket)
    if node.power is None:
        return value
    return elementwise(construct.power, value, number_value(node.power, work, scope))


def _product(node: Application, work: Work, scope: Scope) -> Value:
    """``w_n [ ... ]`` and ``a (b + c)``."""
    name = head_name(node.head)
    if node.implicit or len(node.arguments) != 1 or _must_be_function(node, name, work, scope):
        raise work.refuse(
            node.head,
            f"{work.text(node.head)} is not a function that is known here",
            f"define it, or declare it: '{name} = cosine_similarity'",
        )
    work.choose("application", node, "product")
    left = number_value(node.head, work, scope)
    right = number_value(node.arguments[0], work, scope)
    return times(node, left, right, work)


def _must_be_function(node: Application, name: str | None, work: Work, scope: Scope) -> bool:
    """A word is no factor unless it is known; nor are f, g and h."""
    if node.delimiter != "(" or not isinstance(node.head, Name) or name is None:
        return False
    if name in scope.patterns or bound_index(node.head, scope) is not None:
        return False
    if work.is_known(name) or name in work.sizes or name in work.records:
        return False
    if node.head.font in ("roman", "blackboard", "calligraphic") and len(node.head.text) > 1:
        return name not in work.declarations.extents
    return name in ("f", "g", "h") or bool(work.context.known)
