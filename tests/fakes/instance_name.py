"""FakeInstanceName: says what it was told to."""

from __future__ import annotations

from typing_extensions import override

from llm_gateway.application.ports.instance_name import InstanceName


class FakeInstanceName(InstanceName):
    def __init__(self, name: str | None) -> None:
        self.name = name

    @override
    def read(self) -> str | None:
        return self.name
