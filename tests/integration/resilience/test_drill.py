"""`llm-gateway drill` over whole configurations."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from llm_gateway.application.drill_case import FAULTS
from llm_gateway.entrypoints.cli.app import app

TWO = """
providers:
  - {id: one, type: openai, api_key: k, models: [gpt-4o]}
  - {id: two, type: anthropic, api_key: k, models: [{name: claude-x, aliases: [gpt-4o]}], priority: 200}
"""
ALONE = "providers: [{id: go, type: google, api_key: k, models: [gemini-x]}]\n"
BOLD = TWO + "resilience: {retry: {unknown: next_target}}\n"


@pytest.mark.parametrize("text", [ALONE, BOLD], ids=["alone", "with a fallback"])
def test_every_promise_is_held(tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the dialects, and whether there is a fallback or not; policy peers are not asked."""
    monkeypatch.setenv("POLICY_ENGINE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("PLATFORM_ENV", "staging")  # where a peer that does not answer closes every way
    (tmp_path / "gateway.yaml").write_text(text)
    result = CliRunner().invoke(app, ["--json", "drill", "--config", str(tmp_path / "gateway.yaml")])
    document = json.loads(result.stdout)
    assert [case for case in document["cases"] if not case["held"]] == []
    assert (result.exit_code, document["held"]) == (0, True)
    assert len(document["cases"]) == 2 * len(FAULTS)


def test_a_model_that_is_routed_nowhere(tmp_path: Path) -> None:
    """One line that says what to do."""
    (tmp_path / "gateway.yaml").write_text(TWO)
    result = CliRunner().invoke(app, ["drill", "-c", str(tmp_path / "gateway.yaml"), "--model", "nope"])
    assert result.exit_code == 1 and "choose another with --model" in result.stderr


def test_a_configuration_that_is_not_there(tmp_path: Path) -> None:
    """As with every other command."""
    result = CliRunner().invoke(app, ["drill", "--config", str(tmp_path / "none.yaml")])
    assert result.exit_code == 78


def test_nothing_to_drill(monkeypatch: pytest.MonkeyPatch) -> None:
    """No provider and no file: said, not invented."""
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GOOGLE_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    result = CliRunner().invoke(app, ["drill"])
    assert result.exit_code == 78 and "no provider is configured" in result.stderr
