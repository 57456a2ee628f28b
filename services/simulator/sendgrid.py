"""SendGrid's side: mail send, answered as SendGrid answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from simulator.arrivals import Arrival


@dataclass(frozen=True, slots=True)
class No:
    """A refusal in SendGrid's words."""

    status: int
    message: str
    field: str | None = None

    @property
    def body(self) -> dict[str, Any]:
        return {"errors": [{"message": self.message, "field": self.field, "help": None}]}


def refusal_of(mail: Mapping[str, Any]) -> No | None:
    """Return what SendGrid says to a request that its document permits and SendGrid does not."""
    for place, person in enumerate(mail["personalizations"]):
        for number, recipient in enumerate(person["to"]):
            if "@" not in recipient.get("email", ""):
                field = f"personalizations.{place}.to.{number}.email"
                return No(400, "Does not contain a valid address.", field)
    if not mail.get("content") and not mail.get("template_id"):
        return No(400, "The content is required.", "content")
    if not mail.get("subject"):
        return No(400, "The subject is required.", "subject")
    return None


def address_of(mail: Any) -> str:
    """Return the first address of a request, or an empty one if it has none."""
    try:
        return str(mail["personalizations"][0]["to"][0]["email"])
    except (KeyError, IndexError, TypeError):
        return ""


def arrived(mail: Mapping[str, Any], *, message_id: str, now: datetime) -> Arrival:
    """Return the email as the mailbox gets it."""
    content = {part["type"]: part["value"] for part in mail.get("content", ())}
    person = mail["personalizations"][0]
    sender = mail["from"]
    name, address = sender.get("name"), sender["email"]
    return Arrival(
        message_id=message_id,
        vendor="sendgrid",
        at=now,
        to=person["to"][0]["email"],
        sender=f"{name} <{address}>" if name else address,
        text=content.get("text/plain", ""),
        subject=person.get("subject") or mail.get("subject"),
        html=content.get("text/html"),
        headers={**mail.get("headers", {}), **person.get("headers", {})},
        attempt_id=(person.get("custom_args") or {}).get("attempt_id"),
        request=mail,
    )
