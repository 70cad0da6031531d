"""NullModelMetadata: every model is unknown."""

from __future__ import annotations

from collections.abc import Sequence

from typing_extensions import override

from llm_gateway.application.ports.model_metadata import KnownModel, ModelMetadata


class NullModelMetadata(ModelMetadata):
    @override
    def lookup(self, provider_type: str, base_url: str, model: str) -> KnownModel | None:
        return None

    @override
    def offered(self, base_url: str) -> Sequence[str]:
        return ()
