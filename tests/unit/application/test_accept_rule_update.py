"""The webhook's use case: verified, read, applied once, and told."""

from __future__ import annotations

from typing import Any

import pytest

from llm_gateway.application.accept_rule_update import AcceptedUpdate, AcceptRuleUpdate
from llm_gateway.application.secret import Secret
from llm_gateway.application.webhook_signature import WebhookSignature
from llm_gateway.domain.errors import AuthenticationFailed, ConfigurationError
from tests.fakes.compliance_log import FakeComplianceLog
from tests.fakes.configuration_stores import Scene
from tests.fakes.refusal_observer import FakeRefusalObserver
from tests.samples.webhooks import SECRET, compact, headers, payload

HEAVIER = {"parameter": "providers.openai.weight", "new_value": 7}


class Webhook:
    """Sends to the use case, with everything around it to look at."""

    def __init__(self) -> None:
        self.scene = Scene()
        self.refusals, self.compliance = FakeRefusalObserver(), FakeComplianceLog()
        self._accept = AcceptRuleUpdate(
            WebhookSignature(Secret(SECRET), now=self.scene.clock.now),
            self.scene.update,
            self.scene.live,
            observer=self.refusals,
            compliance=self.compliance,
        )

    async def send(self, document: dict[str, Any], **changed: bytes | None) -> AcceptedUpdate:
        sent = headers(document, at=self.scene.clock.now())
        arguments: dict[str, bytes | None] = {
            "signature": sent["X-Webhook-Signature"].encode(),
            "timestamp": sent["X-Webhook-Timestamp"].encode(),
            "event_id": sent["X-Webhook-Event-Id"].encode(),
        }
        return await self._accept(compact(document).encode(), **{**arguments, **changed})

    @property
    def told(self) -> list[tuple[str, str, Any]]:
        return [(a.action, a.outcome, a.metadata.get("event_id")) for a in self.compliance.actions]


async def test_applied_changes_are_named_with_their_snapshot() -> None:
    """And with the version in the history."""
    webhook = Webhook()
    accepted = await webhook.send(payload("e1", HEAVIER))
    assert accepted.status == "applied"
    assert accepted.snapshot_hash == webhook.scene.live.current().hash
    assert accepted.version == webhook.scene.history.list()[0][0]
    assert webhook.told == [("admin.action", "success", "e1")]


async def test_an_event_that_comes_again_changes_nothing() -> None:
    """Whatever it says this time."""
    webhook = Webhook()
    await webhook.send(payload("e1", HEAVIER))
    again = await webhook.send(payload("e1", {**HEAVIER, "new_value": 9}), event_id=None)
    assert (again.status, again.snapshot_hash) == ("already_seen", webhook.scene.live.current().hash)
    assert webhook.scene.live.current().providers["openai"].weight == 7
    assert len(webhook.told) == 1


async def test_what_is_in_force_already_makes_no_version() -> None:
    """Another event of the same content."""
    webhook = Webhook()
    await webhook.send(payload("e1", HEAVIER))
    assert (await webhook.send(payload("e2", HEAVIER))).status == "unchanged"
    assert len(webhook.scene.history.list()) == 2


async def test_refused_changes_are_told() -> None:
    """Those that cannot be read, too."""
    webhook = Webhook()
    with pytest.raises(ConfigurationError):
        await webhook.send(payload("e1", {**HEAVIER, "new_value": -1}))
    with pytest.raises(ConfigurationError):
        await webhook.send(payload("e2", {"parameter": 1}))
    assert webhook.told == [("admin.action", "failure", "e1"), ("admin.action", "failure", None)]


@pytest.mark.parametrize("changed", [{"signature": b"0" * 64}, {"timestamp": None}, {"event_id": b"e2"}])
async def test_what_was_not_signed_is_counted(changed: dict[str, bytes | None]) -> None:
    """An id in the header that is not the body's would let a webhook be played again."""
    webhook = Webhook()
    with pytest.raises(AuthenticationFailed):
        await webhook.send(payload("e1", HEAVIER), **changed)
    assert webhook.refusals.reasons == ["signature"]
    assert webhook.told == []
