"""Provider anthropic: what it says about itself agrees with its dialect."""

from __future__ import annotations

from typing import Any

import pytest

from llm_gateway.adapters.dialects.anthropic_messages import AnthropicMessages
from llm_gateway.adapters.dialects.anthropic_messages.claude_model import claude_model
from llm_gateway.adapters.providers.anthropic import PROVIDER
from llm_gateway.application.ports.dialect import WireTarget
from llm_gateway.domain.capability import Capability
from llm_gateway.domain.errors import UnsupportedParameter
from tests.fakes.hub_request import FakeHubRequest

_USED: dict[str, Any] = {"n": 2, "logprobs": True, "top_logprobs": 3, "logit_bias": {"1": 1}, "seed": 1}
_USED |= {"frequency_penalty": 1, "presence_penalty": 1, "audio": {"voice": "x", "format": "wav"}}


def test_the_key_travels_bare_in_its_own_header() -> None:
    """No scheme, as the API wants it."""
    assert (PROVIDER.credential.header, PROVIDER.credential.scheme) == ("x-api-key", "")
    assert PROVIDER.dialect == AnthropicMessages.name


@pytest.mark.parametrize("name", sorted(PROVIDER.unsupported_parameters))
def test_what_routing_keeps_away_the_dialect_would_refuse(name: str) -> None:
    """Both know the same parameters."""
    document = {"messages": [{"role": "user", "content": "hi"}], name: _USED[name]}
    with pytest.raises(UnsupportedParameter) as caught:
        AnthropicMessages().encode(FakeHubRequest(document), WireTarget(model="claude-opus-5"))
    assert caught.value.param == name


def test_models_without_forced_tools_have_no_json_mode() -> None:
    """JSON without a schema is a forced tool call."""
    for model in PROVIDER.known_models:
        capabilities = model.capabilities or PROVIDER.capabilities
        expected = model.is_pattern or claude_model(model.name).forced_tools
        assert (Capability.JSON_OBJECT in capabilities) is expected
