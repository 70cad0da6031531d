"""How sure a decision is, from what really matched and the target's real health.

rule_match    how the selected target became a candidate:
                1.0  named: explicit `provider/model`, an alias, a listed name, or a rule that names
                     the provider
                0.8  the provider lists a pattern that the name matches
                0.5  the provider accepts any name, so nobody knows whether it has this model
                0.0  nothing was selected
availability  the target's health score now, 0.0 when it is unavailable or nothing was selected
overall       √(rule_match × availability)
"""

from __future__ import annotations

from math import sqrt

from llm_gateway.domain.decision import Confidence

NAMED = 1.0
PATTERN = 0.8
UNSEEN = 0.5

NO_CONFIDENCE = Confidence(rule_match=0.0, availability=0.0, overall=0.0)


def confidence(rule_match: float, availability: float) -> Confidence:
    return Confidence(
        rule_match=rule_match, availability=availability, overall=sqrt(rule_match * availability)
    )
