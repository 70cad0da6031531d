"""FakeModelMetadata: knows what it was told, for one address; every other upstream is a stranger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from llm_gateway.application.ports.model_metadata import KnownModel, ModelMetadata

ADDRESS = "https://api.openai.test/v1"
KNOWN = {
    "gpt-4o": KnownModel(source="fake 1", context_window=128_000, input_price="2.5", output_price="10"),
    "gpt-4o-mini": KnownModel(source="fake 1", context_window=128_000, input_price="0.15"),
    "o1": KnownModel(source="fake 1", context_window=200_000),
}


class FakeModelMetadata(ModelMetadata):
    """`questions` counts the calls."""

    def __init__(self, known: Mapping[str, KnownModel] = KNOWN) -> None:
        self.known = known
        self.questions = 0

    def lookup(self, provider_type: str, base_url: str, model: str) -> KnownModel | None:
        self.questions += 1
        return self.known.get(model) if base_url == ADDRESS else None

    def offered(self, base_url: str) -> Sequence[str]:
        self.questions += 1
        return sorted(self.known) if base_url == ADDRESS else ()
