"""What this instance is called, and who writes it down."""

from __future__ import annotations

from llm_gateway.adapters.decision_log.instance_notes import InstanceNotes
from llm_gateway.adapters.decision_log.jsonl import JsonlDecisionLog
from llm_gateway.adapters.instance_name.cloud_run import METADATA_SERVER, CloudRunInstance
from llm_gateway.adapters.instance_name.host import HostName
from llm_gateway.adapters.metrics.prometheus_metrics import PrometheusMetrics
from llm_gateway.application.lifecycle import Lifecycle
from llm_gateway.application.name_instance import NameInstance
from llm_gateway.application.ports.instance_name import InstanceName
from llm_gateway.entrypoints.settings import Settings


def name_instance(
    settings: Settings, metrics: PrometheusMetrics, log: JsonlDecisionLog, lifecycle: Lifecycle
) -> NameInstance:
    """The metadata server is asked on Cloud Run only; GCE_METADATA_HOST is Google's variable for another."""
    names: tuple[InstanceName, ...] = (HostName(),)
    if settings.k_service:
        server = settings.environment.get("GCE_METADATA_HOST") or METADATA_SERVER
        names = (CloudRunInstance(server), *names)

    return NameInstance(
        names,
        export=lambda instance: metrics.instance(instance, settings.k_revision),
        note=InstanceNotes(lambda: log.directory, lifecycle.started_at),
    )
