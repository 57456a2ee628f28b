"""Situations for tests: what a test does not care about is filled in."""

from datetime import UTC, datetime
from typing import Any

from outreach.guidance.files.policy import standard_policy
from outreach.guidance.files.spellings import parse_instant, parse_window
from outreach.model.contact import Contact
from outreach.model.decision import Decision
from outreach.model.person import Consent, Evidence, Facts, Wishes
from outreach.model.window import WeeklyWindow
from outreach.model.words import Basis, Channel, Purpose, Role
from outreach.policy.engine import decide
from outreach.policy.policy import AnyRule, Pack, Policy
from outreach.policy.situation import Situation, Subject

NEW_YORK = Evidence(zones=("America/New_York",))


def at(text: str) -> datetime:
    """Read an instant such as `2026-06-10T12:00-04:00`."""
    return parse_instant(text)


def window(days: str, begins: str, ends: str) -> WeeklyWindow:
    return parse_window(days, begins, ends)


def a_subject(**changes: Any) -> Subject:
    return Subject(**({"channel": Channel.SMS, "purpose": Purpose.REMINDER} | changes))


def a_situation(now: str | datetime, **changes: Any) -> Situation:
    """A third-party collector's reminder by SMS to somebody in New York, with no pack in force."""
    subject = {
        name: changes.pop(name)
        for name in (
            "channel", "purpose", "debt", "in_reply_to", "expires_at", "key", "by_machine", "creditor",
            "portfolio", "play",
        )
        if name in changes
    }  # fmt: skip
    filled: dict[str, Any] = {
        "now": at(now) if isinstance(now, str) else now,
        "role": Role.THIRD_PARTY,
        "subject": a_subject(**subject),
        "evidence": NEW_YORK,
        "wishes": Wishes(),
        "facts": Facts(),
        "packs": (),
    }
    return Situation(**(filled | changes))


def consenting(since: str = "2026-06-01T12:00Z", **changes: Any) -> Facts:
    """Facts of somebody who said yes to texts and email."""
    consent = (Consent(basis=Basis.WRITTEN, at=at(since)),)
    return Facts(**({"consents": {Channel.SMS: consent, Channel.EMAIL: consent}} | changes))


def a_contact(when: str | datetime, **changes: Any) -> Contact:
    instant = at(when) if isinstance(when, str) else when
    filled: dict[str, Any] = {"at": instant, "channel": Channel.SMS}
    return Contact(**(filled | changes))


def a_policy(*rules: AnyRule, own: tuple[AnyRule, ...] = ()) -> Policy:
    """A policy whose one pack, `test`, holds these rules and binds everywhere."""
    pack = Pack(
        name="test", version="1", title="test", jurisdictions=frozenset(), rules=rules, everywhere=True
    )
    return Policy(version="test", packs={"test": pack}, own=own)


def decided(situation: Situation) -> Decision:
    """Decide under the shipped packs."""
    return decide(situation, standard_policy())


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]
