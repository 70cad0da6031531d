"""Hub request to OpenAI wire: only what must differ is replaced."""

from __future__ import annotations

import json
from typing import Any

import pytest

from llm_gateway.adapters.dialects.openai_chat import OpenAIChat
from llm_gateway.application.ports.dialect import WireRequest, WireTarget
from tests.fakes.hub_request import FakeHubRequest

_AZURE = {
    "path": "/openai/v1/chat/completions",
    "deployment_path": "/openai/deployments/{deployment}/chat/completions",
}


def encode(document: dict[str, Any], *, drop: frozenset[str] = frozenset(), **options: Any) -> WireRequest:
    target = WireTarget(model="m", options=options, drop_parameters=drop)
    return OpenAIChat().encode(FakeHubRequest({"model": "m", "messages": [], **document}), target)


def sent(document: dict[str, Any], **options: Any) -> Any:
    return json.loads(encode(document, **options).body)


def test_the_clients_bytes_pass() -> None:
    """Same model, nothing to ask for: not one byte is touched."""
    request = FakeHubRequest({"model": "m", "messages": [{"role": "user", "content": "é"}], "x": 1.50})
    assert OpenAIChat().encode(request, WireTarget(model="m")).body == request.body


def test_the_model_is_the_providers() -> None:
    """All other members keep their bytes."""
    request = FakeHubRequest({"model": "alias", "temperature": 1.50, "messages": []})
    wire = OpenAIChat().encode(request, WireTarget(model="m"))
    assert json.loads(wire.body) == {"model": "m", "temperature": 1.5, "messages": []}


def test_a_stream_always_asks_for_usage() -> None:
    """It is recorded whether the client asked or not; other stream options stay."""
    assert sent({"stream": True})["stream_options"] == {"include_usage": True}
    options = {"include_usage": False, "include_obfuscation": False}
    assert sent({"stream": True, "stream_options": options})["stream_options"] == {
        "include_usage": True,
        "include_obfuscation": False,
    }


@pytest.mark.parametrize("asked", [True, False])
def test_stream_options_are_kept_from_those_who_refuse_them(asked: bool) -> None:
    """Mistral answers 422."""
    document = {"stream": True, "stream_options": {"include_usage": asked}}
    assert "stream_options" not in sent(document, stream_usage=False)


@pytest.mark.parametrize("field", ["max_tokens", "max_completion_tokens"])
def test_the_limit_goes_where_it_is_understood(field: str) -> None:
    """Whichever of the two the client used."""
    for used in ("max_tokens", "max_completion_tokens"):
        assert sent({used: 5}, max_tokens_field=field)[field] == 5
    both = sent({"max_tokens": 5, "max_completion_tokens": 6}, max_tokens_field=field)
    assert len(both.keys() & {"max_tokens", "max_completion_tokens"}) == 1


def test_parameters_are_dropped_renamed_and_omitted() -> None:
    """As configuration, or the provider type, says."""
    document = {"seed": 1, "n": 1, "logit_bias": {}}
    found = sent(document, drop=frozenset({"logit_bias"}), rename={"seed": "random_seed"}, omit=("n",))
    assert found == {"model": "m", "messages": [], "random_seed": 1}


def test_developer_messages_become_system_ones_where_needed() -> None:
    """The words stay."""
    messages = [{"role": "developer", "content": "developer"}, {"role": "user", "content": "x"}]
    assert [
        message["role"] for message in sent({"messages": messages}, developer_role=False)["messages"]
    ] == [
        "system",
        "user",
    ]
    assert sent({"messages": messages})["messages"] == messages


def test_members_of_messages_are_omitted() -> None:
    """A reasoning that came from elsewhere is refused by Mistral."""
    messages = [{"role": "assistant", "content": "a", "reasoning_content": "hm"}]
    found = sent({"messages": messages}, omit_from_messages=("reasoning_content",))
    assert found["messages"] == [{"role": "assistant", "content": "a"}]


def test_azures_v1_api_names_the_deployment_as_model() -> None:
    """No version is needed."""
    wire = encode({}, **_AZURE, deployments={"m": "my-deployment"})
    assert wire.path == "/openai/v1/chat/completions"
    assert json.loads(wire.body)["model"] == "my-deployment"


def test_azures_dated_api_has_the_deployment_in_its_path() -> None:
    """Percent-encoded: a model's name cannot leave its segment."""
    wire = encode({}, **_AZURE, api_version="2024-10-21", deployments={"m": "a/b?c"})
    assert wire.path == "/openai/deployments/a%2Fb%3Fc/chat/completions?api-version=2024-10-21"


def test_azures_undated_versions_belong_to_v1() -> None:
    """`preview` asks for what is not yet general."""
    assert (
        encode({}, **_AZURE, api_version="preview").path == "/openai/v1/chat/completions?api-version=preview"
    )


def test_a_model_without_a_deployment_of_its_own_is_one() -> None:
    """The usual case: both are named alike."""
    path = encode({}, **_AZURE, api_version="2024-10-21", deployments={"other": "x"}).path
    assert path.startswith("/openai/deployments/m/")
