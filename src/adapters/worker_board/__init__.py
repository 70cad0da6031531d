"""Worker boards: where workers see each other."""
