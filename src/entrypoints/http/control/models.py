"""GET /v1/models and /v1/models/{id}, in OpenAI's shape."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from llm_gateway.application.list_models import ListModels
from llm_gateway.domain.model_catalogue import ListedModel
from llm_gateway.entrypoints.http.control.guard import Guard
from llm_gateway.entrypoints.http.error_answer import ErrorAnswer
from llm_gateway.entrypoints.http.openapi_document import CREDENTIALS, REFUSALS


class ModelAnswer(BaseModel):
    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str


class ModelList(BaseModel):
    object: Literal["list"] = "list"
    data: list[ModelAnswer]


def models_router(list_models: ListModels, guard: Guard, *, started_at: float) -> APIRouter:
    """`created` is when this process started: upstreams' own dates are not known here."""
    router = APIRouter(
        tags=["inference"],
        dependencies=[*CREDENTIALS, Depends(guard("inference"))],
        responses=REFUSALS,
    )

    def answer(listed: ListedModel) -> ModelAnswer:
        return ModelAnswer(id=listed.id, created=int(started_at), owned_by=listed.owned_by)

    @router.get("/v1/models")
    async def models() -> ModelList:
        """Every model id that configuration names, aliases included."""
        return ModelList(data=[answer(listed) for listed in list_models.all()])

    @router.get("/v1/models/{model_id:path}", responses={404: {"model": ErrorAnswer}})
    async def model(model_id: str) -> ModelAnswer:
        """One model; the id may contain `/`."""
        return answer(list_models.one(model_id))

    return router
