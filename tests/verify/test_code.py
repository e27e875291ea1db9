"""Code as verification sees it: arguments, float64, seeds, copies, gradients, errors."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from torchtex.pytorch.code import CodeFailed, as_value, free_names, parse_expression, read_code


def test_free_names_are_those_the_expression_does_not_bind():
    tree = parse_expression("sum(f(k) * z for k in range(n)) + (lambda a: a + b)(c)")
    assert free_names(tree) == ("sum", "range", "n", "f", "z", "b", "c")


def test_libraries_and_called_builtins_are_no_arguments():
    code = read_code("F.mse_loss(input, torch.abs(target)) + max(math.pi, np.e) + float(k)")
    assert code.argument_names == ("input", "target", "k")


def test_an_unknown_call_is_looked_up_in_torch():
    code = read_code("softmax(z)")
    z = np.array([[1.0, 2.0, 4.0], [0.0, 0.0, 0.0]])
    expected = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    assert np.allclose(code.value({"z": z}), expected, atol=1e-15)


def test_a_namespace_gives_tensors_as_arguments_and_the_rest_as_it_is():
    scale = 3
    layer = nn.Linear(2, 2)
    around = {"x": torch.ones(4, 2), "scale": scale, "layer": layer}
    code = read_code("scale * layer(x)", around)
    assert code.argument_names == ("x",)
    assert np.asarray(code.argument("x").sample).shape == (4, 2)
    assert code.value({"x": np.ones((4, 2))}).dtype == np.float64
    assert layer.weight.dtype == torch.float32


def test_arguments_are_copied():
    x = np.ones(3)
    read_code("x.mul_(2).add_(1)").value({"x": x})
    assert x.tolist() == [1.0, 1.0, 1.0]


def test_requests_for_a_narrower_float_stay_in_float64():
    x = np.array([1 / 3])
    assert read_code("x.float() * 3").value({"x": x})[0] == x[0] * 3
    assert read_code("x.to(torch.float32)").value({"x": x})[0] == x[0]
    assert read_code("torch.full((1,), 0.1)").value({})[0] == 0.1


def test_random_code_is_seeded_and_leaves_the_generator_alone():
    code = read_code("x + torch.rand(4)")
    torch.manual_seed(5)
    before = torch.get_rng_state()
    first, again, other = (code.value({"x": np.zeros(4)}, seed) for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()
    assert torch.equal(before, torch.get_rng_state())


def test_a_function_keeps_its_defaults():
    def loss(x, y, power=2):
        return ((x - y).abs() ** power).sum()

    code = read_code(loss)
    assert [a.required for a in code.arguments] == [True, True, False]
    assert code.value({"x": np.array([3.0]), "y": np.array([1.0])}) == 4.0


def test_a_module_gives_its_parameters_and_settings():
    code = read_code(nn.LayerNorm(3))
    assert {"input", "weight", "bias", "eps"} <= set(code.argument_names)
    x = np.array([[1.0, 2.0, 6.0]])
    expected = (x - 3) / np.sqrt(14 / 3 + 0.5)
    assert np.allclose(code.value({"input": x, "eps": 0.5}), expected, rtol=1e-14)
    doubled = code.value({"input": x, "eps": 0.5, "weight": np.full(3, 2.0)})
    assert np.allclose(doubled, 2 * expected, rtol=1e-14)


def test_the_vector_jacobian_product():
    code = read_code("x ** 2 * y")
    x, y = np.array([1.0, 2.0]), np.array([3.0, 5.0])
    outcome = code.pull_back({"x": x, "y": y}, ("x",), lambda shape: np.array([1.0, 10.0]))
    assert outcome.gradients["x"].tolist() == [6.0, 200.0]
    assert "y" not in outcome.gradients


def test_a_detached_argument_is_named():
    outcome = read_code("x.detach() * y").pull_back(
        {"x": np.ones(2), "y": np.ones(2)}, ("x", "y"), np.ones
    )
    assert set(outcome.without_gradient) == {"x"}


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("1 +", "not a Python expression"),
        ("x.nothing()", "AttributeError"),
        ("(x, x)", "select one"),
        ("exit(3)", "SystemExit"),
        ("x * 1j", "complex"),
        ("undefined_function(x)", "undefined_function"),
    ],
)
def test_failures_say_what_the_code_said(code: str, message: str):
    with pytest.raises(CodeFailed, match=message):
        read_code(code).value({"x": np.ones(2)})


def test_what_is_no_code_is_refused():
    with pytest.raises(CodeFailed, match="give a function"):
        read_code(3)


def test_inputs_are_taken_in_float64_and_int64():
    assert np.asarray(as_value(torch.ones(2, dtype=torch.float16))).dtype == np.float64
    assert np.asarray(as_value(torch.ones(2, dtype=torch.int32))).dtype == np.int64
    assert np.asarray(as_value([1.5, 2.0])).tolist() == [1.5, 2.0]
    assert as_value((1, 2)) == (1, 2)
    with pytest.raises(CodeFailed):
        as_value(object())
