"""What calls upstreams: the dialects, and the transport for this environment."""

from __future__ import annotations

from collections.abc import Mapping

from llm_gateway.adapters.dialects.anthropic_messages import AnthropicMessages
from llm_gateway.adapters.dialects.google_generate_content import GoogleGenerateContent
from llm_gateway.adapters.dialects.openai_chat import OpenAIChat
from llm_gateway.adapters.upstream_transport.httpx_transport import HttpxTransport
from llm_gateway.adapters.upstream_transport.native.transport import NativeTransport
from llm_gateway.adapters.upstream_transport.proxy_choice import ProxyChoice, proxies_of
from llm_gateway.application.ports.dialect import Dialect
from llm_gateway.application.ports.upstream_transport import UpstreamTransport
from llm_gateway.entrypoints.settings import Settings


def dialects() -> Mapping[str, Dialect]:
    return {dialect.name: dialect for dialect in (OpenAIChat(), AnthropicMessages(), GoogleGenerateContent())}


def upstream_transport(settings: Settings) -> UpstreamTransport:
    direct: UpstreamTransport = NativeTransport()
    proxies = proxies_of(settings.environment)
    if not proxies.keys() - {"no"}:
        return direct
    return ProxyChoice(direct, proxies, lambda proxy: HttpxTransport(proxy=proxy))
