"""Features: what each costs a plain request, its gateway in the same rounds as one without it."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace

from bench.load import plain_request
from bench.process import Process
from bench.rounds import Work, interleaved, median_cpu_us, median_more_us
from bench.servers import ONE_PROVIDER, GatewaySetup, collector, gateway, upstream
from bench.table import Effort, Row, Table
from bench.telemetry import KINDS, check_told

_FEW = 3
_PLAIN = Work(request=plain_request(), connections=32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """`setup` is the standard gateway less the feature, or plus it when the standard has it not.

    `delivers`: its work goes on after the answers and is waited for.
    """

    title: str
    setup: GatewaySetup
    standard_has_it: bool = True
    delivers: bool = False


_OFF = (
    Feature(title="client keys", setup=replace(ONE_PROVIDER, auth=False)),
    Feature(title="one rule", setup=replace(ONE_PROVIDER, rules=0)),
    Feature(title="affinity (prompt prefix)", setup=replace(ONE_PROVIDER, affinity=False)),
    Feature(
        title="decision log: record encoded, chained, on disk",
        setup=replace(ONE_PROVIDER, without=("decision_log",)),
    ),
    Feature(title="metrics", setup=replace(ONE_PROVIDER, without=("metrics",))),
    Feature(title="attempts kept for the status", setup=replace(ONE_PROVIDER, without=("attempts",))),
)
_ACCESS_LOG = Feature(title="access log", setup=replace(ONE_PROVIDER, access_log=True), standard_has_it=False)


def features(effort: Effort) -> Table:
    """Each beside the standard gateway in pairs of short rounds, because the differences are small.

    What is delivered in the background counts until it has been.
    """
    short = Effort(rounds=effort.rounds, seconds=effort.seconds / 2)
    with ExitStack() as stack:
        direct = stack.enter_context(upstream())
        standard = stack.enter_context(gateway(direct))
        rows = [_row(one, standard, direct, short) for one in (*_OFF, _ACCESS_LOG)]
        for kind in KINDS:
            peer = stack.enter_context(collector())
            setup = replace(ONE_PROVIDER, environment=kind.environment(peer.port))
            delivers = kind.hears == "requests"
            one = Feature(title=kind.title, setup=setup, standard_has_it=False, delivers=delivers)
            rows.append(_row(one, standard, direct, short))
            if kind.hears != "nothing":
                check_told(peer, kind.title)
    titles = ("CPU µs per plain request", "with it", "without", "it costs")
    few = min(_FEW, effort.rounds)
    rounds = f"{short}, {few} where something is delivered,"
    return Table(heading="Features", titles=titles, rows=rows, rounds=rounds)


def _row(one: Feature, standard: Process, direct: Process, effort: Effort) -> Row:
    with gateway(direct, one.setup) as other:
        servers = {"there": standard, "absent": other}
        if not one.standard_has_it:
            servers = {"there": other, "absent": standard}
        settling = ("there",) if one.delivers else ()
        # What is delivered takes its time, and is dear enough to be seen in fewer rounds.
        rounds = min(_FEW, effort.rounds) if settling else effort.rounds
        found = interleaved(servers, _PLAIN, rounds=rounds, seconds=effort.seconds, settling=settling)
    there, absent = found["there"], found["absent"]
    costs = f"{median_more_us(there, absent):+.1f}"
    return one.title, f"{median_cpu_us(there):.1f}", f"{median_cpu_us(absent):.1f}", costs
