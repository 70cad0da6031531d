"""The README's commands, snippets and links, run as they are printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from tests.e2e.child import PATIENCE_S, clean_environment
from tests.e2e.gateway_process import GatewayProcess, running_gateway

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "README.md").read_text()
PRINTED_URL = "http://127.0.0.1:8080"
BIN = Path(sys.executable).parent


def blocks(language: str) -> list[str]:
    tokens = MarkdownIt().parse(TEXT)
    return [token.content for token in tokens if token.type == "fence" and token.info == language]


def commands() -> list[str]:
    """Every command of the shell blocks, continuation lines joined."""
    lines = "".join(blocks("sh")).replace("\\\n", "").splitlines()
    return [line for line in lines if line]


@pytest.fixture(scope="module")
def started() -> Iterator[GatewayProcess]:
    """What `make run` starts, except for the port; one request is behind it, so its log is not empty."""
    with running_gateway(environment={"LLM_GATEWAY_SPOOL_DIR": "var/spool"}) as gateway:
        run(gateway, [str(BIN / "llm-gateway"), "chat", "Hello", "--model", "lab/echo"])
        yield gateway


def run(gateway: GatewayProcess, command: list[str]) -> str:
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command,
        cwd=gateway.directory,
        env=clean_environment({"PATH": path, "GATEWAY_URL": gateway.url}),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("command", [line for line in commands() if not line.startswith("make ")])
def test_a_command_works(started: GatewayProcess, command: str) -> None:
    """As printed, on the URL that this gateway listens on."""
    assert command.startswith(("curl ", "llm-gateway "))
    assert run(started, ["sh", "-c", command.replace(PRINTED_URL, started.url)])


def test_the_curl_answer_is_an_answer(started: GatewayProcess) -> None:
    """The echo of what was sent."""
    (curl,) = (line for line in commands() if line.startswith("curl "))
    assert '"content":"Hello"' in run(started, ["sh", "-c", curl.replace(PRINTED_URL, started.url)])


@pytest.mark.parametrize("snippet", blocks("python"))
def test_a_snippet_works(started: GatewayProcess, snippet: str) -> None:
    """As printed; it prints the streamed words."""
    assert PRINTED_URL in snippet
    printed = run(started, [sys.executable, "-W", "error", "-c", snippet.replace(PRINTED_URL, started.url)])
    assert printed.startswith("lorem ipsum dolor")


def test_the_banners_snippet_works(started: GatewayProcess) -> None:
    """What `start` prints is the same advice, on the right port already."""
    curl = re.search(r"  (curl .*\\\n.*)\n", started.stdout)
    assert curl and '"content":"Hello"' in run(started, ["sh", "-c", curl[1]])
    code = started.stdout[started.stdout.index("  from openai") :]
    code = "\n".join(line.removeprefix("  ") for line in code.splitlines())
    assert run(started, [sys.executable, "-c", code]).startswith("lorem ipsum")


@pytest.mark.parametrize("text", blocks("yaml"))
def test_a_configuration_is_valid(text: str) -> None:
    """It starts, and both its providers are live."""
    keys = {"OPENAI_API_KEY": "sk-1", "ANTHROPIC_API_KEY": "sk-2"}
    with running_gateway(configuration=text, environment=keys) as gateway:
        assert gateway.stdout.count(": live (") == 2


@pytest.mark.parametrize(
    "target", sorted(set(re.findall(r"`make ([a-z-]+)`|^make ([a-z-]+)$", TEXT, re.MULTILINE)))
)
def test_a_make_target_exists(target: tuple[str, str]) -> None:
    """And `make` knows how to reach it from a fresh checkout."""
    name = "".join(target)
    assert planned(name)


def test_make_run_starts_what_the_readme_says() -> None:
    """The installed command, on the default port of the configuration."""
    assert planned("run")[-1].split() == [".venv/bin/llm-gateway", "start"]


def planned(target: str) -> list[str]:
    """The commands that `make` would run, also when this suite was started by `make`."""
    done = subprocess.run(
        ["make", "-n", target], cwd=ROOT, env=clean_environment({}), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("link", re.findall(r"\]\((?!http)([^)#]+)\)", TEXT))
def test_a_link_leads_somewhere(link: str) -> None:
    """Files and folders that the README sends its reader to."""
    assert (ROOT / link).exists()


def test_every_command_of_the_table_exists(started: GatewayProcess) -> None:
    """With a `--help` of its own."""
    table = TEXT[TEXT.index("| command | does |") : TEXT.index("Exit codes:")]
    shown = run(started, ["llm-gateway", "--help"])
    for row in table.splitlines()[2:-1]:
        first, *more = (name.split() for name in re.findall(r"`([^`]+)`", row.split("|")[1]))
        names = [first[0], *(word[0] for word in more if len(first) == 1 or len(word) > 1)]
        assert all(f" {name} " in shown for name in names), row


def test_it_is_short() -> None:
    """Someone reads it."""
    assert 80 <= TEXT.count("\n") <= 150
