"""Adapters: one folder (or file) per port. Only entrypoints/container names them."""
