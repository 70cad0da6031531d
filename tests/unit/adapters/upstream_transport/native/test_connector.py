"""From an origin to addresses, and from failures to the gateway's errors."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections.abc import Callable

import pytest

from llm_gateway.adapters.upstream_transport.native import connector
from llm_gateway.adapters.upstream_transport.native.connector import (
    TABLE,
    interleaved,
    translated,
    without_link_local,
)
from llm_gateway.adapters.upstream_transport.origin import parse_origin
from llm_gateway.domain.errors import UpstreamNotReached, UpstreamTimeout

V6, V4 = socket.AF_INET6, socket.AF_INET


def test_families_alternate_from_the_resolvers_first_choice() -> None:
    """RFC 8305 §4: a broken IPv6 costs one delay, not one for each of its addresses."""
    found = [(V6, ("a",)), (V6, ("b",)), (V6, ("c",)), (V4, ("d",)), (V4, ("e",))]
    assert [address[0] for _, address in interleaved(found)] == ["a", "d", "b", "e", "c"]


@pytest.mark.parametrize(
    ("exc", "kind", "word"),
    [
        (TimeoutError(), UpstreamTimeout, "too long"),
        (OSError(errno.ETIMEDOUT, "x"), UpstreamTimeout, "too long"),
        (socket.gaierror(socket.EAI_NONAME, "x"), UpstreamNotReached, "name"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "x"), UpstreamNotReached, "ECONNREFUSED"),
        (ConnectionResetError(), UpstreamNotReached, "connected"),
        (OSError(errno.ENETUNREACH, "x"), UpstreamNotReached, "ENETUNREACH"),
        (OSError(errno.EMFILE, "x"), UpstreamNotReached, "EMFILE"),
        (ssl.SSLCertVerificationError("x"), UpstreamNotReached, "certificate"),
        (ssl.SSLEOFError("x"), UpstreamNotReached, "TLS"),
        (ssl.SSLZeroReturnError("x"), UpstreamNotReached, "TLS"),
        (ssl.SSLError("x"), UpstreamNotReached, "TLS"),
        (UnicodeError("label too long"), UpstreamNotReached, "name"),
    ],
)
def test_every_failure_to_connect_says_that_nothing_was_sent(exc: Exception, kind: type, word: str) -> None:
    """So the attempt loop may go on to the next target without a second bill."""
    error = translated(exc)
    assert type(error) is kind
    assert error.outcome == "not_sent"
    assert word in error.message


def test_no_row_of_the_table_hides_a_later_one() -> None:
    """The first row that fits is taken, so a base class must not come before its subclass."""
    kinds = [kind for kind, _ in TABLE]
    assert not [b for i, a in enumerate(kinds) for b in kinds[i + 1 :] if issubclass(b, a)]


class Sockets:
    """Stands in for connecting: an address is what happens when it is tried."""

    def __init__(self) -> None:
        self.opened: dict[str, socket.socket] = {}
        self.tried: list[str] = []

    async def open(self, _loop: object, address: tuple[int, tuple[str, ...]]) -> socket.socket:
        fate = address[1][0]
        self.tried.append(fate)
        if fate.startswith("refuses"):
            raise ConnectionRefusedError(errno.ECONNREFUSED, fate)
        if fate.startswith("stalls"):
            await asyncio.Event().wait()
        self.opened[fate] = socket.socket()
        return self.opened[fate]


@pytest.fixture
def race(monkeypatch: pytest.MonkeyPatch) -> tuple[Sockets, Callable[..., asyncio.Future[socket.socket]]]:
    sockets = Sockets()
    monkeypatch.setattr(connector, "_open", sockets.open)
    monkeypatch.setattr(connector, "_ATTEMPT_DELAY_SECONDS", 0.01)

    def run(*fates: str) -> asyncio.Future[socket.socket]:
        loop = asyncio.get_running_loop()
        return asyncio.ensure_future(connector._first_to_answer(loop, [(V4, (fate,)) for fate in fates]))

    return sockets, run


async def test_an_address_that_stalls_costs_only_a_delay(race) -> None:
    """The next one is tried beside it, and the first to answer wins."""
    sockets, run = race
    with await run("stalls", "answers") as won:
        assert won is sockets.opened["answers"]


async def test_an_address_that_refuses_costs_nothing(race) -> None:
    """The next one is tried at once; those behind the winner are not tried at all."""
    sockets, run = race
    with await run("refuses", "answers", "never tried"):
        assert sockets.tried == ["refuses", "answers"]


async def test_when_all_refuse_the_last_refusal_is_told(race) -> None:
    """There is no socket and no waiting."""
    _, run = race
    with pytest.raises(ConnectionRefusedError, match="refuses 2"):
        await run("refuses 1", "refuses 2")


async def test_who_wins_too_late_is_closed(race) -> None:
    """Two answers of the same moment leave one open socket."""
    sockets, _ = race
    loop = asyncio.get_running_loop()
    loser = loop.create_task(sockets.open(loop, (V4, ("answers",))))
    loser.add_done_callback(connector._close_loser)
    await loser
    await asyncio.sleep(0)
    assert sockets.opened["answers"].fileno() == -1


async def test_a_cancelled_race_leaves_no_attempt_behind(race) -> None:
    """Every attempt is cancelled with it."""
    _, run = race
    running = run("stalls 1", "stalls 2")
    await asyncio.sleep(0.03)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await asyncio.sleep(0)
    assert len(asyncio.all_tasks()) == 1


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "fe80::1%eth0", "::ffff:169.254.169.254", "fd00:ec2::254"]
)
def test_a_name_that_leads_to_the_metadata_service_leads_nowhere(address: str) -> None:
    """Whatever it led to when the configuration was read (DNS rebinding); what else it leads to is used."""
    with pytest.raises(UpstreamNotReached, match="allow_link_local"):
        without_link_local([(V4, (address, 80))])
    assert without_link_local([(V4, (address, 80)), (V4, ("10.0.0.1", 80))]) == [(V4, ("10.0.0.1", 80))]


@pytest.mark.parametrize(("link_local", "said"), [("refused", "allow_link_local"), ("allowed", "connect")])
async def test_the_address_is_judged_when_it_is_connected_to(
    monkeypatch: pytest.MonkeyPatch, link_local: str, said: str
) -> None:
    """By the resolver's answer of that moment; permission goes on to the connecting itself."""

    async def open_nothing(_loop: object, address: object) -> socket.socket:
        raise ConnectionRefusedError(errno.ECONNREFUSED, "nobody there")

    async def resolve(*_args: object, **_named: object) -> list[tuple[object, ...]]:
        return [(V4, socket.SOCK_STREAM, 6, "", ("169.254.169.254", 80))]

    monkeypatch.setattr(connector, "_open", open_nothing)
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve, raising=False)
    with pytest.raises(UpstreamNotReached, match=said):
        await connector.connect(
            parse_origin("http://harmless.example"), None, 1.0, asyncio.Protocol, link_local=link_local
        )
