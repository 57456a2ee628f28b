"""Texts through Twilio's Messages API, by Twilio's own client."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from urllib.parse import quote_plus, urlsplit

import msgspec
from aiohttp import ClientSession, ClientTimeout, encode_basic_auth
from twilio.base import values
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from outreach.model.message import Message, Sms
from outreach.model.outcome import Accepted, NotSent, Outcome, Refused, Unknown
from outreach.model.words import Channel
from outreach.providers.connection import (
    FAILURES,
    UnreadableAnswer,
    call_timeout,
    outcome_of_failure,
    read_answer,
    read_object,
    says_no,
    says_yes,
    wait_asked_for,
)
from outreach.providers.provider import WrongChannel
from outreach.providers.receipts import with_attempt
from outreach.providers.twilio.codes import BY_CODE
from outreach.providers.twilio.signatures import CALLS_AGAIN

_MESSAGING_SERVICE = re.compile(r"MG[0-9a-fA-F]{32}", re.ASCII)
_TO_QUOTE = re.compile(r"[^A-Za-z0-9_.~ -]")
_QUOTED = tuple(quote_plus(bytes([byte])) for byte in range(256))
_LONGEST_VALIDITY = 36_000
#: Twilio takes one second, but says that it cannot keep less than five.
_SHORTEST_VALIDITY = 5


class Twilio:
    """Sends texts. One per account; every replica may have its own."""

    name = "twilio"
    channel = Channel.SMS

    def __init__(
        self,
        *,
        session: ClientSession,
        account_sid: str,
        auth_token: str,
        timeout: timedelta = timedelta(seconds=10),
        base_url: str | None = None,
    ) -> None:
        client = Client(
            account_sid,
            auth_token,
            http_client=_Http(session=session, timeout=call_timeout(timeout), base_url=base_url),
        )
        # Half a second of lazy imports hides behind this attribute: better now than at the first text.
        self._messages = client.messages

    async def send(self, message: Message) -> Outcome:
        """Hand one text to Twilio, which may keep trying until `message.valid_for` is over."""
        if not isinstance(message, Sms):
            raise WrongChannel(self.name, message)
        seconds = min(int(message.valid_for.total_seconds()), _LONGEST_VALIDITY)
        if seconds < _SHORTEST_VALIDITY:
            return NotSent("too_late", our_fault=False)
        by_service = _MESSAGING_SERVICE.fullmatch(message.sender) is not None
        try:
            created = await self._messages.create_async(
                to=message.to,
                body=message.body,
                messaging_service_sid=message.sender if by_service else values.unset,
                from_=values.unset if by_service else message.sender,
                status_callback=with_attempt(message.status_url, message.attempt_id) + CALLS_AGAIN,
                validity_period=seconds,
                # The text goes out as it was rendered, linted and stored.
                smart_encoded=False,
            )
        except _Declined as declined:
            return outcome_of_answer(declined.answer)
        except UnicodeEncodeError:
            return Refused("not_unicode")
        except FAILURES as failure:
            return outcome_of_failure(failure)
        return Accepted(created.sid)

    async def close(self) -> None:
        """Hold nothing: the session belongs to whoever opened it."""


@dataclass(frozen=True, slots=True)
class Declination:
    """An answer that is not a yes. `code` is Twilio's own, None when the answer carries none."""

    status: int
    code: int | None
    retry_after: timedelta | None = None


def outcome_of_answer(answer: Declination) -> Outcome:
    """Say what may be done after Twilio answered anything but yes.

    A 5xx is `Unknown` whatever it says: Twilio warns that the text may have been created.
    A 4xx of a code nobody listed is the account's fault, so the touch is kept.
    """
    if not says_no(answer.status):
        return Unknown(f"http_{answer.status}")
    known = BY_CODE.get(answer.code) if answer.code is not None else None
    match known:
        case Refused():
            return known
        case NotSent():
            return NotSent(
                known.code,
                retry_after=answer.retry_after or known.retry_after,
                our_fault=known.our_fault,
            )
        case None:
            code = f"http_{answer.status}" if answer.code is None else str(answer.code)
            return NotSent(code, retry_after=answer.retry_after)


class _Declined(Exception):
    """Carries an answer that is not a yes out through Twilio's client."""

    def __init__(self, answer: Declination) -> None:
        super().__init__(answer)
        self.answer = answer


class _Http(AsyncTwilioHttpClient):  # type: ignore[misc]
    """Twilio's transport with a timeout, a shared session and a movable host.

    Twilio's own passes no timeout at all to aiohttp, and logs headers.
    """

    def __init__(self, *, session: ClientSession, timeout: ClientTimeout, base_url: str | None) -> None:
        super().__init__(pool_connections=False)
        self.session = session
        self._timeout = timeout
        self._base_url = base_url.rstrip("/") if base_url else None

    async def request(  # noqa: PLR0917 (Twilio's own signature)
        self,
        method: str,
        url: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
        allow_redirects: bool = False,  # noqa: FBT001, FBT002
    ) -> Response:
        """Post a form; every call has our timeout and follows no redirect, whatever it asks for."""
        async with self.session.request(
            method,
            self._moved(url),
            data=form_of(data or {}),
            headers={**(headers or {}), **_authorization(auth)},
            timeout=self._timeout,
            allow_redirects=False,
        ) as response:
            answer = read_object(await read_answer(response))
            if not says_yes(response.status):
                wait = wait_asked_for(response.headers.get("Retry-After"))
                raise _Declined(Declination(response.status, _code(answer), wait))
        sid = answer.get("sid")
        if not isinstance(sid, str) or not sid:
            raise UnreadableAnswer("no_sid")
        # Only the id is used; handing on less spares the parsing of dates and surprises in them.
        return Response(response.status, msgspec.json.encode({"sid": sid}).decode())

    def _moved(self, url: str) -> str:
        return url if self._base_url is None else self._base_url + urlsplit(url).path


def form_of(fields: Mapping[str, object]) -> bytes:
    """Write a form as `urlencode` does, in a tenth of the time; it was the dearest part of a call."""
    return "&".join(f"{_written(name)}={_written(str(value))}" for name, value in fields.items()).encode()


def _written(text: str) -> str:
    if text.isascii():
        # Little of it needs quoting, and a space is the commonest.
        return _TO_QUOTE.sub(_quoted, text).replace(" ", "+")
    return "".join(map(_QUOTED.__getitem__, text.encode()))


def _quoted(match: re.Match[str]) -> str:
    return _QUOTED[ord(match[0])]


@lru_cache(maxsize=8)
def _authorization(auth: tuple[str, str] | None) -> dict[str, str]:
    return {} if auth is None else {"Authorization": encode_basic_auth(*auth)}


def _code(answer: Mapping[str, object]) -> int | None:
    code = answer.get("code")
    return code if isinstance(code, int) and not isinstance(code, bool) else None
