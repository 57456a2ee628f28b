"""Finds what is wrong with a config folder, or weak in it, that no file of it shows alone. Pure."""
