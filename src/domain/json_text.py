"""JSON texts of single values, in the one form that RFC 8785 gives them."""

from __future__ import annotations

import json
from json.encoder import encode_basestring as quoted
from typing import Any

from llm_gateway.domain.canonical_json import canonical, number
from llm_gateway.domain.exact_number import SmallFloat, exact_number

__all__ = ["document_text", "number_text", "optional_text", "quoted"]

# json's C encoder, at a tenth of canonical()'s cost.
_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


def document_text(document: Any) -> str:
    """A document whose members are in canonical order and whose numbers are `exact_number`s.

    On such a document json's encoder and canonical() agree but for floats with an exponent; whatever looks
    like one is written by canonical().
    """
    text = _encode(document)
    return canonical(document).decode("utf-8") if "e-" in text else text


def number_text(value: float) -> str:
    """`exact_number(value)` as JSON."""
    exact = exact_number(value)
    if type(exact) is float:
        return repr(exact)
    if type(exact) is int:
        return str(exact)
    return number(exact) if isinstance(exact, SmallFloat) else f'"{exact}"'


def optional_text(value: str | None) -> str:
    return "null" if value is None else quoted(value)
