"""What every InstanceName promises: a name that needs no quoting, or None, and never an exception."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from llm_gateway.adapters.instance_name.cloud_run import CloudRunInstance
from llm_gateway.adapters.instance_name.host import HostName
from llm_gateway.application.ports.instance_name import InstanceName
from tests.fakes.instance_name import FakeInstanceName
from tests.fakes.metadata_server import instance_id, metadata_server


@pytest.fixture(params=["host", "cloud-run", "fake"])
def known(request: pytest.FixtureRequest) -> Iterator[InstanceName]:
    with metadata_server(instance_id("00c527f6d4")) as server:
        yield {
            "host": HostName(),
            "cloud-run": CloudRunInstance(server),
            "fake": FakeInstanceName("an-instance"),
        }[request.param]


@pytest.fixture(params=["cloud-run", "fake"])
def unknown(request: pytest.FixtureRequest) -> InstanceName:
    return {"cloud-run": CloudRunInstance("127.0.0.1:1"), "fake": FakeInstanceName(None)}[request.param]


def test_a_name_can_be_a_label_and_a_field(known: InstanceName) -> None:
    """Letters, digits, `.`, `_`, `-`; the same at every reading."""
    name = known.read()
    assert name is not None and re.fullmatch(r"[A-Za-z0-9._-]+", name)
    assert known.read() == name


def test_a_platform_that_does_not_say_gives_none(unknown: InstanceName) -> None:
    """No exception: an instance without a name serves all the same."""
    assert unknown.read() is None
