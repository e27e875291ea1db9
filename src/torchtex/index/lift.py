"""Adding batch axes: an expression for one sample becomes one for a batch of samples."""

from __future__ import annotations

from collections.abc import Container

import attrs

from torchtex.index.substitute import fresh_name, rename_bound, replace_elements, substitute
from torchtex.index.terms import Definition, Element, Expression, Index, Tensor, Term
from torchtex.index.traverse import bound_indices, free_indices, tensors_used, transform


def lift(expression: Expression, data: Container[str], batch: tuple[Index, ...]) -> Expression:
    """Give every tensor named in ``data`` the leading ``batch`` axes.

    Their extents and every element of theirs get the batch indices in front; so do definitions
    that depend on them, directly or not, and the result.  Other tensors stay as they are.
    Indices of the expression that equal a batch index are renamed.
    """
    if not batch:
        return expression
    lifted = {tensor.name for tensor in expression.tensors if tensor.name in data}
    definitions = []
    for definition in expression.definitions:
        if tensors_used(definition.body) & lifted:
            lifted = lifted | {definition.name}
        definitions.append(_lift_definition(definition, lifted, batch))
    indices, body = _set_apart(expression.indices, expression.body, batch)
    return Expression(
        tuple(_lift_tensor(tensor, lifted, batch) for tensor in expression.tensors),
        tuple(definitions),
        batch + indices,
        _lift_term(body, lifted, batch),
    )


def _lift_tensor(tensor: Tensor, lifted: Container[str], batch: tuple[Index, ...]) -> Tensor:
    if tensor.name not in lifted:
        return tensor
    return attrs.evolve(tensor, extents=tuple(index.extent for index in batch) + tensor.extents)


def _lift_definition(
    definition: Definition, lifted: Container[str], batch: tuple[Index, ...]
) -> Definition:
    if definition.name not in lifted:
        return definition
    indices, body = _set_apart(definition.indices, definition.body, batch)
    return Definition(definition.name, batch + indices, _lift_term(body, lifted, batch))


def _set_apart(
    indices: tuple[Index, ...], body: Term, batch: tuple[Index, ...]
) -> tuple[tuple[Index, ...], Term]:
    """``indices`` and ``body`` with indices that equal a batch index under another name."""
    taken = {index.name for index in (*indices, *batch, *free_indices(body))}
    fresh: dict[Index, Term] = {}
    renamed: list[Index] = []
    for index in indices:
        new = index if index not in batch else Index(fresh_name(index.name, taken), index.extent)
        taken.add(new.name)
        fresh[index] = new
        renamed.append(new)
    return tuple(renamed), substitute(body, fresh)


def _lift_term(term: Term, lifted: Container[str], batch: tuple[Index, ...]) -> Term:
    def with_batch(element: Element) -> Term:
        if element.tensor not in lifted:
            return element
        return Element(element.tensor, batch + element.indices)

    def apart(node: Term) -> Term:
        clashing = [index for index in bound_indices(node) if index in batch]
        return rename_bound(node, clashing, batch) if clashing else node

    return replace_elements(transform(term, apart), with_batch)
