"""HostName: the machine's, container's or pod's own name."""

from __future__ import annotations

import re
import socket

from typing_extensions import override

from llm_gateway.application.ports.instance_name import InstanceName


class HostName(InstanceName):
    @override
    def read(self) -> str | None:
        return re.sub(r"[^A-Za-z0-9._-]", "_", socket.gethostname()) or None
