"""Looks at the SendGrid account: what its API tells of what outreach was told to expect."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from aiohttp import ClientSession

from foundation.doctor.observations import Observation, ok, unknown, wrong
from outreach.providers.vendor_api import VendorApi, VendorRefuses, VendorSilent

_API: Final = "https://api.sendgrid.com"
_NOT_KNOWN: Final = 401
#: The events without which something that happened to an email is never heard.
_EVENTS: Final = ("processed", "delivered", "dropped", "bounce", "spam_report", "unsubscribe")
_BY_HAND: Final = "see it in the console, or let the key read it"


@dataclass(frozen=True, slots=True, kw_only=True)
class SendGridAccount:
    """How the account is used. `public_url` is where its webhooks have to go, `reply_domain` whose mail."""

    api_key: str
    webhook_public_key: str
    public_url: str
    reply_domain: str | None = None
    timeout: timedelta = timedelta(seconds=10)
    base_url: str | None = None


async def examine_sendgrid(account: SendGridAccount, session: ClientSession) -> list[Observation]:
    """Return what SendGrid says of the key and of what it was told to send us."""
    headers = {"Authorization": f"Bearer {account.api_key}"}
    asking = VendorApi(session, base_url=account.base_url or _API, headers=headers, timeout=account.timeout)
    try:
        scopes = (await asking.get("/v3/scopes")).get("scopes", [])
    except VendorRefuses as refusal:
        if refusal.status == _NOT_KNOWN:
            return [wrong("sendgrid", "does not know the key", "see OUTREACH_SENDGRID__API_KEY")]
        return [unknown("sendgrid", str(refusal), _BY_HAND)]
    except VendorSilent as silence:
        return [wrong("sendgrid", str(silence), "see OUTREACH_SENDGRID__BASE_URL and the way out")]
    if "mail.send" in scopes:
        observations = [ok("sendgrid", "knows the key, which may send")]
    else:
        observations = [wrong("sendgrid", "does not let the key send", "give it the scope mail.send")]
    observations += await _events(asking, account)
    observations += await _clicks(asking)
    if account.reply_domain is not None:
        observations += await _inbound(asking, account, account.reply_domain)
    return observations


async def _events(asking: VendorApi, account: SendGridAccount) -> list[Observation]:
    subject, url = "sendgrid events", f"{account.public_url}/webhooks/sendgrid/events"
    try:
        told = await asking.get("/v3/user/webhooks/event/settings/all")
    except (VendorRefuses, VendorSilent) as reason:
        return [unknown(subject, f"the key does not tell of them: {reason}", _BY_HAND)]
    ours = [hook for hook in told.get("webhooks", ()) if hook.get("url") == url]
    if not ours:
        return [
            wrong(subject, "go elsewhere, so that no bounce or complaint is heard", f"send them to {url}")
        ]
    return [*_of_webhook(subject, ours[0], account)] or [ok(subject, "come to us, signed by the key we know")]


def _of_webhook(subject: str, hook: Mapping[str, Any], account: SendGridAccount) -> Iterator[Observation]:
    if not hook.get("enabled"):
        yield wrong(subject, "are switched off", "enable the event webhook")
    if missing := [event for event in _EVENTS if not hook.get(event)]:
        yield wrong(subject, f"leave out {', '.join(missing)}", "switch them on")
    if not hook.get("public_key"):
        yield wrong(subject, "are not signed, so that all are refused", "switch signing on")
    elif hook["public_key"] != account.webhook_public_key:
        advice = "set OUTREACH_SENDGRID__WEBHOOK_PUBLIC_KEY to the key in the console"
        yield wrong(subject, "are signed by another key, so that all are refused", advice)


async def _clicks(asking: VendorApi) -> list[Observation]:
    subject = "sendgrid click tracking"
    try:
        told = await asking.get("/v3/tracking_settings/click")
    except (VendorRefuses, VendorSilent) as reason:
        return [unknown(subject, f"the key does not tell of it: {reason}", _BY_HAND)]
    if told.get("enabled"):
        return [wrong(subject, "puts links of others into our emails", "switch it off")]
    return [ok(subject, "is off")]


async def _inbound(asking: VendorApi, account: SendGridAccount, domain: str) -> list[Observation]:
    subject = "sendgrid inbound parse"
    try:
        told = await asking.get("/v3/user/webhooks/parse/settings")
    except (VendorRefuses, VendorSilent) as reason:
        return [unknown(subject, f"the key does not tell of it: {reason}", _BY_HAND)]
    urls: Sequence[str] = [
        str(parse.get("url", "")) for parse in told.get("result", ()) if parse.get("hostname") == domain
    ]
    inbound = f"{account.public_url}/webhooks/sendgrid/inbound"
    # What stands behind the address holds a secret, and is not shown.
    if not any(url.partition("?")[0] == inbound for url in urls):
        advice = f"send mail to {domain} to {inbound}?secret=…"
        return [wrong(subject, "sends answers to emails elsewhere, so that no stop is heard", advice)]
    return [ok(subject, f"brings us what is written to {domain}")]
