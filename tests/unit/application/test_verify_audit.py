"""VerifyAudit: every kind of tampering breaks the chain at its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from llm_gateway.application.ports.audit_trail import TrailLine
from llm_gateway.application.verify_audit import ChainReport, VerifyAudit
from llm_gateway.domain.hash_chain import link
from tests.fakes.audit_trail import FakeAuditTrail, sealed


def verified(lines: list[TrailLine]) -> ChainReport:
    (report,) = VerifyAudit()(FakeAuditTrail(worker=lines))
    return report


def test_a_whole_chain_is_sound() -> None:
    """Every record counted, nothing missing."""
    report = verified(sealed(5))
    assert (report.records, report.begins_at, report.missing, report.broken) == (5, 1, 0, None)


def test_an_empty_chain_is_sound() -> None:
    """A worker that has not decided anything yet."""
    report = verified([])
    assert (report.records, report.begins_at, report.broken) == (0, None, None)


def altered(line: TrailLine) -> TrailLine:
    assert line.body is not None
    return replace(line, body=line.body.replace(b'"acme"', b'"evil"'))


def altered_and_rehashed(line: TrailLine) -> TrailLine:
    changed = altered(line)
    assert changed.body is not None
    prev_hash = changed.body.partition(b'"prev_hash":"')[2][:64].decode()
    return replace(changed, hash=link(prev_hash, changed.body))


TAMPERING: dict[str, tuple[Callable[[list[TrailLine]], list[TrailLine]], int]] = {
    "altered": (lambda lines: [lines[0], altered(lines[1]), *lines[2:]], 1),
    "altered and hashed again": (lambda lines: [lines[0], altered_and_rehashed(lines[1]), *lines[2:]], 2),
    "removed": (lambda lines: [lines[0], *lines[2:]], 1),
    "swapped": (lambda lines: [lines[0], lines[2], lines[1], *lines[3:]], 1),
    "repeated": (lambda lines: [lines[0], lines[0], *lines[1:]], 1),
    "replaced by garbage": (lambda lines: [lines[0], replace(lines[1], body=None, hash=None)], 1),
    "replaced by other JSON": (lambda lines: [lines[0], replace(lines[1], body=b"{}")], 1),
}


@pytest.mark.parametrize("kind", TAMPERING)
def test_tampering_is_found_at_its_place(kind: str) -> None:
    """The first broken link is named; what comes before it is sound."""
    tamper, sound = TAMPERING[kind]
    lines = tamper(sealed(5))
    report = verified(lines)
    assert report.broken is not None
    assert report.records == sound
    assert report.broken.place == lines[sound].place


def test_segments_that_were_let_go_are_no_break() -> None:
    """Retention removes from the front; the report says where the rest begins."""
    report = verified(sealed(5)[2:])
    assert (report.records, report.begins_at, report.broken) == (3, 3, None)


def test_a_cut_front_cannot_pose_as_the_beginning() -> None:
    """Record 1 follows nothing."""
    (line,) = sealed(1)
    assert line.body is not None
    body = line.body.replace(b"0" * 64, b"a" * 64)
    report = verified([replace(line, body=body, hash=link("a" * 64, body))])
    assert report.broken is not None


def test_chains_are_reported_one_by_one() -> None:
    """One worker's broken chain does not taint the others."""
    good, bad = VerifyAudit()(FakeAuditTrail(good=sealed(3), bad=sealed(3)[::-1]))
    assert (good.chain, good.broken) == ("good", None)
    assert bad.broken is not None
