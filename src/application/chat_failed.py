"""ChatFailed: a request that could not be answered, with nothing of an answer sent yet."""

from __future__ import annotations

from llm_gateway.application.answer_headers import Headers
from llm_gateway.application.chat_ledger import ChatLedger
from llm_gateway.domain.errors import GatewayError


class ChatFailed(Exception):
    """Who answers the client maps `error` to a status and calls `settle` with it."""

    def __init__(self, error: GatewayError, ledger: ChatLedger) -> None:
        super().__init__(error.message)
        self.error = error
        self._ledger = ledger

    @property
    def headers(self) -> Headers:
        return self._ledger.headers(self._ledger.last_target())

    @property
    def attempts(self) -> list[dict[str, str | int | float | None]]:
        """What was tried, as plain JSON."""
        return [attempt.as_record() for attempt in self._ledger.attempts]

    def settle(self, status: int) -> None:
        self._ledger.settle(str(status), self._ledger.last_target(), error_code=self.error.code)
