"""Decisions per second on one core: three packs, ledgers of twenty entries, and where the time goes."""

import cProfile
import pstats
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from bench import agency, rig
from bench.figures import Figure, median
from outreach.model.contact import Contact
from outreach.model.decision import Decision
from outreach.model.person import Address, Consent, Evidence, Facts, NumberCheck
from outreach.model.words import Basis, Channel, CheckResult, ContactOutcome, Direction, Purpose, Role
from outreach.policy.engine import decide
from outreach.policy.policy import Policy
from outreach.policy.situation import Situation, Subject

#: Of the agency's places those whose people are bound by house, federal and one or more packs of their own.
_PURPOSES = (Purpose.REMINDER, Purpose.CHECK_IN, Purpose.PAYMENT_CONFIRMATION)


def measure(*, decisions: int, rounds: int) -> Figure:
    """Decide as many different situations as there are decisions; each is a new value, as it is in a claim.

    Others are decided first: a process that decides all day remembers the hours of each set of zones.
    """
    policy = rig.guidance().policy
    rates, answers = [], Counter[str]()
    _decide_all([situation(n) for n in range(decisions, 2 * decisions)], policy)
    for _ in range(rounds):
        situations = [situation(n) for n in range(decisions)]
        began = time.process_time()
        made = _decide_all(situations, policy)
        rates.append(decisions / (time.process_time() - began))
        answers = Counter(type(decision).__name__.lower() for decision in made)
    packs = Counter(
        len(policy.packs_asked(decision, _jurisdictions(decision, policy)))
        for decision in map(situation, range(100))
    )
    return Figure(
        name="decide: realistic mix, 20-entry ledgers, one core",
        value=median(rates),
        unit="decisions/s",
        rounds=rates,
        goal="≥ 10,000",
        met=median(rates) >= 10_000,
        details={
            "by": "processor time, so that others on the machine do not count",
            "answers": dict(answers),
            "packs_in_force": dict(packs),
            "share_of_time": _where_the_time_goes(policy, decisions),
        },
    )


def situation(number: int) -> Situation:
    """Return one of many different questions, at some hour of a working week."""
    region, postal_code, _ = agency.PLACES[number % len(agency.PLACES)]
    at = rig.NOON + timedelta(minutes=number * 37 % (5 * 24 * 60))
    channel = Channel.SMS if agency.is_texted(number) else Channel.EMAIL
    return Situation(
        now=at,
        role=Role.THIRD_PARTY,
        subject=Subject(
            channel=channel,
            purpose=_PURPOSES[number % 3],
            debt="d1",
            key=f"d1/play/{number}",
            creditor="northwind",
            play="instalment_reminder",
            expires_at=at + timedelta(days=10),
        ),
        evidence=Evidence(
            addresses=(Address(country="US", region=region, postal_code=postal_code),),
            phones=(agency.phone(number),),
        ),
        facts=Facts(
            consents={channel: (Consent(basis=Basis.WRITTEN, at=at - timedelta(days=20)),)},
            number_check=NumberCheck(at=at - timedelta(days=3), result=CheckResult.NOT_REASSIGNED),
        ),
        ledger=tuple(_contact(number, n) for n in range(20)),
    )


def _contact(number: int, n: int) -> Contact:
    return Contact(
        at=rig.NOON - timedelta(days=2 + 4 * n, minutes=number % 600),
        channel=(Channel.VOICE, Channel.EMAIL, Channel.SMS)[n % 3],
        direction=Direction.INBOUND if n % 9 == 8 else Direction.OUTBOUND,
        debts=frozenset({"d1" if n % 4 else "d2"}),
        purpose=Purpose.REMINDER,
        outcome=ContactOutcome.DELIVERED,
        key=f"d1/play/{number}-{n}",
    )


def _decide_all(situations: Sequence[Situation], policy: Policy) -> list[Decision]:
    return [decide(one, policy) for one in situations]


def _jurisdictions(asked: Situation, _policy: Policy) -> frozenset[str]:
    from outreach.policy.inquiry import Inquiry  # noqa: PLC0415 (only to count packs)

    return Inquiry(asked).evidence_places.jurisdictions


def _where_the_time_goes(policy: Policy, decisions: int) -> dict[str, float]:
    """Return each file's share of the time; the profiler exaggerates small functions."""
    situations = [situation(n) for n in range(min(decisions, 3000))]
    profile = cProfile.Profile()
    profile.runcall(_decide_all, situations, policy)
    spent: defaultdict[str, float] = defaultdict(float)
    stats = pstats.Stats(profile)
    for (file, _, _), (_, _, own, _, _) in stats.stats.items():  # type: ignore[attr-defined]
        path = Path(file)
        spent["/".join(path.parts[-2:]) if "policy" in path.parts else "python itself"] += own
    total = sum(spent.values())
    return {
        name: round(own / total, 3) for name, own in sorted(spent.items(), key=lambda entry: -entry[1])[:12]
    }
