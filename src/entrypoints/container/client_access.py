"""Who may use the gateway: what settings and configuration together say, and where they may not be silent."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import TYPE_CHECKING

from llm_gateway.application.authenticate import Authenticate, ClientAccess, Pages
from llm_gateway.application.configuration import GatewayConfiguration, JwtSettings
from llm_gateway.application.ports.token_verifier import TokenVerifier
from llm_gateway.domain.errors import ConfigurationError
from llm_gateway.domain.principal import Principal
from llm_gateway.entrypoints.settings import Settings

if TYPE_CHECKING:
    from llm_gateway.adapters.token_verifier.jwt import JwtVerifier

_WAY_OUT = (
    "set LLM_GATEWAY_API_KEYS or auth.keys (llm-gateway keys create), "
    "or LLM_GATEWAY_AUTH=none to let everybody in"
)


class TokenVerifiers:
    """The verifier of the token settings in force: the same one, with its keys, while they are the same."""

    def __init__(self) -> None:
        self._made: tuple[JwtSettings, JwtVerifier] | None = None

    def of(self, settings: JwtSettings | None) -> TokenVerifier | None:
        """Raises ConfigurationError for a key set file that cannot be used. A URL is fetched later."""
        if settings is None:
            self._made = None
            return None
        if self._made is None or self._made[0] != settings or settings.jwks_file is not None:
            self._made = settings, _verifier(settings)
        return self._made[1]

    def refresh(self) -> bool:
        """Fetch the key set again; whether it is another one. Blocks. Raises OSError or ValueError."""
        made = self._made
        return made is not None and made[1].refresh()

    @property
    def missing(self) -> bool:
        """Whether no keys have been fetched with the settings in force."""
        return self._made is not None and not self._made[1].ready

    @property
    def interval(self) -> float | None:
        """Seconds between refreshes; None when no token is taken."""
        return None if self._made is None else self._made[0].refresh


def _verifier(settings: JwtSettings) -> JwtVerifier:
    from llm_gateway.adapters.token_verifier.jwt import JwtVerifier  # cryptography: only where it is used
    from llm_gateway.adapters.token_verifier.key_set import fetch_key_set
    from llm_gateway.adapters.upstream_transport.native.tls import client_context

    if settings.jwks_ca_file is not None:
        try:
            client_context(ca_file=settings.jwks_ca_file)
        except OSError as exc:
            raise ConfigurationError(
                f"auth.jwt.jwks_ca_file: {settings.jwks_ca_file} holds no certificate that can be read",
                path="auth.jwt.jwks_ca_file",
            ) from exc
    verifier = JwtVerifier(settings, lambda: fetch_key_set(settings))
    if settings.jwks_file is not None:
        try:
            verifier.refresh()
        except (OSError, ValueError) as exc:
            reason = exc.strerror if isinstance(exc, OSError) else str(exc)
            raise ConfigurationError(
                f"auth.jwt.jwks_file: {settings.jwks_file}: {reason}", path="auth.jwt.jwks_file"
            ) from exc
    return verifier


def client_access(
    settings: Settings, configuration: GatewayConfiguration, verifiers: TokenVerifiers
) -> ClientAccess | None:
    """None when nobody is asked for a key. Raises ConfigurationError where that was not said and matters."""
    mode = settings.auth or configuration.auth.mode
    if mode == "none":
        return None
    principals = client_principals(settings, configuration)
    tokens = verifiers.of(configuration.auth.jwt)
    if principals or tokens is not None:
        return ClientAccess(principals=principals, tokens=tokens)
    if mode == "api_key":
        raise ConfigurationError(f"auth.mode is api_key and there is no client key: {_WAY_OUT}", path="auth")
    if settings.platform_env == "prod":
        raise ConfigurationError(f"PLATFORM_ENV=prod without client keys: {_WAY_OUT}", path="auth")
    if settings.k_service or (settings.host is not None and not is_loopback(settings.host)):
        where = f"listening on {settings.host}" if settings.host else "running on Cloud Run"
        raise ConfigurationError(f"{where} without client keys: {_WAY_OUT}", path="auth")
    return None


def pages_let_in(settings: Settings, configuration: GatewayConfiguration) -> Pages:
    """Every page's where somebody said that everybody may enter; keys are asked for before it matters."""
    if (settings.auth or configuration.auth.mode) == "none":
        return "everywhere"
    return frozenset(origin.encode() for origin in configuration.server.cors_origins)


def refuse_opening(
    before: Authenticate,
    access: ClientAccess | None,
    settings: Settings,
    configuration: GatewayConfiguration,
) -> None:
    """A reload that lost the last key is a mistake: only a word opens a gateway.

    Raises ConfigurationError.
    """
    said = settings.auth or configuration.auth.mode
    if before.required and access is None and said != "none":
        raise ConfigurationError(f"no client key is left: {_WAY_OUT}", path="auth")


def client_principals(settings: Settings, configuration: GatewayConfiguration) -> Mapping[str, Principal]:
    """Keys of the file and of `LLM_GATEWAY_API_KEYS` by their digest; the latter may do everything."""
    principals = {
        key.sha256: Principal(id=key.id, tenant=key.tenant, scopes=frozenset(key.scopes), expires=key.expires)
        for key in configuration.auth.keys
    }
    for number, key in enumerate(settings.api_keys, 1):
        principals[key.sha256()] = Principal(id=f"environment-{number}")
    return principals


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
