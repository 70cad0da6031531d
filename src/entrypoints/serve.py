"""serve: what `llm-gateway start` does: takes the port, starts the lab if asked, then the workers."""

from __future__ import annotations

import contextlib
import logging
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

from llm_gateway.entrypoints.banner import banner
from llm_gateway.entrypoints.child_process import lab_process
from llm_gateway.entrypoints.container import Container, build_container, wants_lab
from llm_gateway.entrypoints.container.client_access import is_loopback
from llm_gateway.entrypoints.json_logs import configure_logs
from llm_gateway.entrypoints.open_files import raise_limit
from llm_gateway.entrypoints.settings import Settings
from llm_gateway.entrypoints.supervisor import Supervisor
from llm_gateway.entrypoints.unused_settings import unused_settings

_BACKLOG = 2048
_log = logging.getLogger("llm_gateway.start")


class StartFailed(Exception):
    """One line that says what to do."""


def serve(settings: Settings) -> int:
    """Runs until told to stop; returns the exit code. Raises ConfigurationError or StartFailed."""
    configure_logs(level=settings.log_level, service=settings.service_name)
    raise_limit()
    with contextlib.ExitStack() as stack:
        run_dir = settings.run_dir or stack.enter_context(_scratch())
        settings = settings.model_copy(update={"run_dir": run_dir})
        if wants_lab(settings):
            settings = settings.model_copy(update={"lab_url": stack.enter_context(lab_process())})
        container = build_container(settings, make_spool=True)
        configuration = container.live_configuration().configuration
        host = settings.host or _default_host(container)
        port = settings.port if settings.port is not None else configuration.server.port
        listener = stack.enter_context(_listen(host, port))
        print(banner(container, listener), flush=True)
        if unused := unused_settings(settings, configuration):
            _log.warning("settings that are not used", extra={"settings": unused})
        if settings.workers == 1:
            from llm_gateway.entrypoints.http import worker

            return worker.run(container, listener)
        return Supervisor(settings.model_copy(update={"host": host}), listener).run()


def _default_host(container: Container) -> str:
    """Everywhere, as containers need it; loopback where nobody is asked for a key and nobody said so."""
    settings, configuration = container.settings(), container.live_configuration().configuration
    host = configuration.server.host
    said = settings.auth or configuration.auth.mode
    if container.authenticate().required or said == "none" or is_loopback(host):
        return host
    return "127.0.0.1"


def _listen(host: str, port: int) -> socket.socket:
    host = host.strip("[]")  # an IPv6 address as URLs write it
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except (OSError, OverflowError) as exc:
        listener.close()
        # Not os.strerror: the error numbers of a name that cannot be resolved are the resolver's own.
        reason = (isinstance(exc, OSError) and exc.strerror) or str(exc)
        where = f"[{host}]:{port}" if family == socket.AF_INET6 else f"{host}:{port}"
        other = "--host" if isinstance(exc, socket.gaierror) else "--port or PORT"
        raise StartFailed(f"cannot listen on {where}: {reason}; choose another with {other}") from exc
    listener.setblocking(False)
    return listener


@contextlib.contextmanager
def _scratch() -> Iterator[Path]:
    """A directory for what the workers of this start share; gone when it ends."""
    path = Path(tempfile.mkdtemp(prefix="llm-gateway-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
