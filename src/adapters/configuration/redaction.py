"""Redaction: the file's text with credentials that it holds in clear replaced, fit to be kept.

A credential that is written out becomes a reference, `${INLINE_SECRET_<fingerprint>}`: going back to such a
version says which variable must be set instead of quietly using a copy that nobody knew was kept.
"""

from __future__ import annotations

import re
from typing import Any

from llm_gateway.adapters.configuration.problem import Path
from llm_gateway.adapters.configuration.yaml_document import YamlDocument
from llm_gateway.application.secret import Secret

_REFERENCES_ONLY = re.compile(r"(\$\{[A-Za-z_][A-Za-z0-9_]*(:-)?\})*")
_DEFAULT = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*:-[^}]+\}")
_TELLTALE = re.compile(r"auth|key|token|secret|cookie|credential|password|signature", re.IGNORECASE)


def redacted(text: str, document: YamlDocument) -> str:
    """`document` is `text` as it was parsed, before substitution."""
    spans = {}
    for path, place in document.places.items():
        value = _value(document.value, path)
        if isinstance(value, str) and _is_written_out(path, value):
            spans[(place.start, place.end)] = Secret(value).fingerprint().upper()
    for (start, end), fingerprint in sorted(spans.items(), reverse=True):
        text = f'{text[:start]}"${{INLINE_SECRET_{fingerprint}}}"{text[end:]}'
    return text


def _is_written_out(path: Path, value: str) -> bool:
    if path[-1] == "api_key":
        return _REFERENCES_ONLY.fullmatch(value) is None
    sent_upstream = len(path) >= 2 and path[-2] in ("headers", "add_headers", "options")
    if not sent_upstream or "match" in path or not _TELLTALE.search(str(path[-1])):
        return False
    return "${" not in value or _DEFAULT.search(value) is not None


def _value(tree: Any, path: Path) -> Any:
    for part in path:
        tree = tree[part]
    return tree
