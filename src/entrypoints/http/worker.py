"""One serving process: builds the container, creates the application, runs the server."""

from __future__ import annotations

import logging
import socket
import sys

import uvicorn

from llm_gateway.domain.errors import ConfigurationError
from llm_gateway.entrypoints.container import Container, build_container
from llm_gateway.entrypoints.container.audit import event_key_rotation
from llm_gateway.entrypoints.container.spool_check import unusable_spool
from llm_gateway.entrypoints.http.app import create_app
from llm_gateway.entrypoints.http.background import Background
from llm_gateway.entrypoints.http.credential_refresh import CredentialRefresh
from llm_gateway.entrypoints.http.cross_origin import cross_origin
from llm_gateway.entrypoints.http.protocol import GatewayProtocol
from llm_gateway.entrypoints.http.server import GatewayServer
from llm_gateway.entrypoints.json_logs import configure_logs
from llm_gateway.entrypoints.settings import Settings, load_settings

_CLOUD_RUN_DRAIN_S = 5.0
_KEEP_ALIVE_S = 75  # longer than the idle time of the usual load balancers, which is 60 s


def run(container: Container, listener: socket.socket) -> int:
    """Serve until told to stop. Returns the exit code. Raises ConfigurationError for an unusable spool."""
    settings = container.settings()
    configuration = container.live_configuration().configuration
    try:
        container.decision_log().open()
    except OSError as exc:
        raise unusable_spool(container.spool_dir(), exc) from exc
    background = background_of(container)
    config = uvicorn.Config(
        cross_origin(create_app(container, background), configuration.server.cors_origins),
        http=GatewayProtocol,
        loop="uvloop" if sys.platform != "win32" else "asyncio",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE_S,
    )
    server = GatewayServer(
        config,
        lifecycle=container.lifecycle(),
        drain_timeout=_drain_timeout(settings, configuration.server.drain_timeout),
        ready=background.ready,
        reload=background.reload,
        flush=container.decision_log().flush,
    )
    logging.getLogger("llm_gateway.server").info(
        "starting", extra={"worker": settings.worker, "version": settings.version}
    )
    server.run(sockets=[listener])
    return 0


def _drain_timeout(settings: Settings, configured: float) -> float:
    """Seconds. Cloud Run kills 10 s after SIGTERM: what is decided must be delivered within them, too."""
    return min(configured, _CLOUD_RUN_DRAIN_S) if settings.k_service else configured


def background_of(container: Container) -> Background:
    return Background(
        container.reload_configuration(),
        container.watch(),
        container.report_worker(),
        container.ship_events(),
        container.tend_spool(),
        container.telemetry().feeds,
        container.add_model_metadata(),
        container.name_instance(),
        _credential_refresh(container),
    )


def _credential_refresh(container: Container) -> CredentialRefresh:
    secrets = container.secrets()
    return CredentialRefresh(
        container.token_verifiers(),
        secrets,
        container.reload_configuration(),
        rotated=event_key_rotation(container.event_sink(), secrets),
    )


def main() -> int:
    """Entry of a process that `start` spawned: `python -m llm_gateway.entrypoints.http.worker <fd>`."""
    settings = load_settings()
    configure_logs(level=settings.log_level, service=settings.service_name)
    try:
        container = build_container(settings, make_spool=True)
        return run(container, socket.socket(fileno=int(sys.argv[1])))
    except ConfigurationError as error:
        print(f"llm-gateway: {error.message}", file=sys.stderr)
        return 78


if __name__ == "__main__":
    sys.exit(main())
