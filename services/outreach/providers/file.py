"""Messages written to a folder instead of being sent: what `outreach demo` hands out to read."""

from email.message import EmailMessage
from email.utils import formataddr
from pathlib import Path

import msgspec

from foundation.clock import Clock
from outreach.model.message import Email, Message, Sms
from outreach.model.outcome import Accepted, Outcome
from outreach.model.words import Channel
from outreach.providers.provider import WrongChannel


class File:
    """Writes each message as a file a person can open, and a line in `messages.jsonl`.

    Texts become `.txt`, emails `.eml` that a mail program shows as it would arrive. Files are
    numbered in the order of sending. Writing blocks the event loop; it is made for demos.
    """

    name = "file"

    def __init__(self, *, channel: Channel, folder: Path, clock: Clock) -> None:
        self.channel = channel
        self._folder = folder / channel.value
        self._folder.mkdir(parents=True, exist_ok=True)
        self._index = (folder / "messages.jsonl").open("ab")
        self._clock = clock
        self._written = 0

    async def send(self, message: Message) -> Outcome:
        """Write one message. Its provider id is the name of its file."""
        self._written += 1
        match message:
            case Sms() if self.channel is Channel.SMS:
                path = self._folder / f"{self._written:05}.txt"
                path.write_text(self._as_text(message), encoding="utf-8")
            case Email() if self.channel is Channel.EMAIL:
                path = self._folder / f"{self._written:05}.eml"
                path.write_bytes(self._as_mail(message))
            case _:
                raise WrongChannel(self.name, message)
        line = {"at": self._clock.now(), "channel": self.channel, "file": path.name}
        self._index.write(msgspec.json.encode({**line, **msgspec.to_builtins(message)}) + b"\n")
        return Accepted(f"file-{self.channel}-{path.stem}")

    async def close(self) -> None:
        """Close the index."""
        self._index.close()

    def _as_text(self, sms: Sms) -> str:
        at = self._clock.now().strftime("%Y-%m-%d %H:%M UTC")
        return f"At:   {at}\nFrom: {sms.sender}\nTo:   {sms.to}\nSize: {sms.segments}\n\n{sms.body}\n"

    def _as_mail(self, email: Email) -> bytes:
        mail = EmailMessage()
        mail["Date"] = self._clock.now()
        mail["From"] = formataddr((email.sender_name, email.sender))
        mail["To"] = email.to
        mail["Subject"] = email.subject
        mail["Content-Language"] = email.language
        mail["List-Unsubscribe"] = f"<{email.unsubscribe_url}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        if email.reply_to is not None:
            mail["Reply-To"] = email.reply_to
        mail.set_content(email.text)
        mail.add_alternative(email.html, subtype="html")
        return mail.as_bytes()
