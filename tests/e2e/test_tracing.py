"""Traces of the started gateway, as a collector on a real socket decodes them."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest

from tests.e2e.child import wait_for
from tests.e2e.gateway_process import GatewayProcess, running_gateway
from tests.e2e.lab_process import LabProcess
from tests.fakes.otlp_collector import CLIENT, SERVER, Answer, OtlpCollector, Span

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SAMPLED, UNSAMPLED = ({"traceparent": f"00-{TRACE}-{SPAN}-{flags}"} for flags in ("01", "00"))
PROMPT, KEY, TOKEN = "canary-prompt-51c2", "canary-client-key-77", "canary-otlp-token-90"
FILE = """
routing: {{strategy: priority, aliases: {{fast: [one/500, two/echo]}}}}
resilience: {{retry: {{max_attempts: 1}}}}
telemetry: {{otlp: {{sample_ratio: 1.0, propagate: true}}}}
providers:
{one}
{two}
"""


@pytest.fixture(scope="module")
def collecting() -> Iterator[OtlpCollector]:
    with OtlpCollector() as started:
        yield started


@pytest.fixture(scope="module")
def traced(lab: LabProcess, collecting: OtlpCollector) -> Iterator[GatewayProcess]:
    with running_gateway(
        configuration=FILE.format(one=lab.provider("one"), two=lab.provider("two")),
        environment={
            "LLM_GATEWAY_API_KEYS": KEY,
            "OTEL_ENABLED": "true",
            "OTEL_BSP_SCHEDULE_DELAY": "50",
            "OTEL_EXPORTER_OTLP_ENDPOINT": collecting.url,
            "OTEL_EXPORTER_OTLP_HEADERS": f"authorization=Bearer%20{TOKEN}",
        },
    ) as gateway:
        yield gateway


@pytest.fixture
def collector(collecting: OtlpCollector, lab: LabProcess) -> OtlpCollector:
    """Empty, and taking what comes."""
    collecting.silent.clear()
    collecting.answer = Answer()
    collecting.posts.clear()
    lab.forget()
    return collecting


@pytest.fixture
def sdk(traced: GatewayProcess) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{traced.url}/v1", api_key=KEY, max_retries=0) as made:
        yield made


def ask(sdk: openai.OpenAI, model: str = "two/echo", **more: Any) -> Any:
    messages: Any = [{"role": "user", "content": PROMPT}]
    return sdk.chat.completions.with_raw_response.create(model=model, messages=messages, **more)


def calls(spans: list[Span]) -> tuple[Span, list[Span]]:
    """The server's span, and those of its calls, which are below it."""
    (server,) = [span for span in spans if span.kind == SERVER]
    clients = [span for span in spans if span.kind == CLIENT]
    assert all(span.parent_id == server.span_id and span.trace_id == server.trace_id for span in clients)
    return server, clients


def figures(gateway: GatewayProcess) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {KEY}"}
    status = httpx.get(f"{gateway.url}/agents/status", headers=headers, trust_env=False).json()
    return dict(status["telemetry"]["sinks"]["otlp"])


def test_a_plain_answer_in_the_callers_trace(
    sdk: openai.OpenAI, collector: OtlpCollector, lab: LabProcess
) -> None:
    """The upstream is told of its own span, the answer's decision of the trace."""
    answer = ask(sdk, extra_headers={**SAMPLED, "tracestate": "rojo=1"})
    server, (client,) = calls(collector.until(2))
    assert (server.trace_id, server.parent_id, server.state) == (TRACE, SPAN, "rojo=1")
    assert server.attributes["llm_gateway.decision_id"] == answer.headers["x-decision-id"]
    assert client.attributes["gen_ai.usage.input_tokens"] == answer.parse().usage.prompt_tokens
    assert client.attributes["gen_ai.response.model"] == answer.parse().model
    assert client.attributes["server.port"] == httpx.URL(lab.url).port
    assert server.start <= client.start <= client.end <= server.end
    told = dict(lab.requests()[0]["headers"])
    assert told["traceparent"] == f"00-{TRACE}-{client.span_id}-01"
    assert told["tracestate"] == "rojo=1"
    evidence = sdk.get(f"/decisions/{answer.headers['x-decision-id']}", cast_to=dict)
    assert f"trace:{TRACE}" in json.dumps(evidence)


def test_a_stream(sdk: openai.OpenAI, collector: OtlpCollector) -> None:
    for _ in ask(sdk, "two/lorem", stream=True, stream_options={"include_usage": True}).parse():
        pass
    server, (client,) = calls(collector.until(2))
    assert (server.parent_id, server.failed, client.failed) == ("", False, False)
    assert 0 < client.attributes["gen_ai.response.time_to_first_chunk"] < (client.end - client.start) / 1e9
    assert client.attributes["gen_ai.response.finish_reasons"] == ["stop"]
    assert client.attributes["gen_ai.usage.output_tokens"] > 0 and client.attributes["gen_ai.response.model"]


def test_a_fallback_is_two_calls(sdk: openai.OpenAI, collector: OtlpCollector, lab: LabProcess) -> None:
    """Each upstream was told of its own."""
    ask(sdk, "fast")
    server, (first, second) = calls(collector.until(3))
    assert [(span.name, span.failed) for span in (first, second)] == [
        ("chat 500", True),
        ("chat echo", False),
    ]
    assert (first.attributes["http.response.status_code"], server.attributes["llm_gateway.attempts"]) == (
        500,
        2,
    )
    assert server.attributes["gen_ai.request.model"] == "fast" and not server.failed
    told = [dict(seen["headers"])["traceparent"].split("-")[2] for seen in lab.requests()]
    assert told == [first.span_id, second.span_id]


def test_a_failure(sdk: openai.OpenAI, collector: OtlpCollector) -> None:
    with pytest.raises(openai.InternalServerError) as caught:
        ask(sdk, "two/500")
    server, (client,) = calls(collector.until(2))
    assert (server.failed, client.failed) == (True, True)
    assert server.attributes["http.response.status_code"] == caught.value.status_code
    assert client.attributes["error.type"] and server.attributes["error.type"]


def test_a_client_that_leaves(traced: GatewayProcess, collector: OtlpCollector) -> None:
    body = json.dumps(
        {
            "model": "two/lorem+words=4000+pace=5ms",
            "messages": [{"role": "user", "content": PROMPT}],
            "stream": True,
        }
    ).encode()
    url = httpx.URL(traced.url)
    with socket.create_connection((url.host, url.port or 80)) as raw:
        head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\n"
        raw.sendall(head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        while b"ipsum" not in raw.recv(65536):
            pass
    server, (client,) = calls(collector.until(2))
    assert (server.attributes["llm_gateway.status"], server.failed) == ("client_closed", False)
    assert client.attributes["llm_gateway.outcome"] == "cancelled"
    assert client.attributes["gen_ai.response.finish_reasons"] == ["error"]


def test_a_caller_who_wants_no_spans_gets_none(sdk: openai.OpenAI, collector: OtlpCollector) -> None:
    """Whatever the ratio; what comes after it is all that arrives. The upstream is told not to, either."""
    ask(sdk, extra_headers=UNSAMPLED)
    decision = ask(sdk).headers["x-decision-id"]
    server, (_,) = calls(collector.until(2))
    assert server.attributes["llm_gateway.decision_id"] == decision and len(collector.spans()) == 2


@pytest.mark.parametrize("answer", [Answer(404), Answer(200, {"content-type": "text/html"}, b"<html>")])
def test_spans_that_are_not_taken_are_counted(
    traced: GatewayProcess, sdk: openai.OpenAI, collector: OtlpCollector, answer: Answer
) -> None:
    """Requests do not notice; the metric and the status say so."""
    collector.answer = answer
    before = figures(traced)["dropped"]
    assert ask(sdk).http_response.status_code == 200
    wait_for(lambda: figures(traced)["dropped"] == before + 1)
    metrics = httpx.get(f"{traced.url}/metrics", trust_env=False).text
    assert f'llm_gateway_telemetry_dropped_total{{sink="otlp"}} {before + 1}' in metrics


def test_a_collector_that_hangs_holds_nobody_up(
    traced: GatewayProcess, sdk: openai.OpenAI, collector: OtlpCollector
) -> None:
    """All are answered while it is silent, and their spans arrive once it is not."""
    collector.silent.set()
    answers = [ask(sdk).http_response.status_code for _ in range(200)]
    assert answers == [200] * 200 and not collector.posts
    collector.silent.clear()
    assert len(collector.until(400)) == 400


def test_nothing_secret_is_sent(traced: GatewayProcess, sdk: openai.OpenAI, collector: OtlpCollector) -> None:
    """Neither a key nor a word of prompt or answer; the token goes in its header and nowhere else."""
    ask(sdk)
    list(ask(sdk, "two/lorem", stream=True).parse())
    collector.until(4)
    sent = collector.received()
    assert not [word for word in (PROMPT, KEY, TOKEN, "upstream-key", "ipsum") if word.encode() in sent]
    assert TOKEN not in traced.stdout + traced.stderr
    assert {headers["authorization"] for _, headers, _ in collector.posts} == {f"Bearer {TOKEN}"}


def test_the_end_flushes(lab: LabProcess, collector: OtlpCollector) -> None:
    """Without a caller's wish the ratio decides: here all, by the variables."""
    environment = {
        "OTEL_ENABLED": "true",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{collector.url}/v1/traces",
        "OTEL_TRACES_SAMPLER": "always_on",
        "OTEL_SERVICE_NAME": "gw-eu",
        "OTEL_RESOURCE_ATTRIBUTES": "team=inference",
    }
    with running_gateway(
        configuration=f"providers:\n{lab.provider('one')}", environment=environment
    ) as gateway:
        body = {"model": "one/echo", "messages": [{"role": "user", "content": "hi"}]}
        for _ in range(10):
            httpx.post(f"{gateway.url}/v1/chat/completions", json=body, trust_env=False)
        assert gateway.stop() == 0
    spans = [span for span in collector.spans() if span.resource["service.name"] == "gw-eu"]
    assert len(spans) == 20 and len({span.trace_id for span in spans}) == 10
    assert spans[0].resource["team"] == "inference"
    assert not any("traceparent" in dict(seen["headers"]) for seen in lab.requests())
