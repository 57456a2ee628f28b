"""What a command shows of quarantined records: where each came from and why, never what it holds."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from foundation.command_line import print_json, print_table
from foundation.quarantine import QuarantinedRecord, WaitingPerson
from foundation.terminal import echo


def print_records(records: Sequence[QuarantinedRecord], *, as_json: bool) -> None:
    """Print open records, oldest first, as a table or as JSON."""
    if as_json:
        print_json([describe_record(kept) for kept in records])
    elif records:
        print_table(("id", "kept at", "record", "reason", "problem"), map(_row, records))
        echo(f"{len(records)} open")
    else:
        echo("nothing is in the quarantine")


def print_waiting(waiting: Sequence[WaitingPerson], *, now: datetime, as_json: bool) -> None:
    """Print who waits for records that nobody could read, since when, and for which."""
    if as_json:
        print_json(
            [
                {"person": person.person, "since": person.since.isoformat(), "records": list(person.records)}
                for person in waiting
            ]
        )
    elif waiting:
        print_table(
            ("person", "waits since", "for", "records"), (_waiting_row(person, now) for person in waiting)
        )
        echo(f"{len(waiting)} waiting; see `quarantine show` of a record, then replay or dismiss it")
    else:
        echo("nobody waits for a record")


def _waiting_row(person: WaitingPerson, now: datetime) -> tuple[object, ...]:
    waited = str(now - person.since).partition(".")[0]
    records = ", ".join(map(str, person.records))
    return person.person, f"{person.since:%Y-%m-%d %H:%M:%S}Z", waited, records


def tell_record(kept: QuarantinedRecord) -> dict[str, Any]:
    """Return a record with what it holds, for whom it is about."""
    record = kept.malformed.record
    value = None if record.value is None else record.value.decode("utf-8", "backslashreplace")
    return {**describe_record(kept), "value": value}


def describe_record(kept: QuarantinedRecord) -> dict[str, Any]:
    """Return a quarantined record as JSON values, without its key, value and headers."""
    record = kept.malformed.record
    return {
        "id": kept.id,
        "state": kept.state,
        "reason": kept.malformed.reason,
        "problem": kept.malformed.problem,
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "person": kept.malformed.person,
        "kept_at": kept.kept_at.isoformat(),
        "closed_at": kept.closed_at.isoformat() if kept.closed_at else None,
        "closed_by": kept.closed_by,
    }


def _row(kept: QuarantinedRecord) -> tuple[object, ...]:
    record = kept.malformed.record
    place = f"{record.topic}/{record.partition}@{record.offset}"
    return kept.id, f"{kept.kept_at:%Y-%m-%d %H:%M}Z", place, kept.malformed.reason, kept.malformed.problem
