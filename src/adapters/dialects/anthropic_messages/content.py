"""Message content: the hub's parts as content blocks."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from typing import Any
from urllib.parse import unquote_to_bytes

from llm_gateway.domain.errors import InvalidRequest

Block = dict[str, Any]

IMAGE_TYPES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
_DATA_URL = re.compile(r"data:([^;,]*)((?:;[^;,]*)*),(.*)", re.DOTALL)
_BASE64_OF_PDF = "JVBERi0"  # %PDF-
_TYPE_BY_SUFFIX = {
    ".pdf": "application/pdf",
    ".txt": "text/plain",
    ".md": "text/plain",
    ".csv": "text/plain",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
}


def content_blocks(content: Any, where: str) -> list[Block]:
    """Blocks of a message's `content` (None, a string, or a list of parts).

    `where` such as `messages[3].content` is what an InvalidRequest names. Text without any visible
    character yields no block: the API refuses it, and it says nothing.
    """
    if content is None:
        return []
    if isinstance(content, str):
        return _text_block(content)
    if not isinstance(content, list):
        raise InvalidRequest(f"{where} must be a string or a list of parts", param=where)
    blocks: list[Block] = []
    for index, part in enumerate(content):
        at = f"{where}[{index}]"
        if not isinstance(part, dict):
            raise InvalidRequest(f"{at} must be an object", param=at)
        made = _part_blocks(part, at)
        if made and isinstance(part.get("cache_control"), dict):
            made[-1]["cache_control"] = part["cache_control"]
        blocks.extend(made)
    return blocks


def _part_blocks(part: dict[str, Any], at: str) -> list[Block]:
    kind = part.get("type")
    if kind == "text":
        return _text_block(part.get("text"), f"{at}.text")
    if kind == "refusal":
        return _text_block(part.get("refusal"), f"{at}.refusal")
    if kind == "image_url":
        return [_image(part.get("image_url"), f"{at}.image_url")]
    if kind == "file":
        return [_file(part.get("file"), f"{at}.file")]
    raise InvalidRequest(f"{at}: parts of type {kind!r} cannot be sent to this provider", param=f"{at}.type")


def _text_block(text: Any, at: str = "content") -> list[Block]:
    if not isinstance(text, str):
        raise InvalidRequest(f"{at} must be a string", param=at)
    return [{"type": "text", "text": text}] if text.strip() else []


def _image(image: Any, at: str) -> Block:
    url = image.get("url") if isinstance(image, dict) else image
    if not isinstance(url, str):
        raise InvalidRequest(f"{at}.url must be a string", param=f"{at}.url")
    return {"type": "image", "source": _image_source(url, f"{at}.url")}


def _image_source(url: str, at: str) -> Block:
    if url.startswith(("https://", "http://")):
        return {"type": "url", "url": url}
    media_type, data = _data_url(url, at)
    if media_type not in IMAGE_TYPES:
        raise InvalidRequest(f"{at}: images must be JPEG, PNG, GIF or WebP, not {media_type!r}", param=at)
    return {"type": "base64", "media_type": media_type, "data": data}


def _file(file: Any, at: str) -> Block:
    if not isinstance(file, dict):
        raise InvalidRequest(f"{at} must be an object", param=at)
    if isinstance(file.get("file_id"), str):
        return {"type": "document", "source": {"type": "file", "file_id": file["file_id"]}}
    data = file.get("file_data")
    if not isinstance(data, str):
        raise InvalidRequest(f"{at} needs file_data or file_id", param=f"{at}.file_data")
    name = file.get("filename") if isinstance(file.get("filename"), str) else None
    block = _document(data, name, f"{at}.file_data")
    if name and block["type"] == "document":
        block["title"] = name
    return block


def _document(data: str, name: str | None, at: str) -> Block:
    if data.startswith(("https://", "http://")):
        return {"type": "document", "source": {"type": "url", "url": data}}
    media_type, data = _data_url(data, at) if data.startswith("data:") else (_guess(data, name), data)
    if media_type in IMAGE_TYPES:
        return {"type": "image", "source": {"type": "base64", "media_type": media_type, "data": data}}
    if media_type == "application/pdf":
        return {"type": "document", "source": {"type": "base64", "media_type": media_type, "data": data}}
    if media_type.startswith("text/") or media_type == "application/json":
        return {
            "type": "document",
            "source": {"type": "text", "media_type": "text/plain", "data": _text(data, at)},
        }
    raise InvalidRequest(f"{at}: files must be PDF, text or an image, not {media_type!r}", param=at)


def _guess(data: str, name: str | None) -> str:
    """Bare base64 says its type by its first bytes or its file name."""
    if data.startswith(_BASE64_OF_PDF):
        return "application/pdf"
    suffix = name[name.rfind(".") :].lower() if name and "." in name else ""
    return _TYPE_BY_SUFFIX.get(suffix, "unknown")


def _text(data: str, at: str) -> str:
    try:
        return b64decode(data, validate=True).decode()
    except (Base64Error, UnicodeDecodeError, ValueError):
        raise InvalidRequest(f"{at} is not base64 of UTF-8 text", param=at) from None


def _data_url(url: str, at: str) -> tuple[str, str]:
    """Media type and base64 data (RFC 2397)."""
    match = _DATA_URL.fullmatch(url)
    if match is None:
        raise InvalidRequest(f"{at} must be an http(s) URL or a data: URL", param=at)
    media_type, parameters, data = match.groups()
    if not parameters.endswith(";base64"):
        data = b64encode(unquote_to_bytes(data)).decode()
    media_type = media_type.strip().lower() or "text/plain"
    return ("image/jpeg" if media_type == "image/jpg" else media_type), data
