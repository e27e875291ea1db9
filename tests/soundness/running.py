"""Runs a pair's code expression with torch on given values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from .pair import Pair


def as_code_takes(value: Any) -> Any:
    """A tensor for an array, a plain number for a hyperparameter."""
    if not isinstance(value, np.ndarray):
        return value
    if value.dtype.kind == "i":
        return torch.from_numpy(np.array(value)).long()
    return torch.from_numpy(np.array(value, dtype=np.float64))


def tensors(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: as_code_takes(value) for name, value in values.items()}


def evaluate(expression: str, values: Mapping[str, Any]) -> torch.Tensor:
    """The value of a Python expression over named tensors, with ``torch`` and ``F`` in reach."""
    names = {"torch": torch, "F": F, "softmax": torch.softmax, "sigmoid": torch.sigmoid}
    return torch.as_tensor(eval(expression, {**names, **tensors(values)}))


def derivative(pair: Pair, values: Mapping[str, Any], name: str) -> torch.Tensor:
    """The gradient of the code's sum with respect to one argument, by autograd."""
    arguments = tensors(values)
    arguments[name] = arguments[name].requires_grad_()
    names = {"torch": torch, "F": F}
    total = eval(pair.code, {**names, **arguments}).sum()
    return torch.autograd.grad(total, arguments[name])[0]
