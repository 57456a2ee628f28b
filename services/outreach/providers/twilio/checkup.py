"""Looks at the Twilio account: what its API tells of what outreach was told to expect."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urldefrag

from aiohttp import ClientSession, ClientTimeout, encode_basic_auth
from twilio.request_validator import RequestValidator

from foundation.doctor.observations import Observation, ok, unknown, weak, wrong
from outreach.providers.connection import FAILURES
from outreach.providers.twilio.signatures import TWILIO_SIGNATURE
from outreach.providers.vendor_api import VendorApi, VendorRefuses, VendorSilent

_API: Final = "https://api.twilio.com"
_MESSAGING: Final = "https://messaging.twilio.com"
_NO_SUCH: Final = 404
_YES: Final = range(200, 300)
_ANSWERS_WITHIN: Final = ClientTimeout(total=10)
_NOT_KNOWN: Final = frozenset({401, 403})


@dataclass(frozen=True, slots=True, kw_only=True)
class TwilioAccount:
    """How the account is used. `public_url` is where its webhooks have to go."""

    account_sid: str
    auth_token: str
    messaging_service_sid: str
    public_url: str
    timeout: timedelta = timedelta(seconds=10)
    base_url: str | None = None


async def examine_twilio(account: TwilioAccount, session: ClientSession) -> list[Observation]:
    """Return what Twilio says of the account and of its messaging service."""
    headers = {"Authorization": encode_basic_auth(account.account_sid, account.auth_token)}

    def asking(host: str) -> VendorApi:
        base_url = account.base_url or host
        return VendorApi(session, base_url=base_url, headers=headers, timeout=account.timeout)

    try:
        told = await asking(_API).get(f"/2010-04-01/Accounts/{account.account_sid}.json")
    except VendorRefuses as refusal:
        if refusal.status in _NOT_KNOWN:
            advice = "see OUTREACH_TWILIO__ACCOUNT_SID and __AUTH_TOKEN"
            return [wrong("twilio", "does not know the account by this token", advice)]
        return [unknown("twilio", str(refusal), "see its console")]
    except VendorSilent as silence:
        return [wrong("twilio", str(silence), "see OUTREACH_TWILIO__BASE_URL and the way out")]
    observations = [*_of_account(told)]
    try:
        path = f"/v1/Services/{account.messaging_service_sid}"
        service = await asking(_MESSAGING).get(path)
    except VendorRefuses as refusal:
        if refusal.status == _NO_SUCH:
            advice = "see OUTREACH_TWILIO__MESSAGING_SERVICE_SID"
            return [*observations, wrong("twilio service", "is not one of this account", advice)]
        return [*observations, unknown("twilio service", str(refusal), "see its console")]
    except VendorSilent as silence:
        return [*observations, unknown("twilio service", str(silence), "see its console")]
    return [*observations, *_of_service(service, account.public_url)]


def _of_account(told: Mapping[str, Any]) -> Iterator[Observation]:
    if told.get("status") != "active":
        yield wrong("twilio", f"says that the account is {told.get('status')}", "see its console")
    elif told.get("type") == "Trial":
        yield wrong("twilio", "has a trial account, which texts verified numbers alone", "upgrade it")
    else:
        yield ok("twilio", "knows the account, which is active")


def _of_service(service: Mapping[str, Any], public_url: str) -> Iterator[Observation]:
    observations = [*_of_webhooks(service, public_url)]
    if service.get("usecase") == "undeclared":
        observations.append(
            weak("twilio service", "has no use case", "declare one, so that carriers take its texts")
        )
    yield from observations or [ok("twilio service", "calls us back, for texts and for what becomes of ours")]


def _of_webhooks(service: Mapping[str, Any], public_url: str) -> Iterator[Observation]:
    status, inbound = f"{public_url}/webhooks/twilio/status", f"{public_url}/webhooks/twilio/inbound"
    if service.get("use_inbound_webhook_on_number"):
        advice = "have the service handle them, so that every number's answers are heard"
        yield wrong("twilio service", "leaves answers to each number's own webhook", advice)
    elif _without_fragment(service.get("inbound_request_url")) != inbound:
        advice = f"set its incoming messages to {inbound}#rc=5&rp=all"
        yield wrong("twilio service", "sends answers elsewhere, so that no stop is heard", advice)
    else:
        if "#" not in str(service.get("inbound_request_url")):
            yield weak("twilio service", "does not call again where we fail", f"set {inbound}#rc=5&rp=all")
        if _without_fragment(service.get("fallback_url")) != inbound:
            yield weak("twilio service", "has no fallback for answers", f"set its fallback URL to {inbound}")
    if _without_fragment(service.get("status_callback")) not in ("", status):
        yield weak("twilio service", "has another status callback", f"set it to {status}")


async def examine_webhooks(
    account: TwilioAccount, session: ClientSession, *, setting: str
) -> list[Observation]:
    """Return whether what Twilio signs arrives as it was signed, by a call that says nothing.

    Another address than the one that is called, or a changed path, makes every signature wrong.
    """
    url = f"{account.public_url}/webhooks/twilio/status"
    signature = RequestValidator(account.auth_token).compute_signature(url, {})
    try:
        signed = await _post(session, url, {TWILIO_SIGNATURE: signature})
        unsigned = await _post(session, url, {})
    except FAILURES as error:
        return [wrong("webhooks", f"{url} cannot be reached ({type(error).__name__})", "see the proxy")]
    if unsigned in _YES:
        return [
            wrong(
                "webhooks", f"{url} takes what nobody signed", "something else answers there: see the proxy"
            )
        ]
    if signed not in _YES:
        advice = f"have the proxy keep path and query, and {setting} name what Twilio calls"
        return [wrong("webhooks", f"{url} answers HTTP {signed} to what Twilio signs", advice)]
    return [ok("webhooks", "take what Twilio signs, and nothing else")]


async def _post(session: ClientSession, url: str, headers: Mapping[str, str]) -> int:
    form = {"Content-Type": "application/x-www-form-urlencoded", **headers}
    async with session.post(url, headers=form, timeout=_ANSWERS_WITHIN, allow_redirects=False) as answer:
        return answer.status


def _without_fragment(url: object) -> str:
    return urldefrag(str(url or "")).url
