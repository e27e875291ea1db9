"""Layers and tensor functions that formulas apply: roles and options, no formulas yet."""

from __future__ import annotations

from torchtex.atlas.entry import Argument, Entry

VECTOR_SYMBOLS = ("x", "z", "o", "s", "a", "input", "logits", "scores")
DTYPE = Argument("dtype", "option")
STACK_LEVEL = Argument("_stacklevel", "option", default=3)


def _over_an_axis(function: str, module: str, aliases: tuple[str, ...]) -> Entry:
    return Entry(
        name=f"torch.nn.functional.{function}",
        module=f"torch.nn.{module}",
        arguments=(
            Argument("input", "data", symbols=VECTOR_SYMBOLS),
            Argument("dim", "option"),
            STACK_LEVEL,
            DTYPE,
        ),
        aliases=aliases,
    )


SOFTMAX = _over_an_axis(
    "softmax", "Softmax", ("torch.softmax", "torch.Tensor.softmax", "torch.special.softmax")
)
LOG_SOFTMAX = _over_an_axis(
    "log_softmax",
    "LogSoftmax",
    ("torch.log_softmax", "torch.Tensor.log_softmax", "torch.special.log_softmax"),
)
SOFTMIN = _over_an_axis("softmin", "Softmin", ())

LINEAR = Entry(
    name="torch.nn.functional.linear",
    module="torch.nn.Linear",
    arguments=(
        Argument("input", "data", symbols=("x", "X", "h", "input")),
        Argument("weight", "parameter", symbols=("W", "A", "w", "weight")),
        Argument("bias", "parameter", symbols=("b", "bias")),
    ),
)

LAYER_NORM = Entry(
    name="torch.nn.functional.layer_norm",
    module="torch.nn.LayerNorm",
    arguments=(
        Argument("input", "data", symbols=("x", "h", "input")),
        Argument("normalized_shape", "option"),
        Argument("weight", "parameter", symbols=("gamma", "g", "w", "weight")),
        Argument("bias", "parameter", symbols=("beta", "b", "bias")),
        Argument("eps", "parameter", "positive", symbols=("epsilon", "eps"), default=1e-5),
    ),
    references=("https://arxiv.org/abs/1607.06450",),
)

ATTENTION = Entry(
    name="torch.nn.functional.scaled_dot_product_attention",
    module=None,
    arguments=(
        Argument("query", "data", symbols=("Q", "q", "query")),
        Argument("key", "data", symbols=("K", "k", "key")),
        Argument("value", "data", symbols=("V", "v", "value")),
        Argument("attn_mask", "data", symbols=("M", "mask", "attn_mask")),
        Argument("dropout_p", "option", default=0.0),
        Argument("is_causal", "option", default=False, choices=(False, True)),
        Argument("scale", "option", symbols=("scale",)),
        Argument("enable_gqa", "option", default=False, choices=(False, True)),
    ),
    edges=("attn_mask: a row that masks every key gives nan where softmax has no term",),
    references=("https://arxiv.org/abs/1706.03762",),
)

COSINE_SIMILARITY = Entry(
    name="torch.nn.functional.cosine_similarity",
    module="torch.nn.CosineSimilarity",
    arguments=(
        Argument("x1", "data", symbols=("x_1", "x1", "u", "a", "x")),
        Argument("x2", "data", symbols=("x_2", "x2", "v", "b", "y")),
        Argument("dim", "option", default=1),
        Argument("eps", "parameter", "positive", symbols=("epsilon", "eps"), default=1e-8),
    ),
    aliases=("torch.cosine_similarity",),
    edges=(
        "x1, x2: a norm below eps = 1e-8 is replaced by eps: at a norm of 5e-9 the cosine is half",
    ),
)

ENTRIES: tuple[Entry, ...] = (
    SOFTMAX,
    LOG_SOFTMAX,
    SOFTMIN,
    LINEAR,
    LAYER_NORM,
    ATTENTION,
    COSINE_SIMILARITY,
)
