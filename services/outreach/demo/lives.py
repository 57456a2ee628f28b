"""What people do: by themselves, and when they read what we wrote."""

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from random import Random
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from outreach.demo.happenings import AgencyEvent, Garbled, Happening, Introduced, Unsubscribed, Visited, Wrote
from outreach.demo.mailing import ABSENCE
from outreach.demo.population import Account, Resident, Temper
from outreach.model.message import Email, Message

_TROUBLES = (
    "I lost my job in January, I can't pay this right now",
    "Can somebody call me about this please? I have questions",
    "I think I paid this already, please check",
    "My mother was in hospital, could I start in May?",
    "Ya pagué esto la semana pasada",
    "I can do 40 on Friday, is that ok?",
    "Please dont text this phone, my husband reads it",
    "who is this? is this a scam",
    "You have the wrong person, I don't know anybody of that name",
    "My dad passed away last week, I can't deal with this now",
    "Please talk to my lawyer about this",
    "I never had an account with them, this is not my debt",
    "How much is left to pay?",
    "Liked “Thank you”",
    "I don't want to live anymore",
    "No puedo pagar, perdí mi trabajo",
)
_TROUBLES_BY_EMAIL = (
    "Hello,\n\nI was laid off in January and cannot pay this right now. What can I do?",
    "Could somebody call me about this? I do not understand the amount.",
    "I paid this in full last week. Please check your records.",
    "My wife died in February. I am not able to deal with this at the moment.",
    "Please direct everything to my attorney from now on.",
    "I never had an account with them, and I dispute this debt.",
    "This is not my account. You have the wrong person, nobody by that name is here.",
    "My husband reads this email, it is not safe to write to me here.",
    "I can pay 50 a month from the 1st on. Would that be possible?",
    "Buenos días, perdí mi trabajo y no puedo pagar este mes.",
    "I demand in writing that you cease all communication with me.",
    "I cannot go on like this. I do not want to live any more.",
    "Thank you for asking so kindly.",
)
_Choice: TypeAlias = tuple[str, Mapping[str, str | tuple[str, ...]], str]
#: What people choose on the page behind a link: the form, its fields, and what it is in words.
_CHOICES: tuple[_Choice, ...] = (
    ("pause", {"span": "two_weeks"}, "takes a break of two weeks"),
    ("hours", {"days": ("mon", "wed", "sat"), "begins": "10:00", "ends": "19:00"}, "chooses days and hours"),
    ("channels", {"channel": "email", "wish": "first"}, "wants email first"),
    ("language", {"language": "es"}, "chooses Spanish"),
    ("talk", {"said": "I would rather talk about it"}, "asks to talk to a person"),
    ("hardship", {"said": "We cannot pay anything before summer"}, "says that times are hard"),
    ("not-me", {"said": "I do not know this agency"}, "says “this is not me”"),
)
#: How many of those who get a link open it, by the way.
_OPENS = 0.12
_STOPS_BY_EMAIL = (
    "Please stop emailing me.",
    "Take me off your mailing list",
    "I do not want any more emails from you, thank you",
    "Deje de enviarme correos, por favor.",
)
#: How many of those who stop emails answer them, and for how many their mail program says that they are away.
_STOPS_IN_WORDS = 0.5
_AWAY = 0.06
_STOPS = ("STOP", "Stop.", "unsubscribe", "please stop texting me", "deje de escribirme por favor", "yo stop")


class Life:
    """One person's weeks. What they do depends on nothing but the seed and on what they were sent."""

    def __init__(self, resident: Resident, *, seed: int, begins: datetime) -> None:
        self.resident = resident
        self._begins = begins
        self._chance = Random(f"{seed}:{resident.person_id}:life")
        self._read = 0
        #: Which of our messages moves them: the first, or for some the second.
        self._acts_on = 1 + (resident.temper is not Temper.STOPS and self._chance.random() < 0.35)
        self._settled: set[str] = set()
        #: The link of the last message that carried one.
        self._link: str | None = None
        self._choice = self._may_choose(Random(f"{seed}:{resident.person_id}:page"))
        #: Apart from the rest, so that who has no email lives the same life.
        self._by_email = Random(f"{seed}:{resident.person_id}:email")
        self._is_away = self._by_email.random() < _AWAY

    def begin(self) -> Iterator[Happening]:
        """Return what happens whatever we do: debts are placed, notices follow, other people call."""
        who, chance = self.resident, self._chance
        yield Introduced(at=self._begins, person_id=who.person_id)
        for account in who.accounts:
            yield self._told("debt.placed", account.placed_at, **_placed(account))
        first = who.accounts[0]
        if who.place.region in ("DC", "ON", "QC") and not who.profile["notices"]:
            yield self._posts_a_notice(first.placed_at + timedelta(days=4))
        if chance.random() < 0.12:
            yield self._is_called(first, chance.choice(("unanswered", "unanswered", "answered")))
        if chance.random() < 0.01:
            yield Garbled(at=first.placed_at + timedelta(days=3), person_id=who.person_id)
        if who.temper is Temper.PAYS and chance.random() < 0.15:
            # Nobody had to ask.
            yield from self._pays_all(first.placed_at + timedelta(days=6), first)

    def reads(self, message: Message, at: datetime, *, link: str | None) -> Iterator[Happening]:
        """Return what follows from a message that reached the person; `link` is that to their own page."""
        email = message if isinstance(message, Email) else None
        if email is not None and self._is_away:
            self._is_away = False  # a program says so once, and not to every email
            yield self._answers(email, at + timedelta(minutes=1), ABSENCE, by_a_program=True)
        if link is not None:
            self._link = link
            yield from self._chooses(at)
        self._read += 1
        if self._read == self._acts_on:
            yield from self._acts(email, at)

    def _acts(self, email: Email | None, at: datetime) -> Iterator[Happening]:
        then = at + timedelta(minutes=self._chance.randrange(4, 60 * 30))
        account = self.resident.accounts[0]
        match self.resident.temper:
            case Temper.PAYS:
                yield from self._pays_all(self._awake(then), account)
            case Temper.PAYS_IN_PARTS:
                yield from self._pays_in_parts(self._awake(then), account)
            case Temper.AGREES:
                yield from self._agrees(self._awake(then), account)
            case Temper.PROMISES:
                yield from self._promises(self._awake(then), account)
            case Temper.DISPUTES:
                yield from self._disputes(self._awake(then), account)
            case Temper.STOPS:
                yield from self._asks_to_stop(at, email)
            case Temper.WRITES:
                yield from self._writes(self._awake(then), email)
            case Temper.IGNORES | Temper.IS_HELD:
                return

    def _told(self, kind: str, at: datetime, **data: Any) -> AgencyEvent:
        return AgencyEvent(at=at, person_id=self.resident.person_id, kind=kind, data=data)

    def _awake(self, instant: datetime) -> datetime:
        """Nobody pays in their sleep: move the night to the next morning."""
        zone = ZoneInfo(self.resident.place.zone)
        local = instant.astimezone(zone)
        if 8 <= local.hour < 22:
            return instant
        day = local.date() + timedelta(days=local.hour >= 22)
        morning = datetime.combine(day, time(8), tzinfo=zone)
        return morning.astimezone(instant.tzinfo) + timedelta(minutes=self._chance.randrange(120))

    def _pays_all(self, at: datetime, account: Account) -> Iterator[Happening]:
        if account.debt_id in self._settled:
            return
        self._settled.add(account.debt_id)
        if self._chance.random() < 0.12:
            yield self._payment("failed", at - timedelta(hours=26), account, number=9)
        yield self._payment("received", at, account, number=1, left=0)
        yield self._closes(at + timedelta(minutes=10), account)

    def _pays_in_parts(self, at: datetime, account: Account) -> Iterator[Happening]:
        left = account.cents
        for number in range(1, 4):
            part = left if number == 3 else min(left, account.cents * 2 // 5)
            left -= part
            # Not every system says what is left; then nobody may name an amount until it is known.
            says_balance = number != 2
            yield self._payment(
                "received", at, account, number=number, cents=part, left=left if says_balance else None
            )
            if not says_balance:
                yield self._told(
                    "debt.updated",
                    at + timedelta(hours=9),
                    debt_id=account.debt_id,
                    balance=_money(left, account),
                )
            at += timedelta(days=self._chance.randrange(8, 16))
        yield self._closes(at, account)

    def _agrees(self, at: datetime, account: Account) -> Iterator[Happening]:
        chance, zone = self._chance, ZoneInfo(self.resident.place.zone)
        count = chance.choice((3, 3, 4))
        first = at.astimezone(zone).date() + timedelta(days=chance.randrange(5, 10))
        parts = _in_parts(account.cents, count)
        due = [first + timedelta(days=14 * number) for number in range(count)]
        yield self._told(
            "plan.agreed",
            at,
            debt_id=account.debt_id,
            plan_id=f"plan-{account.debt_id}",
            instalments=[
                {"number": number, "due_on": day.isoformat(), "amount": _money(cents, account)}
                for number, (day, cents) in enumerate(zip(due, parts, strict=True), 1)
            ],
        )
        left = account.cents
        for number, (day, cents) in enumerate(zip(due, parts, strict=True), 1):
            if chance.random() < 0.12:
                break
            late = timedelta(days=chance.choice((0, 0, 0, 0, -1, 3)))
            paid_at = datetime.combine(day, time(9), tzinfo=zone) + late
            left -= cents
            instant = paid_at.astimezone(at.tzinfo) + timedelta(minutes=chance.randrange(600))
            yield self._payment(
                "received",
                max(instant, at + timedelta(hours=1)),
                account,
                number=number,
                cents=cents,
                left=left,
            )

    def _promises(self, at: datetime, account: Account) -> Iterator[Happening]:
        chance, zone = self._chance, ZoneInfo(self.resident.place.zone)
        day = at.astimezone(zone).date() + timedelta(days=chance.randrange(5, 12))
        name = {"debt_id": account.debt_id, "promise_id": f"promise-{account.debt_id}"}
        yield self._told(
            "promise.made", at, **name, amount=_money(account.cents, account), due_on=day.isoformat()
        )
        noon = datetime.combine(day, time(12), tzinfo=zone).astimezone(at.tzinfo)
        if chance.random() < 0.65:
            yield self._told("promise.kept", noon, **name)
            yield from self._pays_all(noon, account)
        else:
            yield self._told("promise.broken", noon + timedelta(days=2), **name)

    def _disputes(self, at: datetime, account: Account) -> Iterator[Happening]:
        dispute = {"debt_id": account.debt_id, "dispute_id": f"dispute-{account.debt_id}"}
        yield self._told("debt.disputed", at, **dispute)
        answered = at + timedelta(days=self._chance.randrange(7, 15))
        if self._chance.random() < 0.3:
            yield self._told("debt.closed", answered, debt_id=account.debt_id, reason="recalled")
        else:
            yield self._told("debt.dispute_resolved", answered, **dispute)

    def _asks_to_stop(self, at: datetime, email: Email | None) -> Iterator[Happening]:
        who, chance = self.resident, self._chance
        then = at + timedelta(minutes=chance.randrange(2, 45))
        if chance.random() < 0.25 and self._link is not None:
            yield self._visits(then + timedelta(hours=3), "stop-all", why="and stops everything")
        elif email is None:
            yield Wrote(at=then, person_id=who.person_id, text=chance.choice(_STOPS))
        elif self._by_email.random() < _STOPS_IN_WORDS:
            yield self._answers(email, then, self._by_email.choice(_STOPS_BY_EMAIL))
        else:
            yield Unsubscribed(at=then, person_id=who.person_id)

    def _writes(self, at: datetime, email: Email | None) -> Iterator[Happening]:
        """Have them write by the way they were written to."""
        who, chance = self.resident, self._chance
        if email is not None:
            text, days = self._by_email.choice(_TROUBLES_BY_EMAIL), self._by_email.choice((1, 2, None))
            yield self._answers(email, at, text, answered_after_days=days)
        elif chance.random() < 0.3:
            yield Wrote(at=at, person_id=who.person_id, text="HELP")
        else:
            days = chance.choice((1, 2, 3, None))
            text = chance.choice(_TROUBLES)
            yield Wrote(at=at, person_id=who.person_id, text=text, answered_after_days=days)

    def _answers(self, email: Email, at: datetime, text: str, **more: Any) -> Wrote:
        return Wrote(at=at, person_id=self.resident.person_id, text=text, answers=email, **more)

    def _chooses(self, at: datetime) -> Iterator[Happening]:
        if self._choice is not None:
            action, fields, why = self._choice
            self._choice = None
            opens_at = self._awake(at + timedelta(minutes=11))
            yield self._visits(opens_at, action, why=f"and {why}", answered_after_days=2, fields=fields)

    def _may_choose(self, chance: Random) -> _Choice | None:
        tempers = {Temper.IGNORES, Temper.PAYS, Temper.AGREES, Temper.WRITES}
        return (
            chance.choice(_CHOICES) if self.resident.temper in tempers and chance.random() < _OPENS else None
        )

    def _visits(self, at: datetime, action: str, *, why: str, **more: Any) -> Visited:
        assert self._link is not None
        return Visited(
            at=at, person_id=self.resident.person_id, link=self._link, action=action, why=why, **more
        )

    def _posts_a_notice(self, at: datetime) -> AgencyEvent:
        name = "us-dc-m2a" if self.resident.place.region == "DC" else "written_notice"
        return self._told("notice.posted", at, name=name, on=at.date().isoformat())

    def _is_called(self, account: Account, outcome: str) -> AgencyEvent:
        at = self._awake(account.placed_at + timedelta(days=self._chance.randrange(3, 12)))
        return self._told(
            "contact.recorded",
            at,
            contact_id=f"call-{account.debt_id}",
            channel="voice",
            direction="outbound",
            outcome=outcome,
            debt_id=account.debt_id,
        )

    def _payment(
        self,
        became: str,
        at: datetime,
        account: Account,
        *,
        number: int,
        cents: int | None = None,
        left: int | None = None,
    ) -> AgencyEvent:
        data: dict[str, Any] = {
            "debt_id": account.debt_id,
            "payment_id": f"pay-{account.debt_id}-{number}",
            "amount": _money(account.cents if cents is None else cents, account),
        }
        if left is not None:
            data["balance"] = _money(left, account)
        return self._told(f"payment.{became}", at, **data)

    def _closes(self, at: datetime, account: Account) -> AgencyEvent:
        return self._told("debt.closed", at, debt_id=account.debt_id, reason="paid")


def _placed(account: Account) -> dict[str, Any]:
    ends = account.placed_at.date() + timedelta(days=35)
    return {
        "debt_id": account.debt_id,
        "creditor": account.creditor,
        "role": account.role,
        "reference": account.reference,
        "balance": _money(account.cents, account),
        "validation_period_ends": ends.isoformat(),
    }


def _in_parts(cents: int, count: int) -> list[int]:
    """Divide so that every part but the last is whole, and the sum is exact."""
    part = cents // count // 100 * 100
    return [*([part] * (count - 1)), cents - part * (count - 1)]


def _money(cents: int, account: Account) -> dict[str, str]:
    return {"amount": f"{cents // 100}.{cents % 100:02}", "currency": account.currency}
