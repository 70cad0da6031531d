"""The scalar types of `gateway.yaml`, strict about what was written and lenient about `${VAR}` results.

A substituted value is always text, so numbers and flags are taken from text as well; nothing else is bent.
"""

from __future__ import annotations

import math
import re
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from llm_gateway.adapters.configuration.base_url import check_base_url
from llm_gateway.adapters.configuration.duration import parse_duration
from llm_gateway.adapters.configuration.size import parse_size

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)
_VISIBLE = re.compile(r"[\x20-\x7e\x80-\xff\t]*")
_PRICE = re.compile(r"\d{1,9}(\.\d{1,12})?", re.ASCII)
_WHOLE = re.compile(r"-?\d{1,18}", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?", re.ASCII)
# Written by the transport, or meant for one hop only (RFC 9110 §7.6.1): never configurable.
_RESERVED_HEADERS = frozenset(
    {
        "host",
        "content-length",
        "transfer-encoding",
        "connection",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "upgrade",
        "accept-encoding",
        "content-type",
        "expect",
    }
)


def _whole(value: Any) -> int:
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("must be a whole number")
    return value


def _number(value: Any) -> float:
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return float(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("must be a number")
    return float(value)


def _flag(value: Any) -> bool:
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def _duration(value: Any) -> float:
    if isinstance(value, str):
        return parse_duration(value)
    if value == 0 and not isinstance(value, bool):
        return 0.0
    raise ValueError("must be a duration with a unit, such as 100ms, 5s or 2m")


def _positive(value: float) -> float:
    if value <= 0:
        raise ValueError("must be longer than 0s")
    return value


def _size(value: Any) -> int:
    if isinstance(value, str):
        return parse_size(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("must be a size, such as 1048576, 512KiB or 32MiB")
    return value


def _moment(value: Any) -> float:
    """Unix seconds. A time without an offset would mean another moment on another machine."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            value = None
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValueError("must be a time with an offset, such as 2027-01-31T00:00:00Z")
    return value.timestamp()


def _key_set_url(value: str) -> str:
    """Whoever can change the answer decides who is let in: never in clear over a network."""
    plain = value.partition("?")[0]
    check_base_url(plain)
    if not plain.startswith(("https://", "http://127.0.0.1:", "http://localhost:", "http://[::1]:")):
        raise ValueError("must begin with https:// (http:// only for a port on loopback)")
    return value


def _price(value: Any) -> str:
    text = (
        format(Decimal(repr(value)), "f") if type(value) in (int, float) and math.isfinite(value) else value
    )
    if not isinstance(text, str) or not _PRICE.fullmatch(text):
        raise ValueError("must be a price in USD per million tokens, such as '0.15'")
    return text


def _header_name(name: str) -> str:
    if not _TOKEN.fullmatch(name):
        raise ValueError("is not an HTTP header name")
    if name.lower() in _RESERVED_HEADERS:
        raise ValueError("is written by the gateway itself and cannot be configured")
    return name.lower()


def _header_value(value: str) -> str:
    if not _VISIBLE.fullmatch(value):
        raise ValueError("holds a character that a header cannot carry")
    return value.strip()


def _one_or_many(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


_DURATION_SCHEMA = {"anyOf": [{"type": "string", "examples": ["100ms", "5s", "2m"]}, {"const": 0}]}
_SIZE_SCHEMA = {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "examples": ["32MiB"]}]}
_PRICE_SCHEMA = {"anyOf": [{"type": "string", "examples": ["0.15"]}, {"type": "number", "minimum": 0}]}

# The bound stands inside the reader of text: the other way round pydantic drops it from the JSON Schema.
Count = Annotated[int, Field(ge=0), BeforeValidator(_whole)]
Positive = Annotated[int, Field(ge=1), BeforeValidator(_whole)]
Weight = Annotated[int, Field(ge=1, le=1_000_000), BeforeValidator(_whole)]
Port = Annotated[int, Field(ge=0, le=65535), BeforeValidator(_whole)]
Ratio = Annotated[float, Field(ge=0, le=1), BeforeValidator(_number)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Duration = Annotated[float, BeforeValidator(_duration), WithJsonSchema(_DURATION_SCHEMA)]
PositiveDuration = Annotated[
    float, AfterValidator(_positive), BeforeValidator(_duration), WithJsonSchema(_DURATION_SCHEMA)
]
Moment = Annotated[float, BeforeValidator(_moment), WithJsonSchema({"type": "string", "format": "date-time"})]
KeySetUrl = Annotated[str, AfterValidator(_key_set_url)]
PageOrigin = Annotated[
    str,
    Field(pattern=r"^https?://([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(:[1-9][0-9]{0,4})?$"),
]
Size = Annotated[int, BeforeValidator(_size), WithJsonSchema(_SIZE_SCHEMA)]
Price = Annotated[str, BeforeValidator(_price), WithJsonSchema(_PRICE_SCHEMA)]
Name = Annotated[str, Field(min_length=1, max_length=256)]
ProviderId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
HeaderName = Annotated[str, AfterValidator(_header_name)]
HeaderValue = Annotated[str, AfterValidator(_header_value)]
Headers = dict[HeaderName, HeaderValue]
Targets = Annotated[
    tuple[Name, ...],
    BeforeValidator(_one_or_many),
    Field(min_length=1),
    WithJsonSchema(
        {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
    ),
]
