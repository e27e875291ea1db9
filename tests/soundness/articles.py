"""Formulas of articles and papers, whose code is written out rather than called."""

from __future__ import annotations

import numpy as np

from .layers import softmax
from .losses import cosine, log_sigmoid, log_softmax, picked, sigmoid
from .pair import Argument, Pair, choice, data, labels, parameter


def focal(p, y, alpha, gamma):
    positive = -alpha * (1 - p) ** gamma * np.log(p)
    negative = -(1 - alpha) * p**gamma * np.log1p(-p)
    return np.where(y == 1, positive, negative)


def jensen_shannon(p, q):
    middle = (p + q) / 2
    return 0.5 * (p * np.log(p / middle)).sum() + 0.5 * (q * np.log(q / middle)).sum()


def normalised_temperature(s, j, tau):
    rows = []
    for i in range(len(s)):
        others = [np.exp(s[i, k] / tau) for k in range(len(s)) if k != i]
        rows.append(-s[i, j[i]] / tau + np.log(sum(others)))
    return np.array(rows)


def adam(theta, m, v, g, alpha, beta_1, beta_2, epsilon, t):
    first = beta_1 * m + (1 - beta_1) * g
    second = beta_2 * v + (1 - beta_2) * g**2
    corrected = first / (1 - beta_1**t)
    return theta - alpha * corrected / (np.sqrt(second / (1 - beta_2**t)) + epsilon)


def cross_entropy_gradient(z, y):
    gradient = softmax(z)
    gradient[y] -= 1
    return gradient


def squared_triplet(a, p, n, m):
    return np.maximum(((a - p) ** 2).sum(-1) - ((a - n) ** 2).sum(-1) + m, 0).sum()


def positional(pos, i, d):
    return np.sin(pos / 10000 ** (2 * i / d))


def exponential_average(s, x, beta):
    return beta * s + (1 - beta) * x


ARTICLES: tuple[Pair, ...] = (
    Pair(
        "cross-entropy-one-hot",
        r"L = -\sum_{c} y_c \log p_c",
        "-(y * p.log()).sum()",
        (data("y", "C", "simplex"), data("p", "C", "simplex")),
        lambda y, p: -(y * np.log(p)).sum(),
    ),
    Pair(
        "kl",
        r"D_{KL}(P\|Q)=\sum_x P(x)\log\frac{P(x)}{Q(x)}",
        "(P * (P / Q).log()).sum()",
        (data("P", "X", "simplex"), data("Q", "X", "simplex")),
        lambda P, Q: (P * np.log(P / Q)).sum(),
    ),
    Pair(
        "jensen-shannon",
        r"J = \frac{1}{2}\sum_i p_i\log\frac{2p_i}{p_i+q_i}"
        r" + \frac{1}{2}\sum_i q_i\log\frac{2q_i}{p_i+q_i}",
        "0.5 * (p * (p / ((p + q) / 2)).log()).sum() + 0.5 * (q * (q / ((p + q) / 2)).log()).sum()",
        (data("p", "K", "simplex"), data("q", "K", "simplex")),
        jensen_shannon,
    ),
    Pair(
        "entropy",
        r"H(p) = -\sum_{i=1}^{n} p_i \log p_i",
        "torch.special.entr(p).sum()",
        (data("p", "n", "simplex"),),
        lambda p: -(p * np.log(p)).sum(),
    ),
    Pair(
        "info-nce",
        r"L = -\frac{1}{N}\sum_{i=1}^N"
        r"\log\frac{\exp(s_{i,i}/\tau)}{\sum_{j=1}^N\exp(s_{i,j}/\tau)}",
        "F.cross_entropy(s / tau, torch.arange(len(s)))",
        (data("s", "N N"), parameter("tau")),
        lambda s, tau: -np.mean(np.diagonal(log_softmax(s / tau))),
    ),
    Pair(
        "nt-xent",
        r"\ell_i = -\log\frac{\exp(s_{i,j_i}/\tau)}"
        r"{\sum_{k=1}^{M}\mathbb{1}_{[k\neq i]}\exp(s_{i,k}/\tau)}",
        "F.cross_entropy(s.masked_fill(torch.eye(len(s), dtype=torch.bool), -torch.inf) / tau,"
        " j, reduction='none')",
        (data("s", "M M"), Argument("j", ("M",), "partners", classes="M"), parameter("tau")),
        normalised_temperature,
        sizes={"M": (2, 4, 6)},
    ),
    Pair(
        "focal",
        r"\text{FL} = -\alpha (1-p)^\gamma \log(p)",
        "-alpha * (1 - p) ** gamma * torch.log(p)",
        (
            data("p", "N", "unit"),
            parameter("alpha", "", "unit"),
            parameter("gamma"),
        ),
        lambda p, alpha, gamma: -alpha * (1 - p) ** gamma * np.log(p),
    ),
    Pair(
        "focal-binary",
        r"\ell_i = -\alpha y_i (1-p_i)^\gamma \log p_i"
        r" - (1-\alpha)(1-y_i) p_i^\gamma \log(1-p_i)",
        "torch.where(y == 1, -alpha * (1 - p) ** gamma * p.log(),"
        " -(1 - alpha) * p ** gamma * torch.log1p(-p))",
        (
            data("p", "N", "unit"),
            data("y", "N", "binary"),
            parameter("alpha", "", "unit"),
            parameter("gamma"),
        ),
        focal,
        declare=(r"y \in \{0, 1\}",),
    ),
    Pair(
        "triplet-squared",
        r"L = \sum_{i=1}^{N} \max\left(\|a_i - p_i\|_2^2 - \|a_i - n_i\|_2^2 + m, 0\right)",
        "(((a - p) ** 2).sum(1) - ((a - n) ** 2).sum(1) + m).clamp(min=0).sum()",
        (data("a", "N D"), data("p", "N D"), data("n", "N D"), parameter("m")),
        squared_triplet,
        declare=(
            r"a \in \mathbb{R}^{N \times D}",
            r"p \in \mathbb{R}^{N \times D}",
            r"n \in \mathbb{R}^{N \times D}",
        ),
    ),
    Pair(
        "dice",
        r"L = 1 - \frac{2\sum_{i} p_i g_i + s}{\sum_{i} p_i^2 + \sum_{i} g_i^2 + s}",
        "1 - (2 * (p * g).sum() + s) / ((p ** 2).sum() + (g ** 2).sum() + s)",
        (data("p", "n", "unit"), data("g", "n", "unit"), parameter("s")),
        lambda p, g, s: 1 - (2 * (p * g).sum() + s) / ((p**2).sum() + (g**2).sum() + s),
    ),
    Pair(
        "hinge",
        r"L = \frac{1}{N}\sum_{i=1}^{N} \max(0, 1 - y_i f_i)",
        "torch.clamp(1 - y * f, min=0).mean()",
        (data("y", "N", "signs"), data("f", "N")),
        lambda y, f: np.mean(np.maximum(0, 1 - y * f)),
    ),
    Pair(
        "log-cosh",
        r"L = \frac{1}{n}\sum_{i=1}^{n} \log(\cosh(\hat{y}_i - y_i))",
        "torch.log(torch.cosh(y_hat - y)).mean()",
        (data("y_hat", "n", "modest"), data("y", "n", "modest")),
        lambda y_hat, y: np.mean(np.logaddexp(y_hat - y, y - y_hat) - np.log(2)),
    ),
    Pair(
        "vae-kl",
        r"D = -\frac{1}{2}\sum_{j=1}^{d}\left(1 + \log \sigma_j^2 - \mu_j^2 - \sigma_j^2\right)",
        "-0.5 * (1 + torch.log(sigma ** 2) - mu ** 2 - sigma ** 2).sum(-1)",
        (data("sigma", "N d", "positive"), data("mu", "N d")),
        lambda sigma, mu: -0.5 * (1 + 2 * np.log(sigma) - mu**2 - sigma**2).sum(-1),
    ),
    Pair(
        "cosine-similarity",
        r"s = \frac{\sum_{i} a_i b_i}{\sqrt{\sum_{i} a_i^2} \sqrt{\sum_{i} b_i^2}}",
        "F.cosine_similarity(a, b, dim=-1, eps=0.0)",
        (data("a", "N D"), data("b", "N D")),
        cosine,
    ),
    Pair(
        "sgd",
        r"\theta_i' = \theta_i - \alpha (\beta v_i + g_i + \lambda \theta_i)",
        "theta - alpha * (beta * v + g + lam * theta)",
        (
            data("theta", "D"),
            data("v", "D"),
            data("g", "D"),
            parameter("alpha"),
            parameter("beta", "", "unit"),
            parameter("lam"),
        ),
        lambda theta, v, g, alpha, beta, lam: theta - alpha * (beta * v + g + lam * theta),
        names={r"\lambda": "lam"},
    ),
    Pair(
        "adam",
        r"\theta_i' = \theta_i - \alpha \frac{(\beta_1 m_i + (1-\beta_1) g_i) / (1-\beta_1^t)}"
        r"{\sqrt{(\beta_2 v_i + (1-\beta_2) g_i^2) / (1-\beta_2^t)} + \epsilon}",
        "theta - alpha * ((beta_1 * m + (1 - beta_1) * g) / (1 - beta_1 ** t))"
        " / (((beta_2 * v + (1 - beta_2) * g ** 2) / (1 - beta_2 ** t)) ** 0.5 + epsilon)",
        (
            data("theta", "D"),
            data("m", "D"),
            data("v", "D", "positive"),
            data("g", "D"),
            parameter("alpha"),
            parameter("beta_1", "", "unit"),
            parameter("beta_2", "", "unit"),
            parameter("epsilon"),
            choice("t", 1, 2, 3, 5),
        ),
        lambda theta, m, v, g, alpha, beta_1, beta_2, epsilon, t: adam(
            theta, m, v, g, alpha, beta_1, beta_2, epsilon, t
        ),
    ),
    Pair(
        "gradient-cross-entropy",
        r"\frac{\partial\mathcal{L}}{\partial z_k} = p_k - \mathbb{1}_{[k = y]}",
        "F.cross_entropy(z, y)",
        (data("z", "C"), labels("y", "", "C")),
        cross_entropy_gradient,
        names={"p": "softmax(z, dim=0)"},
    ),
    Pair(
        "gradient-softplus",
        r"\frac{\partial f}{\partial x} = \frac{1}{1 + e^{-x}}",
        "torch.log1p(torch.exp(x))",
        (data("x", "N", "modest"),),
        sigmoid,
    ),
    Pair(
        "positional-encoding",
        r"f = \sin\left(\frac{pos}{10000^{2i/d}}\right)",
        "torch.sin(pos / 10000 ** (2 * i / d))",
        (
            data("pos", "L", "whole"),
            choice("i", 0, 1, 2, 3),
            choice("d", 2, 4, 8, 16),
        ),
        positional,
    ),
    Pair(
        "moving-average",
        r"s_i' = \beta s_i + (1 - \beta) x_i",
        "torch.lerp(x, s, beta)",
        (data("s", "D"), data("x", "D"), parameter("beta", "", "unit")),
        exponential_average,
    ),
    Pair(
        "dpo",
        r"\ell = -\log \sigma\left(\beta (u - v)\right)",
        "-F.logsigmoid(beta * (u - v))",
        (data("u", "N"), data("v", "N"), parameter("beta")),
        lambda u, v, beta: -log_sigmoid(beta * (u - v)),
    ),
    Pair(
        "policy-clip",
        r"L_t = \min\left(r_t A_t, \text{clip}(r_t, 1 - \epsilon, 1 + \epsilon) A_t\right)",
        "torch.minimum(r * A, torch.clamp(r, 1 - epsilon, 1 + epsilon) * A)",
        (
            data("r", "T", "positive"),
            data("A", "T"),
            parameter("epsilon", "", "unit"),
        ),
        lambda r, A, epsilon: np.minimum(r * A, np.clip(r, 1 - epsilon, 1 + epsilon) * A),
    ),
    Pair(
        "gaussian-constant",
        r"\ell_i = \frac{1}{2}\log(2\pi v_i) + \frac{(x_i - \mu_i)^2}{2 v_i}",
        "-torch.distributions.Normal(mu, v ** 0.5).log_prob(x)",
        (data("x", "N"), data("mu", "N"), data("v", "N", "positive")),
        lambda x, mu, v: 0.5 * np.log(2 * np.pi * v) + (x - mu) ** 2 / (2 * v),
    ),
    Pair(
        "gaussian-up-to-constant",
        r"\ell_i = \frac{1}{2}\log v_i + \frac{(x_i - \mu_i)^2}{2 v_i} + \text{const.}",
        "-torch.distributions.Normal(mu, v ** 0.5).log_prob(x)",
        (data("x", "N", "modest"), data("mu", "N", "modest"), data("v", "N", "unit")),
        lambda x, mu, v: 0.5 * np.log(2 * np.pi * v) + (x - mu) ** 2 / (2 * v),
    ),
    Pair(
        "softmax-proportional",
        r"p_i \propto \exp(z_i / \tau)",
        "F.softmax(z / tau, dim=0)",
        (data("z", "K", "modest"), parameter("tau", "", "unit")),
        lambda z, tau: softmax(z / tau),
    ),
    Pair(
        "z-score",
        r"z_i = \frac{x_i - \mu}{s}, \quad \mu = \frac{1}{n}\sum_{i=1}^n x_i,"
        r" \quad s = \sqrt{\frac{1}{n-1}\sum_{i=1}^n (x_i - \mu)^2}",
        "(x - x.mean()) / x.std()",
        (data("x", "n"),),
        lambda x: (x - x.mean()) / x.std(ddof=1),
        sizes={"n": (2, 3, 5, 4)},
    ),
    Pair(
        "softmax-gather",
        r"q = p_y, \quad p_k = \frac{e^{z_k}}{\sum_{j=1}^{K} e^{z_j}}",
        "F.softmax(z, dim=0)[y]",
        (data("z", "K"), labels("y", "", "K")),
        lambda z, y: softmax(z)[y],
    ),
    Pair(
        "ridge",
        r"J = \frac{1}{n}\sum_{i=1}^n \left(y_i - \sum_{j=1}^{d} x_{i,j} w_j\right)^2"
        r" + \lambda \sum_{j=1}^{d} w_j^2",
        "((y - x @ w) ** 2).mean() + lam * (w ** 2).sum()",
        (
            data("y", "n"),
            data("x", "n d"),
            parameter("w", "d", "real"),
            parameter("lam"),
        ),
        lambda y, x, w, lam: np.mean((y - x @ w) ** 2) + lam * (w**2).sum(),
        names={r"\lambda": "lam"},
    ),
    Pair(
        "nll-picked-mean",
        r"L = -\frac{1}{N} \sum_{i=1}^{N} \log p_{i, y_i}",
        "F.nll_loss(p.log(), y)",
        (data("p", "N C", "simplex"), labels("y", "N", "C")),
        lambda p, y: -np.mean(np.log(picked(p, y))),
    ),
)
