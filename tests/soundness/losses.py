"""The losses of torch, each with a formula, the call, and the truth in plain NumPy."""

from __future__ import annotations

import numpy as np

from .pair import Pair, data, kept_labels, labels, parameter

IGNORED = -100


def sigmoid(x):
    return np.exp(-np.logaddexp(0.0, -x))


def log_sigmoid(x):
    return -np.logaddexp(0.0, -x)


def log_softmax(z):
    shifted = z - z.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def picked(table, y):
    """``table[n, y[n]]`` for each n."""
    return np.array([row[label] for row, label in zip(table, y, strict=True)])


def smooth_l1(x, y, beta):
    distance = np.abs(x - y)
    return np.where(distance < beta, 0.5 * distance**2 / beta, distance - 0.5 * beta)


def huber(x, y, delta):
    distance = np.abs(x - y)
    return np.where(distance <= delta, 0.5 * distance**2, delta * (distance - 0.5 * delta))


def ignoring_cross_entropy(x, y, w):
    losses = [
        0.0 if label == IGNORED else -w[label] * log_softmax(row)[label]
        for row, label in zip(x, y, strict=True)
    ]
    return np.array(losses)


def smoothed_cross_entropy(z, y, epsilon):
    log_p = log_softmax(z)
    return np.mean(-(1 - epsilon) * picked(log_p, y) - epsilon / z.shape[1] * log_p.sum(axis=1))


def weighted_binary_cross_entropy(x, y, w):
    return -w * (y * np.log(x) + (1 - y) * np.log1p(-x))


def positive_weighted(x, y, p):
    return -(p * y * log_sigmoid(x) + (1 - y) * log_sigmoid(-x))


def gaussian(x, y, v, epsilon):
    kept = np.maximum(v, epsilon)
    return 0.5 * (np.log(kept) + (x - y) ** 2 / kept)


def cosine(a, b):
    return (a * b).sum(-1) / np.sqrt((a**2).sum(-1)) / np.sqrt((b**2).sum(-1))


def cosine_embedding(a, b, y, margin):
    similarity = cosine(a, b)
    return np.where(y == 1, 1 - similarity, np.maximum(0, similarity - margin))


def distance(a, b):
    return np.sqrt(((a - b) ** 2).sum(-1))


def multi_margin(x, y, m, power):
    rows = []
    for scores, label in zip(x, y, strict=True):
        others = [max(0.0, m - scores[label] + s) for i, s in enumerate(scores) if i != label]
        rows.append(sum(value**power for value in others) / len(scores))
    return np.array(rows)


def multi_label_soft_margin(x, y):
    return -(y * log_sigmoid(x) + (1 - y) * log_sigmoid(-x)).mean(axis=-1)


SOFTMAX_X = {"p": "softmax(x, dim=1)"}
SOFTMAX_Z = {"p": "softmax(z, dim=1)"}

LOSSES: tuple[Pair, ...] = (
    Pair(
        "mse-mean",
        r"\mathcal{L}_{MSE} = \frac{1}{n}\sum_{i=1}^n (y_i-\hat{y}_i)^2",
        "F.mse_loss(y_hat, y)",
        (data("y_hat", "n"), data("y", "n")),
        lambda y_hat, y: np.mean((y_hat - y) ** 2),
    ),
    Pair(
        "mse-none",
        r"\ell_n = \left( x_n - y_n \right)^2",
        "F.mse_loss(x, y, reduction='none')",
        (data("x", "N"), data("y", "N")),
        lambda x, y: (x - y) ** 2,
    ),
    Pair(
        "l1-sum",
        r"\ell = \sum_{n=1}^N \left| x_n - y_n \right|",
        "F.l1_loss(x, y, reduction='sum')",
        (data("x", "N"), data("y", "N")),
        lambda x, y: np.abs(x - y).sum(),
    ),
    Pair(
        "smooth-l1",
        r"\ell(x, y) = \begin{cases} 0.5 (x - y)^2 / \beta, & \text{if } |x - y| < \beta \\"
        r" |x - y| - 0.5 \beta, & \text{otherwise} \end{cases}",
        "F.smooth_l1_loss(x, y, beta=beta)",
        (data("x", "N"), data("y", "N"), parameter("beta")),
        lambda x, y, beta: np.mean(smooth_l1(x, y, beta)),
    ),
    Pair(
        "huber",
        r"\ell_n = \begin{cases} 0.5 (x_n - y_n)^2, & \text{if } |x_n - y_n| \le \delta \\"
        r" \delta (|x_n - y_n| - 0.5 \delta), & \text{otherwise} \end{cases}",
        "F.huber_loss(x, y, delta=delta, reduction='none')",
        (data("x", "N"), data("y", "N"), parameter("delta")),
        huber,
    ),
    Pair(
        "cross-entropy",
        r"\mathcal{L}_{\text{CE}} = -\log\left(\frac{\exp(z_y)}{\sum_{j=1}^{C}\exp(z_j)}\right)",
        "F.cross_entropy(z, y)",
        (data("z", "N C"), labels("y", "N", "C")),
        lambda z, y: -np.mean(picked(log_softmax(z), y)),
    ),
    Pair(
        "cross-entropy-logsumexp",
        r"\ell_n = -z_{n,y_n} + \log \sum_{k=1}^{C} \exp(z_{n,k})",
        "F.cross_entropy(z, y, reduction='none')",
        (data("z", "N C"), labels("y", "N", "C")),
        lambda z, y: -picked(log_softmax(z), y),
    ),
    Pair(
        "cross-entropy-weight",
        r"\ell_n = - w_{y_n} \log \frac{\exp(x_{n,y_n})}{\sum_{c=1}^C \exp(x_{n,c})}",
        "F.cross_entropy(x, y, weight=w, reduction='none')",
        (data("x", "N C"), labels("y", "N", "C"), parameter("w", "C")),
        lambda x, y, w: -w[y] * picked(log_softmax(x), y),
    ),
    Pair(
        "cross-entropy-weighted-mean",
        r"L = -\frac{\sum_{n=1}^N w_{y_n} \log p_{n,y_n}}{\sum_{n=1}^N w_{y_n}}",
        "F.cross_entropy(x, y, weight=w)",
        (data("x", "N C", "modest"), labels("y", "N", "C"), parameter("w", "C")),
        lambda x, y, w: -(w[y] * picked(log_softmax(x), y)).sum() / w[y].sum(),
        names=SOFTMAX_X,
    ),
    Pair(
        "cross-entropy-weight-per-sample",
        r"\ell = - w_y \log \frac{\exp(x_y)}{\sum_{c=1}^C \exp(x_c)}",
        "F.cross_entropy(x, y, weight=w)",
        (data("x", "N C"), labels("y", "N", "C"), parameter("w", "C")),
        lambda x, y, w: -(w[y] * picked(log_softmax(x), y)).sum() / w[y].sum(),
        weights=lambda x, y, w: w[y],
        weighted_by="w",
    ),
    Pair(
        "cross-entropy-ignored",
        r"l_n = - w_{y_n} \log \frac{\exp(x_{n,y_n})}{\sum_{c=1}^C \exp(x_{n,c})}"
        r" \cdot \mathbb{1}\{y_n \not= -100\}",
        "F.cross_entropy(x, y, weight=w, reduction='none')",
        (data("x", "N C"), kept_labels("y", "N", "C"), parameter("w", "C")),
        ignoring_cross_entropy,
    ),
    Pair(
        "cross-entropy-smoothed",
        r"L = -(1-\epsilon)\log p_y - \frac{\epsilon}{C}\sum_{c=1}^C \log p_c",
        "F.cross_entropy(z, y, label_smoothing=epsilon)",
        (data("z", "N C", "modest"), labels("y", "N", "C"), parameter("epsilon", "", "unit")),
        smoothed_cross_entropy,
        names=SOFTMAX_Z,
    ),
    Pair(
        "cross-entropy-probabilities",
        r"\ell_n = - \sum_{c=1}^C y_{n,c} \log \frac{\exp(x_{n,c})}{\sum_{i=1}^C \exp(x_{n,i})}",
        "F.cross_entropy(x, y, reduction='none')",
        (data("x", "N C"), data("y", "N C", "simplex")),
        lambda x, y: -(y * log_softmax(x)).sum(axis=1),
    ),
    Pair(
        "nll-weight",
        r"l_n = - w_{y_n} x_{n,y_n}",
        "F.nll_loss(x, y, weight=w, reduction='none')",
        (data("x", "N C"), labels("y", "N", "C"), parameter("w", "C")),
        lambda x, y, w: -w[y] * picked(x, y),
    ),
    Pair(
        "nll-mean",
        r"L = -\frac{1}{N}\sum_{n=1}^{N} x_{n,y_n}",
        "F.nll_loss(x, y)",
        (data("x", "N C"), labels("y", "N", "C")),
        lambda x, y: -np.mean(picked(x, y)),
    ),
    Pair(
        "bce-weight",
        r"l_n = - w_n \left[ y_n \cdot \log x_n + (1 - y_n) \cdot \log (1 - x_n) \right]",
        "F.binary_cross_entropy(x, y, weight=w, reduction='none')",
        (data("x", "N", "unit"), data("y", "N", "closed_unit"), data("w", "N", "positive")),
        weighted_binary_cross_entropy,
    ),
    Pair(
        "bce-logits",
        r"\mathcal{L}_{\text{BCE}} = -\left[y\cdot\log(\sigma(x))"
        r" + (1-y)\cdot\log(1-\sigma(x))\right]",
        "F.binary_cross_entropy_with_logits(x, y)",
        (data("x", "N", "score"), data("y", "N", "closed_unit")),
        lambda x, y: -np.mean(y * log_sigmoid(x) + (1 - y) * log_sigmoid(-x)),
    ),
    Pair(
        "bce-logits-pos-weight",
        r"\ell_{n,c} = - \left[ p_c y_{n,c} \cdot \log \sigma(x_{n,c})"
        r" + (1 - y_{n,c}) \cdot \log (1 - \sigma(x_{n,c})) \right]",
        "F.binary_cross_entropy_with_logits(x, y, pos_weight=p, reduction='none')",
        (data("x", "N C", "score"), data("y", "N C", "closed_unit"), parameter("p", "C")),
        positive_weighted,
    ),
    Pair(
        "kl-div-none",
        r"\ell_{n,c} = y_{n,c} \cdot (\log y_{n,c} - x_{n,c})",
        "F.kl_div(x, y, reduction='none')",
        (data("x", "N C", "log_unit"), data("y", "N C", "simplex")),
        lambda x, y: y * (np.log(y) - x),
    ),
    Pair(
        "kl-div-log-target",
        r"L = \frac{1}{N}\sum_{n=1}^{N}\sum_{c=1}^{C} \exp(y_{n,c}) (y_{n,c} - x_{n,c})",
        "F.kl_div(x, y, reduction='batchmean', log_target=True)",
        (data("x", "N C", "log_unit"), data("y", "N C", "log_unit")),
        lambda x, y: (np.exp(y) * (y - x)).sum() / len(x),
    ),
    Pair(
        "poisson-log",
        r"\ell_n = \exp(x_n) - y_n x_n",
        "F.poisson_nll_loss(x, y, log_input=True, reduction='none')",
        (data("x", "N", "modest"), data("y", "N", "whole")),
        lambda x, y: np.exp(x) - y * x,
    ),
    Pair(
        "poisson-plain",
        r"\ell_n = x_n - y_n \log(x_n + \epsilon)",
        "F.poisson_nll_loss(x, y, log_input=False, eps=epsilon, reduction='none')",
        (data("x", "N", "positive"), data("y", "N", "whole"), parameter("epsilon")),
        lambda x, y, epsilon: x - y * np.log(x + epsilon),
    ),
    Pair(
        "gaussian-nll",
        r"\ell_n = \frac{1}{2}\left(\log\left(\max\left(v_n, \epsilon\right)\right)"
        r" + \frac{\left(x_n - y_n\right)^2}{\max\left(v_n, \epsilon\right)}\right)",
        "F.gaussian_nll_loss(x, y, v, eps=epsilon, reduction='none')",
        (
            data("x", "N"),
            data("y", "N"),
            data("v", "N", "positive"),
            parameter("epsilon"),
        ),
        gaussian,
    ),
    Pair(
        "hinge-embedding",
        r"l_n = \begin{cases} x_n, & \text{if } y_n = 1, \\"
        r" \max \{0, \Delta - x_n\}, & \text{if } y_n = -1, \end{cases}",
        "F.hinge_embedding_loss(x, y, margin=Delta, reduction='none')",
        (data("x", "N"), data("y", "N", "signs"), parameter("Delta")),
        lambda x, y, Delta: np.where(y == 1, x, np.maximum(0, Delta - x)),
    ),
    Pair(
        "cosine-embedding",
        r"\ell = \begin{cases} 1 - \cos(a, b), & \text{if } y = 1 \\"
        r" \max(0, \cos(a, b) - m), & \text{if } y = -1 \end{cases}",
        "F.cosine_embedding_loss(a, b, y, margin=m, reduction='none')",
        (
            data("a", "N D"),
            data("b", "N D"),
            data("y", "N", "signs"),
            parameter("m", "", "unit"),
        ),
        lambda a, b, y, m: cosine_embedding(a, b, y, m),
        declare=(r"a \in \mathbb{R}^{D}", r"b \in \mathbb{R}^{D}"),
        guarded_below=0.05,
    ),
    Pair(
        "margin-ranking",
        r"\ell_i = \max(0, -y_i (u_i - v_i) + m)",
        "F.margin_ranking_loss(u, v, y, margin=m, reduction='none')",
        (data("u", "N"), data("v", "N"), data("y", "N", "signs"), parameter("m")),
        lambda u, v, y, m: np.maximum(0, -y * (u - v) + m),
    ),
    Pair(
        "triplet",
        r"\ell = \max\left(\|a - p\|_2 - \|a - n\|_2 + m, 0\right)",
        "F.triplet_margin_loss(a, p, n, margin=m, eps=0.0)",
        (data("a", "N D"), data("p", "N D"), data("n", "N D"), parameter("m")),
        lambda a, p, n, m: np.mean(np.maximum(distance(a, p) - distance(a, n) + m, 0)),
    ),
    Pair(
        "soft-margin",
        r"L = \frac{1}{n}\sum_{i=1}^{n} \log(1 + \exp(-y_i x_i))",
        "F.soft_margin_loss(x, y)",
        (data("x", "n"), data("y", "n", "signs")),
        lambda x, y: np.mean(np.logaddexp(0, -y * x)),
    ),
    Pair(
        "multi-label-soft-margin",
        r"\ell_n = -\frac{1}{C}\sum_{i=1}^{C} \left["
        r" y_{n,i} \log\left((1+\exp(-x_{n,i}))^{-1}\right)"
        r" + (1-y_{n,i}) \log\left(\frac{\exp(-x_{n,i})}{1+\exp(-x_{n,i})}\right) \right]",
        "F.multilabel_soft_margin_loss(x, y, reduction='none')",
        (data("x", "N C", "modest"), data("y", "N C", "closed_unit")),
        multi_label_soft_margin,
    ),
    Pair(
        "multi-margin",
        r"\ell_n = \frac{1}{C}\sum_{i \neq y_n} \max(0, m - x_{n,y_n} + x_{n,i})",
        "F.multi_margin_loss(x, y, margin=m, reduction='none')",
        (data("x", "N C"), labels("y", "N", "C"), parameter("m")),
        lambda x, y, m: multi_margin(x, y, m, 1),
    ),
    Pair(
        "multi-margin-squared",
        r"\ell = \frac{\sum_{i=1, i \neq y}^{C} \max(0, m - x_y + x_i)^2}{C}",
        "F.multi_margin_loss(x, y, p=2, margin=m)",
        (data("x", "N C"), labels("y", "N", "C"), parameter("m")),
        lambda x, y, m: np.mean(multi_margin(x, y, m, 2)),
    ),
)
