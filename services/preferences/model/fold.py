"""The record of a person, folded from the whole ledger: in any order of its entries the same. Pure."""

from collections.abc import Iterable
from datetime import datetime

from preferences.model.entry import CARRIED, Entry
from preferences.model.record import (
    HeardEvent,
    Record,
    RegisterValue,
    correction_of,
    fold_into,
    is_corrected,
    registers_of,
)
from preferences.model.stored_record import read_record
from schemas.people import StatementCorrected

#: The kinds of registers that a correction may take away, as `record.CORRECTABLE` has the events.
_CORRECTABLE_KINDS = ("is", "consent", "opened", "notice", "check", "lifted")


def fold(entries: Iterable[Entry]) -> Record:
    """Return the record that these entries make; what was corrected counts nowhere."""
    carried: list[Entry] = []
    events: list[HeardEvent] = []
    for entry in entries:
        if entry.type == CARRIED:
            carried.append(entry)
        else:
            events.append(entry.heard())
    registers: dict[str, RegisterValue] = {}
    for heard in events:
        if isinstance(heard.event.data, StatementCorrected):
            fold_into(registers, registers_of(heard))
    for heard in events:
        if not is_corrected(heard.event, registers):
            fold_into(registers, registers_of(heard))
    for entry in carried:
        fold_into(registers, _uncorrected(_registers_carried(entry), registers))
    return registers


def needs_the_whole_ledger(events: Iterable[HeardEvent]) -> bool:
    """Tell whether these events say something about entries, which no record can show."""
    return any(isinstance(heard.event.data, StatementCorrected) for heard in events)


def as_of(entries: Iterable[Entry], instant: datetime) -> list[Entry]:
    """Return what had been heard by an instant."""
    return [entry for entry in entries if entry.heard_at <= instant]


def _registers_carried(entry: Entry) -> Record:
    register = entry.data["register"]
    return read_record({register["name"]: (register["stamp"], register["value"])}, now=entry.heard_at)


def _uncorrected(carried: Record, registers: Record) -> Record:
    return {
        name: register
        for name, register in carried.items()
        if correction_of(register.stamp.source, register.stamp.id) not in registers
        or name.partition(" ")[0] not in _CORRECTABLE_KINDS
    }
