"""What a snapshot of ours says was remembered of a person: the registers that it was drawn from. Pure."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final

from preferences.model.record import BY_THE_PERSON, Record, RegisterValue, Stamp, moment
from schemas.addresses import comparable
from schemas.envelope import Event
from schemas.people import PAUSE, PersonChanged, PersonSnapshot
from schemas.values import Value

#: What is remembered of a person as it was stated last.
_PROFILE: Final = frozenset(PersonChanged.model_fields) - {"person_id", "provenance"}


def registers_drawn(event: Event) -> Record:
    """Return what must have been remembered for this snapshot to be told.

    All of it had been heard by then. Whatever is said later counts as later; what is heard again counts as it
    did, for it was said before.
    """
    snapshot = event.data
    assert isinstance(snapshot, PersonSnapshot)
    heard = moment(max(snapshot.changed_at, event.time))

    def register(value: Any, *, at: datetime = snapshot.changed_at) -> RegisterValue:
        return RegisterValue(Stamp(min(moment(at), heard), event.source, event.id, heard), value)

    return {
        **{f"is {name}": register(value) for name, value in _written(snapshot).items() if name in _PROFILE},
        **{
            f"hold {hold.hold_id}": register(_written(hold))
            for hold in snapshot.holds
            # That hold is drawn from the person's own wish, and what was said of another id, from there.
            if hold.hold_id != PAUSE and hold.said_of not in snapshot.same_as
        },
        **{_hold_named(hold_id): register(None) for hold_id in snapshot.lifted_holds},
        **{
            f"notice {notice.name} {notice.debt_id or ''}": register(_written(notice))
            for notice in snapshot.notices
        },
        **{
            f"check {comparable(check.number)}": register(_written(check), at=check.at)
            for check in snapshot.number_checks
        },
        **{
            f"opt_out {out.opt_out_id}": register({**_written(out), "at": moment(out.at)}, at=out.at)
            for out in snapshot.opt_outs
            if out.said_of not in snapshot.same_as
        },
        **{f"lifted {name}": register(value=True) for name in snapshot.lifted},
        **{f"same_as {other}": register(value=True) for other in snapshot.same_as},
        **dict(_consents(snapshot, register)),
    }


def _hold_named(hold_id: str) -> str:
    return "is pause_until" if hold_id == PAUSE else f"hold {hold_id}"


def _consents(
    snapshot: PersonSnapshot, register: Callable[..., RegisterValue]
) -> Iterator[tuple[str, RegisterValue]]:
    """Yield the registers of consents, and of what the person's own may open."""
    for consent in snapshot.consents:
        given = consent.at or snapshot.changed_at
        place = f"{consent.channel} {comparable(consent.address or '')}"
        yield f"consent {place} {consent.basis}", register(_written(consent), at=given)
        if consent.basis in BY_THE_PERSON and consent.at is not None:
            opened = [[moment(consent.at), moment(consent.heard_at or consent.at)]]
            yield f"opened {place}", register(opened, at=consent.at)


def _written(value: Value) -> dict[str, Any]:
    return value.model_dump(mode="json", exclude_unset=True)
