"""torchtex keeps formulas, PyTorch code and the numbers beside them equal.

``import torchtex`` is instant: each name below is imported when it is first used, and only
``verify`` and ``check`` need PyTorch.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torchtex.document.report import Report as Report
    from torchtex.document.report import check as check
    from torchtex.notation.errors import NotRead as NotRead
    from torchtex.verify import verify as verify
    from torchtex.verify.verdict import Verdict as Verdict

__version__ = "0.1.0"

_HOMES = {
    "NotRead": "torchtex.notation.errors",
    "Report": "torchtex.document.report",
    "Verdict": "torchtex.verify.verdict",
    "check": "torchtex.document.report",
    "verify": "torchtex.verify",
}

__all__ = ["NotRead", "Report", "Verdict", "__version__", "check", "verify"]


class _Package(ModuleType):
    """A package whose public names outlive the import of a room that bears the same name.

    The import system binds every imported submodule in its parent, so importing the room
    ``torchtex.verify`` would put a module where users expect the function ``torchtex.verify``.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if name in _HOMES and isinstance(value, ModuleType):
            return
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'torchtex' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
