"""The columns of a file of people, and what a row of them says. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from preferences.moving.cells import CellReader, UnreadableCell

T = TypeVar("T")

#: Every column that is understood, by what it is about. A file has those of them that it knows.
COLUMNS: Final[Mapping[str, Sequence[str]]] = {
    "the person": ("person_id", "as_of"),
    "names": ("given_name", "family_name", "full_name"),
    "wishes": ("language", "zone", "preferred_channels", "refused_channels", "pause_until"),
    "addresses": (
        *("phone", "phone_kind", "phone_origin", "email", "email_origin"),
        *("country", "region", "postal_code"),
    ),
    "a consent": (
        *("consent_channel", "consent_basis", "consent_address", "consent_at"),
        *("evidence_kind", "evidence_reference", "evidence_wording"),
    ),
    "an opt-out": ("opt_out_channel", "opt_out_address", "opt_out_at"),
    "a hold": ("hold_id", "hold_kind", "hold_debt_id", "hold_since", "hold_until"),
    "a past contact": (
        *("contact_id", "contact_channel", "contact_direction", "contact_outcome", "contact_at"),
        *("contact_address", "contact_debt_id", "contact_purpose"),
    ),
}
KNOWN: Final = frozenset(name for names in COLUMNS.values() for name in names)

_NAMES: Final = {"given_name": "given", "family_name": "family", "full_name": "full"}


class UnreadableRow(Exception):
    """A row that says nothing that can be used; `problem` names the column."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a row says: a type of the contract, when it happened, to whom, and the data as JSON has it."""

    type: str
    person_id: str
    time: datetime
    data: Mapping[str, Any]


class _Cells:
    """The cells of one row, each read as what it is; an empty one says nothing."""

    def __init__(self, cells: Mapping[str, str], reader: CellReader) -> None:
        self._cells = cells
        self._reader = reader

    def has(self, name: str) -> bool:
        return bool(self._cells.get(name))

    def text(self, name: str) -> str | None:
        return self._read(name, self._reader.text)

    def word(self, name: str) -> str | None:
        """Return a word of the contract, however it is capitalized."""
        text = self.text(name)
        return None if text is None else text.lower().replace(" ", "_")

    def phone(self, name: str) -> str | None:
        return self._read(name, self._reader.phone)

    def address(self, name: str) -> str | None:
        return self.text(name) if "@" in self._cells.get(name, "") else self.phone(name)

    def edge(self, name: str) -> str | None:
        return self._read(name, self._reader.edge)

    def postal_code(self, name: str, *, country: str) -> str | None:
        return self._read(name, lambda cell: self._reader.postal_code(cell, country=country))

    def instant(self, name: str, *, closes: bool = False) -> datetime | None:
        return self._read(name, lambda cell: self._reader.instant(cell, closes=closes))

    def channels(self, name: str) -> list[str] | None:
        text = self.text(name)
        return None if text is None else text.lower().replace(",", " ").split()

    def _read(self, name: str, read: Callable[[str], T]) -> T | None:
        cell = self._cells.get(name, "")
        if not cell:
            return None
        try:
            return read(cell)
        except UnreadableCell as error:
            raise UnreadableRow(f"{name}: {error.problem}") from None


def read_row(row: Mapping[str, str], *, reader: CellReader) -> list[Said]:
    """Return what a row of a file of people says.

    Raises:
        UnreadableRow: a cell cannot be used; nothing of the row is taken.
    """
    cells = _Cells(row, reader)
    person_id = cells.text("person_id")
    if person_id is None:
        raise UnreadableRow("person_id: is empty; every row names its person")
    as_of = cells.instant("as_of") or reader.as_of
    said = [
        Said(type=type_name, person_id=person_id, time=time or as_of, data=_present(data))
        for type_name, time, data in _statements(cells)
    ]
    if not said:
        raise UnreadableRow("says nothing but who; leave the row out, or name its columns with --column")
    return said


def _statements(cells: _Cells) -> Iterator[tuple[str, datetime | None, Mapping[str, Any]]]:
    profile = _profile(cells)
    if profile:
        yield "person.changed.v1", None, profile
    if cells.has("consent_channel"):
        at = cells.instant("consent_at")
        # Of a consent without a date nobody knows when it was given: it opens nothing.
        yield "consent.granted.v1", at, {**_consent(cells), "at": None if at is None else at.isoformat()}
    if cells.has("opt_out_channel"):
        out = {"channel": cells.word("opt_out_channel"), "address": cells.address("opt_out_address")}
        yield "consent.withdrawn.v1", cells.instant("opt_out_at", closes=True), out
    if cells.has("hold_id"):
        yield "hold.placed.v1", None, _hold(cells)
    if cells.has("contact_id"):
        yield "contact.recorded.v1", cells.instant("contact_at", closes=True), _contact(cells)


def _profile(cells: _Cells) -> dict[str, Any]:
    names = _present({ours: cells.text(theirs) for theirs, ours in _NAMES.items()})
    phone = _present(
        {
            "number": cells.phone("phone"),
            "kind": cells.word("phone_kind"),
            "origin": cells.word("phone_origin"),
        }
    )
    email = _present({"address": cells.text("email"), "origin": cells.word("email_origin")})
    country = (cells.text("country") or "").upper() or None
    place = {} if country is None else {
        "country": country,
        "region": cells.text("region"),
        "postal_code": cells.postal_code("postal_code", country=country),
    }  # fmt: skip
    zone = cells.text("zone")
    return _present(
        {
            "names": names or None,
            "language": cells.text("language"),
            "zones": None if zone is None else [zone],
            "phones": [phone] if "number" in phone else None,
            "emails": [email] if "address" in email else None,
            "addresses": [_present(place)] if place else None,
            "preferred_channels": cells.channels("preferred_channels"),
            "refused_channels": cells.channels("refused_channels"),
            "pause_until": cells.edge("pause_until"),
        }
    )


def _consent(cells: _Cells) -> dict[str, Any]:
    evidence = _present(
        {
            "kind": cells.word("evidence_kind"),
            "reference": cells.text("evidence_reference"),
            "wording": cells.text("evidence_wording"),
        }
    )
    if "reference" not in evidence or "kind" not in evidence:
        raise UnreadableRow("evidence_reference: a consent comes with what proves it, and of what kind it is")
    return _present(
        {
            "channel": cells.word("consent_channel"),
            "basis": cells.word("consent_basis"),
            "address": cells.address("consent_address"),
            "provenance": {"by": "system", "way": "import", "evidence": [evidence]},
        }
    )


def _hold(cells: _Cells) -> dict[str, Any]:
    return {
        "hold_id": cells.text("hold_id"),
        "kind": cells.word("hold_kind"),
        "debt_id": cells.text("hold_debt_id"),
        "since": cells.edge("hold_since"),
        "until": cells.edge("hold_until"),
    }


def _contact(cells: _Cells) -> dict[str, Any]:
    return {
        "contact_id": cells.text("contact_id"),
        "channel": cells.word("contact_channel"),
        "direction": cells.word("contact_direction") or "outbound",
        "outcome": cells.word("contact_outcome") or "unknown",
        "address": cells.address("contact_address"),
        "debt_id": cells.text("contact_debt_id"),
        "purpose": cells.word("contact_purpose"),
    }


def _present(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None or name == "at"}
