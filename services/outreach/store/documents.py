"""Values kept as JSON text."""

import msgspec


def to_json(value: object) -> str:
    """Write a value as JSON text, for a `jsonb` column."""
    return msgspec.json.encode(value).decode()
