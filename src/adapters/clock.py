"""SystemClock: the machine's time."""

from __future__ import annotations

import time


class SystemClock:
    """Implements Clock, by the functions themselves: a request asks a dozen times."""

    now = staticmethod(time.time)
    monotonic = staticmethod(time.monotonic)
