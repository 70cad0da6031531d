"""TokenVerifier adapters."""
