"""ConfiguredProvider: an account put together with its dialect."""

from __future__ import annotations

from typing import Any

import pytest

from llm_gateway.adapters.dialects.openai_chat import OpenAIChat
from llm_gateway.adapters.provider_kit.configured_provider import ConfiguredProvider
from llm_gateway.application.configuration import ProviderAccount
from llm_gateway.application.ports.dialect import AnswerContext
from llm_gateway.application.ports.upstream_provider import ProviderCall
from llm_gateway.application.ports.upstream_transport import UpstreamRequest
from llm_gateway.application.secret import Secret
from llm_gateway.domain.errors import UpstreamError
from tests.fakes.hub_request import FakeHubRequest

_HUB = FakeHubRequest({"model": "m", "messages": [], "logit_bias": {"1": 1}})


def provider(**fields: Any) -> ConfiguredProvider:
    base = {
        "id": "p",
        "type": "openai",
        "dialect": "openai.chat",
        "base_url": "https://up.test:8443/base/v1/",
    }
    return ConfiguredProvider(ProviderAccount(**{**base, **fields}), OpenAIChat())


def request(call: ProviderCall | None = None, **fields: Any) -> UpstreamRequest:
    return provider(**fields).request(call or ProviderCall(model="m", hub=_HUB))


def test_the_path_follows_the_base_urls() -> None:
    """Port and prefix are kept; a slash at the end means nothing."""
    sent = request()
    assert (sent.method, sent.origin) == ("POST", "https://up.test:8443")
    assert sent.target == "/base/v1/chat/completions"


def test_without_a_key_no_credential_is_sent() -> None:
    """A server on this machine."""
    assert b"authorization" not in dict(request().headers)


def test_headers_of_the_account_and_of_a_rule_are_sent() -> None:
    """Names in lower case."""
    call = ProviderCall(model="m", hub=_HUB, add_headers=(("X-Rule", "1"),))
    headers = dict(request(call, headers=(("X-Account", "2"),)).headers)
    assert (headers[b"x-rule"], headers[b"x-account"]) == (b"1", b"2")


def test_dropped_parameters_are_left_out() -> None:
    """As routing decided."""
    call = ProviderCall(model="m", hub=_HUB, drop_parameters=("logit_bias",))
    assert b"logit_bias" in request().body and b"logit_bias" not in request(call).body


def test_a_calls_deadline_shortens_the_total_timeout_only() -> None:
    """It never lengthens it."""
    whole = request().timeouts
    short = request(ProviderCall(model="m", hub=_HUB, total_timeout=1.5)).timeouts
    longer = request(ProviderCall(model="m", hub=_HUB, total_timeout=whole.total + 1)).timeouts
    assert (short.total, short.first_byte, longer) == (1.5, whole.first_byte, whole)


@pytest.mark.parametrize("said", ["a/b+c9", r"a\/b+c9", "a%2Fb%2Bc9", "in-a-header", "Bearer in-a-header"])
def test_an_errors_body_loses_the_secrets_that_were_sent(said: str) -> None:
    """Whatever they look like, and as JSON and URLs write them; another header's value is of use."""
    headers = (("X-Auth", "Bearer in-a-header"), ("x-api-version", "v7"))
    account = provider(api_key=Secret("a/b+c9"), headers=headers)
    error = account.failure(401, {}, b'{"error":{"message":"no %b in v7"}}' % said.encode())
    assert error.message == "no [redacted] in v7"


def test_errors_inside_a_200_and_inside_a_stream_lose_them_too() -> None:
    """The upstream's words, whatever status they came with."""
    account, said = provider(api_key=Secret("a/b+c9")), b'{"error":{"message":"no a/b+c9"}}'
    context = AnswerContext(id="i", created=1, model="m")
    with pytest.raises(UpstreamError) as caught:
        account.answer(said, context)
    reader = account.stream(context)
    reader.feed(b"data: " + said + b"\n\n")
    assert reader.failure is not None
    assert caught.value.message == account.without_secrets(reader.failure).message == "no [redacted]"
