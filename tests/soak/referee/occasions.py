"""What there was to write about, by the events alone, and which message is about what."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from tests.soak.record import Request, Told
from tests.soak.referee.facts import Facts, data

_NAMES: Final[Mapping[str, str]] = {
    "northwind": "Northwind Energy",
    "lakeside": "Lakeside Clinic",
    "brookfield": "Brookfield Water",
}
#: Words that only this kind of message has.
_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "introduction": (
        "works for you, for your account",
        "has asked us to look after your account",
    ),
    "thanks": ("received your payment of",),
    "failure": ("did not go through",),
    "plan": ("for making a plan with us",),
    "dispute": ("that something is not right",),
    "closure": ("is now closed with us",),
    "help": ("A person can help you",),
    "stopped": ("you will get no more texts",),
}
#: What each kind is called by those who publish it.
PLAYS: Final[Mapping[str, str]] = {
    "introduction": "introduction",
    "thanks": "thank_you",
    "failure": "payment_failed",
    "plan": "plan_confirmation",
    "dispute": "dispute_acknowledgement",
    "closure": "closure",
    "help": "answer",
    "stopped": "answer",
}
ANSWERS: Final = frozenset({"help", "stopped"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """One thing to write to one person about. Nobody could know of it before `since`.

    `detail` is the creditor's name or an amount, which the message names; of an answer, the reply.
    """

    person: str
    kind: str
    debt: str
    detail: str
    since: datetime

    def __str__(self) -> str:
        return f"{self.kind} {self.detail}"


def channel_of(request: Request) -> str:
    return "sms" if request.vendor == "twilio" else "email"


def occasions_of(facts: Facts) -> list[Occasion]:
    """Return everything that there was to write to a person about, whether it was permitted or not."""
    return [*_of_debts(facts), *_answers(facts)]


def _of_debts(facts: Facts) -> Iterator[Occasion]:
    for kind, told, detail in _triggers(facts):
        debt = str(data(told)["debt_id"])
        placed = facts.placed(debt)
        if placed is not None:
            since = max(told.sent_at, placed.sent_at)
            creditor = _NAMES[str(data(placed)["creditor"])]
            yield Occasion(person=facts.person, kind=kind, debt=debt, detail=detail or creditor, since=since)


def _triggers(facts: Facts) -> Iterator[tuple[str, Told, str]]:
    """Yield what is written about: its kind, the event, and the amount that tells it apart."""
    for each in facts.of("debt.placed.v1"):
        yield "introduction", each, ""
    for each in facts.of("payment.received.v1"):
        yield "thanks", each, _dollars(data(each)["amount"])
    for each in facts.of("payment.failed.v1"):
        yield "failure", each, _dollars(data(each)["amount"])
    for each in facts.of("plan.agreed.v1"):
        yield "plan", each, ""
    for each in facts.of("debt.disputed.v1"):
        yield "dispute", each, ""
    for each in facts.of("debt.closed.v1"):
        if data(each)["reason"] in ("paid", "settled"):
            yield "closure", each, ""


def _answers(facts: Facts) -> Iterator[Occasion]:
    for each in facts.replies:
        if each.meaning in ("help", "stop"):
            kind = "help" if each.meaning == "help" else "stopped"
            yield Occasion(person=facts.person, kind=kind, debt="", detail=each.reply_id, since=each.sent_at)


def _dollars(amount: Any) -> str:
    return f"${amount['amount']}"


class Reader:
    """Tells which occasion a message is about, by its address and its words."""

    def __init__(self, everybody: Mapping[str, Facts]) -> None:
        self._facts = everybody
        self._occasions = {name: occasions_of(each) for name, each in everybody.items()}
        self._at: defaultdict[str, list[str]] = defaultdict(list)
        for name, each in everybody.items():
            for address in (each.address("sms"), each.address("email")):
                if address is not None:
                    self._at[address].append(name)

    def occasions(self) -> Iterator[Occasion]:
        for each in self._occasions.values():
            yield from each

    def read(self, requests: Iterable[Request]) -> list[tuple[Request, Occasion | None]]:
        """Return each request, in order, with its occasion; None where there was none.

        Two answers that read alike are to two messages of the person: to one that nobody tried to answer
        yet, the earlier first, else to one whose answer did not go out.
        """
        tried: set[str] = set()
        answered: set[str] = set()
        found: list[tuple[Request, Occasion | None]] = []
        for each in sorted(requests, key=lambda one: one.at):
            occasion = self._occasion(each, tried, answered)
            if occasion is not None and occasion.kind in ANSWERS:
                tried.add(occasion.detail)
                answered |= {occasion.detail} if each.went_out else set()
            found.append((each, occasion))
        return found

    def _occasion(self, request: Request, tried: set[str], answered: set[str]) -> Occasion | None:
        text = " ".join(request.text.split())
        kind = next((kind for kind, words in _WORDS.items() if any(each in text for each in words)), None)
        candidates = [
            occasion
            for name in self._at[request.to]
            for occasion in self._occasions[name]
            if occasion.kind == kind and occasion.since <= request.at
        ]
        if kind in ANSWERS:
            untried = (each for each in candidates if each.detail not in tried)
            unanswered = (each for each in candidates if each.detail not in answered)
            return next(untried, None) or next(unanswered, None)
        found = [
            each
            for each in candidates
            if mentions(text, each.detail) and mentions(text, self._facts[each.person].given)
        ]
        return found[0] if len(found) == 1 else None


def mentions(text: str, words: str) -> bool:
    """True where the words stand whole: `$1.23` is not in `$1.234`, nor `Ada` in `Adam`.

    An amount counts however it is written where somebody lives: `US$ 1.234,50`, `1 234,50 US$`.
    """
    if not words.startswith("$"):
        return re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text) is not None
    whole, _, cents = words.removeprefix("$").partition(".")
    thousands = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", r"[.,'’\\s]?", whole)
    number = rf"(?<![\d.,'’])(?<!\d\s){thousands}[.,]{cents}(?![.,]?\d)"
    sign = r"(?:US)?\$|USD"
    return re.search(rf"(?<!\w)(?:{sign})\s?{number}|{number}\s?(?:{sign})(?!\w)", text) is not None
