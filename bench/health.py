"""What the health book costs per request: CPU microseconds, the least of several rounds.

.venv/bin/python -m bench.health
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from llm_gateway.application.health_book import HealthBook
from llm_gateway.domain.circuit_breaker import BreakerPolicy
from llm_gateway.domain.provider import Model, Provider
from llm_gateway.domain.target import Target

_ROUNDS = 9
_CALLS = 20_000


class SystemClock:
    """The real one, so that its own cost is counted."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()


@dataclass(frozen=True, slots=True)
class Listing:
    providers: Mapping[str, Provider]


def microseconds(work: Callable[[], object], calls: int = _CALLS) -> float:
    best = float("inf")
    for _ in range(_ROUNDS):
        started = time.process_time()
        for _ in range(calls):
            work()
        best = min(best, time.process_time() - started)
    return best / calls * 1e6


def used_book(targets: int) -> tuple[HealthBook, list[Target]]:
    """A book in which each of `targets` targets, ten to a provider, has been called once."""
    models = tuple(Model(name=f"m{number}") for number in range(min(targets, 10)))
    providers = {
        f"p{number}": Provider(
            id=f"p{number}", type="t", dialect="d", models=models, quota_group="org", max_concurrent=1000
        )
        for number in range(max(targets // 10, 1))
    }
    book = HealthBook(BreakerPolicy(), SystemClock())
    book.adopt(Listing(providers))
    called = [Target(name, model.name) for name in providers for model in models]
    for target in called:
        permit = book.begin(target)
        assert permit is not None
        permit.finish("completed", ttft_ms=100.0, status=200)
    return book, called


def main() -> None:
    print(f"{'targets':>8}  {'view':>6}  {'view, begin, finish':>20}  {'begin, finish':>14}  {'429':>8}")
    for targets in (1, 10, 100, 1000):
        book, called = used_book(targets)
        target = called[0]

        def call(book: HealthBook = book, target: Target = target) -> None:
            permit = book.begin(target)
            assert permit is not None
            permit.finish("completed", ttft_ms=100.0, status=200)

        def request(book: HealthBook = book, call: Callable[[], None] = call) -> None:
            book.view()
            call()

        view, whole, calls = microseconds(book.view), microseconds(request), microseconds(call)
        started = time.process_time()
        permit = book.begin(target)
        assert permit is not None
        permit.finish("rejected", status=429, retry_after=60.0)
        cooled = (time.process_time() - started) * 1e6
        print(f"{len(called):8}  {view:6.2f}  {whole:20.2f}  {calls:14.2f}  {cooled:8.0f}")
    print("CPU µs; 429: one call whose Retry-After cools all targets at once")


if __name__ == "__main__":
    main()
