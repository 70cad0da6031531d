"""Port ExecutionPolicy: the part of the configuration in force that the attempt loop looks at."""

from __future__ import annotations

from typing import Protocol

from llm_gateway.domain.retry_policy import RetryPolicy


class ExecutionPolicy(Protocol):
    """Read per request, so that a reload takes effect at once; never raises."""

    def retry(self) -> RetryPolicy: ...

    def patience(self) -> float:
        """Seconds that a request may wait for a cooldown to end."""
        ...
