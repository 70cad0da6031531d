"""The configuration's own small abilities."""

from __future__ import annotations

from dataclasses import replace

import pytest

from llm_gateway.application.configuration import GatewayConfiguration
from llm_gateway.application.secret import Secret
from llm_gateway.domain.errors import ConfigurationError
from tests.fakes.configuration_stores import BROKEN, ONE, OPENAI


def test_an_empty_configuration_is_a_whole_one() -> None:
    """Every part has its documented default; its snapshot has no providers."""
    configuration = GatewayConfiguration()
    assert configuration.server.port == 8080
    assert dict(configuration.snapshot().providers) == {}


@pytest.mark.parametrize(
    ("key", "required", "usable"),
    [(Secret("k"), True, True), (None, True, False), (Secret(""), True, False), (None, False, True)],
)
def test_an_account_is_usable_with_a_key_or_when_none_is_needed(
    key: Secret | None, required: bool, usable: bool
) -> None:
    """What `/ready` and the start message go by."""
    assert replace(OPENAI, api_key=key, credential_required=required).usable is usable


def test_routing_sees_no_secret_of_an_account() -> None:
    """Only where it came from."""
    provider = replace(
        OPENAI, api_key=Secret("hunter2"), credential_reference="env:X", headers=(("a", "hunter3"),)
    ).provider()
    assert provider.credential_reference == "env:X"
    assert "hunter" not in repr(provider)


def test_an_account_is_found_by_its_id() -> None:
    """None for an id that is not there."""
    assert ONE.account("openai") is OPENAI
    assert ONE.account("nobody") is None


def test_what_cannot_work_is_refused_when_it_is_compiled() -> None:
    """With the path of the offending value."""
    with pytest.raises(ConfigurationError) as caught:
        BROKEN.snapshot()
    assert caught.value.path == "routing.default_providers[0]"
