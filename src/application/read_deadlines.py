"""ReadDeadlines: how long each request may take, by its headers and the configuration in force."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from llm_gateway.application.configuration import GatewayConfiguration
from llm_gateway.application.live_configuration import LiveConfiguration
from llm_gateway.application.ports.upstream_transport import Timeouts
from llm_gateway.domain.deadline import Deadline, read_deadline

_log = logging.getLogger("llm_gateway.inference")


class ReadDeadlines:
    """Called once per request. What cannot be followed is logged once, not per request.

    No request outlasts the longest `timeouts.total` of the providers, retries and fallbacks included.
    """

    def __init__(self, live: LiveConfiguration) -> None:
        self._live = live
        self._longest_of: GatewayConfiguration | None = None
        self._longest = 0.0
        self._usual = Deadline(total=0.0)
        self._said: set[str] = set()

    def __call__(self, headers: Mapping[str, str]) -> Deadline:
        """`headers` have lower-case names."""
        configuration = self._live.configuration
        if configuration is not self._longest_of:
            totals = [account.timeouts.total for account in configuration.providers]
            self._longest = max(totals, default=Timeouts().total)
            self._longest_of = configuration
            self._usual = Deadline(total=self._longest)
        if not headers:
            return self._usual
        deadline = read_deadline(headers, configured=self._longest, longest=self._longest)
        for reason in deadline.ignored:
            if reason not in self._said:  # a handful of fixed texts
                self._said.add(reason)
                _log.warning("a deadline header was not followed (said once): %s", reason)
        return deadline
