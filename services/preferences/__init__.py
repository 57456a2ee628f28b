"""Preferences: who may be reached, how, when, and why not. It listens, remembers, and tells the whole."""
