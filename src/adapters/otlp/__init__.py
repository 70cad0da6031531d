"""Adapter of the TelemetrySink port for traces: an OpenTelemetry collector."""
