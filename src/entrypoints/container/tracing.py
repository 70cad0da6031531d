"""Traces, as the settings want them: nothing at all, or what decides, collects and sends."""

from __future__ import annotations

import logging
import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from llm_gateway.adapters.upstream_transport.proxy_choice import proxies_of, proxy_for
from llm_gateway.application.live_configuration import LiveConfiguration
from llm_gateway.application.offer_traced import OfferTraced
from llm_gateway.application.ports.clock import Clock
from llm_gateway.application.start_trace import StartTrace
from llm_gateway.application.telemetry_feed import FeedLimits, TelemetryFeed
from llm_gateway.application.tell_finished import RecordListener
from llm_gateway.domain.sampling_rule import SamplingRule
from llm_gateway.entrypoints.container.configuration import provider_types
from llm_gateway.entrypoints.settings import Settings
from llm_gateway.entrypoints.tracing_settings import TracingSettings, tracing_settings

if TYPE_CHECKING:
    from llm_gateway.adapters.otlp.model_server import ModelServer
    from llm_gateway.adapters.otlp.sink import OtlpSink

# Each send is a thread that builds spans for some milliseconds: more of them would only wait for each other.
_MOST_AT_ONCE = 2
_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Tracing:
    """`start` is asked of each request, `listener` told of each one's end, `feed` runs with the process."""

    start: StartTrace
    listener: RecordListener
    feed: TelemetryFeed[Any]


def build_tracing(
    settings: Settings,
    live: LiveConfiguration,
    new_feed: Callable[[OtlpSink, FeedLimits], TelemetryFeed[Any]],
    clock: Clock,
) -> Tracing | None:
    """None: no traces. Raises ConfigurationError for a variable that cannot be used."""
    otlp = live.configuration.telemetry.otlp
    wanted = tracing_settings(settings, otlp)
    if wanted is None:
        return None
    limits = FeedLimits(linger=wanted.delay, most_at_once=_MOST_AT_ONCE)
    feed = new_feed(_sink(settings, wanted, live), limits)
    rule = SamplingRule(wanted.ratio, follows_parent=wanted.follows_parent)
    start = StartTrace(rule, random.getrandbits, hand_on=otlp.propagate)
    return Tracing(start=start, listener=OfferTraced(feed.offer, clock.now), feed=feed)


def _sink(settings: Settings, wanted: TracingSettings, live: LiveConfiguration) -> OtlpSink:
    # The SDK and its exporter take half a second to import: only where they are used.
    from opentelemetry.sdk.resources import Resource

    from llm_gateway.adapters.otlp.request_spans import RequestSpans
    from llm_gateway.adapters.otlp.sink import OtlpSink

    # The exporter logs every batch that fails; the feed says once that it does, and once that it is over.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
    resource = Resource.create({"service.instance.id": str(uuid.uuid4()), **wanted.attributes})
    spans = RequestSpans(resource, settings.version, _servers(live))
    proxy = proxy_for(wanted.collector.url, proxies_of(settings.environment))
    return OtlpSink(wanted.collector, spans, proxy=proxy)


def _servers(live: LiveConfiguration) -> Callable[[str], ModelServer]:
    """Looked up when a span is built: the account may have gone by then."""
    from llm_gateway.adapters.otlp.model_server import ModelServer

    traced_as = {name: kind.traced_as or name for name, kind in provider_types().items()}

    def server_of(provider_id: str) -> ModelServer:
        account = live.configuration.account(provider_id)
        if account is None:
            return ModelServer(system="_OTHER")
        url = urlsplit(account.base_url)
        return ModelServer(
            system=traced_as.get(account.type, account.type),
            address=url.hostname,
            port=url.port or _PORTS.get(url.scheme),
        )

    return server_of
