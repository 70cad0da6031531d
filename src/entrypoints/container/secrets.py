"""Where secrets are looked up: the environment, then mounted files, then Google Secret Manager."""

from __future__ import annotations

from llm_gateway.adapters.secret_store.directory import DirectorySecretStore
from llm_gateway.adapters.secret_store.environment import EnvironmentSecretStore
from llm_gateway.adapters.secret_store.first_of import FirstOf
from llm_gateway.adapters.secret_store.null import NullSecretStore
from llm_gateway.application.ports.secret_store import SecretStore, SecretUnavailable
from llm_gateway.application.secret import Secret
from llm_gateway.domain.errors import ConfigurationError
from llm_gateway.entrypoints.settings import Settings

_TIMEOUT_S = 5.0
RUVECTOR_SECRET = "ruvector-api-key"


def secret_store(settings: Settings) -> SecretStore:
    """Asks nothing yet."""
    stores: list[SecretStore] = []
    if settings.secrets_dir is not None:
        stores.append(DirectorySecretStore(settings.secrets_dir))
    if settings.google_cloud_project:
        stores.append(_secret_manager(settings, settings.google_cloud_project))
    if not stores:
        return NullSecretStore()
    return FirstOf([EnvironmentSecretStore(settings.environment), *stores])


def _secret_manager(settings: Settings, project: str) -> SecretStore:
    # google-auth and httpx take time to import: only gateways that ask Secret Manager pay for them at start.
    import httpx

    from llm_gateway.adapters.clock import SystemClock
    from llm_gateway.adapters.secret_store.google_access_token import GoogleAccessToken
    from llm_gateway.adapters.secret_store.google_secret_manager import SERVICE, GoogleSecretManager

    url = settings.secret_manager_url or SERVICE
    if not url.startswith(("https://", "http://127.0.0.1:", "http://[::1]:")):
        name = "LLM_GATEWAY_SECRET_MANAGER_URL"
        raise ConfigurationError(f"{name} must begin with https://", path=name)
    client = httpx.Client(timeout=_TIMEOUT_S, follow_redirects=False)
    return GoogleSecretManager(project, client, GoogleAccessToken(client), SystemClock(), service=url)


def ruvector_key(settings: Settings, secrets: SecretStore) -> Secret | None:
    """The environment's, else the store's. Raises ConfigurationError when the store cannot tell."""
    if settings.ruvector_api_key:
        return settings.ruvector_api_key
    try:
        return secrets.read(RUVECTOR_SECRET)
    except SecretUnavailable as exc:
        raise ConfigurationError(f"RUVECTOR_API_KEY is not set and {exc}", path="RUVECTOR_API_KEY") from exc
