"""What every test run shares: hypothesis profiles and one thread per process."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# One thread per process: the suite runs in several processes, and sums in one order everywhere.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MKL_NUM_THREADS", "1")

# `default` gives the same examples in every run, so that a red test is red again;
# `search` looks for new ones: HYPOTHESIS_PROFILE=search make tests.
_UNHURRIED = (HealthCheck.too_slow,)
settings.register_profile(
    "default", derandomize=True, deadline=None, max_examples=100, suppress_health_check=_UNHURRIED
)
settings.register_profile(
    "search", deadline=None, max_examples=1000, suppress_health_check=_UNHURRIED
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
