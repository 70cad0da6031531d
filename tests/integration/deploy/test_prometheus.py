"""A real Prometheus reads what the gateway exports, and our rules; its numbers are right."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml

from tests.e2e.child import Child, wait_for
from tests.e2e.gateway_process import GatewayProcess, running_gateway
from tests.integration.deploy.expressions import MONITORING, expressions
from tests.integration.deploy.prometheus_tools import tool
from tests.integration.deploy.workstation import ROOT

PLAIN, STREAMED, UNKNOWN = 5, 3, 2


@pytest.fixture(scope="module")
def gateway() -> Iterator[GatewayProcess]:
    """Two workers, one scrape."""
    tool("prometheus")
    with running_gateway("--lab", "--workers", "2") as started:
        yield started


@pytest.fixture(scope="module")
def tokens(gateway: GatewayProcess) -> int:
    """What the answers said that they used, after all requests were sent."""
    used = 0
    for number in range(PLAIN + STREAMED + UNKNOWN):
        model = "lab/echo" if number < PLAIN + STREAMED else "lab/nothing"
        body = {"model": model, "messages": [{"role": "user", "content": "one two three"}]}
        if PLAIN <= number < PLAIN + STREAMED:
            body |= {"stream": True, "stream_options": {"include_usage": True}}
        answer = httpx.post(f"{gateway.url}/v1/chat/completions", json=body, trust_env=False)
        assert answer.status_code == (200 if model == "lab/echo" else 404)
        used += tokens_in(answer.text)
    return used


def tokens_in(answer: str) -> int:
    """Of a whole answer, or of the events of a stream."""
    documents = [
        line.removeprefix("data: ") for line in answer.splitlines() if line.startswith(("{", "data: {"))
    ]
    usages = [usage for document in documents if (usage := json.loads(document).get("usage"))]
    return sum(usage["total_tokens"] for usage in usages)


class Prometheus:
    """Scrapes the gateway each second, with the rules of deploy/monitoring."""

    def __init__(self, directory: Path, gateway: GatewayProcess) -> None:
        settings = yaml.safe_load((ROOT / "deploy" / "compose" / "prometheus.yaml").read_text())
        settings["global"]["scrape_interval"] = "1s"
        settings["rule_files"] = [str(MONITORING / "alerts.yaml")]
        settings["scrape_configs"][0]["static_configs"] = [{"targets": [gateway.url.removeprefix("http://")]}]
        directory.mkdir()
        (directory / "prometheus.yaml").write_text(yaml.safe_dump(settings))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        arguments = {
            "config.file": directory / "prometheus.yaml",
            "storage.tsdb.path": directory / "data",
            "web.listen-address": f"127.0.0.1:{port}",
        }
        command = [str(tool("prometheus")), *(f"--{name}={value}" for name, value in arguments.items())]
        self.child = Child(command, directory, {})
        self._url = f"http://127.0.0.1:{port}/api/v1"

    def get(self, path: str, **parameters: str) -> list[dict[str, object]]:
        """`data.result` or `data.groups`; empty while it starts."""
        assert self.child.process.poll() is None, self.child.stderr
        try:
            answer = httpx.get(f"{self._url}/{path}", params=parameters, trust_env=False)
        except httpx.TransportError:
            return []
        data = answer.json().get("data", {}) if answer.status_code == 200 else {}
        found: list[dict[str, object]] = data.get("result", data.get("groups", []))
        return found

    def value(self, expression: str) -> float:
        """Of an expression with one result."""
        (result,) = self.get("query", query=expression)
        return float(result["value"][1])  # type: ignore[index]


@pytest.fixture(scope="module")
def prometheus(
    gateway: GatewayProcess, tokens: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prometheus]:
    """After its first scrape."""
    started = Prometheus(tmp_path_factory.mktemp("prometheus") / "server", gateway)
    wait_for(lambda: started.get("query", query="llm_gateway_build_info"))
    yield started
    started.child.stop()


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("up", 1),
        ("sum(llm_gateway_requests_total)", PLAIN + STREAMED + UNKNOWN),
        ('sum(llm_gateway_requests_total{status="200",streaming="false"})', PLAIN),
        ('sum(llm_gateway_requests_total{status="200",streaming="true"})', STREAMED),
        ('sum(llm_gateway_requests_total{status="404"})', UNKNOWN),
        ("sum(llm_gateway_request_duration_seconds_count)", PLAIN + STREAMED + UNKNOWN),
        ('sum(llm_gateway_attempts_total{outcome="completed"})', PLAIN + STREAMED),
        ("sum(llm_gateway_in_flight_requests)", 0),
    ],
)
def test_its_numbers_are_the_requests_that_were_sent(
    prometheus: Prometheus, expression: str, expected: int
) -> None:
    """Over both workers."""
    assert prometheus.value(expression) == expected


def test_its_tokens_are_those_of_the_answers(prometheus: Prometheus, tokens: int) -> None:
    """As the clients were told."""
    assert prometheus.value('sum(llm_gateway_tokens_total{type=~"input|output"})') == tokens > 0


def test_it_has_loaded_every_alert(prometheus: Prometheus) -> None:
    """Names, expressions and templates are its own language."""
    groups = prometheus.get("rules")
    rules = [rule for group in groups for rule in group["rules"]]  # type: ignore[attr-defined]
    written = yaml.safe_load((MONITORING / "alerts.yaml").read_text())["groups"]
    assert [rule["name"] for rule in rules] == [rule["alert"] for group in written for rule in group["rules"]]


def test_the_page_is_clean_for_promtool(gateway: GatewayProcess, tokens: int) -> None:
    """Names, units, HELP and TYPE as Prometheus' own linter wants them."""
    page = httpx.get(f"{gateway.url}/metrics", trust_env=False).text
    done = subprocess.run(
        [tool("promtool"), "check", "metrics"], input=page, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_expressions_are_promql(tmp_path: Path) -> None:
    """Those of the alerts and of the dashboard; names and labels are checked elsewhere in any case."""
    spoken = [text.replace("$__rate_interval", "5m") for text in expressions().values()]
    rules = [{"record": f"checked:{number}", "expr": text} for number, text in enumerate(spoken)]
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": [{"name": "checked", "rules": rules}]}))
    done = subprocess.run(
        [tool("promtool"), "check", "rules", "--lint=none", tmp_path / "rules.yaml"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
