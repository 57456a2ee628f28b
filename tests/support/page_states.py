"""Every page that people open, in every state, by a name: for tests, and for pictures."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from outreach.http.unsubscribe import State
from preferences.pages.forms import (
    Action,
    ChannelsForm,
    DisputeForm,
    Form,
    HardshipForm,
    HoursForm,
    LanguageForm,
    Misfit,
    NotMeForm,
    PauseForm,
    StopAllForm,
    StopForm,
    TalkForm,
)
from preferences.pages.views import (
    ChannelState,
    CheckLocked,
    CheckOffered,
    ChoiceView,
    DoneView,
    Frame,
    PersonView,
    RecentChoice,
    StaleFormView,
    StrangerView,
    TooLateView,
    TooManyView,
    UnavailableView,
    Undo,
    UnknownLinkView,
    View,
)
from preferences.pages.week import week_of
from schemas.people import QuietHours, WeeklyWindow

#: The page behind the unsubscribe link, which is of outreach: its state, and the link to less if it has one.
UNSUBSCRIBE: Mapping[str, tuple[State, str | None]] = {
    "unsubscribe": ("ask", "/p/a-token"),
    "unsubscribe without a center": ("ask", None),
    "unsubscribe done": ("done", None),
    "unsubscribe by another link": ("unknown", None),
}

CHICAGO = ZoneInfo("America/Chicago")
NOW = datetime(2026, 3, 2, 21, 20, tzinfo=UTC).astimezone(CHICAGO)
TOMORROW = NOW + timedelta(days=1)
LUNCH = WeeklyWindow(days=("tue", "thu"), begins="12:00", ends="14:00")
EVENING = QuietHours(begins="18:00", ends="09:30")
WAYS = (
    ChannelState(channel="sms", is_open=True),
    ChannelState(channel="email", is_open=True),
    ChannelState(channel="voice", is_open=False),
    ChannelState(channel="post", is_open=False, may_open=False),
)
STORY = "I was ill for two months.\nI can pay a little from May on. <b>Please</b> do not call me at work."


def frame(language: str) -> Frame:
    return Frame(path="/p/a-token", form_key="a-key", language=language)


def stranger(language: str, **changed: object) -> StrangerView:
    """Return what a stranger sees, as `preferences.center.seeing` tells it: no end of the address."""
    offers = frozenset({Action.NOT_ME, Action.TALK})
    known: dict[str, object] = {"frame": frame(language), "channel": "sms", "offers": offers}
    return StrangerView(**(known | {"check": CheckOffered()} | changed))  # type: ignore[arg-type]


def person(page_language: str, **changed: object) -> PersonView:
    known: dict[str, object] = {
        "frame": frame(page_language),
        "channel": "sms",
        "ending": "0142",
        "now": NOW,
        "week": week_of(),
        "channels": WAYS,
        "language": "en",
    }
    return PersonView(**(known | changed))  # type: ignore[arg-type]


def names(language: str) -> list[str]:
    """Return the name of every page in every state, of both services."""
    return [*states(language), *UNSUBSCRIBE]


def states(language: str) -> Mapping[str, View]:
    """Return every page of the preference center in every state, in this language."""
    return MappingProxyType(
        dict(_strangers(language))
        | dict(_people(language))
        | dict(_choices(language))
        | dict(_done(language))
        | dict(_notes(language))
    )


def _recent(language: str, form: Form) -> RecentChoice:
    undo = Undo(change="a-change", until=TOMORROW)
    done = DoneView(frame=frame(language), form=form, channel="sms", undo=undo)
    return RecentChoice(undo=undo, at=NOW, done=done)


def _strangers(language: str) -> Iterator[tuple[str, View]]:
    every = frozenset({Action.PAUSE, Action.NOT_ME, Action.TALK})
    yield "stranger", stranger(language)
    yield "stranger by email", stranger(language, channel="email")
    yield "stranger without a check", stranger(language, check=None, offers=every)
    yield "stranger who has stopped", stranger(language, is_closed=True)
    lately = (_recent(language, StopForm()), replace(_recent(language, TalkForm()), done=None))
    yield "stranger who can undo", stranger(language, is_closed=True, recent=lately)
    yield "stranger who was wrong", stranger(language, check=CheckOffered(was_wrong=True))
    misfits = {"postal_code": Misfit.NOT_A_POSTAL_CODE, "birth_year": Misfit.NOT_A_YEAR}
    yield "stranger who wrote something else", stranger(language, check=CheckOffered(misfits=misfits))
    yield "stranger asked for one thing", stranger(language, check=CheckOffered(asks=("birth_year",)))
    yield "stranger locked out", stranger(language, check=CheckLocked())
    yield "stranger locked out until", stranger(language, check=CheckLocked(until=TOMORROW))


def _people(language: str) -> Iterator[tuple[str, View]]:
    yield "person", person(language)
    yield (
        "person with wishes",
        person(
            language,
            week=week_of(contact_days=("mon", "tue", "wed", "thu", "fri"), quiet_hours=EVENING),
            language="es",
            paused_until=date(2026, 3, 16),
            asked_for=frozenset({Action.TALK, Action.HARDSHIP}),
            is_closed=True,
        ),
    )
    lately = tuple(_recent(language, form) for form in (TalkForm(), LanguageForm(language="es")))
    yield "person who can undo", person(language, recent=lately)
    yield "person who stopped everything", person(language, is_all_closed=True, is_closed=True, channels=())
    yield (
        "person without a time",
        person(language, week=week_of(quiet_hours=QuietHours(begins="08:00", ends="21:00"))),
    )


def _choices(language: str) -> Iterator[tuple[str, View]]:
    picky = person(
        language,
        week=week_of(contact_days=("tue", "thu"), inconvenient=[LUNCH]),
        paused_until=date(2026, 3, 16),
    )
    for action in Action:
        if action not in {Action.STOP, Action.STOP_ALL, Action.UNLOCK, Action.UNDO}:
            name = action.value.replace("-", " ")
            yield name, ChoiceView(of=person(language), action=action, now=NOW)
    yield "hours chosen", ChoiceView(of=picky, action=Action.HOURS, now=NOW)
    yield "pause under way", ChoiceView(of=picky, action=Action.PAUSE, now=NOW)
    yield "not me, of a stranger", ChoiceView(of=stranger(language), action=Action.NOT_ME, now=NOW)
    yield (
        "hours that do not fit",
        ChoiceView(
            of=picky,
            action=Action.HOURS,
            now=NOW,
            entered={"days": [], "begins": ["17:00"], "ends": ["09:00"]},
            misfits={"days": Misfit.MISSING, "ends": Misfit.NO_TIME_LEFT},
        ),
    )
    yield (
        "pause that does not fit",
        ChoiceView(
            of=person(language),
            action=Action.PAUSE,
            now=NOW,
            entered={"until": ["2026-01-01"]},
            misfits={"until": Misfit.TOO_EARLY},
        ),
    )
    yield (
        "talk that does not fit",
        ChoiceView(
            of=person(language),
            action=Action.TALK,
            now=NOW,
            entered={"said": [STORY], "part": ["evening"]},
            misfits={"said": Misfit.TOO_LONG, "day": Misfit.NOT_A_DAY},
        ),
    )


def _done(language: str) -> Iterator[tuple[str, View]]:
    forms: Mapping[str, Form] = {
        "stop": StopForm(),
        "stop all": StopAllForm(),
        "channel stopped": ChannelsForm(channel="voice", wish="stop"),
        "channel allowed": ChannelsForm(channel="email", wish="allow"),
        "channel first": ChannelsForm(channel="sms", wish="first"),
        "hours": HoursForm(days=("sat", "mon"), begins="09:00", ends="24:00"),
        "any time": HoursForm(any_time=True),
        "language": LanguageForm(language="es"),
        "pause": PauseForm(span="two_weeks"),
        "pause ended": PauseForm(span="end"),
        "hardship": HardshipForm(said=STORY),
        "talk soon": TalkForm(),
        "talk on a day": TalkForm(day=date(2026, 3, 4), part="evening", said="x" * 1000),
        "dispute": DisputeForm(said="I paid this."),
        "not me": NotMeForm(),
    }
    undo = Undo(change="a-change", until=TOMORROW)
    for name, form in forms.items():
        until = date(2026, 3, 16) if name == "pause" else None
        yield (
            f"done: {name}",
            DoneView(frame=frame(language), form=form, channel="sms", undo=undo, until=until, is_known=True),
        )
    yield "undone", DoneView(frame=frame(language), form=StopForm(), channel="sms", is_undone=True)
    yield "undone: talk", DoneView(frame=frame(language), form=TalkForm(), channel="sms", is_undone=True)


def _notes(language: str) -> Iterator[tuple[str, View]]:
    yield "unknown link", UnknownLinkView(language=language)
    yield "too many", TooManyView(language=language, wait=timedelta(minutes=5))
    yield "stale form", StaleFormView(frame=frame(language))
    yield "too late", TooLateView(frame=frame(language))
    yield "unavailable", UnavailableView(language=language)
