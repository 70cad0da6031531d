"""Adapters of the EventSink port: ruvector-service, and nobody."""
