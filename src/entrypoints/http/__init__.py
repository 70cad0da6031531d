"""HTTP entrypoint: the inference plane (raw ASGI) in front of the control plane (FastAPI)."""
