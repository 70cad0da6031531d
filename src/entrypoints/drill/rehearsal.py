"""Rehearsal: one drill case carried out on real sockets, and everything that was seen of it."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from llm_gateway.application.configuration import GatewayConfiguration
from llm_gateway.application.drill_case import DrillCase, Mode, Observation, UpstreamCall
from llm_gateway.domain.decision import Decision
from llm_gateway.domain.health_view import HealthView
from llm_gateway.domain.router import Router
from llm_gateway.entrypoints.container import build_container
from llm_gateway.entrypoints.drill.loopback_gateway import loopback_gateway
from llm_gateway.entrypoints.drill.raw_client import ask
from llm_gateway.entrypoints.drill.staging import PROVIDER_HEADER, StagedSource, staged
from llm_gateway.entrypoints.http.inference.chat_request import decode_chat_request
from llm_gateway.entrypoints.http.inference.facts import facts_of
from llm_gateway.entrypoints.lab.request_log import RequestRecord
from llm_gateway.entrypoints.lab.server import Lab
from llm_gateway.entrypoints.settings import Settings

_RELEASE_S = 2.0  # when an upstream call that is still open counts as left behind


class Rehearsal:
    """A gateway and a lab of its own for each case: no breaker or cooldown of one is seen by the next."""

    def __init__(self, settings: Settings, configuration: GatewayConfiguration) -> None:
        self._settings = settings
        self._configuration = configuration
        self._snapshot = configuration.snapshot()

    def decision(self, model: str, mode: Mode) -> Decision:
        """Where the request goes while nothing is wrong. Equal facts give equal decisions."""
        request = decode_chat_request(msgspec.json.encode(_document(model, mode)))
        snapshot = self._snapshot
        facts = facts_of(
            request,
            tenant=None,
            headers={},
            header_names=snapshot.rule_header_names,
            metadata_keys=snapshot.rule_metadata_keys,
            affinity=self._configuration.routing.affinity,
        )
        return Router().decide(facts, snapshot, HealthView(targets={}))

    async def observe(self, case: DrillCase) -> Observation:
        decision = self.decision(case.model, case.mode)
        assert decision.selected is not None
        faulty = decision.selected.provider_id
        retry = self._configuration.resilience.retry
        with tempfile.TemporaryDirectory(prefix="llm-gateway-drill-") as directory:
            async with Lab() as lab:
                configuration = staged(self._configuration, lab.url, faulty=faulty, fault=case.fault.name)
                settings = self._settings.model_copy(
                    update={
                        "auth": "none",
                        "spool_dir": Path(directory),
                        "run_dir": Path(directory),
                        "policy_engine_url": None,
                        "shield_url": None,
                        "otel_enabled": False,
                    }
                )
                container = build_container(settings, StagedSource(configuration))
                async with loopback_gateway(container) as url:
                    client = await ask(url, _document(case.model, case.mode))
                    await _released(lab)
                    events = container.decision_log().recent(limit=100)
                    return Observation(
                        client=client,
                        calls=tuple(_call(record) for record in lab.log.records),
                        decision_types=tuple(event["decision_type"] for event in reversed(events)),
                        alternatives=self._untouched(decision, faulty),
                        max_attempts=retry.max_attempts,
                        moves_when_unknown=retry.unknown == "next_target",
                    )

    def _untouched(self, decision: Decision, faulty: str) -> int:
        """Targets that neither meet the fault nor share the quota of who does."""
        groups = {account.id: account.quota_group or account.id for account in self._configuration.providers}
        return sum(groups[target.provider_id] != groups[faulty] for target in decision.fallback)


def _document(model: str, mode: Mode) -> dict[str, Any]:
    messages = [{"role": "user", "content": "A drill: this reaches no model."}]
    return {"model": model, "messages": messages, "stream": mode == "stream"}


async def _released(lab: Lab) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + _RELEASE_S
    while lab.counts.in_flight and loop.time() < until:  # noqa: ASYNC110 - the lab counts, it tells nobody
        await asyncio.sleep(0.005)


def _call(record: RequestRecord) -> UpstreamCall:
    provider_id = dict(record.headers).get(PROVIDER_HEADER, "")
    return UpstreamCall(provider_id=provider_id, arrived_at=record.arrived_at, open=record.state == "open")
