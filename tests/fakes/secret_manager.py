"""SecretManagerStandIn: Google Secret Manager and a metadata server on loopback, as a gateway meets them."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_ACCESS = re.compile(r"/v1/projects/([^/]+)/secrets/([^/]+)/versions/([^/:]+):access")
TOKEN = "stand-in-access-token"


class SecretManagerStandIn:
    """`secrets` maps a name to its versions, oldest first; `denied` names are refused with 403, `status` is
    what everything is answered with when it is set. `asked` are the paths so far."""

    def __init__(self) -> None:
        self.secrets: dict[str, list[str]] = {}
        self.denied: set[str] = set()
        self.status: int | None = None
        self.asked: list[str] = []
        self.host = ""

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def environment(self) -> dict[str, str]:
        """For a gateway that is to use it, with the metadata server's credentials."""
        return {
            "GOOGLE_CLOUD_PROJECT": "a-project",
            "GCE_METADATA_HOST": self.host,
            "GCE_METADATA_IP": self.host,
            "NO_GCE_CHECK": "false",
            "LLM_GATEWAY_SECRET_MANAGER_URL": self.url,
        }

    def answer(self, path: str, authorization: str | None) -> tuple[int, object]:
        self.asked.append(path)
        match = _ACCESS.fullmatch(path)
        if match is None:
            return 404, {}
        if self.status is not None:
            return self.status, {"error": {"code": self.status}}
        if authorization != f"Bearer {TOKEN}":
            return 401, {"error": {"status": "UNAUTHENTICATED"}}
        project, name, version = match.groups()
        if name in self.denied:
            return 403, {"error": {"status": "PERMISSION_DENIED"}}
        versions = self.secrets.get(name, [])
        number = len(versions) if version == "latest" else int(version)
        if not 0 < number <= len(versions):
            return 404, {"error": {"status": "NOT_FOUND"}}
        data = base64.b64encode(versions[number - 1].encode()).decode()
        full = f"projects/{project}/secrets/{name}/versions/{number}"
        return 200, {"name": full, "payload": {"data": data}}


class _Handler(BaseHTTPRequestHandler):
    stand_in: SecretManagerStandIn

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path.startswith("/v1/"):
            status, document = self.stand_in.answer(path, self.headers["authorization"])
        elif path.endswith("/token"):
            status, document = 200, {"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer"}
        else:
            status, document = 200, {"email": "gateway@a-project.iam", "scopes": [], "aliases": ["default"]}
        if path.endswith(("/project-id", "universe-domain")):
            body = b"a-project" if path.endswith("/project-id") else b"googleapis.com"
        else:
            body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("metadata-flavor", "Google")
        self.send_header("content-type", "application/json" if body.startswith(b"{") else "text/plain")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the tests' output is theirs."""


@contextmanager
def secret_manager() -> Iterator[SecretManagerStandIn]:
    stand_in = SecretManagerStandIn()
    handler = type("Handler", (_Handler,), {"stand_in": stand_in})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    stand_in.host = f"127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield stand_in
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
