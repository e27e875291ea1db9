"""The named functions: softmax, sigmoid, norm, ... each defined by a term.

A writer prints the name, a prover unfolds it.  Functions of vectors are along one axis; formulas
nest them, or bind more indices, for more.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType

import attrs

from torchtex.index.construct import (
    absolute,
    add,
    apply,
    call,
    comprehension,
    divide,
    element,
    exp,
    greater,
    index,
    log,
    maximum,
    multiply,
    negate,
    piecewise,
    power,
    reduce,
    size,
    sqrt,
    subtract,
    tensor,
    total,
)
from torchtex.index.errors import IllFormed
from torchtex.index.substitute import (
    rename_bound,
    rename_sizes,
    replace_elements,
    substitute,
)
from torchtex.index.terms import (
    Call,
    Comprehension,
    Definition,
    Element,
    Index,
    Size,
    Tensor,
    Term,
)
from torchtex.index.traverse import bound_indices, free_indices, transform


@attrs.frozen
class NamedFunction:
    """``name(formals)[indices] = body``.

    A formal of rank 0 takes a scalar term, any other a comprehension of that rank; the free sizes
    of its extents stand for the extents it is given.
    """

    name: str
    formals: tuple[Tensor, ...]
    indices: tuple[Index, ...]
    body: Term


@attrs.frozen
class OpenedCall:
    """A call as ``let`` arguments ``in`` body: each argument a definition of its own name."""

    arguments: tuple[Definition, ...]
    body: Term


@lru_cache(maxsize=4096)
def open_call(call: Call, prefix: str) -> OpenedCall:
    """The call's arguments under names that begin with ``prefix``, and its body over them.

    Raises IllFormed when there is no such function, or it does not take these arguments.
    """
    function = NAMED.get(call.name)
    if function is None:
        raise IllFormed(f"there is no named function {call.name!r}")
    _check_counts(function, call)
    arguments = tuple(
        _argument(function, formal, argument, prefix)
        for formal, argument in zip(function.formals, call.arguments, strict=True)
    )
    given = _sizes_given(function, arguments)
    body = rename_sizes(function.body, given)
    positions = {
        Index(formal.name, given[formal.extent.names[0]]): position
        for formal, position in zip(function.indices, call.at, strict=True)
    }
    local = replace_elements(body, lambda e: Element(prefix + e.tensor, e.indices))
    return OpenedCall(arguments, substitute(local, positions))


def unfold(call: Call) -> Term:
    """The call with the function's definition in its place.

    The formal's element ``x[c]`` becomes the argument's body with c for its index.  Calls inside
    arguments or inside the definition stay.  Raises IllFormed as :func:`open_call` does.
    """
    opened = open_call(call, "\N{LOZENGE}")
    arguments = {argument.name: argument for argument in opened.arguments}

    def inlined(element: Element) -> Term:
        argument = arguments.get(element.tensor)
        if argument is None:
            return element
        return substitute(argument.body, dict(zip(argument.indices, element.indices, strict=True)))

    return replace_elements(_bound_apart(opened), inlined)


def _bound_apart(opened: OpenedCall) -> Term:
    """The body with bound indices renamed that the arguments use from outside."""
    used = frozenset[Index]().union(
        *(free_indices(each.body) - frozenset(each.indices) for each in opened.arguments)
    )

    def apart(node: Term) -> Term:
        clashing = [index for index in bound_indices(node) if index in used]
        return rename_bound(node, clashing, used) if clashing else node

    return transform(opened.body, apart) if used else opened.body


def _check_counts(function: NamedFunction, call: Call) -> None:
    if len(call.arguments) != len(function.formals):
        raise IllFormed(
            f"{call.name} takes {len(function.formals)} arguments, not {len(call.arguments)}"
        )
    if len(call.at) != len(function.indices):
        raise IllFormed(
            f"{call.name} gives a tensor of rank {len(function.indices)}, "
            f"but {len(call.at)} positions stand behind it"
        )


def _argument(function: NamedFunction, formal: Tensor, argument: Term, prefix: str) -> Definition:
    indices = argument.indices if isinstance(argument, Comprehension) else ()
    if len(indices) != formal.rank or (formal.rank == 0 and isinstance(argument, Comprehension)):
        raise IllFormed(
            f"{function.name} takes a tensor of rank {formal.rank} for {formal.name}, "
            f"not of rank {len(indices)}"
        )
    body = argument.body if isinstance(argument, Comprehension) else argument
    return Definition(prefix + formal.name, indices, body)


def _sizes_given(function: NamedFunction, arguments: tuple[Definition, ...]) -> dict[str, Size]:
    given: dict[str, Size] = {}
    for formal, argument in zip(function.formals, arguments, strict=True):
        for extent, own in zip(formal.extents, argument.indices, strict=True):
            name = extent.names[0]
            if given.setdefault(name, own.extent) != own.extent:
                raise IllFormed(f"the arguments of {function.name} have different sizes")
    return given


_D = size("D")
_X = element("x")
_HALF = Fraction(1, 2)
_D_INDEX = index("d", _D)
_K_INDEX = index("k", _D)
_AT_D = element("x", _D_INDEX)
_AT_K = element("x", _K_INDEX)
_VECTOR = comprehension(_K_INDEX, _AT_K)


def _scalar(name: str, body: Term, *parameters: str) -> NamedFunction:
    formals = (tensor("x"), *(tensor(parameter) for parameter in parameters))
    return NamedFunction(name, formals, (), body)


def _of_vector(name: str, body: Term, *parameters: str) -> NamedFunction:
    formals = (tensor("x", _D), *(tensor(parameter) for parameter in parameters))
    return NamedFunction(name, formals, (), body)


def _vector_to_vector(name: str, body: Term, *parameters: str) -> NamedFunction:
    formals = (tensor("x", _D), *(tensor(parameter) for parameter in parameters))
    return NamedFunction(name, formals, (_D_INDEX,), body)


def _of_two_vectors(name: str, body: Term) -> NamedFunction:
    return NamedFunction(name, (tensor("x", _D), tensor("y", _D)), (), body)


def _scalar_functions() -> tuple[NamedFunction, ...]:
    sigmoid = divide(1, add(1, exp(negate(_X))))
    softplus = log(add(1, exp(_X)))
    halved_error = add(1, apply("erf", divide(_X, sqrt(2))))
    relu6 = apply("minimum", maximum(_X, 0), 6)
    return (
        _scalar("sigmoid", sigmoid),
        _scalar("logsigmoid", log(sigmoid)),
        _scalar("relu", maximum(_X, 0)),
        _scalar("relu6", relu6),
        _scalar("softplus", softplus),
        _scalar("silu", multiply(_X, sigmoid)),
        _scalar("gelu", multiply(_HALF, _X, halved_error)),
        _scalar("mish", multiply(_X, apply("tanh", softplus))),
        _scalar("softsign", divide(_X, add(1, absolute(_X)))),
        _scalar(
            "elu",
            piecewise(
                (greater(_X, 0), _X),
                otherwise=multiply(element("alpha"), subtract(exp(_X), 1)),
            ),
            "alpha",
        ),
        _scalar(
            "leaky_relu",
            piecewise((greater(_X, 0), _X), otherwise=multiply(element("slope"), _X)),
            "slope",
        ),
    )


def _vector_functions() -> tuple[NamedFunction, ...]:
    sum_exp = total(_K_INDEX, exp(_AT_K))
    mean = divide(total(_K_INDEX, _AT_K), _D)
    squares = total(_K_INDEX, power(_AT_K, 2))
    norm_of_y = call("norm", comprehension(_K_INDEX, element("y", _K_INDEX)))
    dot = total(_K_INDEX, multiply(_AT_K, element("y", _K_INDEX)))
    mean_of_x = call("mean", _VECTOR)
    centred = subtract(_AT_D, mean_of_x)
    deviation = power(subtract(_AT_K, mean_of_x), 2)
    spread = sqrt(add(call("variance", _VECTOR), element("epsilon")))
    p = element("p")
    powers = total(_K_INDEX, power(absolute(_AT_K), p))
    return (
        _vector_to_vector("softmax", divide(exp(_AT_D), sum_exp)),
        _vector_to_vector("log_softmax", subtract(_AT_D, call("logsumexp", _VECTOR))),
        _vector_to_vector("layer_norm", divide(centred, spread), "epsilon"),
        _of_vector("logsumexp", log(sum_exp)),
        _of_vector("sum", total(_K_INDEX, _AT_K)),
        _of_vector("mean", mean),
        _of_vector("variance", divide(total(_K_INDEX, deviation), _D)),
        _of_vector("max", reduce("maximum", _K_INDEX, _AT_K)),
        _of_vector("min", reduce("minimum", _K_INDEX, _AT_K)),
        _of_vector("norm", sqrt(squares)),
        _of_vector("norm_p", power(powers, divide(1, p)), "p"),
        _of_two_vectors("dot", dot),
        _of_two_vectors(
            "cosine_similarity",
            divide(dot, multiply(call("norm", _VECTOR), norm_of_y)),
        ),
    )


NAMED: Mapping[str, NamedFunction] = MappingProxyType(
    {function.name: function for function in (*_scalar_functions(), *_vector_functions())}
)
"""The table, by name."""
