"""The inference plane: decoded once, routed, forwarded; nothing here goes through FastAPI's stack."""
