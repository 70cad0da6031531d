"""What goes wrong, as the exception classes of the official `openai` Python SDK."""

from __future__ import annotations

from collections.abc import Iterator

import openai
import pytest

from tests.e2e.gateway_process import GatewayProcess, running_gateway
from tests.e2e.lab_process import LabProcess
from tests.e2e.weather import ASK

STATUSES = (400, 401, 403, 404, 413, 429, 500, 502, 503, 529)
KEYS = "hold,on"


@pytest.fixture(scope="module")
def failing(lab: LabProcess) -> Iterator[GatewayProcess]:
    """One provider for each status, so that none cools another down; every failure is the last attempt."""
    providers = "".join(lab.provider(f"p{status}") for status in STATUSES)
    text = f"providers:\n{providers}{lab.provider('cutting')}resilience:\n  retry: {{max_attempts: 1}}\n"
    with running_gateway(configuration=text) as gateway:
        yield gateway


@pytest.fixture
def troubled(failing: GatewayProcess) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{failing.url}/v1", api_key="unused", max_retries=0) as client:
        yield client


@pytest.fixture(scope="module")
def guarded() -> Iterator[GatewayProcess]:
    with running_gateway("--lab", environment={"LLM_GATEWAY_API_KEYS": KEYS}) as gateway:
        yield gateway


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("upstream", "kind", "status"),
    [
        (400, openai.BadRequestError, 400),
        (401, openai.InternalServerError, 502),
        (403, openai.InternalServerError, 502),
        (404, openai.NotFoundError, 404),
        (413, openai.APIStatusError, 413),
        (429, openai.RateLimitError, 429),
        (500, openai.InternalServerError, 500),
        (502, openai.InternalServerError, 502),
        (503, openai.InternalServerError, 503),
        (529, openai.InternalServerError, 529),
    ],
)
def test_upstream_status(
    troubled: openai.OpenAI, upstream: int, kind: type[openai.APIStatusError], status: int, stream: bool
) -> None:
    """Kept, except where the gateway's own credential was refused: that is not the client's login."""
    # A name for each case: what one case taught the gateway about a target is no part of the next.
    model = f"p{upstream}/{upstream}+words={8 + stream}"
    with pytest.raises(kind) as caught:
        troubled.chat.completions.create(model=model, messages=ASK, stream=stream)
    assert caught.value.status_code == status
    assert isinstance(caught.value.body, dict) and caught.value.body["message"] and caught.value.type
    assert caught.value.request_id


def test_retry_after_reaches_the_client(troubled: openai.OpenAI) -> None:
    """A rate limit says when to come back."""
    with pytest.raises(openai.RateLimitError) as caught:
        troubled.chat.completions.create(model="cutting/429+retry-after=70", messages=ASK)
    assert 60 < int(caught.value.response.headers["retry-after"]) <= 70


def test_unknown_model(client: openai.OpenAI) -> None:
    """404 with OpenAI's own code and the name of the field."""
    with pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(model="gpt-unknown", messages=ASK)
    assert caught.value.code == "model_not_found" and caught.value.param == "model"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-unknown")


def test_cut_stream(client: openai.OpenAI) -> None:
    """The words so far arrive, then an error: never a clean end."""
    words = []
    with pytest.raises(openai.APIError) as caught:
        for chunk in client.chat.completions.create(model="lab/cut@2", messages=ASK, stream=True):
            words.append(chunk.choices[0].delta.content)
    assert words == ["", "lorem", " ipsum"]
    assert caught.value.code == "stream_truncated"


@pytest.mark.parametrize("key", ["wrong", ""])
def test_wrong_or_missing_key(guarded: GatewayProcess, key: str) -> None:
    """401, and the body does not repeat the key."""
    headers = {"Authorization": f"Bearer {key}"} if key else {"Authorization": openai.Omit()}
    with (
        openai.OpenAI(base_url=f"{guarded.url}/v1", api_key="x", max_retries=0) as client,
        pytest.raises(openai.AuthenticationError) as caught,
    ):
        client.chat.completions.create(model="lab/echo", messages=ASK, extra_headers=headers)  # type: ignore[arg-type]
    assert caught.value.response.headers["www-authenticate"] == "Bearer"
    assert caught.value.code == "invalid_api_key" and "wrong" not in caught.value.message


@pytest.mark.parametrize("key", KEYS.split(","))
def test_right_key(guarded: GatewayProcess, key: str) -> None:
    """Each of `LLM_GATEWAY_API_KEYS` is let in."""
    with openai.OpenAI(base_url=f"{guarded.url}/v1", api_key=key, max_retries=0) as client:
        assert client.chat.completions.create(model="lab/echo", messages=ASK).choices


def test_key_without_the_scope(lab: LabProcess) -> None:
    """403 for a key that may look but not ask."""
    digest = "2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683"  # of "key"
    keys = f"auth:\n  keys: [{{id: viewer, sha256: '{digest}', scopes: ['agents:read']}}]\n"
    with (
        running_gateway(configuration=f"providers:\n{lab.provider('one')}{keys}") as gateway,
        openai.OpenAI(base_url=f"{gateway.url}/v1", api_key="key", max_retries=0) as client,
        pytest.raises(openai.PermissionDeniedError),
    ):
        client.chat.completions.create(model="echo", messages=ASK)


def test_unreachable() -> None:
    """Nothing listens where the provider should be: the gateway says so, without the provider's URL."""
    text = (
        "providers: [{id: gone, type: openai_compatible, base_url: 'http://127.0.0.1:9/v1', models: ['*']}]\n"
    )
    with (
        running_gateway(configuration=text) as gateway,
        openai.OpenAI(base_url=f"{gateway.url}/v1", api_key="unused", max_retries=0) as client,
        pytest.raises(openai.InternalServerError) as caught,
    ):
        client.chat.completions.create(model="gone/echo", messages=ASK)
    assert caught.value.status_code == 502 and caught.value.code == "upstream_unreachable"
    assert "/v1" not in caught.value.message
