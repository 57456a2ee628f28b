"""Ways to tell a human on duty that somebody is in danger: a text to their phone, a call of a webhook."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final, Protocol

import structlog
from aiohttp import ClientSession, ClientTimeout

from outreach.model.ids import new_attempt_id
from outreach.model.message import Sms
from outreach.model.outcome import Accepted, Unknown
from outreach.providers.connection import FAILURES
from outreach.providers.provider import Provider

log = structlog.get_logger(__name__)

_TIMEOUT: Final = timedelta(seconds=10)
_VALID_FOR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A crisis that waits for a human. It names nobody's words: a duty phone lies on a table."""

    reply_id: str
    person_id: str | None
    since: datetime
    answer_by: datetime


class Pager(Protocol):
    """One way to reach whoever is on duty."""

    async def page(self, page: Page) -> bool:
        """Tell them; return whether they may have been told. It never raises."""
        ...


class PhonePager:
    """Texts a duty phone. It is no contact with a person in debt, so no policy is asked."""

    def __init__(self, provider: Provider, *, phone: str, sender: str, status_url: str) -> None:
        self._provider = provider
        self._phone = phone
        self._sender = sender
        self._status_url = status_url

    async def page(self, page: Page) -> bool:
        """Text that somebody waits, and where to look."""
        body = (
            f"Outreach: somebody may be in danger and waits for a human since {page.since:%H:%M} UTC. "
            "outreach waiting --urgency crisis"
        )
        outcome = await self._provider.send(
            Sms(
                attempt_id=new_attempt_id(),
                to=self._phone,
                sender=self._sender,
                body=body,
                segments=1,
                valid_for=_VALID_FOR,
                status_url=self._status_url,
            )
        )
        return isinstance(outcome, Accepted | Unknown)


class WebhookPager:
    """Posts to a webhook, such as a paging service's."""

    def __init__(self, session: ClientSession, *, url: str) -> None:
        self._session = session
        self._url = url

    async def page(self, page: Page) -> bool:
        """Post who waits, by ids, and since when."""
        told = {
            "kind": "crisis",
            "reply_id": page.reply_id,
            "person_id": page.person_id,
            "since": page.since.isoformat(),
            "answer_by": page.answer_by.isoformat(),
        }
        try:
            async with self._session.post(
                self._url,
                json=told,
                timeout=ClientTimeout(total=_TIMEOUT.total_seconds()),
                allow_redirects=False,
            ) as answer:
                return answer.status < HTTPStatus.MULTIPLE_CHOICES
        except FAILURES as failure:
            log.warning("the duty webhook did not answer", failure=type(failure).__name__)
            return False
