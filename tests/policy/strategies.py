"""Random people, packs, ledgers and wishes, aimed at where time goes wrong: clock changes and edges."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import strategies as st

from outreach.model.contact import Contact
from outreach.model.person import Evidence, Facts, Hold, PersonEvent, Wishes
from outreach.model.window import WeeklyWindow
from outreach.model.words import (
    Channel,
    ContactOutcome,
    Direction,
    EventKind,
    HoldKind,
    Purpose,
    Role,
)
from outreach.policy.policy import AnyRule
from outreach.policy.recurring_days import RecurringDays
from outreach.policy.rules.blackout_dates import BlackoutDates
from outreach.policy.rules.contact_window import ContactWindow
from outreach.policy.rules.cooldown import Cooldown
from outreach.policy.rules.frequency_cap import FrequencyCap, Scope
from outreach.policy.rules.notice import RequiresNotice
from outreach.policy.rules.spacing import Spacing
from outreach.policy.rules.terms import Terms
from outreach.policy.situation import Situation, Subject
from outreach.policy.timetable import Timetable

ZONES = sorted(available_timezones() - {"Factory", "localtime"})
CHANGING = [
    "America/New_York", "America/Havana", "Europe/Dublin", "Africa/Casablanca", "Asia/Beirut",
    "Atlantic/Azores", "Australia/Lord_Howe", "America/Santiago", "Africa/Cairo", "Pacific/Auckland",
    "America/St_Johns", "Antarctica/Troll", "America/Vancouver", "America/Edmonton", "Asia/Kolkata",
]  # fmt: skip
MINUTES = st.integers(0, 1439).map(lambda minute: minute * 60)
QUARTERS = st.integers(0, 95).map(lambda quarter: quarter * 900)


@cache
def clock_changes(zone: str) -> list[datetime]:
    """Return the hours in 2026 in which clocks there are set."""
    there, begins = ZoneInfo(zone), datetime(2026, 1, 1, tzinfo=UTC)
    hours = [begins + timedelta(hours=count) for count in range(366 * 24)]
    return [
        after
        for before, after in pairwise(hours)
        if before.astimezone(there).utcoffset() != after.astimezone(there).utcoffset()
    ]


@st.composite
def nows(draw: st.DrawFn, zone: str) -> datetime:
    """Any minute of 2026, most often within three days of a clock change there."""
    changes = clock_changes(zone)
    aimed: int = draw(st.integers(0, 3))
    if changes and aimed:
        changed: datetime = draw(st.sampled_from(changes))
        return changed + timedelta(minutes=draw(st.integers(-3 * 1440, 1440)))
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=draw(st.integers(0, 365 * 1440)))


@st.composite
def windows(draw: st.DrawFn) -> WeeklyWindow:
    begins = draw(QUARTERS)
    ends = draw(QUARTERS.filter(lambda each: each != begins) | st.just(86_400))
    return WeeklyWindow(draw(st.frozensets(st.integers(0, 6), min_size=1)), begins, ends)


WIDE = st.builds(
    WeeklyWindow,
    st.frozensets(st.integers(0, 6), min_size=4),
    st.sampled_from([0, 5400, 7200, 27_000, 28_800]),
    st.sampled_from([64_800, 72_000, 75_600, 86_400]),
)


def _terms(number: int, begins: date | None = None, last: date | None = None) -> Terms:
    return Terms(id=f"test.rule_{number}", effective_from=begins, effective_until=last)


@st.composite
def rules(draw: st.DrawFn, now: datetime) -> tuple[AnyRule, ...]:
    """A few deferring rules of every kind, some of them dated close to now."""
    found: list[AnyRule] = []
    for number in range(draw(st.integers(0, 4))):
        day = (now + timedelta(days=draw(st.integers(-2, 4)))).date()
        dates = draw(st.sampled_from([(None, None), (None, None), (day, None), (None, day)]))
        terms = _terms(number, *dates)
        found.append(draw(_rule(terms, now)))
    return tuple(found)


def _rule(terms: Terms, now: datetime) -> st.SearchStrategy[AnyRule]:
    days = st.integers(-1, 4).map(lambda count: (now + timedelta(days=count)).date().isoformat())
    hours = st.integers(1, 100).map(lambda count: timedelta(hours=count))
    channels = st.frozensets(st.sampled_from([Channel.SMS, Channel.EMAIL, Channel.VOICE]), min_size=1)
    return st.one_of(
        st.builds(
            ContactWindow,
            terms=st.just(terms),
            timetable=st.lists(windows() | WIDE, min_size=1, max_size=3).map(
                lambda each: Timetable(tuple(each))
            ),
            zone=st.none() | st.just("America/New_York"),
            replaceable=st.booleans(),
        ),
        st.builds(
            BlackoutDates,
            terms=st.just(terms),
            days=st.lists(days, min_size=1, max_size=3).map(lambda each: RecurringDays(tuple(each))),
        ),
        st.builds(
            FrequencyCap,
            terms=st.just(terms),
            limit=st.integers(1, 4),
            window=st.none() | hours,
            scope=st.sampled_from(Scope),
            counted_channels=channels,
            unanswered_count=st.booleans(),
        ),
        st.builds(Spacing, terms=st.just(terms), gap=hours, scope=st.sampled_from(Scope)),
        st.builds(
            Cooldown,
            terms=st.just(terms),
            events=st.frozensets(st.sampled_from(EventKind), min_size=1),
            rest=hours,
        ),
        st.builds(
            RequiresNotice, terms=st.just(terms), notice=st.just("posted"), wait_days=st.integers(0, 6)
        ),
    )


@st.composite
def contacts(draw: st.DrawFn, now: datetime) -> Contact:
    instant = now - timedelta(minutes=draw(st.integers(-300, 10 * 1440)))
    return Contact(
        at=instant,
        channel=draw(st.sampled_from(Channel)),
        direction=draw(st.sampled_from([Direction.OUTBOUND] * 4 + [Direction.INBOUND])),
        debts=draw(st.sampled_from([frozenset(), frozenset("A"), frozenset("B"), frozenset("AB")])),
        creditor=draw(st.sampled_from([None, "one", "two"])),
        purpose=draw(st.sampled_from([None, Purpose.REMINDER, Purpose.CONVERSATION_REPLY])),
        outcome=draw(st.none() | st.sampled_from(ContactOutcome)),
        in_reply_to=draw(
            st.none()
            | st.sampled_from(
                [instant - timedelta(hours=1), instant - timedelta(hours=30), now - timedelta(hours=2)]
            )
        ),
    )


@st.composite
def wishes(draw: st.DrawFn) -> Wishes:
    return Wishes(
        convenient=tuple(draw(st.lists(WIDE | windows(), max_size=1))) if draw(st.booleans()) else (),
        inconvenient=tuple(draw(st.lists(windows(), max_size=2))),
    )


@st.composite
def holds(draw: st.DrawFn, now: datetime) -> Hold:
    """A pause or hold with an end, as an instant, a date or a number of days."""
    since = now - timedelta(minutes=draw(st.integers(-1440, 5000)))
    end = now + timedelta(minutes=draw(st.integers(-600, 6000)))
    kind = draw(st.sampled_from([HoldKind.HOLD, HoldKind.PAUSE]))
    match draw(st.integers(0, 2)):
        case 0:
            return Hold(kind=kind, since=since, until=end)
        case 1:
            return Hold(kind=kind, since=draw(st.none() | st.just(since.date())), until=end.date())
        case _:
            return Hold(kind=kind, since=since, days=draw(st.integers(1, 5)))


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    """Anybody, anywhere, at any minute, with nothing that suppresses for good."""
    zones = draw(
        st.lists(st.sampled_from(CHANGING) | st.sampled_from(ZONES), min_size=1, max_size=2, unique=True)
    )
    now = draw(nows(zones[0]))
    events = st.builds(
        PersonEvent,
        kind=st.sampled_from(EventKind),
        at=st.integers(-60, 5 * 1440).map(lambda minutes: now - timedelta(minutes=minutes)),
    )
    replies = [Purpose.CONVERSATION_REPLY, Purpose.HELP_REPLY]
    purpose = draw(st.sampled_from([Purpose.REMINDER, Purpose.REMINDER, Purpose.CLOSURE, *replies]))
    spoken = now - timedelta(minutes=draw(st.sampled_from([1, 120, 1400, 1440, 1441, 5000])))
    return Situation(
        now=now,
        role=Role.THIRD_PARTY,
        subject=Subject(
            channel=draw(st.sampled_from([Channel.SMS, Channel.EMAIL])),
            purpose=purpose,
            debt=draw(st.sampled_from([None, "A"])),
            creditor=draw(st.sampled_from([None, "one"])),
            in_reply_to=spoken if purpose in replies else None,
        ),
        evidence=Evidence(zones=tuple(zones)),
        wishes=draw(wishes()),
        facts=Facts(
            holds=tuple(draw(st.lists(holds(now), max_size=2))),
            events=tuple(draw(st.lists(events, max_size=3))),
            notices={"posted": (now - timedelta(days=draw(st.integers(0, 8)))).date()},
        ),
        ledger=tuple(draw(st.lists(contacts(now), max_size=8))),
        packs=("test",),
    )
