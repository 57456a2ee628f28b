"""Records that start work."""
