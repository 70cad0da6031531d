"""AcceptRuleUpdate: the optimizer's webhook, from the signed bytes to a new snapshot on every worker."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Final, Literal

from llm_gateway.application.configuration_change import ConfigurationChange
from llm_gateway.application.live_configuration import LiveConfiguration
from llm_gateway.application.ports.compliance_log import ComplianceLog
from llm_gateway.application.ports.refusal_observer import RefusalObserver
from llm_gateway.application.rule_update import RuleUpdate, read_rule_update
from llm_gateway.application.update_configuration import UpdateConfiguration
from llm_gateway.application.webhook_signature import WebhookSignature, not_signed
from llm_gateway.domain.compliance_action import ComplianceAction
from llm_gateway.domain.errors import AuthenticationFailed, ConfigurationError, GatewayError

PRINCIPAL: Final = "llm-auto-optimizer"
_RESOURCE: Final = "routing.configuration"
_log = logging.getLogger("llm_gateway.configuration")


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedUpdate:
    """What came of a webhook that was not refused.

    applied: `changes` are in force under `snapshot_hash` and kept as `version` (None: the history could not
    be written). unchanged: they were in force already. already_seen: this event was taken in before, and has
    changed nothing now. ignored: a notice, which asks for no change.
    """

    status: Literal["applied", "unchanged", "already_seen", "ignored"]
    event_id: str
    snapshot_hash: str
    version: str | None = None
    changes: tuple[ConfigurationChange, ...] = ()


class AcceptRuleUpdate:
    def __init__(
        self,
        signature: WebhookSignature,
        update: UpdateConfiguration,
        live: LiveConfiguration,
        *,
        observer: RefusalObserver,
        compliance: ComplianceLog,
    ) -> None:
        self._signature = signature
        self._update = update
        self._live = live
        self._observer = observer
        self._compliance = compliance

    async def __call__(
        self, body: bytes, *, signature: bytes | None, timestamp: bytes | None, event_id: bytes | None
    ) -> AcceptedUpdate:
        """The headers' values are as they came.

        Raises AuthenticationFailed, InvalidRequest for an envelope that is not the contract's,
        ConfigurationError (others) for changes that cannot be, Overloaded when they cannot be stored: then
        nothing has changed.
        """
        try:
            text = await asyncio.to_thread(
                self._signature.verified, body, signature=signature, timestamp=timestamp
            )
            update = self._read(text)
            if event_id is not None and event_id != update.event_id.encode():
                raise not_signed("X-Webhook-Event-Id is not the id that was signed")
        except AuthenticationFailed:
            self._observer.refused("signature")
            raise
        if not update.changes:
            return self._answer("ignored", update)
        return await self._apply(update)

    def _read(self, text: str) -> RuleUpdate:
        try:
            return read_rule_update(text)
        except ConfigurationError as exc:
            self._refused(None, exc)
            raise

    async def _apply(self, update: RuleUpdate) -> AcceptedUpdate:
        reason = f"optimizer {update.event_id}"
        try:
            result = await self._update(update.changes, reason=reason, event=update.event_id)
        except GatewayError as exc:
            self._refused(update, exc)
            raise
        if result is None:
            return self._answer("already_seen", update)
        if result.status == "unchanged":
            return self._answer("unchanged", update)
        self._told(update, "success", snapshot_hash=result.snapshot_hash, changes=len(update.changes))
        return AcceptedUpdate(
            status="applied",
            event_id=update.event_id,
            snapshot_hash=result.snapshot_hash,
            version=result.version,
            changes=update.changes,
        )

    def _answer(
        self, status: Literal["unchanged", "already_seen", "ignored"], u: RuleUpdate
    ) -> AcceptedUpdate:
        _log.info("routing update %s", status.replace("_", " "), extra={"event_id": u.event_id})
        return AcceptedUpdate(status=status, event_id=u.event_id, snapshot_hash=self._live.current().hash)

    def _refused(self, update: RuleUpdate | None, error: GatewayError) -> None:
        event_id = update.event_id if update is not None else None
        _log.warning("routing update refused: %s", error.message, extra={"event_id": event_id})
        self._told(update, "failure", reason=error.message[:500])

    def _told(self, update: RuleUpdate | None, outcome: str, **metadata: object) -> None:
        self._compliance.record(
            ComplianceAction(
                action="admin.action",
                principal=PRINCIPAL,
                resource=_RESOURCE,
                outcome=outcome,
                metadata={"operation": "rules.update", "event_id": update and update.event_id, **metadata},
            )
        )
