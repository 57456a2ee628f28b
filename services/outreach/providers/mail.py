"""Email as it travels (RFC 5322, MIME), read into values. Whatever it holds, reading it never fails."""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from email.errors import HeaderParseError, MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from email.utils import getaddresses
from enum import StrEnum

from outreach.providers.quoted import is_only_signed, text_of_html, written_text

#: As much as an event carries; nobody writes more who wants to be read.
LONGEST_TEXT = 10_000
_LONGEST_NAME = 200
_MOST_ATTACHMENTS = 50
_ADDRESS = re.compile(r"[^@\s<>,;:\x00-\x1f\x7f]{1,200}@[^@\s<>,;:\x00-\x1f\x7f]{1,200}")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]+")


class Automatic(StrEnum):
    """What a program sent, not a person. None of them is ever answered."""

    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    LIST = "list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """An email. `plain` and `html` are its bodies, as far as it has them, `attachments` names of the rest."""

    headers: Message = field(repr=False)
    plain: str = field(default="", repr=False)
    html: str = field(default="", repr=False)
    attachments: tuple[str, ...] = field(default=(), repr=False)

    @property
    def sender(self) -> str | None:
        """The address it claims to be from."""
        return next(iter(self.addresses("From")), None)

    def addresses(self, *names: str) -> list[str]:
        """Return the addresses in these headers, in order."""
        return addresses_in([self.header(name) for name in names])

    def header(self, name: str) -> str:
        """Return a header, decoded; of several the first, of none nothing."""
        return decoded_header(next(iter(self._raw(name)), None))

    def written(self) -> str:
        """Return what the person wrote, without quotations; the subject where it is theirs."""
        body = self._body()
        text = written_text(body)
        subject = self.header("Subject").strip()
        if subject and not _ANSWERS.match(subject) and subject.casefold() != text.casefold():
            text = subject if is_only_signed(body) else f"{subject}\n{text}".strip()
        return text.replace("\0", "")[:LONGEST_TEXT]

    def answers_an_invitation(self) -> bool:
        """Tell whether a calendar says for its owner that they come, and they wrote nothing themselves."""
        parts = _leaves(self.headers)
        replies = (part.get_param("method") for part in parts if part.get_content_type() == "text/calendar")
        return any(str(method).upper() in {"REPLY", "COUNTER"} for method in replies) and not (
            self._body().strip()
        )

    def _body(self) -> str:
        return self.plain if self.plain.strip() else text_of_html(self.html)

    def _raw(self, name: str) -> list[str]:
        """Return the values of a header as they came, bytes that are no ASCII escaped in them."""
        return [value for given, value in self.headers.raw_items() if given.lower() == name.lower()]


#: How the subject of an answer or a forwarded email begins: what follows are words of ours.
_ANSWERS = re.compile(
    r"^\s*(?:re|rv|fwd?|fw|aw|wg|tr|ref|res|enc|sv|antw|r)\s*(?:\[\d+\])?\s*:", re.IGNORECASE
)


def read_mail(content: bytes) -> Mail:
    """Read an email, also one that was cut off: its headers and its first parts are there."""
    try:
        message: Message = BytesParser(policy=compat32).parsebytes(content)
        parts = list(_leaves(message))
    except (RecursionError, MessageError, ValueError, LookupError, AttributeError, TypeError):
        # Nested deeper than any person nests: what it says of itself is heard all the same.
        return Mail(headers=BytesParser(policy=compat32).parsebytes(content, headersonly=True))
    # A picture between two paragraphs makes two texts of one.
    bodies = {kind: "\n".join(_texts(parts, kind)) for kind in ("text/plain", "text/html")}
    return Mail(
        headers=message,
        plain=bodies["text/plain"],
        html=bodies["text/html"],
        attachments=attachment_names(part.get_filename() for part in parts),
    )


def written_in(text: str) -> str:
    """Return what the person wrote in an email of which nothing but its text is known."""
    return Mail(headers=Message(), plain=text).written()


def read_headers(content: bytes) -> Message:
    """Read headers that stand by themselves."""
    message: Message = BytesParser(policy=compat32).parsebytes(content, headersonly=True)
    return message


def decoded_header(value: object) -> str:
    """Return a header as it is read; where it cannot be decoded, as it was written."""
    if value is None:
        return ""
    text = _without_escapes(str(value))
    with suppress(HeaderParseError, LookupError, ValueError):
        text = str(make_header(decode_header(text)))
    return _UNPRINTABLE.sub(" ", text).strip()


def _without_escapes(text: str) -> str:
    """Return a header that was sent as bytes of some charset, without a word of which, as it is read."""
    if text.isascii():
        return text
    with suppress(UnicodeEncodeError):
        return decoded(text.encode("ascii", "surrogateescape"), None)
    return text


def addresses_in(headers: Sequence[str]) -> list[str]:
    """Return the addresses that these headers name, each once, as they are compared."""
    found = (address.strip() for _, address in getaddresses(list(headers)))
    return list(dict.fromkeys(address.lower() for address in found if _ADDRESS.fullmatch(address)))


def decoded(content: bytes, charset: str | None) -> str:
    """Return text in a charset that may be misnamed: what does not decode is read as well as can be."""
    for name in (charset, "utf-8", "cp1252"):
        try:
            if name:
                return content.decode(name)
        except (LookupError, ValueError):
            continue
    return content.decode("latin-1")


def attachment_names(names: Iterator[object] | Sequence[object]) -> tuple[str, ...]:
    """Return the names of attachments, as they may be shown."""
    shown = (decoded_header(name)[:_LONGEST_NAME] for name in names if name)
    return tuple(name for name in shown if name)[:_MOST_ATTACHMENTS]


def automatic(mail: Mail, *, envelope_from: str | None) -> Automatic | None:
    """Tell what kind of program sent an email, by its headers alone; None for a person.

    `envelope_from` is empty for what no answer may go to, None where it is not known.

    Source: RFC 3834 (Auto-Submitted), RFC 2919 (List-Id), RFC 3464 (delivery status notifications).
    """
    sender = (mail.sender or "").partition("@")[0]
    if (
        mail.headers.get_content_type() == "multipart/report"
        or (envelope_from is not None and not envelope_from.strip("<> "))
        or mail.header("Return-Path") == "<>"
        or sender in _BOUNCERS
        or mail.header("X-Failed-Recipients")
        or _BOUNCE_SUBJECTS.match(mail.header("Subject"))
    ):
        return Automatic.BOUNCE
    precedence = mail.header("Precedence").casefold()
    if precedence in {"list", "bulk", "junk"} or any(mail.header(name) for name in _OF_LISTS):
        return Automatic.LIST
    submitted = mail.header("Auto-Submitted").casefold().split(";")[0].strip()
    if (
        submitted not in {"", "no"}
        or precedence == "auto_reply"
        or any(mail.header(name) for name in _OF_AUTO_REPLIES)
        or any("autoresponder" in mail.header(name).casefold() for name in _NAME_AUTO_REPLIES)
        or _AUTO_SUBJECTS.match(mail.header("Subject"))
        or mail.answers_an_invitation()
    ):
        return Automatic.AUTO_REPLY
    return None


_BOUNCERS = frozenset({"mailer-daemon", "postmaster", "mail-daemon"})
_OF_LISTS = ("List-Id", "List-Post", "List-Unsubscribe", "Mailing-List")
_OF_AUTO_REPLIES = (
    "X-Autoreply",
    "X-Autoreply-From",
    "X-Autorespond",
    "X-Autoresponder",
    "X-Auto-Reply-From",
    "X-FC-MachineGenerated",
    "X-Mail-Autoreply",
    "X-Vacation",
)
_NAME_AUTO_REPLIES = ("Delivered-To", "X-POST-MessageClass")
#: Some programs say only in the subject what they are. What a person may write ("On leave") is none of these.
_AUTO_SUBJECTS = re.compile(
    r"^\s*(?:automatic reply|auto(?:matic)?[- ]?re(?:ply|sponse)|out of (?:the )?office|"
    r"i am (?:currently )?out of (?:the )?office|ooo(?=\s?[:-])|vacation (?:reply|response|message|notice)|"
    r"respuesta autom[áa]tica|ausente(?=\s?:)|"
    r"(?:estoy )?fuera de (?:la )?oficina|r[ée]ponse automatique|absence du bureau|automatische antwort|"
    r"abwesenheit\w*|"
    r"resposta autom[áa]tica|aus[êe]ncia tempor[áa]ria)(?!\w)",
    re.IGNORECASE,
)
_BOUNCE_SUBJECTS = re.compile(
    r"^\s*(?:undeliverable\s?:|undelivered mail returned|returned mail\s?:|delivery status notification|"
    r"mail delivery (?:failed|failure)|delivery (?:has )?failed|failure notice\s*$|no entregado\s?:|"
    r"no se puede entregar\s?:|non remis\s?:|unzustellbar\s?:|não entregue\s?:)",
    re.IGNORECASE,
)


def _leaves(message: Message) -> Iterator[Message]:
    """Yield the parts that hold something, not those of an email within this one."""
    waiting: list[Message] = [message]
    while waiting:
        part = waiting.pop()
        held = part.get_payload()
        if part.get_content_maintype() == "message":
            yield part
        elif isinstance(held, list):
            waiting.extend(one for one in reversed(held) if isinstance(one, Message))
        else:
            yield part


def _texts(parts: Sequence[Message], kind: str) -> Iterator[str]:
    for part in parts:
        if part.get_content_type() == kind and part.get_content_disposition() != "attachment":
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                yield decoded(content, part.get_content_charset())
