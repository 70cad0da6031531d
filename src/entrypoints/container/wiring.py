"""The wiring of one serving process."""

from __future__ import annotations

import os
import random
from pathlib import Path

from dependency_injector import containers
from dependency_injector.providers import Dependency, Factory, Singleton

from llm_gateway.adapters.attempt_ledger.shared_ring import SharedRingLedger
from llm_gateway.adapters.clock import SystemClock
from llm_gateway.adapters.decision_log.delivery_spool import SpoolDeliveries
from llm_gateway.adapters.decision_log.spool_size import SpoolSize
from llm_gateway.adapters.identifiers import Uuid7Identifiers
from llm_gateway.adapters.metrics.audit_metrics import AuditMetrics
from llm_gateway.adapters.metrics.exposition import MetricsPage
from llm_gateway.adapters.metrics.policy_metrics import PolicyMetrics
from llm_gateway.adapters.metrics.prometheus_metrics import PrometheusMetrics
from llm_gateway.adapters.metrics.shared_cells import SharedCells
from llm_gateway.adapters.metrics.telemetry_metrics import TelemetryMetrics
from llm_gateway.adapters.metrics.traffic import SharedTraffic
from llm_gateway.adapters.model_metadata.genai_prices import GenaiPricesMetadata
from llm_gateway.adapters.provider_kit.provider_accounts import ProviderAccounts
from llm_gateway.adapters.worker_board.directory import DirectoryWorkerBoard
from llm_gateway.application.active_configuration import ActiveConfiguration
from llm_gateway.application.add_model_metadata import AddModelMetadata
from llm_gateway.application.admission import Admission
from llm_gateway.application.authenticate import Authenticate, ClientAccess
from llm_gateway.application.complete_chat import CompleteChat
from llm_gateway.application.configuration import GatewayConfiguration
from llm_gateway.application.consult_policies import ConsultPolicies
from llm_gateway.application.enriched_configuration_source import EnrichedConfigurationSource
from llm_gateway.application.explain_decision import ExplainDecision
from llm_gateway.application.health_book import HealthBook
from llm_gateway.application.inspect_routing import InspectRouting
from llm_gateway.application.lifecycle import Lifecycle
from llm_gateway.application.list_models import ListModels
from llm_gateway.application.live_configuration import LiveConfiguration
from llm_gateway.application.plan_route import PlanRoute
from llm_gateway.application.ports.configuration_source import ConfigurationSource
from llm_gateway.application.price_targets import PriceTargets
from llm_gateway.application.provider_slots import ProviderSlots
from llm_gateway.application.reload_configuration import ReloadConfiguration, open_configuration
from llm_gateway.application.replay_decision import ReplayDecision
from llm_gateway.application.report_health import ReportHealth
from llm_gateway.application.report_provider_state import ReportProviderState
from llm_gateway.application.report_status import Peers, ReportStatus
from llm_gateway.application.report_worker import ReportWorker
from llm_gateway.application.route_inference import RouteInference
from llm_gateway.application.service_identity import ServiceIdentity
from llm_gateway.application.tend_spool import TendSpool
from llm_gateway.domain.retry_budget import RetryBudget
from llm_gateway.entrypoints.container.audit import build_decision_log, build_event_sink, build_ship_events
from llm_gateway.entrypoints.container.client_access import (
    TokenVerifiers,
    client_access,
    pages_let_in,
    refuse_opening,
)
from llm_gateway.entrypoints.container.configuration import (
    configuration_source,
    configuration_stores,
    configuration_watch,
    spool_directory,
)
from llm_gateway.entrypoints.container.governance import build_governance
from llm_gateway.entrypoints.container.instance import name_instance
from llm_gateway.entrypoints.container.observers import health_events, reload_observer, request_observer
from llm_gateway.entrypoints.container.policies import consult_policies, policy_terms
from llm_gateway.entrypoints.container.rule_updates import build_rule_updates
from llm_gateway.entrypoints.container.secrets import secret_store
from llm_gateway.entrypoints.container.spool_check import check_spool
from llm_gateway.entrypoints.container.telemetry import NewFeed, build_telemetry
from llm_gateway.entrypoints.container.tracing import build_tracing
from llm_gateway.entrypoints.container.upstreams import dialects, upstream_transport
from llm_gateway.entrypoints.settings import Settings


def _run_dir(settings: Settings, name: str) -> Path:
    """What the workers of one service share while it runs."""
    return (settings.run_dir or Path("var/run")) / name


def _cells(settings: Settings) -> SharedCells:
    return SharedCells(_run_dir(settings, "metrics"), settings.worker)


def _attempts(settings: Settings) -> SharedRingLedger:
    return SharedRingLedger(_run_dir(settings, "attempts"), settings.worker)


def _peers(settings: Settings, consult: ConsultPolicies | None) -> Peers:
    return Peers(
        ruvector=settings.ruvector_service_url is not None,
        policies={} if consult is None else consult.endpoints(),
        workers=settings.workers,
    )


def _identity(settings: Settings) -> ServiceIdentity:
    return ServiceIdentity(
        agent_version=settings.agent_version, phase=settings.agent_phase, layer=settings.agent_layer
    )


def _slots(live: LiveConfiguration) -> ProviderSlots:
    return ProviderSlots(lambda: live.configuration.resilience.bulkhead.max_queue)


def _client_access(
    settings: Settings, live: LiveConfiguration, verifiers: TokenVerifiers
) -> ClientAccess | None:
    return client_access(settings, live.configuration, verifiers)


class Container(containers.DeclarativeContainer):
    settings = Dependency(instance_of=Settings)

    clock = Singleton(SystemClock)
    identifiers = Singleton(Uuid7Identifiers)
    lifecycle = Singleton(Lifecycle, started_at=clock.provided.now.call())

    secrets = Singleton(secret_store, settings)
    model_metadata = Singleton(GenaiPricesMetadata)
    source = Singleton(
        EnrichedConfigurationSource,
        Singleton(configuration_source, settings, secrets),
        model_metadata,
        begin="later",
    )
    spool_dir = Singleton(spool_directory, settings, source)
    stores = Singleton(configuration_stores, spool_dir, source)
    live_configuration = Singleton(open_configuration, stores, clock)
    token_verifiers = Singleton(TokenVerifiers)

    cells = Singleton(_cells, settings)
    metrics = Singleton(PrometheusMetrics, cells, settings.provided.version)
    metrics_page = Singleton(MetricsPage, Factory(_run_dir, settings, "metrics"))
    new_feed = Factory(NewFeed, Singleton(TelemetryMetrics, cells), clock)
    governance = Singleton(
        build_governance, settings, new_feed, metrics, live_configuration, clock, identifiers
    )
    authenticate = Singleton(
        Authenticate,
        Factory(_client_access, settings, live_configuration, token_verifiers),
        now=clock.provided.now,
        observer=governance.provided.refusals,
    )
    traffic = Singleton(SharedTraffic, Factory(_run_dir, settings, "metrics"))
    attempts = Singleton(_attempts, settings)

    provider_accounts = Singleton(ProviderAccounts, Factory(dialects))
    transport = Singleton(upstream_transport, settings)
    decision_log = Singleton(build_decision_log, settings, spool_dir, live_configuration, clock)
    event_sink = Singleton(build_event_sink, settings, secrets)
    audit_metrics = Singleton(AuditMetrics, cells)
    ship_events = Singleton(
        build_ship_events,
        decision_log,
        spool=Factory(SpoolDeliveries, spool_dir, decision_log, clock, workers=settings.provided.workers),
        sink=event_sink,
        observer=audit_metrics,
        clock=clock,
        randomness=random.random,
    )
    tend_spool = Singleton(
        TendSpool,
        log=decision_log,
        tend=decision_log.provided.tend,
        spool_bytes=Factory(SpoolSize, spool_dir),
        delivery=ship_events,
        observer=audit_metrics,
    )

    tracing = Singleton(build_tracing, settings, live_configuration, new_feed, clock)
    price_list = Singleton(PriceTargets, live_configuration, model_metadata)
    telemetry = Singleton(
        build_telemetry,
        settings,
        new_feed,
        price_list,
        compliance=governance.provided.feed,
        tell=governance.provided.tell,
        tracing=tracing,
    )

    provider_state = Singleton(ReportProviderState, live_configuration, metrics.provided.provider_state)
    slots = Singleton(_slots, live_configuration)
    health = Singleton(
        HealthBook,
        live_configuration.provided.configuration.resilience.circuit_breaker,
        clock,
        events=Factory(health_events, provider_state, slots, compliance=governance.provided.tell),
    )
    admission = Singleton(Admission, live_configuration.provided.configuration.resilience.bulkhead)
    budget = Singleton(RetryBudget, live_configuration.provided.configuration.resilience.retry.budget_ratio)

    consult_policies = Singleton(
        consult_policies, settings, live_configuration, clock, Singleton(PolicyMetrics, cells)
    )
    route_inference = Singleton(
        RouteInference,
        snapshots=live_configuration,
        health=health,
        log=decision_log,
        clock=clock,
        identifiers=identifiers,
        identity=Factory(_identity, settings),
    )
    complete_chat = Singleton(
        CompleteChat,
        route=route_inference,
        log=decision_log,
        providers=provider_accounts,
        transport=transport,
        health=health,
        observer=Factory(request_observer, live_configuration, metrics, attempts, telemetry),
        policy=live_configuration,
        budget=budget,
        slots=slots,
        clock=clock,
        randomness=random.random,
        consult=consult_policies,
    )
    plan_route = Singleton(
        PlanRoute,
        route=route_inference,
        health=health,
        log=decision_log,
        clock=clock,
        observer=metrics,
        route_observer=metrics,
        consult=consult_policies,
    )
    replay_decision = Singleton(ReplayDecision, stores.provided.archive)
    explain_decision = Singleton(ExplainDecision, decision_log, replay_decision)
    list_models = Singleton(ListModels, live_configuration)
    report_health = Singleton(ReportHealth, live_configuration, health, lifecycle)
    report_worker = Singleton(
        ReportWorker,
        number=settings.provided.worker,
        pid=Factory(os.getpid),
        live=live_configuration,
        health=health,
        report=report_health,
        lifecycle=lifecycle,
        log=decision_log,
        board=Singleton(DirectoryWorkerBoard, Factory(_run_dir, settings, "workers"), clock),
        clock=clock,
        delivery=ship_events,
        telemetry=telemetry.provided.feeds,
        refresh=provider_state.provided.refresh,
    )
    report_status = Singleton(
        ReportStatus,
        worker=report_worker,
        traffic=traffic,
        spool_bytes=Factory(SpoolSize, spool_dir),
        version=settings.provided.version,
        peers=Factory(_peers, settings, consult_policies),
    )
    inspect_routing = Singleton(
        InspectRouting,
        live=live_configuration,
        worker=report_worker,
        traffic=traffic,
        version=settings.provided.version,
    )
    reload_configuration = Singleton(
        ReloadConfiguration,
        live_configuration,
        stores,
        clock,
        Factory(reload_observer, metrics, governance.provided.tell),
    )
    rule_updates = Singleton(
        build_rule_updates,
        settings,
        live_configuration,
        stores,
        reload_configuration,
        clock,
        observer=governance.provided.refusals,
        compliance=governance.provided.log,
    )
    add_model_metadata = Singleton(
        AddModelMetadata, live_configuration, source, model_metadata, reload_configuration, clock
    )
    watch = Singleton(configuration_watch, settings, spool_dir)
    name_instance = Singleton(name_instance, settings, metrics, decision_log, lifecycle)


def build_container(
    settings: Settings,
    source: ConfigurationSource[GatewayConfiguration] | None = None,
    *,
    make_spool: bool = False,
) -> Container:
    """Everything wired and the configuration in force adopted by whoever keeps something of it.

    `source` takes the place of the configured one; `make_spool` refuses a spool that cannot be written.
    Raises ConfigurationError. Opens nothing: the server does that when it starts.
    """
    container = Container(settings=settings)
    if source is not None:
        container.source.override(source)
    if make_spool:
        check_spool(container.spool_dir())  # first: what was in force before is kept there, too
    live = container.live_configuration()

    def adopt(active: ActiveConfiguration) -> None:
        configuration, snapshot = active.configuration, active.snapshot
        access = client_access(settings, configuration, container.token_verifiers())
        refuse_opening(container.authenticate(), access, settings, configuration)
        container.provider_accounts().adopt(configuration)
        container.health().adopt(snapshot, policy=configuration.resilience.circuit_breaker)
        container.budget().ratio = configuration.resilience.retry.budget_ratio
        container.admission().revise(configuration.resilience.bulkhead)
        container.authenticate().adopt(access, pages=pages_let_in(settings, configuration))
        if (consult := container.consult_policies()) is not None:
            consult.revise(policy_terms(settings, configuration))
        models = {model.name for provider in snapshot.providers.values() for model in provider.models}
        container.metrics().adopt(snapshot.hash, snapshot.providers, models)

    container.event_sink()  # a URL that cannot be used is found before anything is served
    container.telemetry()
    container.provider_state().book = container.health()
    adopt(live.active)
    live.subscribe(adopt)
    return container
