"""What a serving process does differently on Cloud Run."""

from __future__ import annotations

import pytest

from llm_gateway.entrypoints.http.worker import _drain_timeout
from llm_gateway.entrypoints.settings import Settings


@pytest.mark.parametrize(("configured", "expected"), [(30.0, 5.0), (2.0, 2.0)])
def test_on_cloud_run_the_drain_fits_the_grace_period(configured: float, expected: float) -> None:
    """10 s after SIGTERM it kills: the last deliveries need some of them."""
    assert _drain_timeout(Settings(k_service="llm-inference-gateway"), configured) == expected


def test_elsewhere_the_configuration_counts() -> None:
    """Kubernetes' grace period is configured beside it."""
    assert _drain_timeout(Settings(k_service=""), 30.0) == 30.0
