"""What the lab reads from a model's name and the x-lab headers."""

from __future__ import annotations

import pytest

from llm_gateway.entrypoints.lab.behaviour import (
    MODELS,
    Behaviour,
    UnknownModel,
    UnknownTerm,
    parse_behaviour,
)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("lab/echo", {"content": "echo"}),
        ("echo", {"content": "echo"}),
        ("cut@3", {"breaks": "cut", "at": 3}),
        ("lab/tools+stall@2", {"content": "tools", "breaks": "stall", "at": 2}),
        ("429", {"status": 429}),
        ("503+retry-after=7", {"status": 503, "retry_after": 7}),
        ("slow-first-byte=250", {"first_byte_delay": 0.25}),
        ("slow-first-byte=2s", {"first_byte_delay": 2.0}),
        ("lorem+pace=5ms+words=9", {"pace": 0.005, "words": 9}),
        ("flaky=2", {"flaky": 2}),
        ("half-open", {"instead": "half-open"}),
        ("no-done", {"done": False}),
    ],
)
def test_a_model_name_is_terms_joined_by_plus(model: str, expected: dict[str, object]) -> None:
    """`lab/` is optional, and a fault alone means lorem."""
    terms = tuple(model.removeprefix("lab/").split("+"))
    assert parse_behaviour(model) == Behaviour(terms=terms, **expected)  # type: ignore[arg-type]


def test_every_listed_model_is_understood() -> None:
    """What GET /v1/models offers can be asked for, with and without the prefix."""
    for model in MODELS:
        assert parse_behaviour(model) == parse_behaviour(f"lab/{model}")


def test_the_headers_win_over_the_name() -> None:
    """Several terms are joined by a comma; the pace has its own header."""
    behaviour = parse_behaviour("echo+cut@3", fault="stall@1, close", pace="20ms")
    assert (behaviour.content, behaviour.breaks, behaviour.at) == ("echo", "stall", 1)
    assert behaviour.close and behaviour.pace == 0.02


def test_a_header_frees_the_name() -> None:
    """With a fault header any model name will do."""
    assert parse_behaviour("gpt-4o", fault="500").status == 500


def test_an_unknown_model_is_refused_unless_something_stands_in() -> None:
    """A name without meaning is 404, or `otherwise`."""
    with pytest.raises(UnknownModel, match="gpt-4o"):
        parse_behaviour("gpt-4o")
    assert parse_behaviour("gpt-4o", otherwise="echo").content == "echo"


@pytest.mark.parametrize(
    ("model", "named"),
    [
        ("lorem+explode", "explode"),
        ("explode@3", "explode@3"),
        ("cut@", "cut@"),
        ("cut@-1", "cut@-1"),
        ("cut@³", "cut@³"),
        ("pace=soon", "pace=soon"),
        ("slow-first-byte=nan", "slow-first-byte=nan"),
        ("colour=red", "colour=red"),
        ("cut@1+stall@2", "stall@2"),
        ("429+500", "500"),
        ("retry-after=3", "retry-after"),
    ],
)
def test_an_unknown_or_contradicting_term_is_named(model: str, named: str) -> None:
    """A typing mistake must not pass for a healthy answer."""
    with pytest.raises(UnknownTerm) as caught:
        parse_behaviour(model)
    assert named in str(caught.value)
