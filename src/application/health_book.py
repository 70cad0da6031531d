"""HealthBook: what this worker has learned about every target, kept so that routing can read it at once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Literal, Protocol

from llm_gateway.application.permit import Permit
from llm_gateway.application.ports.clock import Clock
from llm_gateway.application.provider_page import ProviderPage
from llm_gateway.application.target_status import TargetStatus
from llm_gateway.application.wake_schedule import WakeSchedule
from llm_gateway.domain.circuit_breaker import BreakerPolicy
from llm_gateway.domain.cooldown import Cooldown, CooldownPolicy
from llm_gateway.domain.errors import Outcome
from llm_gateway.domain.health_change import HealthChange
from llm_gateway.domain.health_view import UNKNOWN_HEALTH, HealthView, TargetHealth
from llm_gateway.domain.provider import Provider
from llm_gateway.domain.target import Target
from llm_gateway.domain.target_record import TargetRecord

logger = logging.getLogger(__name__)


class ProviderListing(Protocol):
    """The part of a RoutingSnapshot that the book reads."""

    @property
    def providers(self) -> Mapping[str, Provider]: ...


def _ignore(change: HealthChange) -> None:
    pass


class HealthBook:
    """Every entry of `view` is replaced when it changes, so that reading costs nothing per target.

    What changes by the mere passing of time (the end of an open breaker or of a cooldown) is on a schedule
    of wakes that `view` works off first. Entries are immutable, the mapping that holds them is live: a
    reader that goes through an `await` takes the entries it needs along.

    Not thread-safe: one book per event loop. `events` is told of every change of state, must be quick and
    must not raise. `capacity` bounds the targets remembered beside those that configuration lists (a
    provider without a model list takes any name a client writes): the oldest idle ones are forgotten.
    """

    def __init__(
        self,
        policy: BreakerPolicy,
        clock: Clock,
        *,
        cooldown: CooldownPolicy | None = None,
        events: Callable[[HealthChange], None] = _ignore,
        capacity: int = 4096,
    ) -> None:
        self._policy = policy
        self._clock = clock
        self._cooldown = cooldown or CooldownPolicy()
        self._events = events
        self._spare = capacity
        self._capacity = capacity
        self._pages: dict[str, ProviderPage] = {}
        self._groups: dict[str, Cooldown] = {}
        self._records: dict[str, TargetRecord] = {}
        self._entries: dict[str, TargetHealth] = {}
        self._wakes = WakeSchedule()
        self._turn = 0
        self._view = HealthView(targets=self._entries)
        self._cooling: set[str] = set()
        self._cut: set[str] = set()

    def adopt(self, snapshot: ProviderListing, *, policy: BreakerPolicy | None = None) -> None:
        """Take over a configuration: what is known of targets that it still has is kept.

        `policy` replaces the breakers' policy, theirs included.

        A provider whose type, base URL or credential changed is another account and starts afresh.
        """
        self._policy = policy or self._policy
        pages, groups = {}, {}
        for provider in snapshot.providers.values():
            page = self._pages.get(provider.id)
            if page is not None and page.same_account(provider):
                page.revise(provider, self._policy)
            else:
                page = self._page(provider.id, provider)
            if (name := provider.quota_group) is not None and name not in groups:
                groups[name] = self._groups.get(name) or Cooldown(self._cooldown, name)
            page.join(None if name is None else groups[name])
            pages[provider.id] = page
        self._pages, self._groups = pages, groups
        self._capacity = self._spare + sum(len(page.listed()) for page in pages.values())
        self._rebuild()

    def view(self, snapshot: object = None) -> HealthView:
        """Health as of now. Health is by target, so that `snapshot` makes no difference.

        `available` is exact. `retry_after` is renewed every half second, and with it the breaker's state of
        a target that is cooling down as well; `score` forgets a failure within a tenth of the window.
        """
        now = self._clock.monotonic()
        if now >= self._wakes.next_at:
            self._publish(self._still_known(self._wakes.due(now)), now)
        if self._view.round_robin != self._turn:
            self._view = HealthView(targets=self._entries, round_robin=self._turn)
        return self._view

    def begin(self, target: Target, *, attempt: Literal["first", "further"] = "first") -> Permit | None:
        """Leave to call `target` now, or None; then `view().of(target.id)` says why and until when.

        A request's first attempt moves the round-robin counter, its further ones do not.
        """
        now = self._clock.monotonic()
        record = self._records.get(target.id) or self._add(target)
        tokens = record.acquire(now)
        if tokens is None:
            self._publish_one(record, now)
            return None
        if attempt == "first":
            self._turn += 1
        if record.load.in_flight == record.load.limit:
            self._crossed(record, now, "free", "full")
        if tokens.group is not None and tokens.group.active:
            self._publish(self._sharing(tokens.group), now)
        self._publish_one(record, now)
        return Permit(self, record, tokens)

    def answered(self, permit: Permit, ttft_ms: float | None) -> None:
        """For permits only."""
        now = self._clock.monotonic()
        record = permit.record
        group = permit.tokens.group
        revision = 0 if group is None else group.revision
        if ttft_ms is not None:
            record.measured(ttft_ms)
        permit.tokens = record.answered(permit.tokens, now)
        self._after(record, group, revision, now)

    def finished(
        self,
        permit: Permit,
        outcome: Outcome,
        ttft_ms: float | None,
        retry_after: float | None,
        status: int | None,
    ) -> None:
        """For permits only."""
        now = self._clock.monotonic()
        record = permit.record
        group = permit.tokens.group
        revision = 0 if group is None else group.revision
        if ttft_ms is not None:
            record.measured(ttft_ms)
        if record.settle(permit.tokens, now, outcome, status, retry_after):
            self._say_cut(record, retry_after)
        load = record.load
        if load.limit is not None and load.in_flight == load.limit - 1:
            self._crossed(record, now, "full", "free")
        self._after(record, group, revision, now)

    def snapshot_of(self, target_id: str) -> TargetStatus | None:
        """None for a target that was never called nor part of a quota group that cooled."""
        health = self.view().targets.get(target_id)
        record = self._records.get(target_id)
        if record is None:
            return None
        cooling = record.cooling_for(self._clock.monotonic())
        return TargetStatus(
            health=health or UNKNOWN_HEALTH,
            cooldown_until=None if cooling is None else self._clock.now() + cooling,
            last_outcome=record.last_outcome,
            last_status=record.last_status,
            provider_in_flight=record.load.in_flight,
            provider_limit=record.load.limit,
        )

    def _after(self, record: TargetRecord, group: Cooldown | None, revision: int, now: float) -> None:
        """Publish what a call changed: its target, and everybody in the group if its cooldown changed."""
        if group is not None and group.revision != revision:
            self._tell(group)
            if group.active:
                self._list_all(group)
            self._publish(self._sharing(group), now)
        self._publish_one(record, now)

    def _tell(self, cooldown: Cooldown) -> None:
        name = cooldown.name
        if cooldown.active and name not in self._cooling:
            self._cooling.add(name)
            self._events(HealthChange(kind="cooldown", subject=name, before="clear", after="cooling"))
        elif not cooldown.active and name in self._cooling:
            self._cooling.discard(name)
            self._events(HealthChange(kind="cooldown", subject=name, before="cooling", after="clear"))

    def _crossed(self, record: TargetRecord, now: float, before: str, after: str) -> None:
        """The provider just became full, or has room again: so it is for all its targets."""
        provider_id = record.load.provider_id
        self._events(HealthChange(kind="bulkhead", subject=provider_id, before=before, after=after))
        page = self._pages.get(provider_id)
        if page is not None and page.load is record.load:
            self._publish(page.records.values(), now)

    def _publish(self, records: Iterable[TargetRecord], now: float) -> None:
        for record in records:
            self._publish_one(record, now)

    def _publish_one(self, record: TargetRecord, now: float) -> None:
        key = record.id
        if self._records.get(key) is not record:
            return  # A reload or the capacity bound has taken it off the book; its calls run out unseen.
        if record.own.active or self._cooling:
            self._tell(record.own)
        old = self._entries.get(key, UNKNOWN_HEALTH)
        self._entries[key] = new = record.health(now)
        if new.score != 1.0 or new.retry_after is not None:
            at = record.wake(now, new)
            if at is not None:
                self._wakes.wake(key, at)
        if new.breaker != old.breaker:
            self._events(HealthChange(kind="breaker", subject=key, before=old.breaker, after=new.breaker))

    def _still_known(self, target_ids: Iterable[str]) -> Iterable[TargetRecord]:
        return [self._records[key] for key in target_ids if key in self._records]

    def _sharing(self, group: Cooldown) -> Iterable[TargetRecord]:
        for page in self._pages.values():
            if page.group is group:
                yield from page.records.values()

    def _list_all(self, group: Cooldown) -> None:
        """Targets never called have no entry and count as healthy; while the group cools they need one."""
        for page in self._pages.values():
            if page.group is group:
                for target in page.listed():
                    if target.id not in self._records:
                        self._add(target)

    def _page(self, provider_id: str, provider: Provider | None) -> ProviderPage:
        return ProviderPage(provider_id, provider, policy=self._policy, cooldown=self._cooldown)

    def _add(self, target: Target) -> TargetRecord:
        if len(self._records) >= self._capacity:
            self._make_room()
        page = self._pages.get(target.provider_id)
        if page is None:
            page = self._pages[target.provider_id] = self._page(target.provider_id, None)
        record = page.add(target)
        self._records[record.id] = record
        return record

    def _make_room(self) -> None:
        """Forget the oldest eighth that is idle and closed; when none is closed, idle alone will do."""
        idle = [record for record in self._records.values() if record.in_flight == 0]
        closed = [r for r in idle if self._entries.get(r.id, UNKNOWN_HEALTH).available]
        for record in (closed or idle)[: max(self._capacity // 8, 1)]:
            del self._records[record.id]
            del self._pages[record.target.provider_id].records[record.id]
        self._forget()

    def _rebuild(self) -> None:
        self._records = {key: record for page in self._pages.values() for key, record in page.records.items()}
        self._forget()
        for group in self._groups.values():
            if group.active:
                self._list_all(group)
        self._publish(list(self._records.values()), self._clock.monotonic())

    def _forget(self) -> None:
        """Take what has left the book out of the view; whoever counts open and cooling ones is told."""
        for key in self._entries.keys() - self._records.keys():
            entry = self._entries.pop(key)
            if entry.breaker != "closed":
                self._events(HealthChange(kind="breaker", subject=key, before=entry.breaker, after="closed"))
        for name in self._cooling - self._records.keys() - self._groups.keys():
            self._cooling.discard(name)
            self._events(HealthChange(kind="cooldown", subject=name, before="cooling", after="clear"))

    def _say_cut(self, record: TargetRecord, retry_after: float | None) -> None:
        """Once per provider: an upstream that sends nonsense sends it with every answer."""
        provider_id = record.load.provider_id
        if provider_id not in self._cut:
            self._cut.add(provider_id)
            logger.warning(
                "provider %s asked to wait %.0f s; cooldowns are cut to %.0f s",
                provider_id,
                retry_after,
                self._cooldown.longest,
            )
