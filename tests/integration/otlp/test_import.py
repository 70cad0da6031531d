"""What is not configured is not loaded: the SDK, its exporter and their HTTP client."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.child import clean_environment

HEAVY = {"opentelemetry.sdk.trace", "opentelemetry.exporter", "google.protobuf", "requests"}
START = """
import json, sys
from llm_gateway.entrypoints.container import build_container
from llm_gateway.entrypoints.http import worker
from llm_gateway.entrypoints.settings import load_settings

worker.create_app(build_container(load_settings()))
print(json.dumps(list(sys.modules)))
"""


@pytest.mark.parametrize(("enabled", "loaded"), [("false", False), ("true", True)])
def test_the_sdk_is_loaded_when_it_is_needed(tmp_path: Path, enabled: str, loaded: bool) -> None:
    """An application that could answer: half a second less until it can."""
    environment = clean_environment(
        {
            "OTEL_ENABLED": enabled,
            "LLM_GATEWAY_SPOOL_DIR": str(tmp_path / "spool"),
            "LLM_GATEWAY_RUN_DIR": str(tmp_path / "run"),
        }
    )
    done = subprocess.run(
        [sys.executable, "-c", START], env=environment, capture_output=True, text=True, check=True
    )
    assert (HEAVY & set(json.loads(done.stdout))) == (HEAVY if loaded else set())
