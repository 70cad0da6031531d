"""Adapter of the TelemetrySink port: LLM-CostOps."""
