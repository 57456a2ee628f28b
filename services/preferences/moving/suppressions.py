"""Lists of closed addresses as the vendors export them. They name addresses, not people. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from preferences.moving.cells import CellReader, UnreadableCell
from preferences.moving.columns import UnreadableRow
from schemas.addresses import canonical_address
from schemas.vocabulary import Channel, SuppressionKind, SuppressionOrigin

_SENDGRID: Final = {"email", "created"}
_TWILIO: Final = {"contact_id", "status"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedAddress:
    """An address to which nothing is sent any more, whoever has it, since `at`."""

    channel: Channel
    address: str
    kind: SuppressionKind
    origin: SuppressionOrigin
    at: datetime


def is_list_of_addresses(columns: Iterable[str]) -> bool:
    """Tell by its columns whether a file is a vendor's list."""
    named = {name.lower() for name in columns}
    return "person_id" not in named and (named >= _SENDGRID or named >= _TWILIO)


def read_closed_address(row: Mapping[str, str], *, reader: CellReader) -> ClosedAddress:
    """Return what a row of a vendor's list closes.

    SendGrid's lists have `email` and `created`: with `ip` they are of complaints, with `reason` of what
    cannot be delivered, else of people who unsubscribed. Twilio's have `contact_id`, `status` and
    `date_of_consent`.

    Raises:
        UnreadableRow: it closes nothing, or nobody can tell what.
    """
    cells = {name.lower(): cell for name, cell in row.items()}
    try:
        return _of_twilio(cells, reader) if "contact_id" in cells else _of_sendgrid(cells, reader)
    except UnreadableCell as error:
        raise UnreadableRow(error.problem) from None


def _of_sendgrid(cells: Mapping[str, str], reader: CellReader) -> ClosedAddress:
    address = canonical_address(reader.text(cells["email"]))
    if address is None or "@" not in address:
        raise UnreadableRow("email: is no address that can be read")
    at = reader.instant(cells["created"], closes=True) if cells["created"] else reader.as_of
    if "ip" in cells:
        return ClosedAddress(channel="email", address=address, kind="complained", origin="provider", at=at)
    if "reason" in cells:
        return ClosedAddress(channel="email", address=address, kind="unreachable", origin="provider", at=at)
    return ClosedAddress(channel="email", address=address, kind="opted_out", origin="unsubscribe", at=at)


def _of_twilio(cells: Mapping[str, str], reader: CellReader) -> ClosedAddress:
    if cells["status"] != "opt-out":
        raise UnreadableRow("status: is not opt-out; a consent is imported with what proves it")
    address = reader.phone(cells["contact_id"])
    said = cells.get("date_of_consent")
    at = reader.instant(said, closes=True) if said else reader.as_of
    return ClosedAddress(channel="sms", address=address, kind="opted_out", origin="provider", at=at)
