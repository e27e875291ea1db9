"""What a piece of code calls, and what its argument expressions mean."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from torchtex.atlas.catalogue import ENTRIES
from torchtex.pytorch.objects import call_roles, resolve_target

CROSS_ENTROPY = "torch.nn.functional.cross_entropy"


def named(code: Any, **namespace: Any) -> dict[str, list[str]]:
    return {
        expression: [argument.name for argument in arguments]
        for expression, arguments in call_roles(code, namespace).items()
    }


@pytest.mark.parametrize(
    "code",
    [
        "F.cross_entropy(z, y)",
        "torch.nn.functional.cross_entropy(z, y)",
        "nn.CrossEntropyLoss(weight=w)(z, y)",
        "torch.nn.CrossEntropyLoss()(z, y)",
        "nn.CrossEntropyLoss()",
        "F.cross_entropy",
        "cross_entropy(z, y)",
        F.cross_entropy,
        nn.CrossEntropyLoss,
        nn.CrossEntropyLoss(),
    ],
)
def test_every_way_to_call_is_one_target(code: Any) -> None:
    assert resolve_target(code) == CROSS_ENTROPY


def test_names_of_the_program_come_first() -> None:
    def own(z: Any) -> Any:
        return z

    assert resolve_target("criterion(z, y)", {"criterion": nn.CrossEntropyLoss()}) == CROSS_ENTROPY
    assert resolve_target("loss(z, y)", {"loss": F.cross_entropy}) == CROSS_ENTROPY
    assert resolve_target("cross_entropy(z)", {"cross_entropy": own}) is None
    assert named("cross_entropy(z)", cross_entropy=own) == {}


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("F.conv2d(x, w)", "torch.nn.functional.conv2d"),
        ("nn.Conv2d(3, 4, 2)(x)", "torch.nn.Conv2d"),
        ("torch.logsumexp(z, 1)", "torch.logsumexp"),
        (nn.Conv2d(1, 1, 1), "torch.nn.Conv2d"),
        (torch.logsumexp, "torch.logsumexp"),
    ],
)
def test_torch_objects_outside_the_catalogue_are_named(code: Any, name: str) -> None:
    assert resolve_target(code) == name
    assert call_roles(code).entry is None


@pytest.mark.parametrize(
    "code", ["-F.mse_loss(x, y)", "x + y", "x", "f(x)", "((", "", "lambda x: F.relu(x)", "x\0"]
)
def test_anything_else_is_no_target(code: str) -> None:
    assert resolve_target(code) is None


class Doubled(nn.CrossEntropyLoss):
    def forward(self, input: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return 2 * super().forward(input, target)


def test_a_subclass_is_not_its_base() -> None:
    assert resolve_target(Doubled()) is None
    assert named(Doubled()) == {}
    assert named("criterion(z, y)", criterion=Doubled()) == {}


def test_positions_and_keywords() -> None:
    expected = {"z": ["input"], "y": ["target", "target"], "w": ["weight"]}
    assert named("F.cross_entropy(z, y, w)") == expected
    assert named("F.cross_entropy(z, y, weight=w)") == expected
    assert named("F.cross_entropy(target=y, input=z, weight=w)") == {
        name: expected[name] for name in ("y", "z", "w")
    }
    assert named("nn.CrossEntropyLoss(w)(z, y)") == {name: expected[name] for name in "zyw"}
    assert named("nn.CrossEntropyLoss(weight=w)(input=z, target=y)") == {
        name: expected[name] for name in "zyw"
    }


def test_a_target_is_labels_or_probabilities() -> None:
    labels, probabilities = call_roles("F.cross_entropy(z, y)")["y"]
    assert (labels.role, labels.domain) == ("labels", "labels")
    assert (probabilities.role, probabilities.domain) == ("data", "simplex")


def test_settings_are_defaults_then_what_is_given() -> None:
    assert call_roles("F.cross_entropy(z, y)").settings == {
        "ignore_index": -100,
        "reduction": "mean",
        "label_smoothing": 0.0,
    }
    given = call_roles("F.cross_entropy(z, y, None, None, 3, reduction='sum')").settings
    assert (given["ignore_index"], given["reduction"]) == (3, "sum")
    built = call_roles("nn.CrossEntropyLoss(None, None, 3, reduction='sum')(z, y)").settings
    assert (built["ignore_index"], built["reduction"]) == (3, "sum")


def test_settings_of_an_instance() -> None:
    criterion = nn.CrossEntropyLoss(ignore_index=-1, reduction="none", label_smoothing=0.25)
    expected = {"ignore_index": -1, "reduction": "none", "label_smoothing": 0.25}
    assert call_roles("criterion(z, y)", {"criterion": criterion}).settings == expected
    assert call_roles(criterion).settings == expected


def test_settings_that_are_not_known_are_left_out() -> None:
    assert "reduction" not in call_roles("F.mse_loss(x, y, reduction=r)").settings
    assert call_roles("F.mse_loss(x, y, reduction=r)", {"r": "sum"}).settings["reduction"] == "sum"
    assert call_roles("F.mse_loss(x, y, **more)").settings == {}
    assert call_roles("F.mse_loss(*both)").settings == {}


def test_meanings_follow_the_settings() -> None:
    def target(code: str) -> str:
        return call_roles(code)["y"][0].domain

    assert target("F.kl_div(x, y)") == "positive"
    assert target("F.kl_div(x, y, log_target=True)") == "real"
    assert target("nn.KLDivLoss(log_target=True)(x, y)") == "real"
    assert [a.domain for a in call_roles("F.kl_div(x, y, log_target=flag)")["y"]] == [
        "positive",
        "real",
    ]


def test_forward_may_name_its_input_otherwise() -> None:
    expected = {"x": ["input"], "y": ["target"]}
    assert named("nn.PoissonNLLLoss()(log_input=x, target=y)") == expected
    assert named("F.poisson_nll_loss(x, y)") == expected
    roles = call_roles(nn.PoissonNLLLoss(log_input=False))
    assert [a.name for a in roles["log_input"]] == ["input"]
    assert roles["log_input"][0].domain == "positive"


def test_inside_an_expression_only_bare_names_count() -> None:
    gathered = call_roles("-F.log_softmax(z, 1)[torch.arange(5), y]")
    assert not gathered.whole
    assert list(gathered) == ["z"]
    assert gathered.entry is not None
    assert gathered.entry.name == "torch.nn.functional.log_softmax"
    assert list(call_roles("-F.log_softmax(z / 2, 1)")) == []


def test_nested_calls() -> None:
    roles = call_roles("F.nll_loss(F.log_softmax(z, 1), y)")
    assert roles.whole
    assert roles.entry is not None and roles.entry.name == "torch.nn.functional.nll_loss"
    assert list(roles) == ["F.log_softmax(z, 1)", "y", "z"]
    assert resolve_target("F.nll_loss(F.log_softmax(z, 1), y)") == "torch.nn.functional.nll_loss"


def test_several_calls_have_no_entry() -> None:
    roles = call_roles("F.mse_loss(x, y) + F.l1_loss(x, y)")
    assert roles.entry is None and not roles.whole
    assert [a.name for a in roles["x"]] == ["input"]


def test_methods_of_tensors() -> None:
    assert resolve_target("z.softmax(1)") == "torch.nn.functional.softmax"
    assert named("z.softmax(1)") == {"z": ["input"]}
    assert call_roles("z.softmax(1)").settings["dim"] == 1
    assert call_roles("z.softmax(dim=-1)", {"z": torch.ones(2)}).settings["dim"] == -1
    assert resolve_target("z.no_such(1)") is None


def test_names_inside_a_lambda_are_its_own() -> None:
    assert named("f(lambda z: F.relu(z))") == {}
    assert named("[F.relu(x) for x in xs]") == {}


def test_expressions_are_looked_at_and_not_run() -> None:
    class Trap:
        @property
        def loss(self) -> Any:
            raise AssertionError("a property was run")

    assert named("trap.loss(z, y)", trap=Trap()) == {}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_every_function_gives_its_arguments(entry: Any) -> None:
    function = entry.name.rpartition(".")[2]
    roles = call_roles(f"F.{function}(first)")
    assert roles.whole and roles.entry is entry
    assert roles["first"][0].name == entry.argument_names[0]
