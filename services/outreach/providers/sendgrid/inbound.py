"""What SendGrid's Inbound Parse posts: an email, taken apart or raw. Pure; check who posts it first."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from outreach.providers.mail import (
    Mail,
    addresses_in,
    attachment_names,
    automatic,
    decoded,
    decoded_header,
    read_headers,
    read_mail,
)
from outreach.providers.receipts import InboundEmail, Unreadable
from outreach.providers.sendgrid.multipart import RAW, MultipartForm, Part

_MOST_RECIPIENTS = 50


def parse_inbound(form: MultipartForm) -> InboundEmail | Unreadable:
    """Read an email that was posted to us, in whichever of the two forms.

    None is refused for what it says or how it is made: it may be a stop. One that names no sender, in
    neither its headers nor its envelope, cannot be told from anybody's.
    """
    parts = form.parts()
    if isinstance(parts, Unreadable):
        return parts
    raw = parts.get(RAW)
    mail = read_mail(bytes(raw.content)) if raw is not None else _taken_apart(parts, form.file_names())
    envelope = _object(parts.get("envelope"))
    envelope_from = envelope.get("from")
    envelope_from = envelope_from if isinstance(envelope_from, str) else None
    sender = mail.sender or next(iter(addresses_in([_field(parts, "from"), envelope_from or ""])), None)
    if sender is None:
        return Unreadable("no_sender")
    return InboundEmail(
        event_id=_event_id(mail, parts),
        sender=sender,
        recipients=_recipients(mail, parts, envelope),
        text=mail.written(),
        attachments=mail.attachments,
        automatic=automatic(mail, envelope_from=envelope_from),
    )


def _taken_apart(parts: Mapping[str, Part], file_names: Sequence[str]) -> Mail:
    """Return the email whose pieces SendGrid posts as fields, each in the charset that it had."""
    headers = read_headers(bytes(parts["headers"].content) if "headers" in parts else b"")
    if "Subject" not in headers and "subject" in parts:
        headers["Subject"] = _field(parts, "subject")
    named = [
        one.get("filename") for one in _object(parts.get("attachment-info")).values() if isinstance(one, dict)
    ]
    return Mail(
        headers=headers,
        plain=_field(parts, "text"),
        html=_field(parts, "html"),
        attachments=attachment_names(named or file_names),
    )


def _recipients(mail: Mail, parts: Mapping[str, Part], envelope: Mapping[str, Any]) -> tuple[str, ...]:
    """Return whom it was sent to: by the envelope, which alone knows of blind copies, and by its headers."""
    to = envelope.get("to")
    delivered = [str(address) for address in to] if isinstance(to, list) else []
    named = mail.addresses("To", "Cc", "Delivered-To", "X-Original-To")
    found = [*addresses_in(delivered), *named, *addresses_in([_field(parts, "to"), _field(parts, "cc")])]
    return tuple(dict.fromkeys(found))[:_MOST_RECIPIENTS]


def _event_id(mail: Mail, parts: Mapping[str, Part]) -> str:
    """Return a name that is the same when SendGrid posts an email again, and that no other email can take.

    The sender writes the Message-ID, so that alone would let one email pass for another.
    """
    digest = hashlib.sha256()
    for piece in (mail.header("Message-ID"), mail.header("Date"), mail.sender or "", mail.plain, mail.html):
        digest.update(piece.encode("utf-8", "replace") + b"\0")
    if RAW not in parts:
        digest.update(bytes(parts["headers"].content) if "headers" in parts else b"")
    return f"mail-{digest.hexdigest()[:40]}"


def _field(parts: Mapping[str, Part], name: str) -> str:
    part = parts.get(name)
    if part is None:
        return ""
    charset = _object(parts.get("charsets")).get(name)
    text = decoded(bytes(part.content), charset if isinstance(charset, str) else None)
    return decoded_header(text) if name in {"from", "to", "cc", "subject"} else text


def _object(part: Part | None) -> Mapping[str, Any]:
    """Return the JSON object that a field holds; none where it holds no such thing."""
    try:
        held = msgspec.json.decode(bytes(part.content)) if part is not None else {}
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return {}
    return held if isinstance(held, dict) else {}
