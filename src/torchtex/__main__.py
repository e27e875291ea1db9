"""``python -m torchtex``."""

from __future__ import annotations

import sys

from torchtex.cli import main

sys.exit(main())
