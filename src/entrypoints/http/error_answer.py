"""ErrorAnswer: OpenAI's error shape, for the OpenAPI document; and the handlers that produce it."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import Response

from llm_gateway.domain.errors import GatewayError, InvalidRequest, NotFound
from llm_gateway.entrypoints.http.error_body import error_body, retry_after_header
from llm_gateway.entrypoints.http.errors import status_of


class ErrorDetail(BaseModel):
    message: str
    type: str
    param: str | None = None
    code: str | None = None


class ErrorAnswer(BaseModel):
    error: ErrorDetail


def install_error_handlers(app: FastAPI) -> None:
    @app.exception_handler(GatewayError)
    async def gateway_error(request: Request, error: GatewayError) -> Response:
        return error_response(error)

    @app.exception_handler(RequestValidationError)
    async def bad_input(request: Request, error: RequestValidationError) -> Response:
        first: dict[str, Any] = dict(error.errors()[0])
        path = ".".join(str(part) for part in first["loc"][1:])
        message = f"{path}: {first['msg']}" if path else str(first["msg"])
        return error_response(InvalidRequest(message, param=path or None), 400)

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            return error_response(NotFound(f"there is nothing at {request.url.path}"), 404)
        code = "method_not_allowed" if error.status_code == 405 else "invalid_request"
        message = (
            f"{request.url.path} does not take {request.method}" if error.status_code == 405 else error.detail
        )
        answer = error_response(InvalidRequest(message, code=code), error.status_code)
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(Exception)
    async def bug(request: Request, error: Exception) -> Response:
        return error_response(GatewayError("the gateway failed; its log has the reason"), 500)


def error_response(error: GatewayError, status: int | None = None) -> Response:
    status = status_of(error) if status is None else status
    headers = {name.decode(): value.decode() for name, value in retry_after_header(error)}
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    return Response(error_body(error), status, headers=headers, media_type="application/json")
