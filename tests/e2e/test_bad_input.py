"""Requests that are wrong, byte by byte over a real socket, and what each is told."""

from __future__ import annotations

import gzip
import json
import socket
from typing import Any

import httpx
import pytest

from tests.e2e.gateway_process import running_gateway
from tests.e2e.weather import ASK

CHAT = "/v1/chat/completions"
JSON = {"content-type": "application/json"}
CHAT_BODY = json.dumps({"model": "lab/echo", "messages": ASK}, separators=(",", ":")).encode()


def refused(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The error object of an answer, checked to have OpenAI's shape."""
    error: dict[str, Any] = answer.json()["error"]
    assert answer.status_code == status, error
    assert {"message", "type", "param", "code"} <= error.keys()
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-request-id"]
    return error


@pytest.mark.parametrize(
    ("body", "position"),
    [
        (b"{model: 1}", "byte 1"),
        (b'{"model": "lab/echo",, "messages": []}', "byte 21"),
        (b'{"model": "lab/echo", "messages": [', "byte 35"),
        (b"", "byte 0"),
        (b"hello", "byte 0"),
    ],
)
def test_what_is_no_json_is_told_where(http: httpx.Client, body: bytes, position: str) -> None:
    """400 with the byte where the document breaks."""
    error = refused(http.post(CHAT, content=body, headers=JSON), 400)
    assert error["code"] == "invalid_json" and position in error["message"]


@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        ({"model": "lab/echo"}, "messages", "missing_required_parameter"),
        ({"messages": ASK}, "model", "missing_required_parameter"),
        ({"model": "lab/echo", "messages": "hi"}, "messages", "invalid_type"),
        ({"model": "lab/echo", "messages": {}}, "messages", "invalid_type"),
        ({"model": "lab/echo", "messages": None}, "messages", "invalid_type"),
        ({"model": "lab/echo", "messages": []}, "messages", "invalid_value"),
        ({"model": "lab/echo", "messages": ["hi"]}, "messages[0]", "invalid_type"),
        (
            {"model": "lab/echo", "messages": [{"content": "hi"}]},
            "messages[0].role",
            "missing_required_parameter",
        ),
        ({"model": "", "messages": ASK}, "model", "invalid_value"),
        ({"model": 7, "messages": ASK}, "model", "invalid_type"),
        ({"model": "x" * 257, "messages": ASK}, "model", "invalid_value"),
        ({"model": "lab/echo", "messages": ASK, "stream": "yes"}, "stream", "invalid_type"),
        ({"model": "lab/echo", "messages": ASK, "n": 0}, "n", "invalid_value"),
        ({"model": "lab/echo", "messages": ASK, "max_tokens": 0}, "max_tokens", "invalid_value"),
    ],
)
def test_a_wrong_field_is_named(http: httpx.Client, body: dict[str, Any], param: str, code: str) -> None:
    """400, and `param` is the path of the field."""
    error = refused(http.post(CHAT, json=body), 400)
    assert (error["param"], error["code"]) == (param, code)
    assert error["type"] == "invalid_request_error" and param in error["message"]


@pytest.mark.parametrize("body", [b"[]", b"7", b"null", b'"text"'])
def test_json_that_is_no_object(http: httpx.Client, body: bytes) -> None:
    """400: a request is an object."""
    assert "object" in refused(http.post(CHAT, content=body, headers=JSON), 400)["message"]


@pytest.mark.parametrize("model", ["gpt-unknown", "nobody/echo", "lab", "模型"])
def test_an_unknown_model(http: httpx.Client, model: str) -> None:
    """404 with OpenAI's code; the decision was made and has its id."""
    answer = http.post(CHAT, json={"model": model, "messages": ASK})
    error = refused(answer, 404)
    assert (error["code"], error["param"]) == ("model_not_found", "model")
    assert f"`{model}`" in error["message"] and answer.headers["x-decision-id"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_a_wrong_method(http: httpx.Client, method: str) -> None:
    """405 that says which one is right."""
    answer = http.request(method, CHAT)
    assert refused(answer, 405)["code"] == "method_not_allowed"
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize("path", ["/v1/completions", "/", "/v1/chat"])
def test_an_unknown_path(http: httpx.Client, path: str) -> None:
    """404 in the same shape, for clients that read only that."""
    answer = http.post(path, json={})
    assert answer.status_code == 404 and answer.json()["error"]["code"] == "not_found"


def test_a_wrong_method_of_the_control_plane(http: httpx.Client) -> None:
    """405 there as well."""
    answer = http.post("/health")
    assert answer.status_code == 405 and answer.headers["allow"] == "GET"
    assert answer.json()["error"]["code"] == "method_not_allowed"


@pytest.mark.parametrize("where", [b"content", b"note"])
def test_invalid_utf8(http: httpx.Client, where: bytes) -> None:
    """400, also in a member that the gateway only passes on."""
    body = b'{"model": "lab/echo", "messages": [{"role": "user", "%b": "\xff"}]}' % where
    error = refused(http.post(CHAT, content=body, headers=JSON), 400)
    assert error["code"] == "invalid_json"


def test_deep_nesting(http: httpx.Client) -> None:
    """400, and the gateway lives on."""
    deep = "[" * 100_000 + "]" * 100_000
    body = f'{{"model": "lab/echo", "messages": [{{"role": "user", "content": {deep}}}]}}'
    assert refused(http.post(CHAT, content=body, headers=JSON), 400)["code"] == "invalid_json"
    assert http.get("/health").status_code == 200


def test_a_header_that_came_twice(http: httpx.Client) -> None:
    """400 for a critical one: two readers could see two different requests."""
    headers = [("authorization", "Bearer a"), ("authorization", "Bearer b")]
    answer = http.post(CHAT, json={"model": "lab/echo", "messages": ASK}, headers=headers)
    assert refused(answer, 400)["code"] == "duplicate_header"


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_over_the_limit(declared: bool) -> None:
    """413 whether the length was announced or not; one byte less is read."""
    room = json.dumps({"model": "lab/echo", "messages": [{"role": "user", "content": ""}]})
    fits = room.replace('""', f'"{"x" * (4096 - len(room))}"').encode()
    with (
        running_gateway("--lab", configuration="server: {max_body: 4KiB}") as gateway,
        httpx.Client(base_url=gateway.url, trust_env=False) as http,
    ):

        def post(body: bytes) -> httpx.Response:
            return http.post(CHAT, content=body if declared else iter([body[:100], body[100:]]), headers=JSON)

        assert post(fits).status_code == 200
        error = refused(post(fits + b" "), 413)
        assert error["code"] == "request_too_large" and "4096" in error["message"]


def test_bytes_that_are_no_http(http: httpx.Client) -> None:
    """400 in the same shape, and the connection is closed."""

    with socket.create_connection((http.base_url.host, http.base_url.port or 80)) as raw:
        raw.sendall(b"\x16\x03\x01 is a TLS hello\r\n\r\n")
        answer = b"".join(iter(lambda: raw.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 400 ") and b'"invalid_http"' in answer


@pytest.mark.parametrize(
    ("headers", "body", "status", "code"),
    [
        ({"content-encoding": "gzip"}, gzip.compress(CHAT_BODY), 415, "unsupported_content_encoding"),
        ({"content-encoding": "gzip"}, CHAT_BODY, 415, "unsupported_content_encoding"),
        ({}, CHAT_BODY[:-1] + b',"model":"lab/tools"}', 400, "duplicate_member"),
        ({}, CHAT_BODY[:-1] + b',"mod\\u0065l":"lab/tools"}', 400, "duplicate_member"),
        ({}, CHAT_BODY + CHAT_BODY, 400, "invalid_json"),
        ({}, b"\xef\xbb\xbf" + CHAT_BODY, 400, "invalid_json"),
        ({}, CHAT_BODY.decode().encode("utf-16"), 400, "invalid_json"),
        ({}, CHAT_BODY[:-1] + b',"temperature":1e999}', 400, "invalid_type"),
        ({}, CHAT_BODY[:-1] + b',"max_tokens":' + b"9" * 100_000 + b"}", 400, "invalid_type"),
        ({}, CHAT_BODY.replace(b"lab/echo", b"lab/\\ud800"), 400, "invalid_json"),
    ],
)
def test_what_two_readers_could_read_in_two_ways(
    http: httpx.Client, headers: dict[str, str], body: bytes, status: int, code: str
) -> None:
    """Refused, and with which word."""
    assert refused(http.post(CHAT, content=body, headers={**JSON, **headers}), status)["code"] == code


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_a_body_is_json_whatever_it_is_called(http: httpx.Client, kind: str) -> None:
    """curl calls it a form; a form is refused as what it is, no JSON."""
    assert http.post(CHAT, content=CHAT_BODY, headers={"content-type": kind}).status_code == 200
    form = http.post(CHAT, content=b"model=lab/echo", headers={"content-type": kind})
    assert refused(form, 400)["code"] == "invalid_json"


@pytest.mark.parametrize(
    "model", ["lab/echo\r\nx-evil: 1", "lab/\0", "lab/\x1b[2J", "lab/\u2028", "lab/\x85"]
)
def test_no_model_name_writes_a_header(http: httpx.Client, model: str) -> None:
    """It stands in two of them, percent-encoded."""
    answer = http.post(CHAT, json={"model": model, "messages": ASK})
    assert refused(answer, 404)["code"] == "model_not_found" and "x-evil" not in answer.headers
    assert all(value.isascii() and value.isprintable() for value in answer.headers.values())


@pytest.mark.parametrize("line", ["POST http://user@other.example{} HTTP/1.1", "POST {}?x=1 HTTP/1.1"])
def test_a_target_is_its_path_alone(http: httpx.Client, line: str) -> None:
    """A request chooses no host, however it is written."""
    fields = ("Host: other.example", f"Content-Length: {len(CHAT_BODY)}", "Connection: close")
    head = "\r\n".join((line.format(CHAT), *fields, "", ""))
    with socket.create_connection((http.base_url.host, http.base_url.port or 80)) as raw:
        raw.sendall(head.encode() + CHAT_BODY)
        answer = b"".join(iter(lambda: raw.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 200 ") and b"x-gateway-provider: lab\r\n" in answer
