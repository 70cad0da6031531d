"""What this instance is called, by where it runs."""
