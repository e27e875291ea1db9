"""How much time and memory the code of an article may take."""

from __future__ import annotations

import attrs

GIBIBYTE = 2**30


@attrs.frozen
class Limits:
    """``seconds`` for each block and for each comparison, ``total_seconds`` for an article,
    ``memory`` in bytes for its process; ``grace_seconds`` is what code that does not react to
    the end of its time gets before its process is killed."""

    seconds: float = 30.0
    total_seconds: float = 600.0
    memory: int = 4 * GIBIBYTE
    grace_seconds: float = 3.0
    start_seconds: float = 120.0  # loading PyTorch from a cold disk
