"""PolicyVerdict: peers' words made harmless, verdicts by target."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from llm_gateway.domain.constraint import PolicyConstraint
from llm_gateway.domain.policy_verdict import NO_VERDICTS, PolicyVerdict, denial

ALLOW = PolicyVerdict(policy_id="engine", effect="allow")


@settings(max_examples=100, deadline=None)
@given(rule=st.text(max_size=100), reason=st.text(st.characters(exclude_categories=()), max_size=1000))
def test_nothing_that_a_peer_writes_does_harm(rule: str, reason: str) -> None:
    """One printable line of bounded length, whatever came."""
    verdict = denial("engine", rule, reason)
    assert verdict.policy_id.isprintable() and verdict.policy_id.isascii() and len(verdict.policy_id) <= 71
    assert verdict.reason.isprintable() and 1 <= len(verdict.reason) <= 200


def test_what_is_readable_stays_as_it_was() -> None:
    """Lines become one."""
    verdict = denial("engine", "eu-only", "data must\nstay in the EU\x00")
    assert (verdict.policy_id, verdict.reason) == ("engine:eu-only", "data must stay in the EU")


def test_a_nameless_rule_is_the_peers_own() -> None:
    """And a reason is never empty."""
    assert denial("engine", "", "") == PolicyVerdict(policy_id="engine", effect="deny", reason="denied")


def test_verdicts_add_up_by_target() -> None:
    """The first denial is the one; what else was judged stays on record."""
    no, other = denial("engine", "a", "no"), denial("shield", "b", "no")
    found = NO_VERDICTS.and_also([(["x"], no), (["y"], ALLOW)]).and_also([(["x", "y"], other)])
    assert found.denied == {"x": ("engine:a", "no"), "y": ("shield:b", "no")}
    assert found.passed == {"y": (PolicyConstraint(policy_id="engine", effect="allow"),)}
    assert NO_VERDICTS.denied == NO_VERDICTS.passed == {}
