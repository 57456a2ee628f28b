"""Twilio's side: create a message, answered as Twilio answers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, urldefrag, urlsplit

from simulator.arrivals import Arrival

_PHONE = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_LONGEST = 1600
_MESSAGES = {
    20001: "Invalid request parameter",
    20003: "Authenticate",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    21211: "Invalid 'To' Phone Number",
    21602: "Message body is required.",
    21603: "A 'From' phone number is required.",
    21610: "Attempt to send to unsubscribed recipient",
    21617: "The concatenated message body exceeds the 1600 character limit",
}


@dataclass(frozen=True, slots=True)
class No:
    """A refusal in Twilio's words."""

    status: int
    code: int

    @property
    def body(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "message": _MESSAGES.get(self.code, "Message cannot be sent"),
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }


def refusal_of(fields: Mapping[str, str]) -> No | None:
    """Return what Twilio says to a request that its document permits and Twilio does not."""
    if not _PHONE.fullmatch(fields.get("To", "")):
        return No(400, 21211)
    if not fields.get("From") and not fields.get("MessagingServiceSid"):
        return No(400, 21603)
    if not fields.get("Body") and not fields.get("ContentSid"):
        return No(400, 21602)
    if len(fields.get("Body", "")) > _LONGEST:
        return No(400, 21617)
    return None


def arrived(fields: Mapping[str, str], *, account_sid: str, message_id: str, now: datetime) -> Arrival:
    """Return the text as the phone gets it."""
    # What stands behind it tells how often to call, and is no part of a call.
    status_url = urldefrag(fields["StatusCallback"]).url if "StatusCallback" in fields else None
    query = dict(parse_qsl(urlsplit(status_url or "").query))
    return Arrival(
        message_id=f"SM{message_id}",
        vendor="twilio",
        at=now,
        to=fields["To"],
        sender=fields.get("MessagingServiceSid") or fields.get("From", ""),
        text=fields.get("Body", ""),
        attempt_id=query.get("attempt"),
        status_url=status_url,
        valid_for=int(fields["ValidityPeriod"]) if fields.get("ValidityPeriod", "").isdigit() else None,
        request={**fields, "AccountSid": account_sid},
    )


def created(text: Arrival) -> dict[str, Any]:
    """Return the answer to a text that Twilio took."""
    account, at = text.request["AccountSid"], format_datetime(text.at)
    uri = f"/2010-04-01/Accounts/{account}/Messages/{text.message_id}"
    return {
        "account_sid": account,
        "api_version": "2010-04-01",
        "body": text.text,
        "date_created": at,
        "date_sent": None,
        "date_updated": at,
        "direction": "outbound-api",
        "error_code": None,
        "error_message": None,
        "from": text.request.get("From"),
        "messaging_service_sid": text.request.get("MessagingServiceSid"),
        "num_media": "0",
        "num_segments": "0" if text.request.get("MessagingServiceSid") else "1",
        "price": None,
        "price_unit": None,
        "sid": text.message_id,
        "status": "accepted",
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": text.to,
        "uri": f"{uri}.json",
    }
