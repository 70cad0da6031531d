"""The file that `llm-gateway config init` writes: valid as it stands, every section explained once."""

from __future__ import annotations

TEMPLATE = """\
# gateway.yaml: configuration of llm-gateway. Every key is optional; what is commented out shows an example.
# ${VAR} and ${VAR:-default} are replaced in values. Check with:  llm-gateway config validate
# Editors read the schema from:  llm-gateway config schema

# Left out, there is one provider for each key in the environment (OPENAI_API_KEY, ANTHROPIC_API_KEY, …).
# providers:
#   - id: openai
#     type: openai
#     api_key: ${OPENAI_API_KEY}            # or api_key_secret: openai-api-key
#     models: [gpt-4o, {name: gpt-4o-mini, aliases: [small], context_window: 128000}]
#     quota_group: openai-org-a             # targets that share one quota cool down together
#     timeouts: {connect: 5s, first_byte: 60s, idle: 60s, total: 600s}
#   - id: local
#     type: openai_compatible
#     base_url: http://127.0.0.1:8000/v1
#     models: []                            # any model name is passed on

routing:
  strategy: priority      # priority | weighted | round_robin | least_latency | least_cost | least_busy
  # What keeps a conversation on one target: the first of these that a request has.
  affinity: [header:x-session-id, user, prompt_prefix]
  fallback: {enabled: true, max_targets: 3}
  # aliases: {fast: openai/gpt-4o-mini, smart: [anthropic/claude-sonnet-4-5, openai/gpt-4o]}
  # rules:
  #   - name: gold-tier
  #     priority: 10      # lower first
  #     match: {headers: {x-tier: gold}, models: ["gpt-*"]}
  #     action: {providers: [openai], strategy: least_latency}

resilience:
  retry: {max_attempts: 3, base_delay: 100ms, max_delay: 5s, jitter: full, budget_ratio: 0.2}
  circuit_breaker: {failure_threshold: 5, failure_ratio: 0.5, min_requests: 10, window: 30s, open_for: 30s}
  bulkhead: {max_in_flight: 2000, max_queue: 500, queue_timeout: 5s}

# `llm-gateway keys create` prints a client key and the digest to put here. Without keys the gateway answers
# on loopback only.
# auth:
#   mode: api_key
#   keys:
#     - {id: acme-ci, sha256: "<64 hex digits>", tenant: acme-corp, scopes: [inference, agents:read]}

audit: {spool_dir: var/spool, max_bytes: 1GiB, durability: write, when_full: drop_oldest}
# How POLICY_ENGINE_URL and SHIELD_URL are asked; without on_failure: open in dev, closed elsewhere.
policy: {timeout: 300ms, cache_ttl: 30s}
telemetry: {otlp: {sample_ratio: 0.1}, access_log: false}
server: {host: 0.0.0.0, port: 8080, max_body: 32MiB, drain_timeout: 30s}
"""
