"""Layers, attention, convolution and shapes, each with the truth in plain NumPy."""

from __future__ import annotations

import numpy as np

from .losses import log_softmax
from .pair import Pair, choice, data, parameter


def softmax(z):
    return np.exp(log_softmax(z))


def layer_norm(x, gamma, beta, epsilon):
    centred = x - x.mean(-1, keepdims=True)
    variance = (centred**2).mean(-1, keepdims=True)
    return centred / np.sqrt(variance + epsilon) * gamma + beta


def rms_norm(x, g, epsilon):
    return x / np.sqrt((x**2).mean(-1, keepdims=True) + epsilon) * g


def attention(Q, K, V):
    return softmax(Q @ K.T / np.sqrt(Q.shape[1])) @ V


def bilinear(u, A, v, b):
    rows = [[left @ matrix @ right for matrix in A] for left, right in zip(u, v, strict=True)]
    return np.array(rows) + b


def convolution(x, w):
    length = x.shape[1] - w.shape[2] + 1
    out = np.zeros((w.shape[0], length))
    for k in range(w.shape[0]):
        for u in range(length):
            for c in range(w.shape[1]):
                for a in range(w.shape[2]):
                    out[k, u] += w[k, c, a] * x[c, u + a]
    return out


def pooled(x, reduce):
    pairs = [(x[2 * u], x[2 * u + 1]) for u in range(len(x) // 2)]
    return np.array([reduce(pair) for pair in pairs])


def convolution_size(H, padding, dilation, kernel, stride):
    return (H + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


def log_sum_exp(z):
    largest = z.max(axis=-1, keepdims=True)
    return largest[..., 0] + np.log(np.exp(z - largest).sum(axis=-1))


def tempered(z, tau):
    return softmax(z / tau)


LAYERS: tuple[Pair, ...] = (
    Pair(
        "softmax",
        r"p_i = \frac{\exp(z_i)}{\sum_{j=1}^{K} \exp(z_j)}",
        "F.softmax(z, dim=-1)",
        (data("z", "N K"),),
        softmax,
    ),
    Pair(
        "softmax-temperature",
        r"p_{n,i} = \frac{\exp(z_{n,i} / \tau)}{\sum_{j=1}^{K} \exp(z_{n,j} / \tau)}",
        "F.softmax(z / tau, dim=1)",
        (data("z", "N K"), parameter("tau")),
        tempered,
    ),
    Pair(
        "log-softmax",
        r"\text{LogSoftmax}(x_i) = \log\left(\frac{\exp(x_i)}{\sum_j \exp(x_j)}\right)",
        "F.log_softmax(x, dim=-1)",
        (data("x", "N K"),),
        lambda x: log_softmax(x),
    ),
    Pair(
        "log-sum-exp",
        r"s_n = \log \sum_{k=1}^{K} \exp(z_{n,k})",
        "torch.logsumexp(z, dim=1)",
        (data("z", "N K"),),
        log_sum_exp,
    ),
    Pair(
        "linear",
        r"o_{n,i} = \sum_{j=1}^{D} W_{i,j} x_{n,j} + b_i",
        "F.linear(x, W, b)",
        (data("x", "N D"), parameter("W", "H D", "real"), parameter("b", "H", "real")),
        lambda x, W, b: x @ W.T + b,
    ),
    Pair(
        "linear-matrix",
        r"\mathbf{y} = W\mathbf{x} + \mathbf{b}",
        "F.linear(x, W, b)",
        (data("x", "N D"), parameter("W", "H D", "real"), parameter("b", "H", "real")),
        lambda x, W, b: x @ W.T + b,
    ),
    Pair(
        "relu-layer",
        r"\mathbf{h} = \text{ReLU}(W_1\mathbf{x}+\mathbf{b}_1)",
        "F.relu(F.linear(x, W_1, b_1))",
        (data("x", "N D"), parameter("W_1", "H D", "real"), parameter("b_1", "H", "real")),
        lambda x, W_1, b_1: np.maximum(0, x @ W_1.T + b_1),
    ),
    Pair(
        "bilinear",
        r"y_{n,k} = \sum_{i=1}^{I}\sum_{j=1}^{J} u_{n,i} A_{k,i,j} v_{n,j} + b_k",
        "F.bilinear(u, v, A, b)",
        (
            data("u", "N I"),
            data("v", "N J"),
            parameter("A", "K I J", "real"),
            parameter("b", "K", "real"),
        ),
        lambda u, v, A, b: bilinear(u, A, v, b),
    ),
    Pair(
        "layer-norm",
        r"y = \frac{x-\mathrm{E}[x]}{\sqrt{\mathrm{Var}[x]+\epsilon}} * \gamma + \beta",
        "F.layer_norm(x, (x.shape[-1],), gamma, beta, eps=epsilon)",
        (
            data("x", "N D"),
            parameter("gamma", "D", "real"),
            parameter("beta", "D", "real"),
            parameter("epsilon"),
        ),
        lambda x, gamma, beta, epsilon: layer_norm(x, gamma, beta, epsilon),
        declare=(
            r"x \in \mathbb{R}^{D}",
            r"\gamma \in \mathbb{R}^{D}",
            r"\beta \in \mathbb{R}^{D}",
        ),
    ),
    Pair(
        "layer-norm-index",
        r"\mu_n = \frac{1}{D}\sum_{i=1}^{D} x_{n,i}, \quad"
        r" v_n = \frac{1}{D}\sum_{i=1}^{D} (x_{n,i} - \mu_n)^2, \quad"
        r" y_{n,i} = \gamma_i \frac{x_{n,i} - \mu_n}{\sqrt{v_n + \epsilon}} + \beta_i",
        "F.layer_norm(x, (x.shape[-1],), gamma, beta, eps=epsilon)",
        (
            data("x", "N D"),
            parameter("gamma", "D", "real"),
            parameter("beta", "D", "real"),
            parameter("epsilon"),
        ),
        lambda x, gamma, beta, epsilon: layer_norm(x, gamma, beta, epsilon),
    ),
    Pair(
        "rms-norm",
        r"y_{n,i} = \frac{x_{n,i}}{\sqrt{\epsilon + \frac{1}{D}\sum_{j=1}^{D} x_{n,j}^2}} g_i",
        "F.rms_norm(x, (x.shape[-1],), g, eps=epsilon)",
        (data("x", "N D"), parameter("g", "D", "real"), parameter("epsilon")),
        lambda x, g, epsilon: rms_norm(x, g, epsilon),
    ),
    Pair(
        "attention",
        r"\text{Attention}(Q,K,V)=\text{softmax}\left(\frac{QK^\top}{\sqrt{d_k}}\right)V",
        "F.scaled_dot_product_attention(Q, K, V)",
        (data("Q", "L d_k"), data("K", "S d_k"), data("V", "S d_v")),
        attention,
    ),
    Pair(
        "attention-weights",
        r"\alpha_i = \frac{\exp(q^\top k_i)}{\sum_j\exp(q^\top k_j)}",
        "F.softmax(k @ q, dim=0)",
        (data("q", "D"), data("k", "S D")),
        lambda q, k: softmax(k @ q),
        declare=(r"q \in \mathbb{R}^{D}", r"k \in \mathbb{R}^{S \times D}"),
    ),
    Pair(
        "convolution",
        r"o_{k,u} = \sum_{c=0}^{C-1}\sum_{a=0}^{A-1} w_{k,c,a} x_{c,u+a}",
        "F.conv1d(x, w)",
        (data("x", "C L"), parameter("w", "K C A", "real")),
        convolution,
        declare=(
            r"x \in \mathbb{R}^{C \times L}",
            r"w \in \mathbb{R}^{K \times C \times A}",
            r"o \in \mathbb{R}^{K \times (L - A + 1)}",
        ),
        sizes={"L": (3, 4, 5, 7), "A": (1, 2, 3)},
    ),
    Pair(
        "max-pool",
        r"o_u = \max_{a=0}^{1} x_{2u+a}, \quad u = 0, \dots, U-1",
        "F.max_pool1d(x[None], 2)[0]",
        (data("x", "M"),),
        lambda x: pooled(x, max),
        declare=(r"x \in \mathbb{R}^{2U}",),
        sizes={"M": (2, 4, 6, 10)},
    ),
    Pair(
        "average-pool",
        r"o_u = \frac{1}{2} \sum_{a=0}^{1} x_{2u+a}, \quad u = 0, \dots, U-1",
        "F.avg_pool1d(x[None], 2)[0]",
        (data("x", "M"),),
        lambda x: pooled(x, lambda pair: sum(pair) / 2),
        declare=(r"x \in \mathbb{R}^{2U}",),
        sizes={"M": (2, 4, 6, 10)},
    ),
    Pair(
        "convolution-size",
        r"H_{out}=\left\lfloor\frac{H_{in}+2\times\text{padding}-\text{dilation}\times"
        r"(\text{kernel\_size}-1)-1}{\text{stride}}+1\right\rfloor",
        "F.conv1d(torch.zeros(1, 1, int(H_in)), torch.zeros(1, 1, int(kernel_size)),"
        " stride=int(stride), padding=int(padding), dilation=int(dilation)).shape[-1]",
        (
            choice("H_in", 9, 10, 11, 16, 17),
            choice("padding", 0, 1, 2, 3),
            choice("dilation", 1, 2, 3),
            choice("kernel_size", 1, 2, 3, 4),
            choice("stride", 1, 2, 3, 4),
        ),
        lambda H_in, padding, dilation, kernel_size, stride: convolution_size(
            H_in, padding, dilation, kernel_size, stride
        ),
    ),
)
