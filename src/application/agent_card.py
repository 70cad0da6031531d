"""The agent that this service is to the platform: its name, what it can do and where to ask it."""

from __future__ import annotations

from typing import Any

from llm_gateway.domain.decision_event import AGENT_ID

AGENT_TYPE = "inference-routing"
_ENDPOINTS = (
    ("POST", "/agents/route", "Decide where a request would go; nothing is executed"),
    ("POST", "/agents/route/audit", "The same, with the DecisionEvent"),
    ("GET", "/agents", "This list"),
    ("GET", "/agents/inspect", "Providers, rules and configuration in force"),
    ("GET", "/agents/status", "True figures over all workers"),
    ("GET", "/agents/health", "Healthy or not"),
    ("GET", "/v1/decisions/{decision_id}", "A recent decision with its explanation"),
)


def version_parts(version: str) -> dict[str, int]:
    """`major`, `minor`, `patch` of a semantic version (build and pre-release left out)."""
    core = version.partition("+")[0].partition("-")[0]
    major, minor, patch = (int(part) for part in core.split("."))
    return {"major": major, "minor": minor, "patch": patch}


def agent_card(version: str) -> dict[str, Any]:
    return {
        "id": AGENT_ID,
        "agent_type": "InferenceRoutingAgent",
        "description": "Selects provider and model for inference requests, and records why",
        "version": version_parts(version),
        "capabilities": [
            "routing",
            "load_balancing",
            "rule_evaluation",
            "health_awareness",
            "tenant_routing",
        ],
        "endpoints": [
            {"method": method, "path": path, "description": description}
            for method, path, description in _ENDPOINTS
        ],
    }
