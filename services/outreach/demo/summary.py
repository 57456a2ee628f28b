"""What the weeks came to, counted in the database that the product kept."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from foundation.database import Connection
from foundation.sql import queries
from outreach.demo.demo import Played
from outreach.store.hand_offs import WaitingReply, list_waiting

_SQL = queries(__file__)

#: The forms of the preference center that close an address or more.
_STOPS = frozenset({"stop", "stop-all", "not-me"})


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoWaits:
    """Somebody who waits for a human, and the first of their answers that does."""

    person_id: str
    name: str
    urgency: str
    kinds: Sequence[str]
    channel: str
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The figures; every mapping is from a word of the product to a count, the most frequent first."""

    people: int
    days: int
    events: int
    payments: int
    replies: int
    kept_aside: int
    planned: int
    planned_by_play: Mapping[str, int]
    decisions: int
    sent: Mapping[str, int]
    people_reached: Mapping[str, int]
    troubles: Mapping[str, int]
    deferred: Mapping[str, int]
    suppressed: Mapping[str, int]
    waiting: Mapping[str, int]
    expired: int
    still_planned: int
    cancelled: int
    cancelled_by_payments: int
    opt_outs: Mapping[str, int]
    with_human: Mapping[str, int]
    answers: Mapping[str, int]
    heard: Mapping[str, int]
    who_waits: Sequence[WhoWaits]
    people_on_their_page: int
    choices: Mapping[str, int]


async def summarize(connection: Connection, played: Played) -> Summary:
    """Count what was played."""
    plays = _counted(await _SQL.count_planned(connection), "play", "touches")
    statuses = _counted(await _SQL.count_statuses(connection), "status", "touches")
    sent = await _SQL.count_sent(connection)
    standing = await _SQL.count_standing(connection)
    chronicle = played.chronicle
    cancelled = await _SQL.list_cancelled(connection)
    return Summary(
        people=played.wish.people,
        days=played.wish.days,
        events=chronicle.counts["events"],
        payments=chronicle.counts["payments"],
        replies=chronicle.counts["replies"],
        kept_aside=await _SQL.count_kept_aside(connection),
        planned=sum(plays.values()),
        planned_by_play=plays,
        decisions=await _SQL.count_decisions(connection),
        sent=_counted(sent, "channel", "messages"),
        people_reached=_counted(sent, "channel", "people"),
        troubles=_counted(await _SQL.count_troubles(connection), "trouble", "messages"),
        deferred=_counted(await _SQL.count_reasons(connection, decision="defer"), "reason", "touches"),
        suppressed=_counted(
            (touch for touch in standing if touch["status"] == "suppressed"), "reason", "touches"
        ),
        waiting=_counted((touch for touch in standing if touch["status"] == "waiting"), "reason", "touches"),
        expired=statuses.get("expired", 0),
        still_planned=statuses.get("planned", 0),
        cancelled=statuses.get("cancelled", 0),
        cancelled_by_payments=sum(
            (touch["person_id"], touch["debt_id"], touch["changed_at"]) in chronicle.payments
            for touch in cancelled
        ),
        with_human=_counted(await _SQL.count_with_human(connection), "urgency", "people"),
        answers=_counted(await _SQL.count_answers(connection), "way", "replies"),
        heard=_counted(await _SQL.count_heard(connection), "kind", "replies"),
        who_waits=await _who_waits(connection, played),
        opt_outs=_opt_outs(_counted(await _SQL.count_opt_outs(connection), "origin", "opt_outs"), played),
        people_on_their_page=len({visited.person_id for visited in chronicle.visits}),
        choices=dict(Counter(visited.action for visited in chronicle.visits).most_common()),
    )


async def _who_waits(connection: Connection, played: Played) -> list[WhoWaits]:
    """Return who waits for an answer, as `outreach waiting` lists them: a crisis first, then by age."""
    names = {resident.person_id: resident.full_name for resident in played.residents}
    first: dict[str, WaitingReply] = {}
    for reply in await list_waiting(connection):
        if reply.person_id is not None:
            first.setdefault(reply.person_id, reply)
    return [
        WhoWaits(
            person_id=person,
            name=names[person],
            urgency=reply.urgency,
            kinds=reply.kinds,
            channel=reply.channel,
            said=" ".join(reply.text.split()),
        )
        for person, reply in first.items()
    ]


def _counted(rows: Iterable[Any], name: str, count: str) -> dict[str, int]:
    return {row[name]: row[count] for row in rows}


def _opt_outs(heard: Mapping[str, int], played: Played) -> Mapping[str, int]:
    """Add those that came with a snapshot, from the preference center."""
    at_the_center = sum(visited.action in _STOPS for visited in played.chronicle.visits)
    return {**heard, **({"preference_center": at_the_center} if at_the_center else {})}
