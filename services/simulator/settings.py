"""What a simulator is told at its start."""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How the two vendors behave when nobody tells them to misbehave.

    `outreach_url` is where inbound texts and email events go, without it none are sent; status
    callbacks go where each text says. Without credentials any are taken. `specs` is a folder with
    the vendors' OpenAPI documents. `receipt_delay` passes before each receipt. With `handles_stop`
    Twilio keeps its own list of who said stop, as it does unless told not to. `seed` makes the ids.
    """

    outreach_url: str | None = None
    account_sid: str | None = None
    auth_token: str | None = None
    api_key: str | None = None
    webhook_private_key: str | None = field(default=None, repr=False)
    specs: Path | None = None
    own_number: str = "+13125550100"
    receipts: bool = True
    receipt_delay: timedelta = timedelta(milliseconds=200)
    handles_stop: bool = False
    seed: str = field(default_factory=lambda: secrets.token_hex(8))
