"""Each guard that an entry states, measured in the installed torch at the size it states."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F

from torchtex.atlas.catalogue import ENTRIES, lookup


def tensor(*numbers: float) -> torch.Tensor:
    return torch.tensor(numbers, dtype=torch.float64)


def slope(function: Callable[[torch.Tensor], torch.Tensor], at: float) -> float:
    x = tensor(at).requires_grad_()
    (found,) = torch.autograd.grad(function(x).sum(), x)
    return float(found)


def edges_of(name: str) -> str:
    entry = lookup(name)
    assert entry is not None
    return "\n".join(entry.edges)


def test_binary_cross_entropy_is_cut_off_at_a_hundred() -> None:
    def loss(probability: float) -> float:
        return float(F.binary_cross_entropy(tensor(probability), tensor(1.0)))

    assert math.exp(-100) == pytest.approx(3.7e-44, rel=0.01)
    assert loss(3.8e-44) == pytest.approx(-math.log(3.8e-44), rel=1e-12)
    assert loss(3.8e-44) < 100
    assert loss(3.6e-44) == loss(0.0) == 100
    assert "exp(-100) = 3.7e-44" in edges_of("F.binary_cross_entropy")


def test_gradient_of_binary_cross_entropy_is_bounded() -> None:
    def gradient(probability: float) -> float:
        return slope(lambda x: F.binary_cross_entropy(x, tensor(1.0)), probability)

    assert gradient(2e-12) == pytest.approx(-1 / 2e-12, rel=1e-9)
    # The constant of the code is a float32.
    assert gradient(1e-13) == pytest.approx(-1e12, rel=1e-7)
    assert "at most 1e12" in edges_of("F.binary_cross_entropy")


def test_poisson_adds_an_epsilon_under_the_logarithm() -> None:
    def excess(rate: float) -> float:
        loss = F.poisson_nll_loss(tensor(rate), tensor(1.0), log_input=False)
        return rate - math.log(rate) - float(loss)

    assert excess(1.0) == pytest.approx(1e-8, rel=1e-6)
    assert excess(1e-8) == pytest.approx(math.log(2), rel=1e-9)
    assert "1e-8 at input = 1 and 0.69 at input = 1e-8" in edges_of("F.poisson_nll_loss")


def test_poisson_adds_stirling_above_one_only() -> None:
    def added(target: float) -> float:
        x, t = tensor(0.0), tensor(target)
        return float(F.poisson_nll_loss(x, t, full=True) - F.poisson_nll_loss(x, t))

    assert added(0.0) == added(1.0) == 0
    assert added(1.001) == pytest.approx(-0.08, abs=0.002)
    assert math.lgamma(3) - added(2.0) == pytest.approx(0.0413, abs=1e-4)
    assert "0.041 below log(target!)" in edges_of("F.poisson_nll_loss")


def test_gradient_of_gaussian_ignores_the_clamp() -> None:
    def gradient(variance: float) -> float:
        return slope(lambda v: F.gaussian_nll_loss(tensor(0.0), tensor(1.0), v), variance)

    assert gradient(1e-9) == gradient(1e-6) == pytest.approx(-5e11, rel=1e-5)
    assert "that is -5e11" in edges_of("F.gaussian_nll_loss")


@pytest.mark.parametrize(("norm", "relative"), [(5e-3, 2e-8), (5e-5, 2e-4)])
def test_cosine_embedding_adds_to_squared_norms(norm: float, relative: float) -> None:
    first, second = tensor(0.6, 0.8)[None] * norm, tensor(0.8, 0.6)[None]
    cosine = 1 - float(F.cosine_embedding_loss(first, second, tensor(1.0)))
    assert 1 - cosine / 0.96 == pytest.approx(relative, rel=0.01)
    assert f"{relative:.0e}".replace("e-0", "e-") in edges_of("F.cosine_embedding_loss")


def test_cosine_embedding_of_a_zero_vector() -> None:
    zero, one = tensor(0.0, 0.0)[None], tensor(1.0, 1.0)[None]
    assert float(F.cosine_embedding_loss(zero, one, tensor(1.0))) == 1
    assert "a zero vector has cosine 0" in edges_of("F.cosine_embedding_loss")


@pytest.mark.parametrize("target", [0.0, 0.5, 2.0])
def test_cosine_embedding_of_other_targets(target: float) -> None:
    first, second = tensor(1.0, 2.0)[None], tensor(-2.0, 0.3)[None]
    assert float(F.cosine_embedding_loss(first, second, tensor(target))) == 0


def test_cosine_similarity_replaces_small_norms() -> None:
    first, second = tensor(0.6, 0.8)[None] * 5e-9, tensor(0.8, 0.6)[None]
    assert float(F.cosine_similarity(first, second)) == pytest.approx(0.96 / 2, rel=1e-9)
    assert float(F.cosine_similarity(first * 4, second)) == pytest.approx(0.96, rel=1e-9)
    assert "at a norm of 5e-9 the cosine is half" in edges_of("F.cosine_similarity")


def test_triplet_margin_adds_an_epsilon_to_each_component() -> None:
    equal, far = tensor(0.0, 0.0, 0.0, 0.0)[None], tensor(3.0, 0.0, 0.0, 0.0)[None]
    distance = float(F.triplet_margin_loss(equal, equal, far, margin=4.0)) - 1
    away = math.sqrt((3 - 1e-6) ** 2 + 3e-12)
    assert distance == pytest.approx(2e-6 - away + 3, rel=1e-6)
    assert float(F.pairwise_distance(equal, equal)) == pytest.approx(2e-6, rel=1e-9)
    assert "equal points in 4 dimensions are 2e-6 apart" in edges_of("F.triplet_margin_loss")


@pytest.mark.parametrize(
    ("dtype", "finite", "infinite"), [(torch.float64, 709.7, 709.8), (torch.float32, 88.7, 88.8)]
)
def test_soft_margin_overflows(dtype: torch.dtype, finite: float, infinite: float) -> None:
    def loss(x: float) -> float:
        return float(F.soft_margin_loss(torch.tensor([x], dtype=dtype), torch.ones(1, dtype=dtype)))

    assert loss(-finite) == pytest.approx(finite, rel=1e-5)
    assert loss(-infinite) == math.inf
    assert "-709.8 (float64) or -88.7 (float32)" in edges_of("F.soft_margin_loss")


def test_kl_div_at_a_target_of_zero() -> None:
    assert float(F.kl_div(tensor(-1.0), tensor(0.0), reduction="sum")) == 0
    assert math.isnan(slope(lambda t: F.kl_div(tensor(-1.0), t, reduction="sum"), 0.0))
    assert math.isnan(float(F.kl_div(tensor(-1.0), tensor(-0.5), reduction="sum")))
    assert math.isnan(float(F.kl_div(tensor(-math.inf), tensor(0.0), reduction="sum")))
    assert "a target of 0 gives 0" in edges_of("F.kl_div")


def test_cross_entropy_without_any_target() -> None:
    ignored = torch.tensor([-100])
    assert math.isnan(float(F.cross_entropy(tensor(1.0, 2.0)[None], ignored)))
    assert float(F.cross_entropy(tensor(1.0, 2.0)[None], ignored, reduction="sum")) == 0
    assert math.isnan(float(F.nll_loss(tensor(1.0, 2.0)[None], ignored)))


def test_cross_entropy_of_an_impossible_class() -> None:
    logits = tensor(0.0, -math.inf, 1.0)[None]
    assert math.isnan(float(F.cross_entropy(logits, tensor(0.5, 0.0, 0.5)[None])))
    assert math.isfinite(float(F.cross_entropy(logits, torch.tensor([0]))))


def test_probability_targets_are_never_ignored() -> None:
    logits, target = tensor(0.2, 0.7)[None], tensor(0.0, 1.0)[None]
    kept = F.cross_entropy(logits, target)
    assert torch.equal(F.cross_entropy(logits, target, ignore_index=-1), kept)
    with pytest.raises(RuntimeError, match="ignore_index is not supported"):
        F.cross_entropy(logits, target, ignore_index=1)


def test_hinge_embedding_of_other_targets() -> None:
    loss = F.hinge_embedding_loss(tensor(0.3), tensor(0.5), margin=0.7)
    assert float(loss) == pytest.approx(0.3 + (0.7 - 0.3))


def test_bounds_of_beta_and_delta_and_p() -> None:
    x, y = tensor(2.0), tensor(0.0)
    assert torch.equal(F.smooth_l1_loss(x, y, beta=0.0), F.l1_loss(x, y))
    with pytest.raises(RuntimeError, match="non-positive values for delta"):
        F.huber_loss(x, y, delta=0.0)
    with pytest.raises((RuntimeError, ValueError), match="only p == 1 and p == 2 supported"):
        F.multi_margin_loss(tensor(1.0, 2.0)[None], torch.tensor([0]), p=3)


def test_softplus_is_linear_above_its_threshold() -> None:
    below, above = tensor(20.0), tensor(20.0001)
    assert float(F.softplus(below)) == pytest.approx(math.log1p(math.exp(20.0)), abs=1e-13)
    assert float(above - F.softplus(above)) == 0
    assert math.log1p(math.exp(20.0)) - 20 == pytest.approx(2.1e-9, rel=0.02)
    assert "2.1e-9 less" in edges_of("F.softplus")


def test_attention_that_sees_no_key() -> None:
    query = torch.ones(1, 1, 2, dtype=torch.float64)
    mask = torch.full((1, 1), -math.inf, dtype=torch.float64)
    found = F.scaled_dot_product_attention(query, query, query, attn_mask=mask)
    row = torch.softmax(mask, -1)
    assert bool(torch.isnan(row).all())
    assert bool((torch.isnan(found) | (found == 0)).all())


def test_every_edge_is_measured_here() -> None:
    stated = {entry.name.rpartition(".")[2] for entry in ENTRIES if entry.edges}
    assert stated == {
        "binary_cross_entropy",
        "poisson_nll_loss",
        "gaussian_nll_loss",
        "cosine_embedding_loss",
        "cosine_similarity",
        "triplet_margin_loss",
        "soft_margin_loss",
        "kl_div",
        "cross_entropy",
        "nll_loss",
        "hinge_embedding_loss",
        "smooth_l1_loss",
        "huber_loss",
        "multi_margin_loss",
        "softplus",
        "scaled_dot_product_attention",
    }
