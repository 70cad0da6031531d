"""Secret stores: where the platform keeps the values of secrets."""
