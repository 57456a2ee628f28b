"""The people of the fictional agency, all from one seed."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Any, Final

from outreach.demo.places import FAMILY, GIVEN, PLACES, Place, number_in
from schemas.light_check import Fact


class Temper(StrEnum):
    """How somebody takes it that they owe money."""

    IGNORES = "ignores"
    PAYS = "pays"
    PAYS_IN_PARTS = "pays in parts"
    AGREES = "agrees to a plan"
    PROMISES = "promises"
    DISPUTES = "disputes"
    STOPS = "asks us to stop"
    WRITES = "writes back"
    IS_HELD = "may not be contacted"


_TEMPERS: Final[Mapping[Temper, int]] = {
    Temper.IGNORES: 24,
    Temper.PAYS: 18,
    Temper.PAYS_IN_PARTS: 7,
    Temper.AGREES: 18,
    Temper.PROMISES: 9,
    Temper.DISPUTES: 6,
    Temper.STOPS: 8,
    Temper.WRITES: 6,
    Temper.IS_HELD: 4,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A debt as it is placed."""

    debt_id: str
    creditor: str
    role: str
    reference: str
    cents: int
    currency: str
    placed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Resident:
    """A fictional person. `profile` is what preferences knows of them from the first day."""

    person_id: str
    given: str
    family: str
    place: Place
    phone: str | None
    phone_of: Place
    email: str | None
    temper: Temper
    accounts: tuple[Account, ...]
    profile: Mapping[str, Any]
    birth_year: int

    @property
    def answers(self) -> Mapping[Fact, str]:
        """What they answer to the light check of their page."""
        return {
            "postal_code": self.profile["addresses"][0]["postal_code"],
            "birth_year": str(self.birth_year),
        }

    @property
    def full_name(self) -> str:
        return f"{self.given} {self.family}"


_OLDEST: Final = 1946
_YEARS: Final = 60
_CURRENCIES: Final = {"US": "USD", "CA": "CAD", "GB": "GBP", "AU": "AUD"}


def populate(count: int, *, seed: int, begins: datetime, days: int) -> list[Resident]:
    """Return that many people; the same for the same seed."""
    numbers: Counter[str] = Counter()
    return [
        _Birth(number, Random(f"{seed}:{number}"), begins, days, numbers).resident()
        for number in range(1, count + 1)
    ]


class _Birth:
    """One throw of the dice per thing, always in the same order."""

    def __init__(
        self, number: int, chance: Random, begins: datetime, days: int, numbers: Counter[str]
    ) -> None:
        self._number = number
        self._chance = chance
        self._begins = begins
        self._days = days
        self._numbers = numbers

    def resident(self) -> Resident:
        chance = self._chance
        place = _one_of(PLACES, chance)
        given, family = chance.choice(GIVEN), chance.choice(FAMILY)
        temper = chance.choices(list(_TEMPERS), weights=list(_TEMPERS.values()))[0]
        phone_of = self._phone_of(place)
        phone = self._phone(phone_of) if chance.random() < 0.93 else None
        email = f"{given}.{family}.{self._number}@example.com".lower()
        has_email = chance.random() < 0.9 or phone is None
        return Resident(
            person_id=f"p-{self._number:04}",
            given=given,
            family=family,
            place=place,
            phone=phone,
            phone_of=phone_of,
            email=email if has_email else None,
            temper=temper,
            accounts=self._accounts(place),
            profile=self._profile(
                given, family, place, phone=phone, email=email if has_email else None, temper=temper
            ),
            birth_year=_OLDEST + self._number * 7 % _YEARS,
        )

    def _phone_of(self, place: Place) -> Place:
        """Most numbers are from where people live; some were brought along from elsewhere."""
        if place.country != "US" or self._chance.random() > 0.2:
            return place
        return _one_of([place for place in PLACES if place.country == "US"], self._chance)

    def _phone(self, place: Place) -> str:
        area_code = self._chance.choice(place.area_codes)
        self._numbers[area_code] += 1
        return number_in(area_code, self._numbers[area_code])

    def _accounts(self, place: Place) -> tuple[Account, ...]:
        chance = self._chance
        how_many = 2 if chance.random() < 0.12 else 1
        creditors = [chance.choice(("northwind", "northwind", "lakeside")) for _ in range(how_many)]
        return tuple(
            Account(
                debt_id=f"d-{self._number:04}-{count}",
                creditor=creditor,
                role=chance.choices(("third_party", "debt_buyer", "first_party"), weights=(7, 2, 1))[0],
                reference=f"{creditor[0].upper()}-{10_000 + self._number * 7 + count}",
                cents=chance.randrange(45, 960) * 100 + chance.choice((0, 0, 25, 50, 95)),
                currency=_CURRENCIES[place.country],
                placed_at=self._workday(chance.random() ** 1.5 * self._days * 0.6),
            )
            for count, creditor in enumerate(creditors, 1)
        )

    def _workday(self, days: float) -> datetime:
        """Return an instant in the agency's office hours, about so many days after the beginning."""
        day = self._begins + timedelta(days=int(days))
        day += timedelta(days=(0, 0, 0, 0, 0, 2, 1)[day.weekday()])
        return day.replace(hour=14, minute=0) + timedelta(minutes=self._chance.randrange(0, 480, 5))

    def _profile(
        self, given: str, family: str, place: Place, *, phone: str | None, email: str | None, temper: Temper
    ) -> dict[str, Any]:
        chance = self._chance
        given_at = self._begins - timedelta(days=chance.randrange(1, 30), hours=chance.randrange(24))
        profile: dict[str, Any] = {
            "names": {"given": given, "family": family},
            "language": "es" if chance.random() < 0.08 else "en",
            "addresses": [
                {
                    "country": place.country,
                    "region": place.region,
                    "postal_code": chance.choice(place.postal_codes),
                    "origin": "creditor",
                }
            ],
            "phones": [{"number": phone, "kind": "mobile", "origin": "person"}] if phone else [],
            "emails": [{"address": email, "origin": "person"}] if email else [],
            "consents": self._consents(given_at),
            "notices": self._notices(place),
            **self._wishes(),
        }
        if temper is Temper.IS_HELD:
            profile["holds"] = [self._hold()]
        return profile

    def _consents(self, given_at: datetime) -> list[dict[str, Any]]:
        """Nine in ten gave their consent themselves; the others only had a notice from the creditor."""
        if self._chance.random() < 0.9:
            basis = self._chance.choice(("written", "written", "direct"))
            return [
                {"channel": channel, "basis": basis, "at": given_at.isoformat()}
                for channel in ("sms", "email")
            ]
        return [{"channel": "email", "basis": "creditor_notice", "at": given_at.isoformat()}]

    def _notices(self, place: Place) -> list[dict[str, Any]]:
        name = {"DC": "us-dc-m2a", "ON": "written_notice", "QC": "written_notice"}.get(place.region or "")
        if name is None or self._chance.random() < 0.2:
            return []
        posted = self._begins.date() - timedelta(days=self._chance.randrange(1, 12))
        return [{"name": name, "on": posted.isoformat()}]

    def _wishes(self) -> dict[str, Any]:
        everyday = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        match self._chance.randrange(12):
            case 0:
                return {"convenient": [{"days": everyday[:5], "begins": "17:00", "ends": "20:00"}]}
            case 1:
                return {"inconvenient": [{"days": everyday, "begins": "00:00", "ends": "12:00"}]}
            case 2:
                return {"refused_channels": ["sms"]}
            case 3:
                return {"preferred_channels": ["sms"]}
            case _:
                return {}

    def _hold(self) -> dict[str, Any]:
        kind = self._chance.choice(("attorney_represented", "bankruptcy", "cease_communication", "hardship"))
        since = (self._begins - timedelta(days=3)).isoformat()
        return {"hold_id": f"hold-{self._number}", "kind": kind, "since": since}


def _one_of(places: tuple[Place, ...] | list[Place], chance: Random) -> Place:
    return chance.choices(places, weights=[place.weight for place in places])[0]
