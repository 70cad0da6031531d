"""Memo: a bound on what clients can make it remember."""

from __future__ import annotations

from llm_gateway.domain.memo import Memo


def test_it_returns_what_it_keeps() -> None:
    """`keep` gives the value back, `get` finds it again."""
    memo: Memo[str, int] = Memo(2)
    assert memo.get("a") is None
    assert memo.keep("a", 1) == 1
    assert memo.get("a") == 1


def test_it_never_grows_beyond_its_limit() -> None:
    """A thousand different keys leave at most the limit."""
    memo: Memo[int, int] = Memo(10)
    sizes = []
    for key in range(1000):
        memo.keep(key, key)
        sizes.append(len(memo))
    assert max(sizes) == 10
    assert memo.get(999) == 999
