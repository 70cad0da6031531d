"""Finds every provider type by being there: each module of a package that exports `PROVIDER`."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

from llm_gateway.adapters.provider_kit.provider_type import ProviderType


def discover(package: ModuleType) -> dict[str, ProviderType]:
    """Provider types by name. Raises ValueError when a module exports none, or two share a name."""
    found: dict[str, ProviderType] = {}
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda info: info.name):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        provider = getattr(module, "PROVIDER", None)
        if not isinstance(provider, ProviderType):
            raise ValueError(f"{module.__name__} does not export PROVIDER, a ProviderType")
        if provider.name in found:
            raise ValueError(f"{module.__name__}: a provider type named {provider.name!r} exists already")
        found[provider.name] = provider
    return found
