"""Adapters of the DecisionLog port: null, memory, and JSON lines on disk."""
