"""FileSection: what every mapping of `gateway.yaml` has in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class FileSection(BaseModel):
    """Unknown keys are errors; inputs never appear in a validation error, they may hold secrets."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
