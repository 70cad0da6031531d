"""The PromQL of deploy/monitoring."""

from __future__ import annotations

import json

import yaml

from tests.integration.deploy.workstation import ROOT

MONITORING = ROOT / "deploy" / "monitoring"


def expressions() -> dict[str, str]:
    """Every PromQL expression of the alerts and the dashboard, by name."""
    rules = [
        rule
        for group in yaml.safe_load((MONITORING / "alerts.yaml").read_text())["groups"]
        for rule in group["rules"]
    ]
    panels = json.loads((MONITORING / "dashboard.json").read_text())["panels"]
    return {rule["alert"]: rule["expr"] for rule in rules} | {
        f"{panel['title']} {target['refId']}": target["expr"]
        for panel in panels
        for target in panel["targets"]
    }
