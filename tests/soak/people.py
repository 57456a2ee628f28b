"""The people of a run: who they are, how they may be reached, and what their lives do to the agency.

The seed decides all of it, save for countries: where it is night depends on when the run is made.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from tests.soak.places import at_night, by_day

_DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_DENVER = ZoneInfo("America/Denver")
CREDITORS = ("northwind", "lakeside", "brookfield")


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """An event of another system; `ago` is how long before now it happened. Some come twice."""

    type: str
    data: Mapping[str, Any]
    ago: timedelta = timedelta(0)
    times: int = 1


@dataclass(frozen=True, slots=True)
class Garble:
    """A record about the person that nobody can read."""

    topic: str


@dataclass(frozen=True, slots=True)
class Say:
    """A text that the person writes back; the vendor may bring it twice."""

    text: str
    times: int = 1


@dataclass(frozen=True, slots=True)
class Click:
    """A click on unsubscribe, in an email that they have."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Time that passes, in seconds."""

    seconds: float


Act: TypeAlias = Publish | Garble | Say | Click | Wait


def _given(number: int) -> str:
    """Return a name of its own for each number; one with digits in it would be no name to anybody."""
    return "Ada" + "".join("aeioulmnrs"[int(digit)] for digit in str(number))


@dataclass(slots=True, kw_only=True)
class Person:
    """One person. `first` is told before their `life` begins; `faults` are what the vendor does to them."""

    person_id: str
    given: str
    situation: str
    phone: str | None
    email: str | None
    first: list[Act] = field(default_factory=list)
    life: list[Act] = field(default_factory=list)
    faults: list[dict[str, Any]] = field(default_factory=list)


#: How often each situation comes, of a hundred; what is left is nothing special.
_SITUATIONS = {
    "capped": 6,
    "nearly capped": 5,
    "talked": 4,
    "night": 6,
    "day": 5,
    "busy": 5,
    "silent": 4,
    "by email": 5,
    "withdrawn": 5,
    "held": 5,
    "unreadable": 3,
    "sharing": 8,
}


#: Who gets something at all, so that a fault of the vendors' shows.
_WRITTEN_TO = frozenset({"plain", "sharing", "nearly capped"})


def people_of(seed: int, *, count: int, now: datetime) -> list[Person]:
    """Return the people of this seed; each address and amount of theirs is nobody else's in the run."""
    chance = random.Random(f"people {seed}")
    made = _Maker(seed=seed, chance=chance, now=now)
    people: list[Person] = []
    while len(people) < count:
        situation = _draw(chance)
        people += made.sharing() if situation == "sharing" else [made.person(situation)]
    return people


def _draw(chance: random.Random) -> str:
    place = chance.randrange(100)
    for situation, share in _SITUATIONS.items():
        if place < share:
            return situation
        place -= share
    return "plain"


class _Maker:
    def __init__(self, *, seed: int, chance: random.Random, now: datetime) -> None:
        self._seed = seed
        self._chance = chance
        self._now = now
        self._made = 0
        self._cents = chance.sample(range(1_000, 99_000), 20_000)
        self._countries = {"night": at_night(now), "day": by_day(now)}

    def person(self, situation: str, *, phone: str | None = None) -> Person:
        if situation in self._countries:
            countries = self._countries[situation]
            if countries:
                return self._abroad(situation, self._chance.choice(countries))
            situation = "plain"
        return self._new(situation, phone=phone)

    def sharing(self) -> list[Person]:
        """Return two people with one telephone."""
        first = self._new("sharing")
        second = self._new("sharing", phone=first.phone)
        return [first, second]

    def _blank(self, situation: str) -> Person:
        self._made += 1
        number = (self._seed * 1_000 + self._made) % 7_990_000
        person_id = f"s{self._seed}-p{self._made}"
        return Person(
            person_id=person_id,
            given=_given(self._made),
            situation=situation,
            phone=f"+1303{2_000_000 + number}",
            email=f"{person_id}@example.com",
        )

    def _new(self, situation: str, *, phone: str | None = None) -> Person:
        person = self._blank(situation)
        person.phone = phone or person.phone
        person.first = [
            *self._stops(person),
            Publish(type="person.changed.v1", data=self._who(person)),
            *self._consents(person),
        ]
        if situation == "unreadable":
            person.first.append(Garble("debts.v1"))
        person.life = self._life(person)
        if situation in _WRITTEN_TO:
            person.faults = [*self._silences(person), *self._faults(person)]
        return person

    def _abroad(self, situation: str, country: str) -> Person:
        person = self._blank(situation)
        person.phone = None
        told = {
            "names": {"given": person.given},
            "addresses": [{"country": country}],
            "emails": [{"address": person.email}],
        }
        person.first = [
            Publish(type="person.changed.v1", data=told),
            Publish(type="consent.granted.v1", data={"channel": "email", "basis": "direct"}),
        ]
        person.life = _LIVES["pays"](self._scene(person))
        return person

    def _who(self, person: Person) -> dict[str, Any]:
        told: dict[str, Any] = {
            "names": {"given": person.given},
            "addresses": [{"country": "US", "region": "CO", "postal_code": "80202"}],
            "phones": [{"number": person.phone, "kind": "mobile"}],
            "emails": [{"address": person.email}],
            # Told to us directly, so that a run may be made at night.
            "convenient": [{"days": _DAYS, "begins": "00:00", "ends": "24:00"}],
        }
        if person.situation == "busy":
            local = self._now.astimezone(_DENVER)
            begins, ends = local - timedelta(hours=2), local + timedelta(hours=3)
            told["inconvenient"] = [{"days": _DAYS, "begins": f"{begins:%H:%M}", "ends": f"{ends:%H:%M}"}]
        return told

    def _stops(self, person: Person) -> Iterator[Publish]:
        """Yield what stops contact. It is told before any consent, so that at no instant it is missing."""
        week = timedelta(days=7)
        match person.situation:
            case "withdrawn":
                channel = self._chance.choice(["sms", "email"])
                yield Publish(type="consent.withdrawn.v1", data={"channel": channel}, ago=week)
            case "held":
                kind = self._chance.choice(["cease_communication", "attorney_represented", "bankruptcy"])
                hold = {"hold_id": f"hold-{person.person_id}", "kind": kind}
                yield Publish(type="hold.placed.v1", data=hold, ago=week)
            case "capped" | "nearly capped":
                for number in range(4 if person.situation == "capped" else 3):
                    yield self._contact(person, number, outcome="delivered", channel="sms")
            case "talked":
                yield self._contact(person, 0, outcome="answered", channel="voice")
            case _:
                pass

    @staticmethod
    def _contact(person: Person, number: int, *, outcome: str, channel: str) -> Publish:
        contact = {
            "contact_id": f"c{number}-{person.person_id}",
            "channel": channel,
            "direction": "outbound",
            "outcome": outcome,
        }
        return Publish(type="contact.recorded.v1", data=contact, ago=timedelta(hours=number + 2))

    def _consents(self, person: Person) -> Iterator[Publish]:
        channels = {"silent": [], "by email": ["email"]}.get(person.situation, ["sms", "email"])
        for channel in channels:
            yield Publish(
                type="consent.granted.v1",
                data={"channel": channel, "basis": "direct"},
                ago=timedelta(days=10),
                times=self._times(),
            )

    def _life(self, person: Person) -> list[Act]:
        answering = person.situation in {"plain", "sharing"}
        names = [name for name in _LIVES if answering or name not in _ANSWERING]
        names += ["stops", "stops", "wants a call"] if answering else []
        return _LIVES[self._chance.choice(names)](self._scene(person))

    def _scene(self, person: Person) -> "Scene":
        return Scene(person=person, chance=self._chance, cents=self._cents, times=self._times)

    def _times(self) -> int:
        return 2 if self._chance.random() < 0.1 else 1

    def _silences(self, person: Person) -> Iterator[dict[str, Any]]:
        """Of some people's messages nothing is ever reported: no receipt tells what a dead sender did."""
        if self._chance.random() < 0.4:
            for address in (person.phone, person.email):
                yield {"kind": "delay", "seconds": 0.4, "silent": True, "to": address}

    def _faults(self, person: Person) -> Iterator[dict[str, Any]]:
        if self._chance.random() < 0.6:
            address = self._chance.choice([person.phone, person.phone, person.email])
            yield {**self._chance.choice(_FAULTS), "to": address, "times": 1}


#: What the vendors do to some messages. Longer than a call may take, the slow answer comes too late.
_FAULTS: Sequence[Mapping[str, Any]] = (
    {"kind": "delay", "seconds": 1.0},
    {"kind": "delay", "seconds": 7.0},
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 503, "sends": True},
    {"kind": "status", "status": 429, "retry_after": 1},
    {"kind": "status", "status": 429, "retry_after": 4},
    {"kind": "garbage"},
    {"kind": "cut"},
    {"kind": "cut", "sends": False},
    {"kind": "receipts", "statuses": ["delivered", "delivered"]},
    {"kind": "receipts", "statuses": ["sent", "delivered"], "early": True},
    {"kind": "receipts", "statuses": ["delivered", "sent", "queued"], "seconds": 0.5},
    {"kind": "receipts", "statuses": ["delivered"], "seconds": 6.0},
)


@dataclass(slots=True, kw_only=True)
class Scene:
    """One person's part of the story, and what it is written with."""

    person: Person
    chance: random.Random
    cents: list[int]
    times: Callable[[], int]
    _payments: int = 0

    def placed(self, creditor: str, **told: Any) -> Publish:
        data = {
            "debt_id": self.debt(creditor),
            "creditor": creditor,
            "role": "third_party",
            "reference": f"R-{self.person.person_id}-{creditor}",
            "balance": {"amount": "900.00", "currency": "USD"},
        }
        return Publish(type="debt.placed.v1", data=data | told, ago=timedelta(minutes=30), times=self.times())

    def debt(self, creditor: str) -> str:
        return f"{self.person.person_id}-{creditor}"

    def paid(self, creditor: str, *, left: str = "100.00", kind: str = "received") -> Publish:
        self._payments += 1
        data = {
            "debt_id": self.debt(creditor),
            "payment_id": f"pay{self._payments}-{self.person.person_id}",
            "amount": self.money(),
            "balance": {"amount": left, "currency": "USD"},
        }
        return Publish(type=f"payment.{kind}.v1", data=data, times=self.times())

    def money(self) -> dict[str, str]:
        cents = self.cents.pop()
        return {"amount": f"{cents // 100}.{cents % 100:02}", "currency": "USD"}

    def about(self, kind: str, creditor: str, **told: Any) -> Publish:
        return Publish(type=kind, data={"debt_id": self.debt(creditor)} | told, times=self.times())

    def says_no(self, channel: str) -> Publish:
        return Publish(type="consent.withdrawn.v1", data={"channel": channel}, times=self.times())

    def held(self) -> Publish:
        kind = self.chance.choice(["cease_communication", "attorney_represented", "bankruptcy"])
        hold = {"hold_id": f"lawyer-{self.person.person_id}", "kind": kind}
        return Publish(type="hold.placed.v1", data=hold, times=self.times())

    def pause(self, longest: float = 2.5) -> Wait:
        return Wait(round(self.chance.uniform(0, longest), 3))

    def creditors(self) -> list[str]:
        return self.chance.sample(CREDITORS, 2)


def _is_introduced(scene: Scene) -> list[Act]:
    one, two = scene.creditors()
    return [scene.placed(one), scene.pause(), scene.placed(two)]


def _pays(scene: Scene) -> list[Act]:
    one, _ = scene.creditors()
    acts: list[Act] = [scene.placed(one), scene.pause(), scene.paid(one), scene.pause(), scene.paid(one)]
    # News travel by several topics, so that a payment may be heard of before its debt is.
    return [acts[2], acts[1], acts[0], *acts[3:]] if scene.chance.random() < 0.2 else acts


def _settles(scene: Scene) -> list[Act]:
    one, two = scene.creditors()
    return [
        scene.placed(one),
        scene.pause(0.4),
        scene.paid(one, left="0.00"),
        scene.pause(0.4),
        scene.about("debt.closed.v1", one, reason="paid"),
        scene.pause(),
        # Quiet after a payment: about the other debt nobody writes now.
        scene.placed(two),
    ]


def _plans(scene: Scene) -> list[Act]:
    one, _ = scene.creditors()
    parts = [{"number": 1, "due_on": "2099-01-15", "amount": scene.money()}]
    plan = scene.about("plan.agreed.v1", one, plan_id=f"plan-{scene.person.person_id}", instalments=parts)
    return [scene.placed(one), scene.pause(0.5), plan, scene.pause(), scene.paid(one)]


def _fails_to_pay(scene: Scene) -> list[Act]:
    one, _ = scene.creditors()
    acts: list[Act] = [scene.placed(one), scene.pause(), scene.paid(one, kind="failed")]
    return [*acts, scene.pause(0.3), scene.paid(one)] if scene.chance.random() < 0.5 else acts


def _disputes(scene: Scene) -> list[Act]:
    one, two = scene.creditors()
    dispute = scene.about("debt.disputed.v1", one, dispute_id=f"dispute-{scene.person.person_id}")
    return [scene.placed(one), scene.pause(0.5), dispute, scene.pause(), scene.placed(two)]


def _stops(scene: Scene) -> list[Act]:
    one, two = scene.creditors()
    stop = Say(scene.chance.choice(["STOP", "Stop please", "UNSUBSCRIBE"]), times=scene.times())
    race: list[Act] = [scene.paid(one), scene.pause(0.25), stop]
    if scene.chance.random() < 0.5:
        race.reverse()
    return [scene.placed(one), scene.pause(), *race, scene.paid(one), scene.placed(two)]


def _wants_a_call(scene: Scene) -> list[Act]:
    one, two = scene.creditors()
    says = Say(scene.chance.choice(["please call me", "What is this about?"]), times=scene.times())
    return [
        *(scene.placed(one), scene.pause(0.5), says, scene.paid(one)),
        *(scene.pause(), scene.placed(two)),
    ]


def _asks_for_help(scene: Scene) -> list[Act]:
    one, _ = scene.creditors()
    return [scene.placed(one), scene.pause(), Say("HELP", times=scene.times()), scene.paid(one)]


def _unsubscribes(scene: Scene) -> list[Act]:
    one, two = scene.creditors()
    parts = [{"number": 1, "due_on": "2099-01-15", "amount": scene.money()}]
    plan = scene.about("plan.agreed.v1", one, plan_id=f"plan-{scene.person.person_id}", instalments=parts)
    return [
        *(scene.placed(one), plan, scene.pause(), Click()),
        *(scene.about("debt.closed.v1", one, reason="settled"), scene.pause(), scene.placed(two)),
    ]


def _withdraws(scene: Scene) -> list[Act]:
    one, two = scene.creditors()
    channel = scene.chance.choice(["sms", "email"])
    race: list[Act] = [scene.paid(one), scene.pause(0.5), scene.says_no(channel)]
    if scene.chance.random() < 0.5:
        race.reverse()
    return [scene.placed(one), scene.pause(), *race, scene.pause(), scene.paid(one), scene.placed(two)]


def _gets_a_lawyer(scene: Scene) -> list[Act]:
    one, two = scene.creditors()
    race: list[Act] = [scene.paid(one), scene.pause(0.5), scene.held()]
    if scene.chance.random() < 0.5:
        race.reverse()
    return [scene.placed(one), scene.pause(), *race, scene.pause(), scene.paid(one), scene.placed(two)]


_LIVES: Mapping[str, Callable[[Scene], list[Act]]] = {
    "is introduced": _is_introduced,
    "pays": _pays,
    "settles": _settles,
    "plans": _plans,
    "fails to pay": _fails_to_pay,
    "disputes": _disputes,
    "stops": _stops,
    "wants a call": _wants_a_call,
    "asks for help": _asks_for_help,
    "unsubscribes": _unsubscribes,
    "withdraws": _withdraws,
    "gets a lawyer": _gets_a_lawyer,
}
#: Whoever writes back gives a right to text them by that, which only some of the people may do.
_ANSWERING = frozenset({"stops", "wants a call", "asks for help", "unsubscribes"})
