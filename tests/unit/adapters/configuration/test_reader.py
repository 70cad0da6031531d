"""The whole way from text to configuration, and what is said about each mistake."""

# ruff: noqa: E501 - the table of mistakes has one line for each

from __future__ import annotations

import pytest

from llm_gateway.domain.capability import Capability
from tests.fakes.configuration_reading import ENVIRONMENT, read, reader, refused

BASE = """\
providers:
  - id: openai
    type: openai
  - id: claude
    type: anthropic
    models: ["claude-*"]
routing:
  default_providers: [openai]
  aliases: {fast: openai/gpt-4o}
  rules:
    - name: gold
      match: {models: ["claude-*"]}
      action: {providers: [claude]}
auth:
  keys:
    - {id: acme, sha256: "%s"}
"""
DIGEST = "0" * 64
VALID = BASE % DIGEST


def test_the_base_of_these_tests_is_valid() -> None:
    """Each of them breaks one thing."""
    assert [account.id for account in read(VALID).providers] == ["openai", "claude"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[claude]}", "[cloude]}", "gateway.yaml:13: routing.rules[0].action.providers[0]: unknown provider 'cloude' (did you mean 'claude'?)"),
        ("[claude]}", "[claude], weights: {opnai: 3}}", "gateway.yaml:13: routing.rules[0].action.weights.opnai: unknown provider 'opnai' (did you mean 'openai'?)"),
        ("default_providers: [openai]", "default_providers: [x]", "gateway.yaml:8: routing.default_providers[0]: unknown provider 'x' (one of claude, openai)"),
        ("id: claude", "id: openai", "gateway.yaml:4: providers[1].id: duplicate id 'openai', given before in providers[0]"),
        ("type: anthropic", "type: antropic", "gateway.yaml:5: providers[1].type: unknown provider type 'antropic' (did you mean 'anthropic'?)"),
        ("type: anthropic", "typ: anthropic", "gateway.yaml:5: providers[1].typ: unknown key (did you mean 'type'?)"),
        ("type: anthropic", "type: anthropic\n    weight: 0", "gateway.yaml:6: providers[1].weight: must be at least 1"),
        ("type: anthropic", "type: anthropic\n    weight: true", "gateway.yaml:6: providers[1].weight: must be a whole number"),
        ("type: anthropic", "type: anthropic\n    weight: 1.5", "gateway.yaml:6: providers[1].weight: must be a whole number"),
        ("type: anthropic", "type: anthropic\n    timeouts: {idle: 5}", "gateway.yaml:6: providers[1].timeouts.idle: must be a duration with a unit, such as 100ms, 5s or 2m"),
        ("type: anthropic", "type: anthropic\n    timeouts: {idle: 0s}", "gateway.yaml:6: providers[1].timeouts.idle: must be longer than 0s"),
        ("type: anthropic", "type: anthropic\n    base_url: http://169.254.169.254/", "gateway.yaml:6: providers[1].base_url: is a link-local or metadata address; set allow_link_local: true if it is meant"),
        ("type: anthropic", "type: anthropic\n    headers: {Host: x}", "gateway.yaml:6: providers[1].headers.Host: is written by the gateway itself and cannot be configured"),
        ("type: anthropic", "type: anthropic\n    headers: {x: \"a\\r\\nb\"}", "gateway.yaml:6: providers[1].headers.x: holds a character that a header cannot carry"),
        ("type: anthropic", "type: anthropic\n    api_key: a\n    api_key_secret: b", "gateway.yaml:7: providers[1].api_key_secret: stands beside api_key; give one of them"),
        ("type: anthropic", "type: anthropic\n    api_key_secret: b", "gateway.yaml:6: providers[1].api_key_secret: the secret store has no 'b'"),
        ("type: anthropic", "type: openai_compatible", "gateway.yaml:4: providers[1].base_url: is required for type 'openai_compatible'"),
        ('["claude-*"]\nrouting', "[{nme: x}]\nrouting", "gateway.yaml:6: providers[1].models[0].nme: unknown key (did you mean 'name'?)"),
        ('["claude-*"]\nrouting', "[{aliases: [x]}]\nrouting", "gateway.yaml:6: providers[1].models[0].name: is required"),
        ('["claude-*"]\nrouting', "[{name: x, capabilities: [vison]}]\nrouting", "gateway.yaml:6: providers[1].models[0].capabilities[0]: unknown capability 'vison' (did you mean 'vision'?)"),
        ('["claude-*"]\nrouting', "[5]\nrouting", "gateway.yaml:6: providers[1].models[0]: must be a mapping; leave the key out for its defaults"),
        ("routing:", "rooting:", "gateway.yaml:7: rooting: unknown key (did you mean 'routing'?)"),
        ("  default_providers: [openai]", "  strategy: wieghted", "gateway.yaml:8: routing.strategy: unknown strategy 'wieghted' (did you mean 'weighted'?)"),
        ("  default_providers: [openai]", "  affinity: [session]", "gateway.yaml:8: routing.affinity[0]: must look like header:<name>, metadata:<key>, user or prompt_prefix"),
        ("fast: openai/gpt-4o", "fast: quick, quick: fast", "gateway.yaml:9: routing.aliases.fast: alias loop: fast -> quick -> fast"),
        ("fast: openai/gpt-4o", "fast: fast", "gateway.yaml:9: routing.aliases.fast: alias loop: fast -> fast"),
        ("fast: openai/gpt-4o", "fast: claude/gpt-4o", "gateway.yaml:9: routing.aliases.fast: alias 'fast' leads to 'claude/gpt-4o', which no provider serves (did you mean 'gpt-4o'?)"),
        ("fast: openai/gpt-4o", "fast: []", "gateway.yaml:9: routing.aliases.fast: must not be empty"),
        ('{models: ["claude-*"]}\n', '{models: ["gemini-*"]}\n', "gateway.yaml:12: routing.rules[0].match.models[0]: 'gemini-*' matches no model that is configured"),
        ("auth:", "    - name: gold\nauth:", "gateway.yaml:14: routing.rules[1].name: duplicate name 'gold', given before in rules[0]"),
        ("- {id: acme", f'- {{id: a, sha256: "{DIGEST}"}}\n    - {{id: acme', f"gateway.yaml:17: auth.keys[1].sha256: duplicate sha256 '{DIGEST}', given before in keys[0]"),
        (DIGEST, "A" * 64, "gateway.yaml:16: auth.keys[0].sha256: must be a SHA-256 as 64 lower-case hex digits"),
        ("{id: acme,", "{id: acme, scopes: [admn],", "gateway.yaml:16: auth.keys[0].scopes[0]: unknown scope 'admn' (did you mean 'admin'?)"),
        ("auth:", "auth: {}\nauth:", "gateway.yaml:15: auth: duplicate key 'auth'"),
        ("auth:", "server: {port: 70000}\nauth:", "gateway.yaml:14: server.port: must be at most 65535"),
        ("auth:", "audit: {max_bytes: 1X}\nauth:", "gateway.yaml:14: audit.max_bytes: '1X' is not a size; write bytes or a unit, such as 512KiB, 32MiB or 1GiB"),
        ("auth:", "telemetry:\nauth:", "gateway.yaml:14: telemetry: must be a mapping; leave the key out for its defaults"),
        ("auth:", "server: {host: ${HOST}}\nauth:", "gateway.yaml:14: not valid YAML: did not find expected ',' or '}'"),
        ("auth:", "server: {host: \"${HOST}\"}\nauth:", "gateway.yaml:14: server.host: environment variable HOST is not set"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_line_path_and_a_way_out(old: str, new: str, message: str) -> None:
    """One line for people; the same as fields for programs."""
    assert old in VALID
    error = refused(VALID.replace(old, new, 1))
    assert error.message == message
    assert f":{error.line}: {error.path}" in message or not error.path


@pytest.mark.parametrize("fan", [1, 2])
def test_aliases_of_aliases_are_bounded(fan: int) -> None:
    """A long chain, and one that doubles at each of its links."""
    chain = {f"a{n}": [f"a{n + 1}"] * fan for n in range(40)} | {"a40": ["openai/gpt-4o"]}
    error = refused(VALID.replace("{fast: openai/gpt-4o}", str(chain)))
    assert error.message.startswith("gateway.yaml:9: routing.aliases.a0: leads to more than 256 targets")


def test_all_mistakes_are_told_at_once_in_order_of_lines() -> None:
    """Nobody wants to find them one run at a time."""
    error = refused("routing: {strateg: x}\nproviders: [{id: a}]\nserver: {port: x}\n")
    assert [error.line, *(other.line for other in error.others)] == [1, 2, 3]


def test_an_unset_variable_is_not_also_a_wrong_type() -> None:
    """The cause is told, not what follows from it."""
    error = refused("server:\n  port: ${PORT}\n")
    assert error.message == "gateway.yaml:2: server.port: environment variable PORT is not set"
    assert error.others == ()


def test_what_a_variable_brought_in_is_never_repeated() -> None:
    """It may be a secret that was put in the wrong place."""
    text = "routing: {strategy: '${S}'}\nserver: {max_body: '${S}', port: '${S}', drain_timeout: '${S}'}\n"
    error = refused(text, environment={"S": "hunter2"})
    assert len(error.others) == 3
    assert all("hunter2" not in str(problem) for problem in (error, *error.others))


def test_numbers_and_flags_may_come_from_variables() -> None:
    """A substituted value is text; the field's type decides."""
    text = "server: {port: '${PORT}'}\ntelemetry: {access_log: '${LOG:-true}', otlp: {sample_ratio: '${R:-0.5}'}}\n"
    configuration = read(text, environment={"PORT": "9000"})
    assert configuration.server.port == 9000
    assert configuration.telemetry.access_log is True
    assert configuration.telemetry.otlp.sample_ratio == 0.5


def test_a_variable_cannot_bring_in_structure() -> None:
    """Substitution happens after parsing."""
    configuration = read("audit: {spool_dir: '${DIR}'}", environment={"DIR": "x, durability: fsync"})
    assert configuration.audit.spool_dir == "x, durability: fsync"
    assert configuration.audit.durability == "write"


def test_what_the_file_leaves_out_comes_from_the_type() -> None:
    """Base URL, dialect, models, options, headers, the way the key travels."""
    account = read("providers: [{id: a, type: anthropic, headers: {x-own: '1'}}]").providers[0]
    assert account.base_url == "https://api.anthropic.test"
    assert (account.dialect, account.credential_header, account.credential_scheme) == (
        "anthropic.messages",
        "x-api-key",
        "",
    )
    assert [model.name for model in account.models] == ["claude-*"]
    assert account.unsupported_parameters == {"logit_bias"}
    assert dict(account.headers) == {"x-own": "1"}
    assert account.options == {"default_max_tokens": 4096}


def test_a_named_model_keeps_what_is_known_of_it() -> None:
    """What the file says wins; the rest is the type's knowledge."""
    text = "providers: [{id: a, type: openai, models: [gpt-4o, {name: new, input_price: 0.15}]}]"
    known, new = read(text).providers[0].models
    assert known.context_window == 128_000
    assert (new.context_window, new.input_price) == (None, "0.15")


def test_an_empty_model_list_passes_any_name_on() -> None:
    """Not the same as leaving the list out."""
    text = "providers: [{id: a, type: openai, models: []}]"
    assert read(text).providers[0].models == ()


def test_listed_capabilities_imply_what_goes_without_saying() -> None:
    """Streaming always, JSON objects with JSON schemas."""
    text = "providers: [{id: a, type: openai, models: [{name: m, capabilities: [tools, json_schema]}]}]"
    assert read(text).providers[0].models[0].capabilities == {
        Capability.STREAMING,
        Capability.TOOLS,
        Capability.JSON_SCHEMA,
        Capability.JSON_OBJECT,
    }


@pytest.mark.parametrize(
    ("entry", "secrets", "reference", "key"),
    [
        ("", {}, "env:OPENAI_API_KEY", ENVIRONMENT["OPENAI_API_KEY"]),
        (", api_key: '${OTHER}'", {}, "env:OTHER", "sk-other"),
        (", api_key: ' abc '", {}, "inline:ba7816bf8f01", "abc"),
        (", api_key: '${UNSET:-abc}'", {}, "inline:ba7816bf8f01", "abc"),
        (", api_key_secret: team-key", {"team-key": "sk-team\n"}, "secret:team-key", "sk-team"),
        (", api_key_secret: openai-api-key", {"openai-api-key": "x"}, "env:OPENAI_API_KEY", ENVIRONMENT["OPENAI_API_KEY"]),
    ],
)  # fmt: skip
def test_a_key_and_its_reference(entry: str, secrets: dict[str, str], reference: str, key: str) -> None:
    """The reference says where the key came from; the environment wins over the store."""
    environment = {**ENVIRONMENT, "OTHER": "sk-other"}
    account = read(
        f"providers: [{{id: a, type: openai{entry}}}]", environment=environment, secrets=secrets
    ).providers[0]
    assert account.credential_reference == reference
    assert account.api_key is not None
    assert account.api_key.reveal() == key


def test_without_the_variable_the_store_is_asked() -> None:
    """The type knows the customary name of its secret."""
    account = read(
        "providers: [{id: a, type: openai}]", environment={}, secrets={"openai-api-key": "k"}
    ).providers[0]
    assert account.credential_reference == "secret:openai-api-key"


def test_a_missing_key_is_refused_and_says_what_to_set() -> None:
    """A provider that would answer every request with 401 is no provider."""
    error = refused("providers:\n- {id: a, type: openai}", environment={})
    assert (
        error.message == "gateway.yaml:2: providers[0].api_key: no key for provider 'a' (set OPENAI_API_KEY)"
    )


def test_a_key_that_no_header_can_carry_is_refused() -> None:
    """And not repeated."""
    error = refused("providers:\n- {id: a, type: openai, api_key: 'clé'}")
    assert (
        error.message == "gateway.yaml:2: providers[0].api_key: holds a character that a header cannot carry"
    )


def test_without_providers_the_keys_in_the_environment_make_them() -> None:
    """The rest of the file is in force all the same."""
    configuration = read("routing: {default_providers: [anthropic]}")
    assert [account.id for account in configuration.providers] == ["anthropic", "openai"]
    assert read("", environment={}).providers == ()


def test_an_empty_provider_list_means_none() -> None:
    """Said is said."""
    assert read("providers: []").providers == ()


def test_the_snapshot_depends_on_references_not_on_secrets() -> None:
    """Rotating a key keeps the hash; pointing to another key changes it."""
    text = "providers: [{id: a, type: openai, api_key: '${%s}'}]"
    hashes = [
        read(text % name, environment={name: value}).snapshot().hash
        for name, value in [("A", "one"), ("A", "two"), ("B", "one")]
    ]
    assert hashes[0] == hashes[1] != hashes[2]


def test_no_secret_is_in_the_repr_of_a_configuration() -> None:
    """Configurations end up in logs and debuggers."""
    text = "providers: [{id: a, type: openai, headers: {x-key: hunter2}}]"
    shown = repr(read(text))
    assert "hunter2" not in shown
    assert ENVIRONMENT["OPENAI_API_KEY"] not in shown


def test_what_is_kept_of_the_text_has_no_credential() -> None:
    """Written out keys become references; everything else stays as it was written, comments included."""
    text = (
        "providers:  # é\n"
        "- {id: a, type: openai, api_key: hunter2, headers: {X-Token: 'hunter3', x-plain: é}}\n"
        "- {id: b, type: openai, api_key: '${OPENAI_API_KEY}'}\n"
        "- {id: c, type: openai, api_key: '${NO:-hunter4}', options: {signing_key: hunter5}}\n"
    )
    kept = reader().read(text, "gateway.yaml").text
    assert "hunter" not in kept
    assert kept.count("${INLINE_SECRET_") == 4
    assert "x-plain: é" in kept
    assert "# é" in kept
    assert "'${OPENAI_API_KEY}'" in kept


def test_text_without_credentials_is_kept_as_it_is() -> None:
    """Byte for byte."""
    assert reader().read(VALID, "gateway.yaml").text == VALID
