"""The catalogue against the installed torch: names, signatures, defaults; and that it is light."""

from __future__ import annotations

import inspect
import pkgutil
import re
import subprocess
import sys
from typing import Any

import attrs
import pytest
import torch

from torchtex.atlas import losses
from torchtex.atlas.catalogue import ENTRIES, lookup, names_of
from torchtex.atlas.entry import Entry

every_entry = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)


def torch_object(name: str) -> Any:
    target: Any = torch
    for part in name.split(".")[1:]:
        target = getattr(target, part)
    return target


def signature_of(function: Any) -> dict[str, Any]:
    """Parameter names and defaults; of a builtin, from the first line of its docstring."""
    try:
        parameters = inspect.signature(function).parameters
    except ValueError:
        return _signature_in_docstring(function)
    return {
        name: None if parameter.default is parameter.empty else parameter.default
        for name, parameter in parameters.items()
    }


def _signature_in_docstring(function: Any) -> dict[str, Any]:
    written = re.search(r"\((.*?)\)\s*->", function.__doc__, re.DOTALL)
    assert written is not None
    found: dict[str, Any] = {}
    for piece in written[1].split(","):
        name, _, default = piece.partition("=")
        found[name.strip()] = _number_or_word(default.strip())
    return found


def _number_or_word(text: str) -> Any:
    words = {"": None, "None": None, "False": False, "True": True}
    if text in words:
        return words[text]
    return text.strip("'") if text.startswith("'") else float(text)


@pytest.mark.parametrize(
    "name",
    [
        "F.cross_entropy",
        "nn.functional.cross_entropy",
        "torch.nn.functional.cross_entropy",
        "nn.CrossEntropyLoss",
        "torch.nn.CrossEntropyLoss",
    ],
)
def test_every_spelling_finds_the_same_entry(name: str) -> None:
    entry = lookup(name)
    assert entry is not None
    assert entry.name == "torch.nn.functional.cross_entropy"
    assert entry.module == "torch.nn.CrossEntropyLoss"


@pytest.mark.parametrize("name", ["", "cross_entropy", "F.", "F.no_such", "x.F.cross_entropy"])
def test_other_names_find_nothing(name: str) -> None:
    assert lookup(name) is None


def test_aliases_find_the_function() -> None:
    assert lookup("torch.softmax") is lookup("F.softmax")
    assert lookup("torch.Tensor.softmax") is lookup("nn.Softmax")


@every_entry
def test_every_name_exists_in_torch(entry: Entry) -> None:
    for name in names_of(entry):
        assert callable(torch_object(name)), name


@every_entry
def test_arguments_are_those_of_the_signature(entry: Entry) -> None:
    expected = signature_of(torch_object(entry.name))
    described = {argument.name: argument.default for argument in entry.arguments}
    assert list(entry.argument_names) == list(expected)
    assert described == expected


@every_entry
def test_the_module_has_the_same_defaults(entry: Entry) -> None:
    if entry.module is None:
        return
    described = {argument.name: argument.default for argument in entry.arguments}
    for name, default in signature_of(torch_object(entry.module)).items():
        if name in described and name not in ("bias", "weight"):
            assert described[name] == default, name


@every_entry
def test_descriptions_of_one_argument_stand_together(entry: Entry) -> None:
    names = [argument.name for argument in entry.arguments]
    collapsed = [name for i, name in enumerate(names) if i == 0 or names[i - 1] != name]
    assert collapsed == list(entry.argument_names)


@every_entry
def test_conditions_name_arguments(entry: Entry) -> None:
    for argument in entry.arguments:
        assert set(argument.when) <= set(entry.argument_names)


@every_entry
def test_edges_name_arguments(entry: Entry) -> None:
    for edge in entry.edges:
        named, _, said = edge.partition(": ")
        assert said
        assert set(named.split(", ")) <= set(entry.argument_names), edge


def test_each_loss_file_is_in_the_list() -> None:
    files = {module.name for module in pkgutil.iter_modules(losses.__path__)}
    listed = {entry for name in files if (entry := getattr(losses, name).ENTRY.name)}
    assert len(files) == 18
    assert listed == {entry.name for entry in losses.ENTRIES}


def test_entries_cannot_be_changed() -> None:
    entry = ENTRIES[0]
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        entry.name = "other"  # type: ignore[misc]


def test_the_catalogue_loads_without_torch() -> None:
    code = "import sys, torchtex.atlas.catalogue; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_an_argument_with_two_meanings_follows_the_settings() -> None:
    entry = lookup("F.kl_div")
    assert entry is not None
    plain, logarithm = entry.argument("target")
    assert plain.holds_under({"log_target": False})
    assert not plain.holds_under({"log_target": True})
    assert logarithm.holds_under({"log_target": True})
    assert plain.holds_under({}) and logarithm.holds_under({})
