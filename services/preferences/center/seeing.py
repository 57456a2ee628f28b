"""What somebody may see of a person: a stranger next to nothing, the person all their choices. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from preferences.center.becoming import ASKS, EVERYTHING, is_closed, openable
from preferences.center.choosing import UNDONE_WITHIN, may_find, may_see, may_undo
from preferences.center.opening import OpenLink
from preferences.center.whereabouts import zone_of
from preferences.pages.forms import (
    Action,
    DisputeForm,
    Form,
    HardshipForm,
    PauseForm,
    StopForm,
    TalkForm,
    form_of,
)
from preferences.pages.views import (
    ChannelState,
    CheckLocked,
    CheckOffered,
    DoneView,
    Frame,
    PersonView,
    RecentChoice,
    StrangerView,
    Undo,
)
from preferences.pages.week import week_of
from preferences.store.choices import Choice
from schemas.addresses import comparable
from schemas.people import PersonSnapshot
from schemas.vocabulary import Channel

#: What needs no light check: it stops, or a human hears of it, and shows nothing.
STRANGERS: Final = frozenset({Action.STOP, Action.NOT_ME, Action.TALK})
#: What nobody is asked to pass a check for, since it is the check, or takes back what they chose themselves.
OPEN_TO_ALL: Final = STRANGERS | {Action.UNLOCK, Action.UNDO}
_ASKED: Final[Mapping[str, Action]] = {
    ASKS[TalkForm]: Action.TALK,
    ASKS[HardshipForm]: Action.HARDSHIP,
    ASKS[DisputeForm]: Action.DISPUTE,
}
_SHOWN: Final = 4
#: How many choices the first page offers to take back.
_RECENT: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """Who looks: by which link, on which page, and what is known of the person."""

    link: OpenLink
    frame: Frame
    known: PersonSnapshot
    now: datetime

    @property
    def local_now(self) -> datetime:
        """The present on the person's own clock."""
        return self.local(self.now)

    @property
    def today(self) -> date:
        return self.local_now.date()

    def local(self, instant: datetime) -> datetime:
        """Return an instant on the person's own clock."""
        return instant.astimezone(zone_of(self.known))


def stranger_view(
    looking: Looking, *, check: CheckOffered | CheckLocked | None, recent: tuple[RecentChoice, ...] = ()
) -> StrangerView:
    """Return what whoever holds the phone may see: nothing of the person, nor of any other address."""
    link = looking.link
    return StrangerView(
        frame=looking.frame,
        channel=link.channel,
        is_closed=is_closed(looking.known, link.channel, link.address),
        offers=STRANGERS - {Action.STOP},
        check=check,
        recent=recent,
    )


def person_view(
    looking: Looking, *, languages: tuple[str, ...], recent: tuple[RecentChoice, ...] = ()
) -> PersonView:
    """Return what the person sees after the light check."""
    known, link = looking.known, looking.link
    return PersonView(
        frame=looking.frame,
        channel=link.channel,
        now=looking.local_now,
        week=week_of(
            contact_days=known.contact_days,
            quiet_hours=known.quiet_hours,
            inconvenient=known.inconvenient,
        ),
        ending=_ending(known, link),
        is_closed=is_closed(known, link.channel, link.address),
        is_all_closed=all(is_closed(known, channel) for channel in EVERYTHING),
        channels=_channels(known, link),
        language=known.language,
        languages=languages,
        recent=recent,
        paused_until=_paused_until(looking),
        asked_for=frozenset(
            _ASKED[kind]
            for hold in known.holds
            if hold.asked is not None
            for kind in hold.asked.kinds
            if kind in _ASKED
        ),
    )


def recent_choices(
    choices: Sequence[Choice], looking: Looking, *, is_known: bool, session: bytes
) -> tuple[RecentChoice, ...]:
    """Return what can still be taken back by whoever looks, the newest first.

    `choices` are those of the day, the newest first. A stranger reads of a stop what the page says anyway;
    of what else was chosen in their browser, that it was.
    """
    return tuple(_recent(choices, looking, is_known=is_known, session=session))[:_RECENT]


def _recent(
    choices: Sequence[Choice], looking: Looking, *, is_known: bool, session: bytes
) -> Iterator[RecentChoice]:
    link, was_paused = looking.link, False
    for choice in choices:
        is_pause = choice.form.get("action") == Action.PAUSE
        # Only the last pause can be taken back, and it, once.
        is_overtaken, was_paused = is_pause and was_paused, is_pause or was_paused
        if is_overtaken or not may_undo(choice, link, is_known=is_known, now=looking.now):
            continue
        if not may_find(choice, link, is_known=is_known, session=session):
            continue
        done = done_view(choice, looking, is_known=is_known)
        if done is None or done.undo is None:
            continue
        is_stop = isinstance(done.form, StopForm)
        # What is said of a stop is said of this address.
        if not is_stop or choice.address == link.address:
            told = done if is_known or is_stop else None
            yield RecentChoice(undo=done.undo, at=looking.local(choice.made_at), done=told)


def done_view(choice: Choice, looking: Looking, *, is_known: bool) -> DoneView | None:
    """Return what a choice came to; None where it is not for whoever looks, or of an earlier release."""
    if not may_see(choice, looking.link, is_known=is_known):
        return None
    try:
        form = form_of(choice.form)
    except ValueError:
        return None
    can_be_undone = may_undo(choice, looking.link, is_known=is_known, now=looking.now)
    until = looking.local(choice.made_at + UNDONE_WITHIN)
    return told_view(
        form,
        looking,
        on=looking.local(choice.made_at).date(),
        undo=Undo(change=choice.choice_id, until=until) if can_be_undone else None,
        is_undone=choice.undone_at is not None,
        is_known=is_known,
    )


def told_view(
    form: Form,
    looking: Looking,
    *,
    on: date,
    undo: Undo | None = None,
    is_undone: bool = False,
    is_known: bool = False,
) -> DoneView:
    """Return what is said of a form that was sent `on` a day of the person's."""
    return DoneView(
        frame=looking.frame,
        form=form,
        channel=looking.link.channel,
        ending=_ending(looking.known, looking.link) if is_known else None,
        until=form.first_day_after(on) if isinstance(form, PauseForm) else None,
        undo=undo,
        is_undone=is_undone,
        is_known=is_known,
    )


def _channels(known: PersonSnapshot, link: OpenLink) -> tuple[ChannelState, ...]:
    """Return the ways that there are to reach the person, in their order."""
    by_phone: tuple[Channel, ...] = ("sms", "voice") if known.phones else ()
    by_email: tuple[Channel, ...] = ("email",) if known.emails else ()
    reached = [*by_phone, *by_email]
    liked = [channel for channel in known.preferred_channels if channel in reached]
    ordered = [*liked, *(channel for channel in reached if channel not in liked)]
    return tuple(_state(known, channel, link) for channel in ordered)


def _state(known: PersonSnapshot, channel: Channel, link: OpenLink) -> ChannelState:
    address = link.address if link.channel == channel else None
    opened = {opt_out.opt_out_id for opt_out in openable(known, channel, link)}
    remaining = [opt_out for opt_out in known.opt_outs if opt_out.opt_out_id not in opened]
    would_be = known.model_copy(
        update={
            "opt_outs": tuple(remaining),
            "refused_channels": tuple(one for one in known.refused_channels if one != channel),
        }
    )
    return ChannelState(
        channel=channel,
        is_open=not is_closed(known, channel, address),
        may_open=not is_closed(would_be, channel, address),
    )


def _ending(known: PersonSnapshot, link: OpenLink) -> str | None:
    """Return the last digits of the link's number for whoever has several; all emails end alike."""
    numbers = {comparable(phone.number) for phone in known.phones}
    return link.address[-_SHOWN:] if link.channel == "sms" and len(numbers) > 1 else None


def _paused_until(looking: Looking) -> date | None:
    until = looking.known.pause_until
    if until is None:
        return None
    day = until.astimezone(zone_of(looking.known)).date() if isinstance(until, datetime) else until
    return day if day > looking.today else None
