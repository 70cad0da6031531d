"""ReadDeadlines: the longest wait that configuration allows, and what is said once."""

from __future__ import annotations

import logging
from typing import cast

import pytest

from llm_gateway.application.configuration import GatewayConfiguration, ProviderAccount
from llm_gateway.application.live_configuration import LiveConfiguration
from llm_gateway.application.ports.upstream_transport import Timeouts
from llm_gateway.application.read_deadlines import ReadDeadlines


class Live:
    """The part of a LiveConfiguration that is read."""

    def __init__(self, *totals: float) -> None:
        self.configuration = configured(*totals)


def configured(*totals: float) -> GatewayConfiguration:
    accounts = [
        ProviderAccount(id=f"p{n}", type="t", dialect="d", base_url="", timeouts=Timeouts(total=total))
        for n, total in enumerate(totals)
    ]
    return GatewayConfiguration(providers=tuple(accounts))


def reader(*totals: float) -> tuple[ReadDeadlines, Live]:
    live = Live(*totals)
    return ReadDeadlines(cast(LiveConfiguration, live)), live


def test_without_a_header_it_is_the_longest_of_the_providers() -> None:
    """So that a fallback to the slowest one is not cut short."""
    read, _ = reader(30.0, 90.0)
    assert read({}).total == 90.0


def test_a_client_may_only_shorten_it() -> None:
    """A longer wish is cut."""
    read, _ = reader(30.0)
    assert read({"x-request-timeout": "5"}).total == 5.0
    assert read({"x-request-timeout": "500"}).total == 30.0


def test_a_reload_counts_at_once() -> None:
    """The configuration is looked at for each request."""
    read, live = reader(30.0)
    assert read({}).total == 30.0
    live.configuration = configured(60.0)
    assert read({}).total == 60.0


def test_each_mishap_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    """Two kinds of nonsense, two lines."""
    read, _ = reader(30.0)
    with caplog.at_level(logging.WARNING, logger="llm_gateway.inference"):
        for _ in range(3):
            read({"x-request-timeout": "soon"})
            read({"x-request-timeout-ms": "never"})
    assert len(caplog.records) == 2
