"""Twilio's status callbacks and inbound texts, read into values. Pure; check the signature first."""

import re
from collections.abc import Mapping
from dataclasses import replace

from outreach.model.outcome import NotSent, Refused
from outreach.providers.receipts import (
    Form,
    InboundSms,
    Receipt,
    ReceiptStatus,
    Unreadable,
    as_attempt_id,
)
from outreach.providers.twilio.codes import BY_CODE

#: `scheduled` cannot happen to us and is as good as accepted; `read` is more than delivered.
_STATUS: Mapping[str, ReceiptStatus] = {
    "accepted": ReceiptStatus.ACCEPTED,
    "scheduled": ReceiptStatus.ACCEPTED,
    "queued": ReceiptStatus.ACCEPTED,
    "sending": ReceiptStatus.ACCEPTED,
    "sent": ReceiptStatus.ACCEPTED,
    "failed": ReceiptStatus.UNDELIVERED,
    "undelivered": ReceiptStatus.UNDELIVERED,
    "canceled": ReceiptStatus.UNDELIVERED,
    "delivered": ReceiptStatus.DELIVERED,
    "partially_delivered": ReceiptStatus.DELIVERED,
    "read": ReceiptStatus.DELIVERED,
}

_KEYWORDS = frozenset({"STOP", "START", "HELP"})
_LONGEST_TEXT = 20_000
_MESSAGE_SID = re.compile(r"(SM|MM)[0-9a-fA-F]{32}", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,6}", re.ASCII)
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
#: A text that the phone took as RCS is answered so; the number behind it is the person's all the same.
_CHANNEL_PREFIX = re.compile(r"(?:rcs|whatsapp):", re.ASCII)
_MOST_PICTURES = 10
_PICTURE = re.compile(r"https://[!-~]{1,500}", re.ASCII)
_SENDER = re.compile(r"[!-~]{1,100}", re.ASCII)
_OUR_NUMBER = re.compile(r"\+?[0-9A-Za-z][0-9A-Za-z ]{1,14}", re.ASCII)


def parse_status(form: Form, *, attempt: str | None) -> Receipt | Unreadable:
    """Read a status callback; `attempt` is the query parameter of the URL it came to."""
    fields = dict(form)
    sid = _message_sid(fields)
    if sid is None:
        return Unreadable("no_message_sid")
    word = fields.get("MessageStatus") or fields.get("SmsStatus") or ""
    status = _STATUS.get(word)
    if status is None:
        return Unreadable("unknown_status")
    attempt_id = as_attempt_id(attempt)
    if attempt is not None and attempt_id is None:
        return Unreadable("bad_attempt")
    receipt = Receipt(event_id=f"{sid}:{word}", attempt_id=attempt_id, provider_message_id=sid, status=status)
    if status is not ReceiptStatus.UNDELIVERED:
        return receipt
    return _with_meaning(receipt, code=fields.get("ErrorCode", ""), word=word)


def parse_inbound(form: Form) -> InboundSms | Unreadable:
    """Read a text from a person. A text of pictures alone has an empty body.

    No text is refused for what it says: it may be a stop. What no database keeps is left out,
    and what is longer than any text can be is cut. A sender that is no number is passed by,
    unless Twilio itself took the text for a stop.
    """
    fields = dict(form)
    sid = _message_sid(fields)
    if sid is None:
        return Unreadable("no_message_sid")
    sender, ours = fields.get("From", ""), fields.get("To", "")
    keyword = fields.get("OptOutType")
    number = number_of(sender)
    stops_namelessly = keyword == "STOP" and _SENDER.fullmatch(sender)
    if not _PHONE.fullmatch(number) and not stops_namelessly:
        return Unreadable("no_phone_number")
    return InboundSms(
        event_id=sid,
        from_number=number,
        to_number=ours if _OUR_NUMBER.fullmatch(ours) else None,
        body=fields.get("Body", "").replace("\0", "")[:_LONGEST_TEXT],
        pictures=_pictures(fields),
        keyword=keyword if keyword in _KEYWORDS else None,
    )


def number_of(sender: str) -> str:
    """Return the number of whoever sent a text, by RCS and WhatsApp too; a sender without one as it is."""
    return _CHANNEL_PREFIX.sub("", sender, count=1)


def _pictures(fields: Mapping[str, str]) -> tuple[str, ...]:
    """Return where the pictures of a message are kept; one whose address is odd is still said to be there."""
    number = min(_number(fields.get("NumMedia", "")) or 0, _MOST_PICTURES)
    addresses = (fields.get(f"MediaUrl{place}", "") for place in range(number))
    return tuple(address if _PICTURE.fullmatch(address) else "not named" for address in addresses)


def _with_meaning(receipt: Receipt, *, code: str, word: str) -> Receipt:
    """Add what the error code says. An unlisted one says only that nothing was delivered."""
    number = _number(code)
    receipt = replace(receipt, code=str(number) if number else word)
    meaning = BY_CODE.get(number) if number else None
    match meaning:
        case NotSent():
            return replace(receipt, may_send_again=True, our_fault=meaning.our_fault)
        case Refused():
            return replace(receipt, opted_out=meaning.opted_out, unreachable=meaning.unreachable)
        case None:
            return replace(receipt, may_send_again=word == "canceled")


def _message_sid(fields: Mapping[str, str]) -> str | None:
    sid = fields.get("MessageSid") or fields.get("SmsSid") or ""
    return sid if _MESSAGE_SID.fullmatch(sid) else None


def _number(text: str) -> int | None:
    return int(text) if _NUMBER.fullmatch(text) else None
