"""The ledger: contacts made, attempted and reserved. Every insert is made under the person's lock."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from foundation.database import Connection
from foundation.sql import queries
from outreach.model.contact import Contact
from outreach.model.words import Channel, ContactOutcome, Direction

_SQL = queries(__file__)

#: What became of a text that nobody got.
_NEVER_LEFT: Final = frozenset({ContactOutcome.NOT_SENT, ContactOutcome.REFUSED})


class Entry(Struct, frozen=True, kw_only=True):
    """A contact with what the ledger keeps beside it: whose it is, the address used, our attempt."""

    contact_id: str
    person_id: str
    contact: Contact
    address: str | None = None
    attempt_id: UUID | None = None


async def record_contacts(connection: Connection, entries: Sequence[Entry]) -> set[str]:
    """Add entries; one that was recorded before is left as it is. Return the ids of those that are new."""
    if not entries:
        return set()
    contacts = [entry.contact for entry in entries]
    recorded = await _SQL.record_contacts(
        connection,
        ids=[entry.contact_id for entry in entries],
        people=[entry.person_id for entry in entries],
        ats=[contact.at for contact in contacts],
        channels=[contact.channel for contact in contacts],
        directions=[contact.direction for contact in contacts],
        debts=["\x1f".join(sorted(contact.debts)) for contact in contacts],
        purposes=[contact.purpose for contact in contacts],
        outcomes=[contact.outcome for contact in contacts],
        replies=[contact.in_reply_to for contact in contacts],
        keys=[contact.key for contact in contacts],
        addresses=[entry.address for entry in entries],
        attempts=[entry.attempt_id for entry in entries],
        creditors=[contact.creditor for contact in contacts],
    )
    return {row["contact_id"] for row in recorded}


async def remember_contacts(connection: Connection, entries: Sequence[Entry]) -> set[str]:
    """Put back contacts of ours where less is known of them; return with whom they were."""
    if not entries:
        return set()
    contacts = [entry.contact for entry in entries]
    found = await _SQL.remember_contacts(
        connection,
        ids=[entry.contact_id for entry in entries],
        people=[entry.person_id for entry in entries],
        ats=[contact.at for contact in contacts],
        channels=[contact.channel for contact in contacts],
        debts=["\x1f".join(sorted(contact.debts)) for contact in contacts],
        purposes=[contact.purpose for contact in contacts],
        outcomes=[contact.outcome for contact in contacts],
        replies=[contact.in_reply_to for contact in contacts],
        keys=[contact.key for contact in contacts],
        addresses=[entry.address for entry in entries],
        attempts=[entry.attempt_id for entry in entries],
        creditors=[contact.creditor for contact in contacts],
    )
    return {row["person_id"] for row in found}


class PersonLedger(Struct, frozen=True):
    """The contacts of a person, when they last wrote by a channel from an address, and numbers texted."""

    contacts: list[Contact]
    wrote_from: dict[tuple[Channel, str], datetime]
    texted: set[str]


async def read_ledger(
    connection: Connection,
    people: Sequence[str],
    *,
    shared: Mapping[str, Collection[str]],
    erased: Mapping[str, Mapping[str, str]],
    other_ids: Mapping[str, Collection[str]],
    since: datetime,
) -> dict[str, PersonLedger]:
    """Return each person's contacts after `since`, under whatever id, and those at addresses they share.

    They share one with whoever was `erased` too: what stands for it in those contacts, by person and address.
    """
    sharing = _by_what_stands_for_it(shared, erased)
    found = await _SQL.read_ledger(
        connection,
        people=sorted({*people, *(other for others in other_ids.values() for other in others)}),
        shared=sorted(sharing),
        since=since,
    )
    known_as: defaultdict[str, list[str]] = defaultdict(list)
    for person, others in other_ids.items():
        for other in others:
            known_as[other].append(person)
    ledger = {person: PersonLedger([], {}, set()) for person in people}
    for row in found:
        contact = _contact(row)
        if (own := ledger.get(row["person_id"])) is not None:
            own.contacts.append(contact)
            _note_use(own, contact, row["address"])
            _note_text(own, contact, row["address"])
        for person in known_as[row["person_id"]]:
            ledger[person].contacts.append(contact)
            _note_text(ledger[person], contact, row["address"])
        for person, address in sharing.get(row["address"] or "", ()):
            if person != row["person_id"] and person not in known_as[row["person_id"]]:
                # Accounts of somebody else's are not this person's: it counts for every debt.
                ledger[person].contacts.append(of_another(contact))
                _note_text(ledger[person], contact, address)
    return ledger


def _by_what_stands_for_it(
    shared: Mapping[str, Collection[str]], erased: Mapping[str, Mapping[str, str]]
) -> Mapping[str, Sequence[tuple[str, str]]]:
    """Return by what the ledger has in the place of an address who has it now, and the address."""
    sharing: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for person, addresses in shared.items():
        for address in addresses:
            sharing[address].append((person, address))
    for person, stand_ins in erased.items():
        for address, stand_in in stand_ins.items():
            sharing[stand_in].append((person, address))
    return sharing


def _note_use(ledger: PersonLedger, contact: Contact, address: str | None) -> None:
    if contact.direction is Direction.INBOUND and address is not None:
        used = contact.channel, address
        ledger.wrote_from[used] = max(contact.at, ledger.wrote_from.get(used, contact.at))


def _note_text(ledger: PersonLedger, contact: Contact, address: str | None) -> None:
    is_text = contact.direction is Direction.OUTBOUND and contact.channel is Channel.SMS
    if address is not None and is_text and contact.outcome not in _NEVER_LEFT:
        ledger.texted.add(address)


async def list_contacts_of(connection: Connection, person_id: str) -> list[Contact]:
    """Return every contact with a person, oldest first."""
    return [_contact(row) for row in await _SQL.list_contacts_of(connection, person_id=person_id)]


async def read_last_heard(connection: Connection, people: Sequence[str]) -> dict[str, datetime]:
    """Return when each person last wrote to us or was spoken with."""
    return {
        event["person_id"]: event["at"] for event in await _SQL.read_last_heard(connection, people=people)
    }


async def settle_contacts(
    connection: Connection, outcomes: Mapping[UUID, tuple[ContactOutcome, datetime | None]]
) -> None:
    """Say what became of the contacts of these attempts; an instant moves them to the end of the call."""
    if outcomes:
        await _SQL.settle_contacts(
            connection,
            attempts=list(outcomes),
            outcomes=[outcome[0] for outcome in outcomes.values()],
            ats=[outcome[1] for outcome in outcomes.values()],
        )


def _contact(row: asyncpg.Record) -> Contact:
    # By name; what else the row holds is passed over.
    return msgspec.convert(dict(row), Contact)


def of_another(contact: Contact) -> Contact:
    """Return somebody else's contact at a shared address, as it counts for whoever shares it."""
    return Contact(
        at=contact.at,
        channel=contact.channel,
        direction=contact.direction,
        outcome=contact.outcome,
        in_reply_to=contact.in_reply_to,
    )
