"""The inference endpoints as FastAPI routes: for the OpenAPI document, and for servers that mount the app.

The application's own `__call__` answers these paths before FastAPI sees them.
"""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from llm_gateway.entrypoints.http.error_answer import ErrorAnswer
from llm_gateway.entrypoints.http.inference.fast_lane import CHAT_PATH, FastLane
from llm_gateway.entrypoints.http.inference.request_body import Receive, Scope, Send
from llm_gateway.entrypoints.http.openapi_document import CREDENTIALS


class ChatMessage(BaseModel):
    model_config = ConfigDict(extra="allow")

    role: str
    content: str | list[dict[str, Any]] | None = None


class ChatCompletionRequest(BaseModel):
    """OpenAI's chat-completions request; members not listed here are passed on."""

    model_config = ConfigDict(extra="allow")

    model: str = Field(min_length=1, max_length=256, description="A model id, an alias, or provider/model")
    messages: list[ChatMessage] = Field(min_length=1)
    stream: bool | None = None
    n: int | None = Field(default=None, ge=1, le=128)
    max_tokens: int | None = Field(default=None, ge=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)


class ChatCompletion(BaseModel):
    """OpenAI's chat completion."""

    model_config = ConfigDict(extra="allow")

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[dict[str, Any]]
    usage: dict[str, Any] | None = None


def _request_schema() -> dict[str, Any]:
    """Without references: the document's own components do not know what they would lead to."""
    schema = ChatCompletionRequest.model_json_schema()
    schema["properties"]["messages"]["items"] = schema.pop("$defs")["ChatMessage"]
    return schema


class _Handled(Response):
    def __init__(self, lane: FastLane) -> None:
        super().__init__()
        self._lane = lane

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._lane.chat(scope, receive, send)


_ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorAnswer} for status in (400, 401, 403, 404, 413, 415, 429, 500, 502, 503, 504)
}


def inference_router(lane: FastLane) -> APIRouter:
    router = APIRouter(tags=["inference"])

    @router.post(
        CHAT_PATH,
        status_code=200,  # FastAPI would look for it in the signature of the response class
        response_class=_Handled,
        response_model=None,
        dependencies=CREDENTIALS,
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": _request_schema()}},
            }
        },
        responses={
            200: {
                "model": ChatCompletion,
                "description": "A completion, or with `stream: true` server-sent events of chunks",
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
            },
            **_ERRORS,
        },
    )
    async def chat_completions(request: Request) -> Response:
        """Route a chat request to a provider and answer with its completion, plain or streamed."""
        return _Handled(lane)

    return router
