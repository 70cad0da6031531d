"""ActiveConfiguration: a configuration in force together with the snapshot that it compiles to."""

from __future__ import annotations

from dataclasses import dataclass

from llm_gateway.application.apply_configuration_changes import apply_configuration_changes
from llm_gateway.application.configuration import GatewayConfiguration
from llm_gateway.application.configuration_change import ConfigurationChange, ConfigurationOverlay
from llm_gateway.application.ports.configuration_history import ConfigurationVersion
from llm_gateway.application.ports.configuration_source import LoadedConfiguration
from llm_gateway.domain.routing_snapshot import RoutingSnapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveConfiguration:
    """`text`, `digest` and `origin` are the source's; `changes` are the optimizer's on top of it; `since` is
    Unix seconds."""

    configuration: GatewayConfiguration
    snapshot: RoutingSnapshot
    text: str
    digest: str
    origin: str
    since: float
    changes: tuple[ConfigurationChange, ...] = ()

    def version(self, reason: str) -> ConfigurationVersion:
        return ConfigurationVersion(
            recorded_at=self.since,
            reason=reason,
            digest=self.digest,
            snapshot_hash=self.snapshot.hash,
            text=self.text,
            changes=self.changes,
        )


def activate(
    loaded: LoadedConfiguration[GatewayConfiguration], overlay: ConfigurationOverlay | None, *, now: float
) -> ActiveConfiguration:
    """What was loaded with the overlay that belongs to it (one made on another text has ended).

    Raises ConfigurationError when the changes or the result are not valid.
    """
    changes = overlay.changes if overlay is not None and overlay.base == loaded.digest else ()
    configuration = apply_configuration_changes(loaded.configuration, changes)
    return ActiveConfiguration(
        configuration=configuration,
        snapshot=configuration.snapshot(),
        text=loaded.text,
        digest=loaded.digest,
        origin=loaded.origin,
        since=now,
        changes=changes,
    )
