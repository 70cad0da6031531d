"""Where the configuration comes from and where what was in force is kept."""

from __future__ import annotations

import contextlib
from pathlib import Path

from llm_gateway.adapters import providers as provider_files
from llm_gateway.adapters.configuration.credential import CredentialSources
from llm_gateway.adapters.configuration.environment_accounts import environment_accounts, lab_account
from llm_gateway.adapters.configuration.environment_source import EnvironmentConfigurationSource
from llm_gateway.adapters.configuration.file_source import FileConfigurationSource
from llm_gateway.adapters.configuration.reader import ConfigurationReader
from llm_gateway.adapters.configuration_history.directory import DirectoryConfigurationHistory
from llm_gateway.adapters.configuration_overlays.file import FileConfigurationOverlays
from llm_gateway.adapters.configuration_watch.files import FileConfigurationWatch
from llm_gateway.adapters.configuration_watch.null import NullConfigurationWatch
from llm_gateway.adapters.provider_kit.catalogue import discover
from llm_gateway.adapters.provider_kit.provider_type import ProviderType
from llm_gateway.adapters.snapshot_archive.directory import DirectorySnapshotArchive
from llm_gateway.application.configuration import GatewayConfiguration, ProviderAccount
from llm_gateway.application.ports.configuration_source import ConfigurationSource
from llm_gateway.application.ports.configuration_watch import ConfigurationWatch
from llm_gateway.application.ports.secret_store import SecretStore
from llm_gateway.application.reload_configuration import ConfigurationStores
from llm_gateway.entrypoints.container.secrets import secret_store
from llm_gateway.entrypoints.settings import Settings

LAB_MODELS = ("lab/echo", "lab/lorem", "lab/tools", "lab/reasoning", "lab/*")


def wants_lab(settings: Settings) -> bool:
    """Whether `start` embeds the lab: when asked, or in dev when there is nothing else to serve."""
    if settings.lab:
        return True
    if settings.platform_env != "dev" or settings.config is not None:
        return False
    return not environment_accounts(provider_types(), credentials(settings))


def provider_types() -> dict[str, ProviderType]:
    return discover(provider_files)


def credentials(settings: Settings, secrets: SecretStore | None = None) -> CredentialSources:
    store = secrets or secret_store(settings)

    def value(name: str) -> str | None:
        secret = store.read(name)
        return secret.reveal() if secret is not None else None

    return CredentialSources(environment=settings.environment, secret=value)


def configuration_source(
    settings: Settings, secrets: SecretStore | None = None
) -> ConfigurationSource[GatewayConfiguration]:
    types = provider_types()
    embedded: tuple[ProviderAccount, ...] = ()
    if settings.lab_url is not None:
        embedded = (lab_account(types["openai_compatible"], f"{settings.lab_url}/v1", LAB_MODELS),)
    reader = ConfigurationReader(types=types, sources=credentials(settings, secrets), embedded=embedded)
    if settings.config is not None:
        return FileConfigurationSource(settings.config, reader)
    return EnvironmentConfigurationSource(reader)


def spool_directory(settings: Settings, source: ConfigurationSource[GatewayConfiguration]) -> Path:
    """Known before anything is in force, because what was in force before is kept there."""
    return settings.spool_dir or Path(source.load().configuration.audit.spool_dir)


def configuration_stores(
    spool_dir: Path, source: ConfigurationSource[GatewayConfiguration]
) -> ConfigurationStores:
    kept = spool_dir / "configuration"
    return ConfigurationStores(
        source=source,
        overlays=FileConfigurationOverlays(kept / "overlay.json"),
        history=DirectoryConfigurationHistory(kept / "history"),
        archive=DirectorySnapshotArchive(kept / "snapshots"),
    )


def configuration_watch(settings: Settings, spool_dir: Path) -> ConfigurationWatch:
    """The file, and the optimizer's changes that another worker may have taken."""
    kept = spool_dir / "configuration"
    paths = [settings.config] if settings.config is not None else []
    with contextlib.suppress(OSError):
        kept.mkdir(mode=0o700, parents=True, exist_ok=True)
        paths.append(kept / "overlay.json")
    return FileConfigurationWatch(paths) if paths else NullConfigurationWatch()
