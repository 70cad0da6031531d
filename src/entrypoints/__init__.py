"""Entrypoints: settings, composition, HTTP, CLI and the lab."""
