"""What is imported when: help, reading and writing must not wait for PyTorch."""

from __future__ import annotations

import subprocess
import sys

import pytest


def _loaded_after(program: str) -> set[str]:
    """The top-level modules that a fresh process has loaded after ``program``."""
    report = "\nimport sys; print('loaded', *sorted(sys.modules))"
    ran = subprocess.run(
        [sys.executable, "-c", program + report], capture_output=True, text=True, check=True
    )
    last = ran.stdout.splitlines()[-1]
    return {name.partition(".")[0] for name in last.split()[1:]}


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert _loaded_after("import torchtex").isdisjoint({"torch", "numpy", "mpmath", "rich"})


@pytest.mark.parametrize("command", [["--help"], ["verify", "--help"], ["check", "--help"]])
def test_help_loads_neither_torch_nor_numpy(command: list[str]) -> None:
    program = f"""
from torchtex.cli import main
try:
    main({command!r})
except SystemExit as stopped:
    assert not stopped.code, stopped.code
"""
    assert _loaded_after(program).isdisjoint({"torch", "numpy"})


def test_reading_a_formula_loads_no_torch() -> None:
    program = r"""
from torchtex.notation.resolve import read
read(r'L = -\log \frac{\exp(z_y)}{\sum_{j=1}^{C} \exp(z_j)}')
"""
    assert "torch" not in _loaded_after(program)


def test_public_names_are_there() -> None:
    import torchtex

    assert all(getattr(torchtex, name) is not None for name in torchtex.__all__)
    assert set(torchtex.__all__) <= set(dir(torchtex))


def test_an_unknown_name_is_an_attribute_error() -> None:
    import torchtex

    with pytest.raises(AttributeError, match="no attribute 'verifi'"):
        _ = torchtex.verifi


def test_verify_is_the_function_however_its_room_was_imported() -> None:
    program = """
import torchtex.verify.verdict
import torchtex
assert callable(torchtex.verify), torchtex.verify
from torchtex.verify import verify
assert torchtex.verify is verify
import torchtex.verify
assert torchtex.verify is verify
"""
    assert "torchtex" in _loaded_after(program)
