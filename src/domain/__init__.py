"""Pure domain: what routing is. Standard library only; time and randomness come in as values."""
