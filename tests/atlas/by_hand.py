"""The losses as plain NumPy loops, written from the documentation and from nothing of ours.

Each function takes the names of a claim's code and its settings, and gives one value per element
or per sample, with the weight that a mean divides by where it isn't the number of values.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Values = Mapping[str, Any]
Parts = tuple[list[float], list[float] | None]


def logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def log_softmax(row: Any) -> list[float]:
    total = sum(math.exp(z) for z in row)
    return [math.log(math.exp(z) / total) for z in row]


def pairs(v: Values, first: str, second: str) -> list[tuple[float, float]]:
    return list(zip(np.ravel(v[first]).tolist(), np.ravel(v[second]).tolist(), strict=True))


def mse(v: Values, s: Values) -> Parts:
    return [(x - y) * (x - y) for x, y in pairs(v, "x", "y")], None


def l1(v: Values, s: Values) -> Parts:
    return [max(x - y, y - x) for x, y in pairs(v, "x", "y")], None


def smooth_l1(v: Values, s: Values) -> Parts:
    beta = v["beta"]
    return [
        (x - y) ** 2 / 2 / beta if abs(x - y) < beta else abs(x - y) - beta / 2
        for x, y in pairs(v, "x", "y")
    ], None


def huber(v: Values, s: Values) -> Parts:
    values, _ = smooth_l1({**v, "beta": v["delta"]}, s)
    return [v["delta"] * value for value in values], None


def cross_entropy(v: Values, s: Values) -> Parts:
    if v["y"].ndim == 2:
        return _probability_cross_entropy(v)
    classes = v["x"].shape[1]
    weight = v.get("w", np.ones(classes))
    smoothing = v.get("epsilon", 0.0)
    values, shares = [], []
    for row, label in zip(v["x"], v["y"], strict=True):
        if label == s["ignore_index"]:
            values.append(0.0)
            shares.append(0.0)
            continue
        logs = log_softmax(row)
        sharp = -weight[label] * logs[label]
        uniform = -sum(weight[c] * logs[c] for c in range(classes)) / classes
        values.append((1 - smoothing) * sharp + smoothing * uniform)
        shares.append(weight[label])
    return values, shares


def _probability_cross_entropy(v: Values) -> Parts:
    classes = v["x"].shape[1]
    smoothing = v.get("epsilon", 0.0)
    values = []
    for row, target in zip(v["x"], v["y"], strict=True):
        logs = log_softmax(row)
        smoothed = [(1 - smoothing) * y + smoothing / classes for y in target]
        values.append(-sum(v["w"][c] * smoothed[c] * logs[c] for c in range(classes)))
    return values, None


def nll(v: Values, s: Values) -> Parts:
    weight = v.get("weight", np.ones(v["x"].shape[1]))
    kept = [label != s["ignore_index"] for label in v["y"]]
    shares = [weight[y] if keep else 0.0 for y, keep in zip(v["y"], kept, strict=True)]
    values = [
        -share * row[y] if keep else 0.0
        for row, y, share, keep in zip(v["x"], v["y"], shares, kept, strict=True)
    ]
    return values, shares


def bce(v: Values, s: Values) -> Parts:
    weight = v.get("w", np.ones_like(v["x"])).ravel().tolist()
    return [
        -w * (y * math.log(x) + (1 - y) * math.log(1 - x))
        for (x, y), w in zip(pairs(v, "x", "y"), weight, strict=True)
    ], None


def bce_with_logits(v: Values, s: Values) -> Parts:
    weight = v.get("w", np.ones_like(v["x"])).ravel().tolist()
    positive = np.broadcast_to(v.get("p", np.ones(1)), v["x"].shape).ravel().tolist()
    return [
        -w * (p * y * math.log(logistic(x)) + (1 - y) * math.log(1 - logistic(x)))
        for (x, y), w, p in zip(pairs(v, "x", "y"), weight, positive, strict=True)
    ], None


def kl_div(v: Values, s: Values) -> Parts:
    target = np.exp(v["target"]) if s["log_target"] else v["target"]
    return [
        t * math.log(t / math.exp(x)) for x, t in pairs({**v, "target": target}, "input", "target")
    ], None


def poisson(v: Values, s: Values) -> Parts:
    values = []
    for x, t in pairs(v, "input", "target"):
        value = math.exp(x) - t * x if s["log_input"] else x - t * math.log(x + v["eps"])
        if s["full"] and t > 1:
            value += t * math.log(t) - t + math.log(2 * math.pi * t) / 2
        values.append(value)
    return values, None


def gaussian(v: Values, s: Values) -> Parts:
    constant = math.log(2 * math.pi) / 2 if s["full"] else 0.0
    variances = [max(variance, v["eps"]) for variance in v["var"].ravel().tolist()]
    return [
        (math.log(variance) + (x - t) ** 2 / variance) / 2 + constant
        for (x, t), variance in zip(pairs(v, "input", "target"), variances, strict=True)
    ], None


def hinge_embedding(v: Values, s: Values) -> Parts:
    return [x if y == 1 else max(0.0, v["margin"] - x) for x, y in pairs(v, "x", "y")], None


def cosine_embedding(v: Values, s: Values) -> Parts:
    values = []
    for first, second, y in zip(v["x_1"], v["x_2"], v["y"], strict=True):
        dot = sum(a * b for a, b in zip(first, second, strict=True))
        squares = [sum(a * a for a in row) + 1e-12 for row in (first, second)]
        cosine = dot / math.sqrt(squares[0] * squares[1])
        values.append(1 - cosine if y == 1 else max(0.0, cosine - v["margin"]))
    return values, None


def margin_ranking(v: Values, s: Values) -> Parts:
    return [
        max(0.0, -y * (a - b) + v["margin"])
        for a, b, y in zip(v["x1"], v["x2"], v["y"], strict=True)
    ], None


def triplet_margin(v: Values, s: Values) -> Parts:
    def distance(first: Any, second: Any) -> float:
        steps = [abs(a - b + v["eps"]) ** s["p"] for a, b in zip(first, second, strict=True)]
        return float(sum(steps) ** (1 / s["p"]))

    return [
        max(distance(a, p) - distance(a, n) + v["margin"], 0.0)
        for a, p, n in zip(v["a"], v["p"], v["n"], strict=True)
    ], None


def soft_margin(v: Values, s: Values) -> Parts:
    return [math.log(1 + math.exp(-y * x)) for x, y in pairs(v, "x", "y")], None


def multilabel_soft_margin(v: Values, s: Values) -> Parts:
    classes = v["x"].shape[1]
    weight = v.get("w", np.ones(classes))
    values = []
    for row, target in zip(v["x"], v["y"], strict=True):
        total = 0.0
        for c in range(classes):
            chosen = logistic(row[c]) if target[c] == 1 else 1 - logistic(row[c])
            total -= weight[c] * math.log(chosen)
        values.append(total / classes)
    return values, None


def multi_margin(v: Values, s: Values) -> Parts:
    classes = v["x"].shape[1]
    weight = v.get("w", np.ones(classes))
    values = []
    for row, label in zip(v["x"], v["y"], strict=True):
        others = [c for c in range(classes) if c != label]
        hinges = [max(0.0, v["margin"] - row[label] + row[c]) for c in others]
        values.append(sum(weight[label] * hinge ** s["p"] for hinge in hinges) / classes)
    return values, None


BY_HAND: Mapping[str, Callable[[Values, Values], Parts]] = {
    "mse_loss": mse,
    "l1_loss": l1,
    "smooth_l1_loss": smooth_l1,
    "huber_loss": huber,
    "cross_entropy": cross_entropy,
    "nll_loss": nll,
    "binary_cross_entropy": bce,
    "binary_cross_entropy_with_logits": bce_with_logits,
    "kl_div": kl_div,
    "poisson_nll_loss": poisson,
    "gaussian_nll_loss": gaussian,
    "hinge_embedding_loss": hinge_embedding,
    "cosine_embedding_loss": cosine_embedding,
    "margin_ranking_loss": margin_ranking,
    "triplet_margin_loss": triplet_margin,
    "soft_margin_loss": soft_margin,
    "multilabel_soft_margin_loss": multilabel_soft_margin,
    "multi_margin_loss": multi_margin,
}


def reduced(parts: Parts, reduction: str, samples: int) -> list[float]:
    """``none``, ``sum``, ``batchmean``, or ``mean`` over the values or by their shares."""
    values, shares = parts
    if reduction == "none":
        return values
    total = sum(values)
    if reduction == "sum":
        return [total]
    if reduction == "batchmean":
        return [total / samples]
    return [total / (len(values) if shares is None else sum(shares))]
