"""Deadlines from client headers."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai import OpenAI

from llm_gateway.domain.deadline import DEADLINE_HEADERS, Deadline, client_retries, read_deadline


def read(**headers: str) -> Deadline:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return read_deadline(names, configured=600.0, longest=900.0)


def test_configuration_holds_without_a_header() -> None:
    """No header, nothing ignored."""
    assert read() == Deadline(total=600.0)


@pytest.mark.parametrize(
    ("value", "seconds"), [("30", 30.0), ("1.5s", 1.5), (" 800 ms ", 0.8), ("2m", 120.0), ("0.25", 0.25)]
)
def test_the_client_may_name_seconds_or_a_unit(value: str, seconds: float) -> None:
    """A bare number is seconds."""
    assert read(x_request_timeout=value).total == pytest.approx(seconds)


def test_milliseconds_have_their_own_header() -> None:
    """`x-request-timeout-ms: 1500` is a second and a half."""
    assert read(x_request_timeout_ms="1500").total == pytest.approx(1.5)


@pytest.mark.parametrize(
    "value", ["", "soon", "-5", "0", "0ms", "nan", "inf", "1e9", "5 s 3", "٣", "30,30", "1h", "9" * 400]
)
def test_nonsense_is_ignored_with_a_reason(value: str) -> None:
    """The configured deadline holds and the header's name, not its value, is told."""
    deadline = read(x_request_timeout=value)
    assert deadline.total == 600.0
    assert deadline.ignored == ("x-request-timeout: not a positive duration",)


def test_a_longer_wish_than_allowed_is_cut() -> None:
    """And said so."""
    deadline = read(x_request_timeout="86400")
    assert deadline.total == 900.0
    assert deadline.ignored == ("x-request-timeout: cut to the longest allowed",)


def test_an_sdks_patience_bounds_only_the_wait_for_the_first_byte() -> None:
    """A stream may run longer than the read timeout of its client."""
    assert read(x_stainless_read_timeout="20.5") == Deadline(total=600.0, first_byte=20.5)
    assert read(x_stainless_timeout="60") == Deadline(total=600.0, first_byte=60.0)


def test_an_sdks_patience_beyond_the_deadline_adds_nothing() -> None:
    """The SDKs' default of 600 s is no bound of its own."""
    assert read(x_stainless_read_timeout="600") == Deadline(total=600.0)


def test_a_placeholder_of_an_sdk_is_ignored() -> None:
    """Anthropic's Python SDK sends the word NOT_GIVEN when no timeout was set."""
    deadline = read(x_stainless_timeout="NOT_GIVEN")
    assert deadline == Deadline(total=600.0, ignored=("x-stainless-timeout: not a positive duration",))


@pytest.mark.parametrize(
    ("value", "count"),
    [("0", 0), ("2", 2), ("", 0), ("-1", 0), ("x", 0), ("²", 0), ("99999", 1000), ("9" * 5000, 0)],
)
def test_reads_how_often_the_sdk_has_retried(value: str, count: int) -> None:
    """Anything that is not a plain count is none."""
    assert client_retries({"x-stainless-retry-count": value}) == count


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(DEADLINE_HEADERS), st.text(max_size=20)))
def test_no_header_makes_a_deadline_out_of_bounds(headers: dict[str, str]) -> None:
    """Always positive, never beyond the longest, and the first byte before the end."""
    deadline = read_deadline(headers, configured=600.0, longest=900.0)
    assert 0 < deadline.total <= 900.0
    assert deadline.first_byte is None or 0 < deadline.first_byte < deadline.total


class Upstream(httpx.MockTransport):
    """Keeps the headers of every request and answers 500."""

    def __init__(self) -> None:
        self.seen: list[dict[str, str]] = []
        super().__init__(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(dict(request.headers))
        return httpx.Response(500, headers={"retry-after-ms": "1"}, json={})


def test_the_sdk_sends_what_is_read_here() -> None:
    """The installed SDK's own requests, retried once: patience and retry count are understood."""
    upstream = Upstream()
    with httpx.Client(transport=upstream) as http:
        client = OpenAI(
            api_key="k", http_client=http, timeout=12.5, max_retries=1, base_url="http://upstream"
        )
        with pytest.raises(Exception, match="500"):
            client.post("/x", cast_to=object, body={})
    read = [read_deadline(headers, configured=600.0, longest=900.0).first_byte for headers in upstream.seen]
    assert read == [12.5, 12.5]
    assert [client_retries(headers) for headers in upstream.seen] == [0, 1]
