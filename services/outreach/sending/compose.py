"""Compose: from a touch and the facts to the message a provider is handed. No IO."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from outreach.guidance.guidance import Guidance
from outreach.model.debt import Debt
from outreach.model.directory import Creditor
from outreach.model.known import PersonFacts
from outreach.model.message import Email, Message, Sms
from outreach.model.money import Money
from outreach.model.snapshot import Snapshot
from outreach.model.touch import SAID_IN, Touch
from outreach.model.words import Channel, Direction
from outreach.planning.whereabouts import whereabouts_of
from outreach.policy.content import required_content
from outreach.policy.situation import Situation
from outreach.wording.blocks import WORDED
from outreach.wording.errors import TextTooLong, WordingError
from outreach.wording.render import Rendered, RenderedSms, render
from schemas.links import LinkKey

#: Shorter than this a provider is not asked to keep trying.
SHORTEST = timedelta(seconds=1)


class CannotCompose(Exception):
    """The message cannot be written now; `cause` is a kind of problem, never a fact about somebody."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Routes:
    """How messages leave and where answers come back.

    `providers` names the provider of each channel; `sms_sender` and `email_from` are used where
    a creditor names none. `unsubscribe_url` ends where the token begins.
    """

    providers: Mapping[Channel, str]
    sms_sender: str
    email_from: str
    status_url: str
    unsubscribe_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CenterLinks:
    """The links to the preference center: `url` is where it is served, `last` how long each of them works."""

    url: str
    key: LinkKey
    last: timedelta

    def of(self, person_id: str, address: str, *, revoked_at: datetime | None, now: datetime) -> str:
        """Return the link of a person and the address that a message goes to."""
        expires_on = (now + self.last).date()
        token = self.key.sign(person_id, address, revoked_at=revoked_at, expires_on=expires_on)
        return f"{self.url}/p/{token}"


@dataclass(frozen=True, slots=True)
class Compose:
    """Writes messages. `sign` makes the token that an unsubscribe link carries.

    `reply_address` makes the address that answers to an email go to; without it they go where the
    creditor has them sent. Without `center` there are no links to it.
    """

    routes: Routes
    sign: Callable[[list[str]], str]
    reply_address: Callable[[UUID], str] | None = None
    center: CenterLinks | None = None

    def provider_for(self, channel: Channel) -> str:
        """Return the name of the provider that serves a channel."""
        return self.routes.providers[channel]

    def message(
        self,
        touch: Touch,
        *,
        others: Sequence[Touch] = (),
        situation: Situation,
        address: str,
        attempt_id: UUID,
        known: PersonFacts,
        guidance: Guidance,
        valid_for: timedelta,
        is_first: bool = False,
        draft: RenderedSms | None = None,
    ) -> Message:
        """Write the message in the person's language, with all that the packs in force require.

        `others` are touches of the same play about other debts, which it is for as well. `is_first`: nothing
        was sent to this address before, so that a text carries the link to the person's choices, as every
        email does. Without others a `draft` of the same situation is the text, unless a link is to be added.

        Raises:
            CannotCompose: it would name what nobody knows, or nobody wrote such a wording.
        """
        # Signing costs as much as rendering a text, and texts carry no link to it.
        link = self._unsubscribe_link(touch, address) if situation.subject.channel is Channel.EMAIL else ""
        is_text = situation.subject.channel is Channel.SMS
        choices = (
            self._center_link(touch, address, known=known, now=situation.now)
            if is_first or not is_text
            else None
        )
        links = {"unsubscribe": link, "preferences_first" if is_text else "preferences": choices}
        rendered = (
            _written(touch, situation, known=known, guidance=guidance, links=links, others=others)
            if draft is None or others or choices is not None
            else draft
        )
        creditor = guidance.directory.creditor(touch.creditor, touch.portfolio)
        if isinstance(rendered, RenderedSms):
            return Sms(
                attempt_id=attempt_id,
                to=address,
                sender=creditor.sms_sender or self.routes.sms_sender,
                body=rendered.body,
                segments=rendered.segments,
                valid_for=max(valid_for, SHORTEST),
                status_url=self.routes.status_url,
                given_up=rendered.given_up,
            )
        return Email(
            attempt_id=attempt_id,
            to=address,
            sender=creditor.email_from or self.routes.email_from,
            sender_name=guidance.directory.agency.name,
            reply_to=self.reply_address(attempt_id) if self.reply_address else creditor.reply_to,
            subject=rendered.subject,
            text=rendered.text,
            html=rendered.html,
            unsubscribe_url=link,
            language=rendered.language,
        )

    @staticmethod
    def draft(
        touch: Touch, situation: Situation, *, known: PersonFacts, guidance: Guidance
    ) -> RenderedSms | None:
        """Write the text of one touch; None where its channel always has room, or it cannot be written.

        Raises:
            TextTooLong: it takes more room than its channel has, whatever it gives up.
        """
        if situation.subject.channel is not Channel.SMS:
            return None
        try:
            rendered = _rendered(touch, situation, known=known, guidance=guidance, links={"unsubscribe": ""})
        except TextTooLong:
            raise
        except (WordingError, ValueError):
            return None
        return rendered if isinstance(rendered, RenderedSms) else None

    def _unsubscribe_link(self, touch: Touch, address: str) -> str:
        return self.routes.unsubscribe_url + self.sign([touch.person_id, address])

    def _center_link(self, touch: Touch, address: str, *, known: PersonFacts, now: datetime) -> str | None:
        """Return the link to the person's choices, where there is a center."""
        if self.center is None:
            return None
        revoked_at = known.snapshot.links_revoked_at if known.snapshot is not None else None
        return self.center.of(touch.person_id, address, revoked_at=revoked_at, now=now)


def _written(
    touch: Touch,
    situation: Situation,
    *,
    known: PersonFacts,
    guidance: Guidance,
    links: Mapping[str, str | None],
    others: Sequence[Touch],
) -> Rendered:
    try:
        return _rendered(touch, situation, known=known, guidance=guidance, links=links, others=others)
    except (WordingError, ValueError) as error:
        raise CannotCompose(type(error).__name__) from error


def _rendered(
    touch: Touch,
    situation: Situation,
    *,
    known: PersonFacts,
    guidance: Guidance,
    links: Mapping[str, str | None],
    others: Sequence[Touch] = (),
) -> Rendered:
    return render(
        guidance.wordings,
        name=touch.wording,
        channel=situation.subject.channel,
        language=_language(touch, known, guidance),
        facts=facts_for(touch, known, others=others, guidance=guidance, links=links),
        required=_required((touch, *others), situation, guidance=guidance),
        country=_country(known),
        today=situation.now.date(),
    )


def _language(touch: Touch, known: PersonFacts, guidance: Guidance) -> str | None:
    """Return the language that a touch answers in, if there are wordings in it; else that of the person."""
    said_in = touch.details.get(SAID_IN)
    return said_in if said_in in guidance.wordings.languages else language_of(known, guidance)


def language_of(known: PersonFacts, guidance: Guidance) -> str | None:
    """Return the language that a person is written to in: theirs, else the agency's."""
    asked = known.snapshot.language if known.snapshot is not None else None
    return asked or guidance.directory.agency.language


def _country(known: PersonFacts) -> str | None:
    """Return the country of a person's addresses, or None where there is none or are several."""
    addresses = known.snapshot.addresses if known.snapshot is not None else ()
    countries = {address.country.strip().upper() for address in addresses}
    return countries.pop() if len(countries) == 1 else None


def facts_for(
    touch: Touch,
    known: PersonFacts,
    *,
    guidance: Guidance,
    links: Mapping[str, str | None],
    others: Sequence[Touch] = (),
) -> dict[str, Any]:
    """Return what a wording may name, for this touch and with these links of its own.

    A balance that nobody knows is left out.

    With `others` it is about several debts, and what a play is about (`payment`, `instalment`) is listed
    under `together`.
    """
    creditor = guidance.directory.creditor(touch.creditor, touch.portfolio)
    agency = guidance.directory.agency_for(creditor)
    debt = known.debts.get(touch.debt_id)
    names = known.snapshot.names if known.snapshot is not None else None
    return {
        "person": {"given_name": names.given if names is not None else None},
        "creditor": {"name": creditor.name},
        "agency": {
            "name": agency.name,
            "phone": agency.phone,
            "email": agency.email,
            "website": agency.website,
            "postal_address": agency.postal_address,
            "complaints": agency.complaints,
        },
        "debt": _debt(debt, known.snapshot),
        "links": {
            "pay": _pay_link(creditor, (touch, *others), known),
            **links,
        },
        **{subject: _amounts(value) for subject, value in touch.details.items() if isinstance(value, dict)},
        **({"together": _together((touch, *others), known)} if others else {}),
    }


def _pay_link(creditor: Creditor, touches: Sequence[Touch], known: PersonFacts) -> str | None:
    """Return the link to pay; None where there is none, and where each of several debts has its own."""
    debts = [known.debts.get(touch.debt_id) for touch in touches]
    links = {creditor.pay_url.format(reference=debt.account) for debt in debts if creditor.pay_url and debt}
    return links.pop() if len(links) == 1 else None


def _debt(debt: Debt | None, snapshot: Snapshot | None) -> dict[str, Any]:
    if debt is None:
        return {}
    balance = debt.known_balance
    return {
        "reference": debt.account,
        "balance": balance,
        "is_paid": balance is not None and balance.amount <= 0,
        "since": _since(debt, snapshot),
    }


def _since(debt: Debt, snapshot: Snapshot | None) -> date | None:
    """Return the day on which a debt was placed: as an event named it, else where the person lives."""
    placed, named = debt.first_placed, debt.placed_on
    if placed is None:
        return None
    if named is not None and named <= placed.date():
        return named
    return whereabouts_of(snapshot).day_of(placed)


#: What a play may be about that has a plural, and the day that it names.
_PLURALS = {
    "payment": ("payments", "on"),
    "instalment": ("instalments", "due_on"),
    "promise": ("promises", "due_on"),
}


def _together(touches: Sequence[Touch], known: PersonFacts) -> dict[str, Any]:
    """Return what is said of several debts at once, with the day and the sum that all of it has."""
    owed = [_debt(known.debts.get(touch.debt_id), known.snapshot) for touch in touches]
    said: dict[str, Any] = {"debts": sorted(owed, key=lambda debt: str(debt.get("reference")))}
    if plans := [
        {**_amounts(touch.details["plan"]), "reference": _reference(known.debts.get(touch.debt_id))}
        for touch in touches
        if "plan" in touch.details
    ]:
        said["plans"] = sorted(plans, key=lambda plan: str(plan["instalments"][0]["due_on"]))
    for subject, (plural, day) in _PLURALS.items():
        parts = _parts(touches, known, subject=subject, day=day)
        if parts:
            days = {part.get(day) for part in parts}
            said |= {
                plural: parts,
                "total": _total([part.get("amount") for part in parts]),
                "day": days.pop() if len(days) == 1 else None,
            }
    return said


def _parts(
    touches: Sequence[Touch], known: PersonFacts, *, subject: str, day: str
) -> Sequence[Mapping[str, Any]]:
    parts = [
        {**_amounts(touch.details[subject]), "reference": _reference(known.debts.get(touch.debt_id))}
        for touch in touches
        if subject in touch.details
    ]
    return sorted(parts, key=lambda part: str(part.get(day) or ""))


def _reference(debt: Debt | None) -> str | None:
    return debt.account if debt is not None else None


def _total(amounts: Sequence[Any]) -> Money | None:
    """Return the sum of amounts, or None where one is not known or they are of several currencies."""
    known = [
        Money(Decimal(str(amount["amount"])), str(amount["currency"]))
        for amount in amounts
        if isinstance(amount, dict)
    ]
    if len(known) < len(amounts) or len({money.currency for money in known}) != 1:
        return None
    return sum(known[1:], start=known[0])


def _amounts(value: Any) -> Any:
    """Turn `{"amount": "40.00", "currency": "USD", …}` into what wordings call an amount."""
    if isinstance(value, dict):
        facts = {key: _amounts(part) for key, part in value.items()}
        if isinstance(facts.get("amount"), str) and "currency" in facts:
            facts["amount"] = {"amount": facts["amount"], "currency": facts.pop("currency")}
        return facts
    if isinstance(value, list):
        return [_amounts(part) for part in value]
    return value


def _required(touches: Sequence[Touch], situation: Situation, *, guidance: Guidance) -> frozenset[str]:
    """Return the blocks that the packs in force ask for.

    The debt collector's notice is longer in the first message about a debt (12 CFR 1006.18(e)), also where
    it is about others besides.
    """
    asked = required_content(situation, guidance.policy)
    required = {WORDED.get(block, block) for block in asked}
    if "debt_collection_later" in required and not all(_has_written(touch, situation) for touch in touches):
        required.remove("debt_collection_later")
        required.add("debt_collection_first")
    return frozenset(required)


def _has_written(touch: Touch, situation: Situation) -> bool:
    return any(
        contact.direction is Direction.OUTBOUND and (not contact.debts or touch.debt_id in contact.debts)
        for contact in situation.ledger
    )
