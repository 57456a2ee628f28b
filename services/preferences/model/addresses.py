"""The addresses that a record names, each in its one canonical form. Pure."""

from collections.abc import Iterator

from preferences.model.record import Record
from schemas.addresses import comparable


def addresses_of(record: Record) -> list[str]:
    """Return every number and email address that the person has, or about which something was said."""
    return sorted({comparable(address) for address in _named(record) if address})


def _named(record: Record) -> Iterator[str | None]:
    for name, register in record.items():
        kind, value = name.partition(" ")[0], register.value
        if name == "is phones":
            yield from (phone["number"] for phone in value or ())
        elif name == "is emails":
            yield from (email["address"] for email in value or ())
        elif (name == "is safe_contact" and value is not None) or kind in {"consent", "opt_out"}:
            yield value.get("address")
