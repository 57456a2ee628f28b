"""Streams of events about few people and few things, so that they contradict each other often."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from schemas.envelope import Event
from schemas.registry import EVENT_TYPES
from tests.preferences.stories import EMAIL, NOW, SMS

_INSTANTS = st.integers(0, 6).map(lambda hours: NOW - timedelta(hours=hours))
_CHANNELS = st.sampled_from(["sms", "email"])
_ADDRESSES = st.sampled_from([None, SMS, EMAIL, EMAIL.upper()])
_FEW = st.sampled_from(["1", "2"])
_WINDOW = {"days": ["mon"], "begins": "17:00", "ends": "20:00"}


def _some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(fields)


_DATA: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "person.changed.v1": st.fixed_dictionaries(
        {"language": st.sampled_from([None, "en", "es"])},
        optional={
            "names": st.sampled_from([{"given": "Ada"}, None]),
            "phones": st.sampled_from([[], [{"number": SMS}]]),
            "emails": st.sampled_from([None, [{"address": EMAIL, "work": True}]]),
            "zones": st.sampled_from([[], ["America/Denver"]]),
            "convenient": st.sampled_from([[], [_WINDOW]]),
            "refused_channels": st.sampled_from([[], ["sms"]]),
            "quiet_hours": st.sampled_from([None, {"begins": "20:00", "ends": "09:00"}]),
            "contact_days": st.sampled_from([[], ["mon", "wed"]]),
            "pause_until": st.sampled_from([None, "2026-12-01"]),
            "safe_contact": st.sampled_from([None, {"channel": "sms", "address": SMS}]),
            "accessibility": st.sampled_from([[], ["large_print"]]),
        },
    ),
    "consent.granted.v1": st.fixed_dictionaries(
        {
            "channel": _CHANNELS,
            "basis": st.sampled_from(["direct", "written", "consumer_used"]),
            "address": _ADDRESSES,
        },
        optional={"at": st.none() | _INSTANTS},
    ),
    "consent.withdrawn.v1": _some(channel=_CHANNELS, address=_ADDRESSES),
    "hold.placed.v1": st.fixed_dictionaries(
        {"hold_id": _FEW, "kind": st.sampled_from(["pause", "hardship"])}, optional={"days": st.just(30)}
    ),
    "hold.lifted.v1": _some(hold_id=_FEW),
    "number.checked.v1": _some(
        number=st.just(SMS), result=st.sampled_from(["reassigned", "not_reassigned"]), at=_INSTANTS
    ),
    "notice.posted.v1": _some(
        name=st.just("written_notice"), on=st.sampled_from(["2026-11-01", "2026-11-02"])
    ),
    "reply.received.v1": _some(
        reply_id=_FEW,
        channel=_CHANNELS,
        understood=st.just("other"),
        needs_human=st.booleans(),
        text=st.just("Hello"),
        received_at=_INSTANTS,
    ),
    "suppression.recorded.v1": _some(
        suppression_id=_FEW,
        channel=_CHANNELS,
        kind=st.sampled_from(["opted_out", "complained", "unreachable", "wrong_party"]),
        address=_ADDRESSES,
        origin=st.just("reply"),
        at=_INSTANTS,
    ),
    "statement.corrected.v1": _some(
        event_source=st.sampled_from(["/crm", "/outreach"]),
        event_id=st.integers(0, 12).map(lambda number: f"event-{number}"),
        reason=st.just("a slip"),
    ),
    "person.merged.v1": _some(other_id=st.sampled_from(["person-1", "person-2", "person-3"])),
    "person.separated.v1": _some(
        other_id=st.sampled_from(["person-1", "person-2", "person-3"]), reason=st.just("others")
    ),
    "suppression.lifted.v1": _some(suppression_id=_FEW, channel=_CHANNELS, at=_INSTANTS),
}


@st.composite
def streams(draw: st.DrawFn, *, longest: int = 12, corrected: bool = False) -> list[Event]:
    """Return events of two people, each event with an id of its own, many at the same instant.

    With `corrected` some of them say that others were wrong, the later ones among them.
    """
    names = sorted(name for name in _DATA if corrected or name != "statement.corrected.v1")
    return [draw(_events(number, names)) for number in range(draw(st.integers(1, longest)))]


@st.composite
def _events(draw: st.DrawFn, number: int, names: list[str]) -> Event:
    name = draw(st.sampled_from(names))
    person = draw(st.sampled_from(["person-1", "person-2"]))
    data = draw(_DATA[name])
    if EVENT_TYPES[name].published:
        data = {**data, "person_id": person}
    return Event(
        id=f"event-{number}",
        source=draw(st.sampled_from(["/crm", "/outreach"])),
        type=name,
        time=draw(_INSTANTS),
        person_id=person,
        data=EVENT_TYPES[name].model.model_validate(data, strict=False),
    )
