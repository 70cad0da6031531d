"""Adapters of the ComplianceLog port: the platform's governance, and nobody."""
