"""A whole drill: from the settings to the results, in an event loop of its own."""

from __future__ import annotations

import asyncio
import sys

from llm_gateway.application.configuration import GatewayConfiguration
from llm_gateway.application.drill_case import FAULTS, DrillCase
from llm_gateway.application.run_drill import DrillResult, RunDrill
from llm_gateway.domain.errors import ConfigurationError, ModelNotFound
from llm_gateway.entrypoints.container import Container
from llm_gateway.entrypoints.drill.rehearsal import Rehearsal
from llm_gateway.entrypoints.settings import Settings


def drill(settings: Settings, model: str | None = None) -> tuple[str, list[DrillResult]]:
    """The model that was asked for and the results, plain and streamed for each fault.

    Without `model` it is the listed one with the most targets, so that there is a fallback to see.
    Raises ConfigurationError, and ModelNotFound for a model that is routed nowhere.
    """
    configuration = Container(settings=settings).source().load().configuration
    if not configuration.providers:
        raise ConfigurationError("no provider is configured, so there is nothing to drill; pass --config")
    rehearsal = Rehearsal(settings, configuration)
    model = model or _best_covered(rehearsal, configuration)
    if (decision := rehearsal.decision(model, "stream")).selected is None:
        reason = decision.rejection.message if decision.rejection is not None else "it is routed nowhere"
        raise ModelNotFound(f"cannot drill {model}: {reason}; choose another with --model", param="model")
    cases = [
        DrillCase(model=model, fault=fault, mode=mode) for fault in FAULTS for mode in ("plain", "stream")
    ]
    return model, _run(RunDrill(rehearsal), cases)


def _run(run_drill: RunDrill, cases: list[DrillCase]) -> list[DrillResult]:
    if sys.platform == "win32":
        return asyncio.run(run_drill(cases))
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(run_drill(cases))


def _best_covered(rehearsal: Rehearsal, configuration: GatewayConfiguration) -> str:
    listed = [model.id for model in configuration.snapshot().models()]
    if not listed:
        raise ConfigurationError("the configuration lists no model by name; choose one with --model")

    def targets(model: str) -> int:
        decision = rehearsal.decision(model, "stream")
        return 0 if decision.selected is None else 1 + len(decision.fallback)

    return max(listed, key=targets)
