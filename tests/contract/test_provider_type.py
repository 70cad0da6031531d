"""Contract of ProviderType: every file in adapters/providers, and one that is dropped in."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import pytest

from llm_gateway.adapters import providers
from llm_gateway.adapters.dialects.anthropic_messages import AnthropicMessages
from llm_gateway.adapters.dialects.google_generate_content import GoogleGenerateContent
from llm_gateway.adapters.dialects.openai_chat import OpenAIChat
from llm_gateway.adapters.provider_kit.catalogue import discover
from llm_gateway.adapters.provider_kit.configured_provider import ConfiguredProvider
from llm_gateway.adapters.provider_kit.provider_type import ProviderType
from llm_gateway.application.configuration import ProviderAccount
from llm_gateway.application.ports.dialect import Dialect
from llm_gateway.application.ports.upstream_provider import ProviderCall
from llm_gateway.application.ports.upstream_transport import UpstreamRequest
from llm_gateway.application.secret import Secret
from llm_gateway.domain.capability import Capability
from tests.fakes.hub_request import FakeHubRequest

TYPES = discover(providers)
DIALECTS: dict[str, Dialect] = {
    dialect.name: dialect for dialect in (OpenAIChat(), AnthropicMessages(), GoogleGenerateContent())
}
KEY = "sk-the-key-itself"
# What a request may ask for by parameter: the names that routing looks at.
PARAMETERS = frozenset(
    {
        "n",
        "logprobs",
        "top_logprobs",
        "frequency_penalty",
        "presence_penalty",
        "temperature",
        "top_p",
        "seed",
        "parallel_tool_calls",
        "store",
        "reasoning_effort",
        "stop",
        "logit_bias",
        "modalities",
        "audio",
        "prediction",
        "web_search_options",
        "verbosity",
        "service_tier",
        "max_tokens",
        "max_completion_tokens",
    }
)
_NEUTRAL: dict[str, Any] = {"n": 1, "frequency_penalty": 0, "presence_penalty": 0, "logprobs": False}
_NEUTRAL |= {"parallel_tool_calls": True, "store": False, "logit_bias": {}}

every_type = pytest.mark.parametrize("kind", TYPES.values(), ids=TYPES)


def account(kind: ProviderType, **options: Any) -> ProviderAccount:
    return ProviderAccount(
        id="it",
        type=kind.name,
        dialect=kind.dialect,
        base_url=kind.base_url or "https://upstream.test",
        api_key=Secret(KEY),
        credential_header=kind.credential.header,
        credential_scheme=kind.credential.scheme,
        headers=kind.headers,
        options={**kind.options, **options},
    )


def request(kind: ProviderType, document: dict[str, Any] | None = None, **options: Any) -> UpstreamRequest:
    provider = ConfiguredProvider(account(kind, **options), DIALECTS[kind.dialect])
    messages = [{"role": "developer", "content": "d"}, {"role": "user", "content": "hi"}]
    hub = FakeHubRequest({"model": "asked", "messages": messages, **(document or {})})
    return provider.request(ProviderCall(model="served", hub=hub))


@every_type
def test_its_name_is_its_files(kind: ProviderType) -> None:
    """Who reads `type: groq` finds providers/groq.py."""
    assert re.fullmatch(r"[a-z][a-z0-9_]*", kind.name) and kind.title
    assert (Path(str(providers.__file__)).parent / f"{kind.name}.py").exists()


@every_type
def test_its_dialect_exists(kind: ProviderType) -> None:
    """By name."""
    assert kind.dialect in DIALECTS


@every_type
def test_its_base_url_is_plain(kind: ProviderType) -> None:
    """https, or this machine; no credential, query, fragment or slash at the end."""
    if kind.base_url is None:
        return
    url = urlsplit(kind.base_url)
    assert url.scheme == "https" or url.hostname == "127.0.0.1"
    assert not (url.query or url.fragment or "@" in url.netloc or kind.base_url.endswith("/"))


@every_type
def test_what_it_cannot_honour_are_parameters_that_routing_knows(kind: ProviderType) -> None:
    """A name that no request's facts hold would never keep anything away."""
    assert kind.unsupported_parameters <= PARAMETERS


@every_type
def test_abilities_and_parameters_agree(kind: ProviderType) -> None:
    """A provider that refuses `n` does not claim it."""
    assert Capability.STREAMING in kind.capabilities
    for name, ability in (("n", Capability.N), ("logprobs", Capability.LOGPROBS)):
        assert not (name in kind.unsupported_parameters and ability in kind.capabilities)


@every_type
def test_the_key_travels_in_its_header_only(kind: ProviderType) -> None:
    """Never in the URL, never in the body."""
    sent = request(kind)
    carrying = [name for name, value in sent.headers if KEY.encode() in value]
    assert carrying == [kind.credential.header.encode()]
    assert KEY not in sent.target and KEY not in sent.origin and KEY.encode() not in sent.body


@every_type
def test_the_model_reaches_it(kind: ProviderType) -> None:
    """In the body or in the path, by the provider's name."""
    sent = request(kind)
    assert b'"served"' in sent.body or "/served" in sent.target
    assert b"asked" not in sent.body


@every_type
def test_neutral_values_pass_silently(kind: ProviderType) -> None:
    """What a server refuses even when it is neutral is not sent."""
    body = json.loads(request(kind, _NEUTRAL).body)
    assert not body.keys() & set(kind.options.get("omit", ()))


@every_type
def test_a_refusal_never_repeats_the_key(kind: ProviderType) -> None:
    """Nor a query."""
    provider = ConfiguredProvider(account(kind), DIALECTS[kind.dialect])
    said = f"bad key {KEY} at https://x.test/a?key={KEY}"
    error = provider.failure(401, {}, json.dumps({"error": {"message": said, "type": "t"}}).encode())
    assert error.status == 401 and KEY not in error.message and "?" not in error.message


@every_type
def test_documentation_is_named(kind: ProviderType) -> None:
    """Where its claims can be looked up."""
    assert kind.documentation.startswith("https://") or kind.name == "openai_compatible"


@pytest.mark.parametrize("base_url", ["https://r.openai.azure.com", "https://r.openai.azure.com/openai/v1"])
def test_azures_base_url_may_end_in_its_path(base_url: str) -> None:
    """People copy either from the portal."""
    one = account(TYPES["azure_openai"])
    provider = ConfiguredProvider(
        ProviderAccount(id="a", type=one.type, dialect=one.dialect, base_url=base_url, options=one.options),
        OpenAIChat(),
    )
    hub = FakeHubRequest({"model": "m", "messages": []})
    assert provider.request(ProviderCall(model="m", hub=hub)).target == "/openai/v1/chat/completions"


def test_azure_takes_a_key_or_a_token() -> None:
    """Each by its own type."""
    key, token = request(TYPES["azure_openai"]).headers, request(TYPES["azure_openai_entra"]).headers
    assert (b"api-key", KEY.encode()) in key and b"authorization" not in dict(key)
    assert (b"authorization", f"Bearer {KEY}".encode()) in token


def test_azures_deployments_have_paths_of_their_own() -> None:
    """With a dated version."""
    sent = request(TYPES["azure_openai"], api_version="2024-10-21", deployments={"served": "mine"})
    assert sent.target == "/openai/deployments/mine/chat/completions?api-version=2024-10-21"


_DOCUMENTATION = (Path(__file__).parents[2] / "docs" / "providers.md").read_text()
_DROPPED_IN = _DOCUMENTATION.split("```python\n")[1].split("```")[0]


def package(folder: Path, name: str, **files: str) -> ModuleType:
    (folder / name).mkdir()
    for stem, text in {"__init__": "", **files}.items():
        (folder / name / f"{stem}.py").write_text(text)
    module = ModuleType(name)
    module.__path__ = [str(folder / name)]
    sys.modules[name] = module
    return module


def test_one_file_makes_a_provider(tmp_path: Path) -> None:
    """The one in the documentation: nothing else is touched, it is there and it works."""
    found = discover(package(tmp_path, "acme_providers", acme=_DROPPED_IN))
    sent = request(found["acme"], {"max_completion_tokens": 5})
    assert (sent.origin, sent.target) == ("https://api.acme.example", "/v1/chat/completions")
    assert json.loads(sent.body)["max_tokens"] == 5


def test_a_file_without_a_provider_is_told(tmp_path: Path) -> None:
    """At start, by its name."""
    with pytest.raises(ValueError, match=r"empty_providers\.acme does not export PROVIDER"):
        discover(package(tmp_path, "empty_providers", acme=""))


def test_two_of_one_name_are_told(tmp_path: Path) -> None:
    """Neither hides the other."""
    with pytest.raises(ValueError, match="exists already"):
        discover(package(tmp_path, "twice_providers", acme=_DROPPED_IN, other=_DROPPED_IN))


@every_type
def test_it_is_in_the_documentation(kind: ProviderType) -> None:
    """With the address and the variable of its key."""
    row = next(line for line in _DOCUMENTATION.splitlines() if line.startswith(f"| `{kind.name}` |"))
    assert (kind.base_url or "`base_url`") in row and (kind.credential.environment or "") in row
