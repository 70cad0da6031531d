"""CloudRunInstance: the instance's id, from the metadata server of Cloud Run.

`GET /computeMetadata/v1/instance/id`, https://cloud.google.com/run/docs/container-contract#metadata-server
"""

from __future__ import annotations

import re
from http.client import HTTPConnection, HTTPException

from typing_extensions import override

from llm_gateway.application.ports.instance_name import InstanceName

# The address behind metadata.google.internal: there is no name to look up, which could take long.
METADATA_SERVER = "169.254.169.254"
_HEADERS = {"Host": "metadata.google.internal", "Metadata-Flavor": "Google"}
_ID = re.compile(r"[A-Za-z0-9._-]{1,256}", re.ASCII)


class CloudRunInstance(InstanceName):
    """`server` is a host, with a port if need be; `timeout` (s) bounds the connection and each read."""

    def __init__(self, server: str = METADATA_SERVER, *, timeout: float = 1.0) -> None:
        self._server = server
        self._timeout = timeout

    @override
    def read(self) -> str | None:
        connection = HTTPConnection(self._server, timeout=self._timeout)
        try:
            connection.request("GET", "/computeMetadata/v1/instance/id", headers=_HEADERS)
            answer = connection.getresponse()
            text = answer.read(1024).decode("ascii", "replace").strip()
            whole = not answer.length
        except (OSError, HTTPException):
            return None
        finally:
            connection.close()
        # The header says that it was a metadata server that answered, not whoever else has the address.
        told = whole and answer.status == 200 and answer.getheader("Metadata-Flavor") == "Google"
        return text if told and _ID.fullmatch(text) else None
