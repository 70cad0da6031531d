"""Port TelemetrySink: one peer that is told afterwards what happened, in batches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from llm_gateway.domain.delivery_answer import DeliveryAnswer

T_contra = TypeVar("T_contra", contravariant=True)


class TelemetrySink(Protocol[T_contra]):
    """Called by a TelemetryFeed, never on the request path; several `send`s may run at once.

    `name` is the label that drops and deliveries are counted under. `endpoint` is where it sends, without
    credentials and query; None: nowhere, and nothing is offered to it. `batch` is the most that one `send`
    takes.
    """

    @property
    def name(self) -> str: ...

    @property
    def endpoint(self) -> str | None: ...

    @property
    def batch(self) -> int: ...

    async def send(self, items: Sequence[T_contra]) -> DeliveryAnswer:
        """Never raises. `permanent` and, in the end, `ambiguous` lose the batch; `outage` has it sent again.

        Cancelled, it may or may not have arrived.
        """
        ...

    async def aclose(self) -> None: ...
