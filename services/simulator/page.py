"""What arrived, as a phone and a mailbox would show it: one plain page."""

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from simulator.arrivals import Arrival

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined
)


def show_page(messages: Sequence[Arrival]) -> str:
    """Return the page: who wrote last comes first."""
    phones: dict[str, list[Arrival]] = {}
    mailboxes: dict[str, list[Arrival]] = {}
    for message in messages:
        owner = message.sender if message.inbound else message.to
        boxes = phones if message.vendor == "twilio" else mailboxes
        # Taken out and put in again, so that the newest is last.
        boxes[owner] = [*boxes.pop(owner, []), message]
    return _TEMPLATES.get_template("page.html").render(
        phones=list(reversed(phones.items())), mailboxes=list(reversed(mailboxes.items()))
    )


def show_mail(email: Arrival) -> str:
    """Return the HTML part as it came; the page that holds it lets it run nothing."""
    return email.html or ""
