"""Attribution: LLM-CostOps' record of what one request used (contracts.md §5).

Its schema is docs/schemas/cost-attribution.schema.json.
"""

from __future__ import annotations

import msgspec

from llm_gateway.adapters.peer_text import peer_text
from llm_gateway.application.ports.price_list import ListedPrices
from llm_gateway.domain.decision_event import timestamp
from llm_gateway.domain.request_outcome import request_outcome
from llm_gateway.domain.target import Target
from llm_gateway.domain.token_cost import dollars
from llm_gateway.domain.usage import Usage
from llm_gateway.domain.usage_record import UsageRecord

Metadata = dict[str, str | int | float | bool]


class Attribution(msgspec.Struct):
    provider: str
    model: str
    input_tokens: int
    output_tokens: int
    latency_ms: int
    environment: str
    timestamp: str
    metadata: Metadata


def attribution(
    record: UsageRecord, target: Target, listed: ListedPrices | None, environment: str
) -> Attribution:
    """When the provider gave no usage, the input is what routing took it to be (about four bytes a token) and
    the output, of which nobody knows anything, 0; `estimated` says so. `listed` None: nobody knows the price.
    """
    usage = record.usage or Usage(input_tokens=record.input_estimate, estimated=True)
    return Attribution(
        provider=target.provider_id,
        model=peer_text(target.model),
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        latency_ms=round(record.duration_ms),
        environment=environment,
        timestamp=timestamp(record.started_at),
        metadata=_metadata(record, usage, listed),
    )


def _metadata(record: UsageRecord, usage: Usage, listed: ListedPrices | None) -> Metadata:
    metadata: Metadata = {
        "decision_id": record.decision_id,
        "request_id": peer_text(record.request_id),
        "snapshot_hash": record.snapshot_hash,
        "status": request_outcome(record),
        "streaming": record.streaming,
        "estimated": usage.estimated,
        "cached_tokens": usage.cached_tokens,
        "cache_write_tokens": usage.cache_write_tokens,
        "reasoning_tokens": usage.reasoning_tokens,
    }
    if record.tenant is not None:
        metadata["tenant"] = peer_text(record.tenant)
    if listed is not None:
        metadata["price_table"] = listed.source
        metadata["cost_usd"] = dollars(listed.prices.cost(usage).total)
    return metadata
