"""RoutingSection: the `routing` part of `gateway.yaml` as it is written."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from llm_gateway.adapters.configuration.fields import (
    Count,
    Flag,
    HeaderName,
    Headers,
    Name,
    ProviderId,
    Targets,
    Weight,
)
from llm_gateway.adapters.configuration.file_section import FileSection
from llm_gateway.domain.capability import Capability
from llm_gateway.domain.strategy import Strategy

AffinitySource = Annotated[str, Field(pattern=r"^(header:[A-Za-z0-9_.-]+|metadata:.+|user|prompt_prefix)$")]


class MatchSection(FileSection):
    """Everything given must hold; an empty matcher matches every request. Globs know `*` and `?`."""

    models: tuple[Name, ...] = ()
    tenants: tuple[Name, ...] = ()
    headers: dict[HeaderName, str] = Field(default={})
    capabilities: tuple[Capability, ...] = ()
    min_input_tokens: Count = 0
    max_input_tokens: Count | None = None
    metadata: dict[str, str] = Field(default={})


class ActionSection(FileSection):
    """What a matching rule does."""

    providers: tuple[ProviderId, ...] = ()
    weights: dict[ProviderId, Weight] = Field(default={})
    strategy: Strategy | None = None
    model: Name | None = Field(default=None, description="ask for this model instead")
    add_headers: Headers = Field(default={}, description="sent upstream with the request")
    terminal: Flag = Field(default=True, description="no later rule is looked at")


class RuleSection(FileSection):
    name: Name
    priority: Count = Field(default=100, description="lower first, then file order")
    enabled: Flag = True
    match: MatchSection = MatchSection()
    action: ActionSection = ActionSection()


class FallbackSection(FileSection):
    enabled: Flag = True
    max_targets: Count = Field(default=3, description="targets after the selected one")


class RoutingSection(FileSection):
    """How a request finds its provider and model."""

    strategy: Strategy = "priority"
    affinity: tuple[AffinitySource, ...] = Field(
        default=(),
        description="header:<name>, metadata:<key>, user, prompt_prefix: the first that a request has",
    )
    default_providers: tuple[ProviderId, ...] = ()
    fallback: FallbackSection = FallbackSection()
    aliases: dict[Name, Targets] = Field(
        default={}, description="public name: provider/model, one or several in order"
    )
    rules: tuple[RuleSection, ...] = ()
