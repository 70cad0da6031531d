"""ListModels: the model ids that clients may ask for."""

from __future__ import annotations

from llm_gateway.application.ports.current_snapshot import CurrentSnapshot
from llm_gateway.domain.errors import ModelNotFound
from llm_gateway.domain.model_catalogue import ListedModel


class ListModels:
    def __init__(self, snapshots: CurrentSnapshot) -> None:
        self._snapshots = snapshots

    def all(self) -> tuple[ListedModel, ...]:
        return tuple(self._snapshots.current().models())

    def one(self, model_id: str) -> ListedModel:
        """By its id, or as the explicit `provider/model`. Raises ModelNotFound."""
        for listed in self.all():
            if listed.id == model_id:
                return listed
        explicit = self._snapshots.current().explicit_model(model_id)
        if explicit is not None:
            return explicit
        raise ModelNotFound(f"The model '{model_id}' does not exist here", param="model")
