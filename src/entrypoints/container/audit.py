"""The decision log and its delivery, as this configuration wants them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from llm_gateway.adapters.clock import SystemClock
from llm_gateway.adapters.decision_log.jsonl import JsonlDecisionLog
from llm_gateway.adapters.ruvector.null import NullEventSink
from llm_gateway.adapters.ruvector.sink import RuvectorSink
from llm_gateway.application.live_configuration import LiveConfiguration
from llm_gateway.application.ports.event_sink import EventSink
from llm_gateway.application.ports.secret_store import SecretStore
from llm_gateway.application.ship_events import ShipEvents
from llm_gateway.entrypoints.container.secrets import RUVECTOR_SECRET, ruvector_key
from llm_gateway.entrypoints.container.upstreams import upstream_transport
from llm_gateway.entrypoints.settings import Settings

_SEGMENT_BYTES = 16 * 1024 * 1024
_SEGMENTS = 16  # at least so many fit into a small bound: only whole segments are let go


def build_decision_log(
    settings: Settings, spool_dir: Path, live: LiveConfiguration, clock: SystemClock
) -> JsonlDecisionLog:
    audit = live.configuration.audit
    max_bytes = settings.spool_max_bytes or audit.max_bytes
    return JsonlDecisionLog(
        spool_dir,
        clock,
        slot=settings.worker,
        segment_bytes=min(_SEGMENT_BYTES, max_bytes // _SEGMENTS),
        max_bytes=max_bytes,
        durability=audit.durability,
        when_full=audit.when_full,
        delivering=settings.ruvector_service_url is not None,
    )


def build_event_sink(settings: Settings, secrets: SecretStore) -> EventSink:
    """With connections of its own: the event service must not wait for upstreams, nor they for it."""
    if settings.ruvector_service_url is None:
        return NullEventSink()
    return RuvectorSink(
        settings.ruvector_service_url, upstream_transport(settings), api_key=ruvector_key(settings, secrets)
    )


def event_key_rotation(sink: EventSink, secrets: SecretStore) -> Callable[[Collection[str]], None]:
    """What to call with the names of secrets that have another value. One that is gone changes nothing: its
    former value is better than none. Raises SecretUnavailable."""

    def rotated(names: Collection[str]) -> None:
        if RUVECTOR_SECRET not in names or not isinstance(sink, RuvectorSink):
            return
        if key := secrets.read(RUVECTOR_SECRET):
            sink.adopt(key)

    return rotated


def build_ship_events(log: JsonlDecisionLog, **parts: Any) -> ShipEvents:
    ship = ShipEvents(**parts)
    log.on_written = ship.written
    return ship
