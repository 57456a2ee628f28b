"""How people's mail programs make an answer: what we sent is quoted below it, each program in its own way."""

from collections.abc import Callable, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape
from typing import Final

from outreach.model.message import Email
from outreach.providers.receipts import InboundEmail, Unreadable
from outreach.providers.sendgrid.inbound import parse_inbound
from outreach.providers.sendgrid.multipart import RAW, MultipartForm

_BOUNDARY: Final = "demo"
#: What an absence notice says; it is heard, and holds nothing up.
ABSENCE: Final = "I am away until Monday and will read your email then."


def answer_by_email(
    text: str, *, answers: Email, number: int, at: datetime, by_a_program: bool
) -> InboundEmail:
    """Return an answer to an email of ours as SendGrid posts it and we read it.

    `number` tells it from every other, and chooses the program that the person uses.
    """
    mail = EmailMessage()
    mail["From"] = answers.to
    mail["To"] = answers.reply_to or answers.sender
    mail["Subject"] = f"Automatic reply: {answers.subject}" if by_a_program else f"Re: {answers.subject}"
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{number}@mail.example.com>"
    if by_a_program:
        mail["Auto-Submitted"] = "auto-replied"
        mail.set_content(text)
    else:
        _PROGRAMS[number % len(_PROGRAMS)](mail, text, answers, at)
    inbound = parse_inbound(_posted(mail))
    assert not isinstance(inbound, Unreadable), "this email names its sender"
    return inbound


def _posted(mail: EmailMessage) -> MultipartForm:
    form = MultipartForm(f"multipart/form-data; boundary={_BOUNDARY}")
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{RAW}"\r\n\r\n'
    form.feed(head.encode() + bytes(mail) + f"\r\n--{_BOUNDARY}--\r\n".encode())
    return form


def _phone(mail: EmailMessage, text: str, answers: Email, at: datetime) -> None:
    wrote = f"On {at:%b %-d, %Y}, at {at:%H:%M}, {answers.sender_name} <{answers.sender}> wrote:"
    quoted = _marked(f"{wrote}\n\n{answers.text}")
    mail.set_content(f"{text}\n\nSent from my iPhone\n\n{quoted}")


def _browser(mail: EmailMessage, text: str, answers: Email, at: datetime) -> None:
    wrote = f"On {at:%a, %b %-d, %Y at %H:%M} {answers.sender_name} <{answers.sender}> wrote:"
    mail.set_content(f"{text}\n\n{wrote}\n\n{_marked(answers.text)}")
    mail.add_alternative(
        f'<div dir="ltr">{escape(text)}</div><div class="gmail_quote">{escape(wrote)}'
        f"<blockquote>{answers.html}</blockquote></div>",
        subtype="html",
    )


def _office(mail: EmailMessage, text: str, answers: Email, at: datetime) -> None:
    header = f"From: {answers.sender_name} <{answers.sender}>\nSent: {at:%A, %B %-d, %Y}\nTo: {answers.to}"
    small_print = "If you are not the intended recipient of this message, delete it and stop reading."
    mail.set_content(f"{text}\n\n{small_print}\n\n{header}\nSubject: {answers.subject}\n\n{answers.text}")


def _marked(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines())


_PROGRAMS: Final[Sequence[Callable[[EmailMessage, str, Email, datetime], None]]] = (_phone, _browser, _office)
