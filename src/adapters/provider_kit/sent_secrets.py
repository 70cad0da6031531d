"""SentSecrets: what an account sends that nobody else may see, taken out of what its upstream says back."""

from __future__ import annotations

import re
from urllib.parse import quote

from llm_gateway.application.configuration import ProviderAccount

_REDACTED = b"[redacted]"
# A configured header is a credential by its name: a version or a region in an error message is of use.
_TELLTALE = re.compile(r"auth|key|token|secret|cookie|credential|password|signature", re.IGNORECASE)


class SentSecrets:
    """The key and the telling headers of one account, as they are and as JSON and URLs may write them."""

    def __init__(self, account: ProviderAccount) -> None:
        sent = [value for name, value in account.headers if _TELLTALE.search(name)]
        if account.api_key:
            sent.append(account.api_key.reveal())
        # What follows a scheme (`Bearer …`) is the secret, with and without it.
        secrets = {part for text in sent for part in (text, text.rpartition(" ")[2]) if part}
        forms = {form for text in secrets for form in (text, text.replace("/", r"\/"), quote(text, safe=""))}
        self._forms = sorted((form.encode() for form in forms), key=len, reverse=True)

    def taken_out(self, body: bytes) -> bytes:
        for form in self._forms:
            body = body.replace(form, _REDACTED)
        return body
