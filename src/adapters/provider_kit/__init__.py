"""What provider files share. Knows no provider."""
