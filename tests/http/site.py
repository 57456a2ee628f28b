"""Outreach's routes, called as a server calls them, so that a test may send what no client would."""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlencode

import msgspec
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import FastAPI
from twilio.request_validator import RequestValidator

from foundation.database import Database
from foundation.health import Health
from foundation.metrics import Metrics
from foundation.pages.look import load_look
from outreach.app import METRICS
from outreach.http.application import public_application
from outreach.http.inbound_mail import InboundMail
from outreach.http.unsubscribe import Choices, Unsubscribe
from outreach.http.webhooks import Webhooks
from outreach.listening.mail import ArrivedMail, hear_mail
from outreach.providers.sendgrid.access import InboundAccess
from outreach.providers.sendgrid.signatures import SendGridSignatures
from outreach.providers.twilio.signatures import TwilioSignatures
from tests.support.world import World

PUBLIC = "https://outreach.example.com"
TOKEN = "twilio's token"
MAIL_SECRET = "a secret for mail only"
MAIL = f"/webhooks/sendgrid/inbound?secret={quote(MAIL_SECRET)}"
_KEY = ec.generate_private_key(ec.SECP256R1())
SENDGRID_KEY = base64.b64encode(
    _KEY.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
).decode()

Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: str


class Site:
    """The HTTP application over a world, and vendors who sign what they send."""

    def __init__(
        self,
        world: World,
        *,
        database: Database | None = None,
        vendor_confirms: bool = False,
        mail_is_signed: bool = False,
        mail_access: InboundAccess | None = None,
        mail_secret: str = MAIL_SECRET,
        choices: Choices | None = None,
        unsubscribe: Unsubscribe | None = None,
    ) -> None:
        database = database or world.database
        self.metrics = Metrics(prefix="outreach", declared=METRICS)
        webhooks = Webhooks(
            database=database,
            clock=world.clock,
            playbook=lambda: world.guidance.playbook,
            twilio=TwilioSignatures(auth_token=TOKEN),
            sendgrid=SendGridSignatures(public_key=SENDGRID_KEY),
            public_url=PUBLIC,
            confirmed_by_vendor=vendor_confirms,
            metrics=self.metrics,
        )
        unsubscribe = unsubscribe or Unsubscribe(
            links=world.links, database=database, clock=world.clock, look=load_look(None), choices=choices
        )
        self.addresses = world.reply_addresses
        signatures = SendGridSignatures(public_key=SENDGRID_KEY)

        async def hear(mail: ArrivedMail) -> None:
            await hear_mail(mail, database=database, clock=world.clock, playbook=world.guidance.playbook)

        mail = InboundMail(
            hear=hear,
            secret=mail_secret,
            signatures=signatures if mail_is_signed else None,
            access=mail_access,
            addresses=self.addresses,
            clock=world.clock,
            metrics=self.metrics,
        )
        self.app: FastAPI = public_application(
            [webhooks.router(), mail.router(), unsubscribe.router()], health=Health()
        )
        self._world = world

    async def ask(
        self, method: str, path: str, *, body: bytes = b"", headers: Iterable[tuple[str, str]] = ()
    ) -> Answer:
        """Call the application with exactly these bytes and headers."""
        path, _, query = path.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers],
            "server": ("127.0.0.1", 8080),
            "client": ("127.0.0.1", 1),
        }
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(dict(message))

        await self.app(scope, receive, send)
        return Answer(
            status=sent[0]["status"],
            headers={name.decode(): value.decode() for name, value in sent[0]["headers"]},
            body=b"".join(each.get("body", b"") for each in sent[1:]).decode(),
        )

    async def twilio(self, path: str, form: dict[str, str], *, headers: Headers | None = None) -> Answer:
        """Post a form as Twilio does; `headers` in place of its signature."""
        if headers is None:
            headers = [("X-Twilio-Signature", signed_by_twilio(path, form))]
        return await self.ask("POST", path, body=urlencode(form).encode(), headers=headers)

    async def texts_us(
        self, text: str, *, sid: str = "SM" + "1" * 32, phone: str = "+13125550142", **more: str
    ) -> Answer:
        """Have a person text us through Twilio."""
        form = {"MessageSid": sid, "From": phone, "To": "+13125550100", "Body": text, **more}
        return await self.twilio("/webhooks/twilio/inbound", form)

    async def sendgrid(
        self, *events: dict[str, Any], headers: Headers | None = None, body: bytes | None = None
    ) -> Answer:
        """Post events as SendGrid does; `headers` in place of its signature."""
        body = msgspec.json.encode(events) if body is None else body
        if headers is None:
            headers = signed_by_sendgrid(body, at=int(self._world.clock.now().timestamp()))
        return await self.ask("POST", "/webhooks/sendgrid/events", body=body, headers=headers)

    async def mails_us(
        self,
        text: str = "",
        *,
        sender: str = "Ada Example <ada@example.com>",
        to: str = "hello@reply.example.com",
        path: str = MAIL,
        http: Headers | None = None,
        fields: Mapping[str, str | bytes] | None = None,
    ) -> Answer:
        """Have a person email us through SendGrid's Inbound Parse; `fields` are further ones of its form."""
        envelope = {"to": [to], "from": sender.rpartition("<")[2].rstrip(">")}
        form: dict[str, str | bytes] = {
            "headers": f"From: {sender}\nTo: {to}\nMessage-ID: <{len(text)}@mail.example.com>\n",
            "from": sender,
            "to": to,
            "subject": "Re: your account",
            "text": text,
            "charsets": '{"to":"UTF-8","subject":"UTF-8","from":"UTF-8","text":"UTF-8"}',
            "envelope": msgspec.json.encode(envelope),
            **(fields or {}),
        }
        body = form_of(form, boundary="xYzZY")
        kind = ("Content-Type", "multipart/form-data; boundary=xYzZY")
        return await self.ask("POST", path, body=body, headers=[kind, *(http or [])])

    def event(self, kind: str, event_id: str = "event1", **more: Any) -> dict[str, Any]:
        """Return an event of SendGrid's."""
        now = int(self._world.clock.now().timestamp())
        return {"event": kind, "sg_event_id": event_id, "timestamp": now, "email": "ada@example.com", **more}


def form_of(fields: Mapping[str, str | bytes], *, boundary: str) -> bytes:
    """Write a form as SendGrid does; a name with a slash in it is a file of that name."""
    parts = []
    for name, value in fields.items():
        label, _, file_name = name.partition("/")
        file = f'; filename="{file_name}"' if file_name else ""
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{label}"{file}\r\n\r\n'.encode()
        parts.append(head + (value if isinstance(value, bytes) else value.encode()) + b"\r\n")
    return b"".join(parts) + f"--{boundary}--\r\n".encode()


def signed_by_twilio(path: str, form: dict[str, str], *, public: str = PUBLIC, token: str = TOKEN) -> str:
    signature: str = RequestValidator(token).compute_signature(public + path, form)
    return signature


def signed_by_sendgrid(body: bytes, *, at: int, key: ec.EllipticCurvePrivateKey = _KEY) -> Headers:
    signature = key.sign(str(at).encode() + body, ec.ECDSA(hashes.SHA256()))
    return [
        ("X-Twilio-Email-Event-Webhook-Signature", base64.b64encode(signature).decode()),
        ("X-Twilio-Email-Event-Webhook-Timestamp", str(at)),
    ]
