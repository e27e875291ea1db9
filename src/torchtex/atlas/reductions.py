"""A formula of one element or one sample, compared with a loss that reduces over them."""

from __future__ import annotations

import attrs

from torchtex.atlas.entry import DocumentedClaim


def over_reductions(claim: DocumentedClaim) -> tuple[DocumentedClaim, ...]:
    """``claim`` for each value of ``reduction``: exact for none, up to the mean or the sum else.

    The claim's code holds ``{reduction}``; its own expectation is for ``none``.
    """
    return tuple(_reduced(claim, reduction) for reduction in ("none", "mean", "sum"))


def _reduced(claim: DocumentedClaim, reduction: str) -> DocumentedClaim:
    options = {**claim.options, "reduction": (reduction,)}
    if reduction == "none":
        return attrs.evolve(claim, options=options)
    relation = f"{claim.relation}, {reduction}" if claim.relation else reduction
    return attrs.evolve(claim, options=options, expected="agrees_up_to", relation=relation)
