"""Secret: a credential's value that does not show itself anywhere by accident."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any, Never

MASK = "**********"


class Secret:
    """Holds a text; `reveal()` is the only way to it.

    Printing, formatting and `repr` give a mask, pickling raises TypeError (a copy in another process is a
    leak), JSON encoders find nothing to encode. Copies are the same object. Comparison is constant-time.
    """

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        self.__value = value

    def reveal(self) -> str:
        return self.__value

    def sha256(self) -> str:
        """The value's SHA-256 in lower-case hex: what client keys are looked up by."""
        return hashlib.sha256(self.__value.encode("utf-8", "surrogatepass")).hexdigest()

    def fingerprint(self) -> str:
        """The first 12 hex digits of the value's SHA-256: tells two credentials apart, gives neither."""
        return self.sha256()[:12]

    def __repr__(self) -> str:
        return f"Secret('{MASK}')"

    def __str__(self) -> str:
        return MASK

    def __format__(self, format_spec: str) -> str:
        return MASK

    def __bool__(self) -> bool:
        return bool(self.__value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(
            self.__value.encode("utf-8", "surrogatepass"), other.reveal().encode("utf-8", "surrogatepass")
        )

    def __hash__(self) -> int:
        return hash((Secret, self.__value))

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Secret:
        return self

    def __reduce_ex__(self, protocol: object) -> Never:
        raise TypeError("a Secret cannot be pickled")
