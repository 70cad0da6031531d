"""The JSON Schema of the file agrees with what the reader takes."""

# ruff: noqa: E501 - the documented example as it stands

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
import yaml

from llm_gateway.adapters.configuration.gateway_file import GatewayFile, json_schema
from llm_gateway.application.configuration import GatewayConfiguration, PolicySettings
from llm_gateway.application.configuration_template import TEMPLATE
from llm_gateway.application.show_configuration import show_configuration
from tests.fakes.configuration_reading import read, refused
from tests.fakes.provider_types import PROVIDER_TYPES

SCHEMA = json_schema(PROVIDER_TYPES)
EXAMPLE = """
providers:
  - id: openai
    type: openai
    base_url: https://api.openai.com/v1
    api_key: ${OPENAI_API_KEY}
    models: [gpt-4o, {name: gpt-4o-mini, aliases: [small], context_window: 128000, capabilities: [tools, vision, json_schema]}]
    weight: 100
    priority: 10
    quota_group: openai-org-a
    max_concurrent: 200
    headers: {}
    timeouts: {connect: 5s, first_byte: 60s, idle: 60s, total: 600s}
  - {id: anthropic, type: anthropic}
routing:
  strategy: weighted
  affinity: [header:x-session-id, user, prompt_prefix]
  default_providers: [openai]
  fallback: {enabled: true, max_targets: 3}
  aliases: {fast: openai/gpt-4o-mini, smart: [anthropic/claude-sonnet-4-5, openai/gpt-4o]}
  rules:
    - name: claude-models
      priority: 10
      match: {models: ["claude-*"], tenants: [], headers: {x-tier: gold}, capabilities: [vision], min_input_tokens: 0, metadata: {}}
      action: {providers: [anthropic], weights: {}, strategy: priority, model: null, add_headers: {}, terminal: true}
resilience:
  retry: {max_attempts: 3, base_delay: 100ms, max_delay: 5s, jitter: full, budget_ratio: 0.2}
  circuit_breaker: {failure_threshold: 5, failure_ratio: 0.5, min_requests: 10, window: 30s, open_for: 30s, half_open_requests: 1, success_threshold: 2}
  bulkhead: {max_in_flight: 2000, max_queue: 500, queue_timeout: 5s}
auth: {mode: api_key, keys: [{id: acme-ci, sha256: "%s", tenant: acme-corp, scopes: [inference, agents:read, admin]}]}
audit: {spool_dir: var/spool, max_bytes: 1GiB, durability: write, when_full: drop_oldest}
policy: {on_failure: closed, timeout: 250ms, cache_ttl: 1m}
telemetry: {otlp: {sample_ratio: 0.1}, access_log: false}
server: {host: 0.0.0.0, port: 8080, max_body: 32MiB, drain_timeout: 30s}
""" % ("ab" * 32)


def accepts(document: Any) -> bool:
    return bool(jsonschema.Draft202012Validator(SCHEMA).is_valid(document))


def test_it_is_a_json_schema() -> None:
    """Of draft 2020-12."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("text", [EXAMPLE, TEMPLATE])
def test_the_documented_example_and_the_template_are_valid(text: str) -> None:
    """For the schema and for the reader."""
    assert accepts(yaml.safe_load(text))
    assert isinstance(read(text), GatewayConfiguration)


def test_the_template_is_valid_on_a_fresh_machine() -> None:
    """Without a single variable set."""
    assert read(TEMPLATE, environment={}).providers == ()


def test_the_template_says_the_defaults() -> None:
    """Apart from affinity, what it writes out changes nothing."""
    written, nothing = read(TEMPLATE, environment={}), read("", environment={})
    assert written.routing.affinity == ("header:x-session-id", "user", "prompt_prefix")
    assert (written.resilience, written.audit, written.server) == (
        nothing.resilience,
        nothing.audit,
        nothing.server,
    )


def test_an_empty_file_gives_the_documented_defaults() -> None:
    """The file's defaults are those of the application's own nouns."""
    assert read("", environment={}) == GatewayConfiguration()


def test_every_field_of_the_example_arrives() -> None:
    """Nothing that can be written is dropped on the way."""
    shown = show_configuration(read(EXAMPLE.replace("header:x-session-id", "header:x-y")))
    assert shown["routing"]["affinity"] == ["header:x-y", "user", "prompt_prefix"]
    assert shown["providers"][0]["timeouts"]["total"] == "600s"
    assert shown["audit"]["max_bytes"] == 2**30
    assert shown["auth"]["keys"][0]["scopes"] == ["inference", "agents:read", "admin"]


@pytest.mark.parametrize(
    "document",
    [
        {"rooting": {}},
        {"providers": [{"id": "a"}]},
        {"providers": [{"id": "a", "type": "nonesuch"}]},
        {"providers": [{"id": "a/b", "type": "openai"}]},
        {"providers": [{"id": "a", "type": "openai", "weight": 0}]},
        {"routing": {"strategy": "best"}},
        {"routing": {"fallback": {"max_targets": -1}}},
        {"resilience": {"retry": {"base_delay": 5}}},
        {"server": {"port": 65536}},
        {"server": {"port": "eighty"}},
        {"telemetry": {"access_log": "perhaps"}},
        {"policy": {"on_failure": "maybe"}},
        {"policy": {"timeout": 0.3}},
        {"auth": {"keys": [{"id": "a", "sha256": "short"}]}},
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(document: dict[str, Any]) -> None:
    """So that an editor shows it while it is typed."""
    assert not accepts(document)
    with pytest.raises(Exception, match=r"gateway\.yaml"):
        read(yaml.safe_dump(document))


def test_how_policy_peers_are_asked() -> None:
    """Seconds; a request does not wait for a peer for as long as somebody likes."""
    assert read(EXAMPLE).policy == PolicySettings(on_failure="closed", timeout=0.25, cache_ttl=60.0)
    assert "policy.timeout" in refused("policy: {timeout: 11s}\n").message


def test_a_reference_may_stand_for_any_scalar() -> None:
    """The schema describes the file as written, before substitution."""
    assert accepts({"server": {"port": "${PORT}"}, "routing": {"strategy": "${STRATEGY:-weighted}"}})


def test_sections_and_application_nouns_have_the_same_fields() -> None:
    """`assemble` carries every field over; a new one must be added to both."""
    assert set(GatewayFile.model_fields) == set(GatewayConfiguration.__dataclass_fields__)
