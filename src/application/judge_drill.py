"""What a client should have seen of a fault, and which of the gateway's promises held."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from llm_gateway.application.drill_case import DrillCase, Ending, Observation
from llm_gateway.domain.retry_policy import OWN_FAULT_STATUSES

_CLOCK_SLACK_S = 0.01  # two clocks, the lab's and the timer's


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One promise about one case; `broken` says what was seen instead, None when the promise held."""

    promise: str
    broken: str | None


PROMISES: Mapping[str, str] = {
    "honest": "the client sees a whole answer, or an error, never one dressed up as the other",
    "outcome": "retries and fallbacks hide the failure where that is safe, and only there",
    "meaning": "an error keeps its status and is told in OpenAI's shape",
    "ledger": "every call that reached an upstream is told, and none was made after content was delivered",
    "patience": "no upstream is called again before it asked to be",
    "release": "no upstream call outlives the client's answer",
    "audit": "every decision has its event: one selection, one per fallback, one for the exhaustion",
}


def moves_on(case: DrillCase, seen: Observation) -> bool:
    """Whether such a failure goes to the next target, if there is one."""
    match case.fault.outcome(case.mode):
        case "rejected" | "not_sent":
            return True
        case "refused":
            return case.fault.name.isdecimal() and int(case.fault.name) in OWN_FAULT_STATUSES
        case "unknown":
            return seen.moves_when_unknown or (case.fault.begins and case.mode == "stream")
        case _:
            return False


def expected_ending(case: DrillCase, seen: Observation) -> Ending:
    outcome = case.fault.outcome(case.mode)
    if outcome == "completed":
        return "answer"
    if outcome == "partial":
        return "truncated"
    heals_after = case.fault.heals_after
    healed = heals_after is not None and heals_after < seen.max_attempts
    return "answer" if healed or (seen.alternatives and moves_on(case, seen)) else "error"


def judge(case: DrillCase, seen: Observation) -> tuple[Verdict, ...]:
    """One verdict per promise, in the order of PROMISES."""
    return tuple(Verdict(promise=name, broken=_CHECKS[name](case, seen)) for name in PROMISES)


def _honest(case: DrillCase, seen: Observation) -> str | None:
    if seen.client.ending() != "broken":
        return None
    return f"neither an answer nor an error: status {seen.client.status}, {seen.client.body[-200:]!r}"


def _outcome(case: DrillCase, seen: Observation) -> str | None:
    expected, ending = expected_ending(case, seen), seen.client.ending()
    return None if ending == expected else f"expected {expected}, saw {ending} ({seen.client.status})"


def _meaning(case: DrillCase, seen: Observation) -> str | None:
    ending, error = seen.client.ending(), seen.client.error()
    status = case.fault.status
    if ending == "error" and status is not None and seen.client.status != status:
        return f"status {seen.client.status} instead of {status}"
    if ending == "truncated" and error.get("code") != "stream_truncated":
        return f"code {error.get('code')} instead of stream_truncated"
    return None


def _ledger(case: DrillCase, seen: Observation) -> str | None:
    told = [attempt for attempt in seen.client.attempts() if not attempt.endswith("=not_sent")]
    if len(told) == len(seen.calls):
        return None
    return f"{len(seen.calls)} calls reached upstreams, {len(told)} were told"


def _patience(case: DrillCase, seen: Observation) -> str | None:
    asked = case.fault.retry_after
    last: dict[str, float] = {}
    for call in seen.calls if asked is not None else ():
        before = last.get(call.provider_id)
        if before is not None and call.arrived_at - before < (asked or 0) - _CLOCK_SLACK_S:
            return f"{call.provider_id} was called again after {call.arrived_at - before:.2f} s"
        last[call.provider_id] = call.arrived_at
    return None


def _release(case: DrillCase, seen: Observation) -> str | None:
    still = [call.provider_id for call in seen.calls if call.open]
    return f"still open at {', '.join(still)}" if still else None


def _audit(case: DrillCase, seen: Observation) -> str | None:
    targets = [attempt.rpartition("=")[0] for attempt in seen.client.attempts()]
    moves = sum(before != after for before, after in pairwise(targets))
    expected = ["route_select", *["route_fallback"] * moves]
    if seen.client.ending() == "error" and moves_on(case, seen):
        expected.append("route_reject")
    if list(seen.decision_types) == expected:
        return None
    return f"events {', '.join(seen.decision_types) or 'none'} instead of {', '.join(expected)}"


_CHECKS: Mapping[str, Callable[[DrillCase, Observation], str | None]] = {
    "honest": _honest,
    "outcome": _outcome,
    "meaning": _meaning,
    "ledger": _ledger,
    "patience": _patience,
    "release": _release,
    "audit": _audit,
}
