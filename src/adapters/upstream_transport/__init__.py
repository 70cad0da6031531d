"""Upstream transports: `native` for direct connections, `httpx` for proxied and low-rate ones."""
