"""What `make up` wires together: ports, secrets made here, and the environment of each process."""

import base64
import json
import os
import secrets
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from foundation.clock import SystemClock
from foundation.local.processes import reserve_port
from schemas.links import LinkKey

_KAFKA_PORT: Final = 9092  # where clients look that are told nothing
#: Where each part listens that finds its port free, and where the README says that it does.
_USUAL: Final = {
    "kafka": _KAFKA_PORT,
    "outreach": 8080,
    "outreach_internal": 8090,
    "preferences": 8081,
    "simulator": 8082,
    "center": 8083,
}
_DRESS: Final = Path(__file__).parent.parent / "deploy" / "pages" / "dress.yaml"
#: By which `first-day.jsonl` tells what its person answers to the light check; good for nothing else.
CHECK_KEY: Final = "facts of the first day, on this machine alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where the parts listen on 127.0.0.1: the usual places if they are free; `center` 0 is none."""

    kafka: int
    outreach: int
    outreach_internal: int
    preferences: int
    simulator: int
    center: int = 0

    @classmethod
    @contextmanager
    def reserve(cls) -> Iterator["Ports"]:
        """Give the usual ports, others where somebody has those; nobody else is given them in the block."""
        with ExitStack() as held:
            yield cls(**{name: reserve_port(held, port) for name, port in _USUAL.items()})

    @property
    def taken(self) -> Sequence[int]:
        """The usual ports that somebody else has."""
        return [port for name, port in _USUAL.items() if getattr(self, name) != port]


def secrets_in(file: Path) -> Mapping[str, str]:
    """Return the made-up accounts of this installation, minted at its first start and kept in `file`."""
    if not file.exists():
        key = ec.generate_private_key(ec.SECP256R1())
        private = key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        public = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        made = {
            "account_sid": f"AC{secrets.token_hex(16)}",
            "auth_token": secrets.token_hex(16),
            "messaging_service_sid": f"MG{secrets.token_hex(16)}",
            "api_key": f"SG.{secrets.token_urlsafe(24)}",
            "webhook_private_key": base64.b64encode(private).decode(),
            "webhook_public_key": base64.b64encode(public).decode(),
            "link_secret": secrets.token_urlsafe(32),
        }
        file.touch(mode=0o600)
        file.write_text(json.dumps(made, indent=2) + "\n")
    return dict(json.loads(file.read_text()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One of our processes: how it is run, what it is told, and the URL that answers 200 once it is ready."""

    name: str
    command: Sequence[str]
    env: dict[str, str]
    ready: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """Everything that one part has to know of another."""

    ports: Ports
    secrets: Mapping[str, str]
    urls: Mapping[str, str]
    kafka: str
    home: Path
    config: Path

    def parts(self) -> list[Part]:
        """Return the parts in the order they are started: who is called before who calls."""
        return [self._simulator(), self._preferences(), self._outreach()]

    def _simulator(self) -> Part:
        env = {
            "SIMULATOR_PORT": str(self.ports.simulator),
            "SIMULATOR_OUTREACH_URL": _at(self.ports.outreach),
            "SIMULATOR_TWILIO__ACCOUNT_SID": self.secrets["account_sid"],
            "SIMULATOR_TWILIO__AUTH_TOKEN": self.secrets["auth_token"],
            # As Twilio does unless told not to; OUTREACH_TWILIO__CONFIRMS says the same.
            "SIMULATOR_HANDLES_STOP": "true",
            "SIMULATOR_SENDGRID__API_KEY": self.secrets["api_key"],
            "SIMULATOR_SENDGRID__WEBHOOK_PRIVATE_KEY": self.secrets["webhook_private_key"],
        }
        return Part(
            name="simulator",
            command=[_program("simulator"), "run"],
            env=os.environ | env,
            ready=f"{_at(self.ports.simulator)}/health/live",
        )

    def _preferences(self) -> Part:
        env = {
            "PREFERENCES_DATABASE_URL": self.urls["preferences"],
            "PREFERENCES_KAFKA__BOOTSTRAP_SERVERS": self.kafka,
            "PREFERENCES_INTERNAL__PORT": str(self.ports.preferences),
        }
        if self.ports.center:
            env |= {
                "PREFERENCES_PUBLIC__URL": _at(self.ports.center),
                "PREFERENCES_PUBLIC__PORT": str(self.ports.center),
                "PREFERENCES_PUBLIC__LINK_KEY": self._link_key,
                "PREFERENCES_PUBLIC__CHECK_KEY": CHECK_KEY,
                "PREFERENCES_PUBLIC__DRESS": str(_DRESS),
            }
        return Part(
            name="preferences",
            command=[_program("preferences"), "run"],
            env=os.environ | env,
            ready=f"{_at(self.ports.preferences)}/health/ready",
        )

    def _outreach(self) -> Part:
        env = {
            "OUTREACH_DATABASE_URL": self.urls["outreach"],
            "OUTREACH_KAFKA__BOOTSTRAP_SERVERS": self.kafka,
            "OUTREACH_CONFIG_DIR": str(self.config),
            "OUTREACH_HTTP__PORT": str(self.ports.outreach),
            "OUTREACH_INTERNAL__PORT": str(self.ports.outreach_internal),
            "OUTREACH_HTTP__PUBLIC_URL": _at(self.ports.outreach),
            "OUTREACH_HTTP__LINK_SECRET": self.secrets["link_secret"],
            "OUTREACH_TWILIO__BASE_URL": _at(self.ports.simulator),
            "OUTREACH_TWILIO__ACCOUNT_SID": self.secrets["account_sid"],
            "OUTREACH_TWILIO__AUTH_TOKEN": self.secrets["auth_token"],
            "OUTREACH_TWILIO__MESSAGING_SERVICE_SID": self.secrets["messaging_service_sid"],
            "OUTREACH_SENDGRID__BASE_URL": _at(self.ports.simulator),
            "OUTREACH_SENDGRID__API_KEY": self.secrets["api_key"],
            "OUTREACH_SENDGRID__FROM_EMAIL": "accounts@agency.example.com",
            "OUTREACH_SENDGRID__WEBHOOK_PUBLIC_KEY": self.secrets["webhook_public_key"],
        }
        if self.ports.center:
            env |= {
                "OUTREACH_CENTER__URL": _at(self.ports.center),
                "OUTREACH_CENTER__LINK_KEY": self._link_key,
            }
        return Part(
            name="outreach",
            command=[_program("outreach"), "run"],
            env=os.environ | env,
            ready=f"{_at(self.ports.outreach_internal)}/health/ready",
        )

    @property
    def _link_key(self) -> str:
        """Follows from what this installation has anyway, so that an older one has it too."""
        return f"links to choices {self.secrets['link_secret']}"

    def link_for(self, person_id: str, address: str, *, today: date) -> str:
        """Return a link to somebody's choices, as messages carry it."""
        until = today + timedelta(days=30)
        token = LinkKey(self._link_key).sign(person_id, address, revoked_at=None, expires_on=until)
        return f"{_at(self.ports.center)}/p/{token}"

    def guide(self) -> str:
        """Say where everything is, and what to do first."""
        elsewhere = "" if self.ports.kafka == _KAFKA_PORT else f" --kafka {self.kafka}"
        return f"""\
{_moved(self.ports.taken)}\
  phones and mailboxes  {_at(self.ports.simulator)}/  (both vendors simulated: what people would have got)
  outreach              {_at(self.ports.outreach_internal)}/health/ready  and  /metrics, /v1 for dialers
  preferences           {_at(self.ports.preferences)}/health/ready  and  /metrics
  people's choices      {_at(self.ports.center)}/p/…  (the link is in their emails and first text)
  Kafka                 {self.kafka}
  PostgreSQL            psql '{self.urls["outreach"]}'
  policy and playbook   {self.config}
  logs                  {self.home / "logs"}

Publish the first events, in another terminal:

  .venv/bin/outreach events publish schemas/examples/first-day.jsonl --today{elsewhere}

Then open what a message of hers links to, as Ada would (ZIP code 80202, born in 1980):

  {self.link_for("person-1001", "+13035550123", today=SystemClock().now().date())}

Events may come from any other system too, with kcat, topic by topic (here the people):

  grep '"type":"person' schemas/examples/first-day.jsonl | sed 's/.*"subject":"\\([^"]*\\)"/\\1|&/' \\
    | kcat -P -b {self.kafka} -t person-events.v1 -K '|' -H content-type=application/cloudevents+json

Ctrl-C stops everything; the next `make up` goes on where this one was.
"""


def _moved(taken: Sequence[int]) -> str:
    """Warn whoever goes by the README: at the usual ports somebody else would take their events."""
    if not taken:
        return ""
    ports = f"port{'' if len(taken) == 1 else 's'} {', '.join(map(str, taken))}"
    return f"  Somebody else has the usual {ports}: go by the addresses and lines here, not the README's.\n\n"


def _program(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def _at(port: int) -> str:
    return f"http://127.0.0.1:{port}"
