"""FakeExecutionPolicy: an ExecutionPolicy of plain values."""

from __future__ import annotations

from llm_gateway.application.ports.execution_policy import ExecutionPolicy
from llm_gateway.domain.retry_policy import RetryPolicy


class FakeExecutionPolicy(ExecutionPolicy):
    def __init__(self, retry: RetryPolicy, patience: float = 0.0) -> None:
        self._retry = retry
        self._patience = patience

    def retry(self) -> RetryPolicy:
        return self._retry

    def patience(self) -> float:
        return self._patience
