"""Webhooks, unsubscribe links, and what operations ask of a running process."""
