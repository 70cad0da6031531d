"""Media: pictures, sound, video and files of a hub message as Google's inlineData and fileData.

The gateway fetches nothing: an https URL is handed to Google, which fetches public ones itself.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from llm_gateway.domain.errors import InvalidRequest

_FILES_API = "https://generativelanguage.googleapis.com/v1beta/"
_MIME_BY_SUFFIX = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "heic": "image/heic",
    "heif": "image/heif",
    "pdf": "application/pdf",
    "txt": "text/plain",
    "md": "text/markdown",
    "csv": "text/csv",
    "html": "text/html",
    "json": "application/json",
    "wav": "audio/wav",
    "mp3": "audio/mp3",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "aac": "audio/aac",
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "webm": "video/webm",
    "mkv": "video/x-matroska",
}


def media_part(part: Mapping[str, Any], param: str) -> dict[str, Any] | None:
    """A Google part, or None when `part` is no media. `param` names it in errors. Raises InvalidRequest."""
    kind = part.get("type")
    if kind in ("image_url", "video_url"):
        link = part.get(kind)
        url = link.get("url") if isinstance(link, Mapping) else link
        given = link.get("format") if isinstance(link, Mapping) else None
        return _from_url(_required(url, f"{param}.{kind}.url"), given, f"{param}.{kind}.url")
    if kind == "input_audio":
        audio = part.get("input_audio")
        audio = audio if isinstance(audio, Mapping) else {}
        data = _required(audio.get("data"), f"{param}.input_audio.data")
        return _inline(f"audio/{audio.get('format') or 'wav'}", data)
    if kind == "file":
        return _file(part.get("file"), f"{param}.file")
    return None


def _file(file: Any, param: str) -> dict[str, Any]:
    fields = file if isinstance(file, Mapping) else {}
    given = fields["format"] if isinstance(fields.get("format"), str) else None
    data, file_id, name = fields.get("file_data"), fields.get("file_id"), fields.get("filename")
    if isinstance(data, str) and data:
        if data.startswith("data:"):
            return _from_url(data, given, f"{param}.file_data")
        return _inline(given or _mime_of(name) or "application/pdf", data)
    if not isinstance(file_id, str) or not file_id:
        raise InvalidRequest("a file needs file_data or file_id", param=param)
    if file_id.startswith("files/"):
        file_id = _FILES_API + file_id
    if not file_id.startswith(("https://", "http://", "gs://")):
        message = "file_id must be Google's (files/…, gs://…) or a URL: another provider's is out of reach"
        raise InvalidRequest(message, param=f"{param}.file_id")
    return _from_url(file_id, given or _mime_of(name), f"{param}.file_id")


def _from_url(url: str, given: Any, param: str) -> dict[str, Any]:
    if url.startswith("data:"):
        return _from_data_url(url, given, param)
    if not url.startswith(("https://", "http://", "gs://")):
        raise InvalidRequest("only http, https, gs and data URLs can be handed on", param=param)
    file = {"fileUri": url}
    mime = given if isinstance(given, str) and given else _mime_of(urlsplit(url).path)
    if mime:
        file["mimeType"] = mime
    return {"fileData": file}


def _from_data_url(url: str, given: Any, param: str) -> dict[str, Any]:
    head, comma, data = url[len("data:") :].partition(",")
    if not comma:
        raise InvalidRequest("the data URL has no comma", param=param)
    words = head.split(";")
    mime = given if isinstance(given, str) and given else words[0] or "text/plain"
    if words[-1].strip().lower() != "base64":
        data = base64.b64encode(unquote_to_bytes(data)).decode()
    return _inline(mime, data)


def _inline(mime: Any, data: str) -> dict[str, Any]:
    return {"inlineData": {"mimeType": mime, "data": data}}


def _mime_of(name: Any) -> str | None:
    suffix = name.rpartition(".")[2].lower() if isinstance(name, str) and "." in name else ""
    return _MIME_BY_SUFFIX.get(suffix)


def _required(value: Any, param: str) -> str:
    if not isinstance(value, str) or not value:
        raise InvalidRequest(f"{param} is missing", param=param)
    return value
