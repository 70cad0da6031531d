"""POST /agents/rules/updates: the optimizer's signed changes. It exists where the webhook's secret is set."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Request, Response, Security
from fastapi.security import APIKeyHeader
from pydantic import BaseModel, Field

from llm_gateway.application.accept_rule_update import AcceptedUpdate, AcceptRuleUpdate
from llm_gateway.domain.errors import ConfigurationError, InvalidRequest, RequestTooLarge
from llm_gateway.entrypoints.http.error_answer import ErrorAnswer, ErrorDetail
from llm_gateway.entrypoints.http.error_body import error_body
from llm_gateway.entrypoints.http.inference.request_body import ClientGone, read_body
from llm_gateway.entrypoints.http.inference.request_headers import RequestHeaders

PATH = "/agents/rules/updates"
MAX_BODY = 256 * 1024
_SIGNED = APIKeyHeader(
    name="X-Webhook-Signature",
    scheme_name="webhook_signature",
    auto_error=False,
    description="hex HMAC-SHA256 of X-Webhook-Timestamp, a dot, and compact JSON of id, eventType, timestamp,"
    " data and version",
)


class Change(BaseModel):
    parameter: str = Field(description="such as providers.openai.weight or rules.<name>.enabled")
    old_value: Any = Field(default=None, description="when stated, must be the one in force")
    new_value: Any = None
    change_type: Literal["replace", "add", "remove", "update"] = "replace"


class UpdateData(BaseModel):
    changes: list[Change] = Field(min_length=1)


class RuleUpdateRequest(BaseModel):
    id: str = Field(min_length=1, max_length=128)
    eventType: str
    timestamp: int | str
    data: UpdateData
    version: str


class AppliedChange(BaseModel):
    parameter: str
    new_value: Any
    change_type: str


class RuleUpdateAnswer(BaseModel):
    status: Literal["applied", "unchanged", "already_seen", "ignored"]
    event_id: str
    snapshot_hash: str = Field(description="of the snapshot in force")
    version: str | None = Field(description="what `llm-gateway config revert` takes to come back to this")
    changes: list[AppliedChange]


class RefusedChange(BaseModel):
    parameter: str
    reason: str


class RefusedUpdate(ErrorDetail):
    changes: list[RefusedChange]


class RefusedUpdateAnswer(BaseModel):
    error: RefusedUpdate


def rule_updates_router(accept: AcceptRuleUpdate) -> APIRouter:
    router = APIRouter(tags=["optimizer"])

    @router.post(
        PATH,
        response_model=RuleUpdateAnswer,
        dependencies=[Security(_SIGNED)],
        responses={
            **{status: {"model": ErrorAnswer} for status in (400, 401, 413, 415, 503)},
            422: {"model": RefusedUpdateAnswer},
        },
        openapi_extra={"parameters": _headers(), "requestBody": _request_body()},
    )
    async def rules_updates(request: Request) -> Response:
        """All changes in force as one snapshot on every worker, or none of them. An event that comes again is
        answered and changes nothing."""
        headers = RequestHeaders(request.scope["headers"])
        try:
            body = await read_body(request.receive, headers.content_length(), MAX_BODY)
        except RequestTooLarge:
            raise RequestTooLarge(f"the body is larger than {MAX_BODY} bytes") from None
        except ClientGone:
            raise InvalidRequest("the client left before its request was complete") from None
        try:
            accepted = await accept(
                body,
                signature=headers.get(b"x-webhook-signature"),
                timestamp=headers.get(b"x-webhook-timestamp"),
                event_id=headers.get(b"x-webhook-event-id"),
            )
        except ConfigurationError as exc:
            return Response(error_body(exc, changes=_reasons(exc)), 422, media_type="application/json")
        return Response(_answer(accepted).model_dump_json(), media_type="application/json")

    return router


def _headers() -> list[dict[str, Any]]:
    """OpenAPI parameter objects."""
    texts = (
        ("X-Webhook-Timestamp", True, "milliseconds since 1970, within five minutes of the gateway's time"),
        ("X-Webhook-Event-Id", False, "the body's `id`"),
    )
    return [
        {
            "name": name,
            "in": "header",
            "required": required,
            "description": description,
            "schema": {"type": "string"},
        }
        for name, required, description in texts
    ]


def _request_body() -> dict[str, Any]:
    schema = RuleUpdateRequest.model_json_schema()
    definitions = schema.pop("$defs")
    data = definitions["UpdateData"]
    data["properties"]["changes"]["items"] = definitions["Change"]
    schema["properties"]["data"] = data
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _reasons(error: ConfigurationError) -> list[dict[str, str]]:
    """Each refused change, or what the whole would have been refused for, once."""
    return [{"parameter": mistake.path, "reason": mistake.message} for mistake in (error, *error.others)]


def _answer(accepted: AcceptedUpdate) -> RuleUpdateAnswer:
    return RuleUpdateAnswer(
        status=accepted.status,
        event_id=accepted.event_id,
        snapshot_hash=accepted.snapshot_hash,
        version=accepted.version,
        changes=[
            AppliedChange(
                parameter=change.parameter, new_value=change.new_value, change_type=change.change_type
            )
            for change in accepted.changes
        ],
    )
