"""The control plane: plain FastAPI with typed answers."""
