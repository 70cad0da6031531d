"""Adapter of the TelemetrySink port: LLM-Observatory."""
