"""AuthFailures: a RefusalObserver that tells an auditor, too, without drowning it in a flood of guesses."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import Any, Final

from typing_extensions import override

from llm_gateway.application.ports.compliance_log import ComplianceLog
from llm_gateway.application.ports.refusal_observer import Refusal, RefusalObserver
from llm_gateway.domain.compliance_action import ComplianceAction

WINDOW_S: Final = 60.0
MOST_KINDS: Final = 100
ANONYMOUS: Final = "anonymous"

_Kind = tuple[Refusal, str | None]


class AuthFailures(RefusalObserver):
    """The first failure after a quiet time is told at once; what follows is counted and told once a window,
    by reason and principal. `count` is how many an action stands for.

    Control endpoints are guarded on threads: from there the loop is asked to count.
    """

    def __init__(self, inner: RefusalObserver, log: ComplianceLog, *, window: float = WINDOW_S) -> None:
        self._inner = inner
        self._log = log
        self._window = window
        self._pending: dict[_Kind, int] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = 0

    def start(self) -> None:
        """Inside the running loop; before it, refusals are only passed on."""
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()

    @override
    def refused(self, reason: Refusal, principal: str | None = None) -> None:
        self._inner.refused(reason, principal)
        loop = self._loop
        if loop is None:
            return
        if threading.get_ident() == self._thread:
            self._count(reason, principal)
        else:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(self._count, reason, principal)

    def stop(self) -> None:
        """Tell what has been counted."""
        self._loop = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._tell_pending()

    def _count(self, reason: Refusal, principal: str | None) -> None:
        if self._timer is None:
            self._tell((reason, principal), count=1)
            self._open_window()
            return
        kind: _Kind = (reason, principal)
        if kind not in self._pending and len(self._pending) >= MOST_KINDS:
            kind = (reason, None)
        self._pending[kind] = self._pending.get(kind, 0) + 1

    def _open_window(self) -> None:
        if self._loop is not None:
            self._timer = self._loop.call_later(self._window, self._close_window)

    def _close_window(self) -> None:
        self._timer = None
        if self._pending:
            self._tell_pending()
            self._open_window()

    def _tell_pending(self) -> None:
        pending, self._pending = self._pending, {}
        for kind, count in pending.items():
            self._tell(kind, count=count, window_seconds=self._window)

    def _tell(self, kind: _Kind, **metadata: Any) -> None:
        reason, principal = kind
        self._log.record(
            ComplianceAction(
                action="auth.failure",
                principal=principal or ANONYMOUS,
                resource="agents.rules.updates" if reason == "signature" else "gateway.api",
                outcome="failure",
                metadata={"reason": reason, **metadata},
            )
        )
