"""A Kafka that lets nobody in unknown: TLS by a CA of its own, passwords or certificates, and ACLs."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.admin import CreateAclsRequest, DeleteAclsRequest, DescribeAclsRequest

from foundation.kafka import administering
from foundation.local.kafka import Door, Doors, running_kafka
from foundation.local.processes import reserve_port
from foundation.settings import KafkaSettings
from tests.support.certificates import Authority
from tests.support.eventually import eventually

Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]
MECHANISMS: Final[tuple[Mechanism, ...]] = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")

#: Every user's password.
PASSWORD: Final = "fictional-password-4711"

_RESOURCES: Final = {"topic": 2, "group": 3, "cluster": 4}
_OPERATIONS: Final = {
    "READ": 3,
    "WRITE": 4,
    "CREATE": 5,
    "DESCRIBE_CONFIGS": 10,
}
_LITERAL, _PREFIXED, _ALLOW = 3, 4, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """One ACL: what a user may do with a topic or a group; of a group, with all that begin so."""

    user: str
    operation: str
    resource: Literal["topic", "group"]
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardedKafka:
    """A running broker. `open_address` lets anybody of this machine do anything; the others ask."""

    open_address: str
    by_password: str
    by_certificate: str
    authority: Authority

    def as_user(self, name: str, *, mechanism: Mechanism = "SCRAM-SHA-512") -> dict[str, str]:
        """Return how somebody connects by name and password, as settings."""
        return {
            "bootstrap_servers": self.by_password,
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": mechanism,
            "sasl_username": name,
            "sasl_password": PASSWORD,
            "ca_file": str(self.authority.file),
        }

    def by_cert(self, name: str) -> dict[str, str]:
        """Return how somebody connects by a certificate of our CA, as settings."""
        pair = self.authority.sign(name)
        return {
            "bootstrap_servers": self.by_certificate,
            "security_protocol": "SSL",
            "ca_file": str(self.authority.file),
            "cert_file": str(pair.certificate),
            "key_file": str(pair.key),
        }

    async def allow(self, rights: Iterable[Right]) -> None:
        """Add rights, which hold when this returns."""
        async with administering(KafkaSettings(bootstrap_servers=self.open_address)) as admin:
            for right in rights:
                response: Any = await admin._send_to_controller(CreateAclsRequest(*_acl(right)))
                assert [answer[0] for answer in response.creation_responses] == [0]
                await eventually(partial(_holds, admin, right))

    async def forbid(self, right: Right) -> None:
        """Take a right away, which is gone when this returns."""
        async with administering(KafkaSettings(bootstrap_servers=self.open_address)) as admin:
            response: Any = await admin._send_to_controller(DeleteAclsRequest(*_acl(right)))
            assert [len(answer[2]) for answer in response.filter_responses] == [1]
            await eventually(partial(_is_gone, admin, right))


async def _holds(admin: AIOKafkaAdminClient, right: Right) -> bool:
    """Ask the broker, which hears from its controller what it has to hold people to."""
    response: Any = await admin._send_request(DescribeAclsRequest(*_acl(right)))
    assert response.error_code == 0
    return bool(response.resources)


async def _is_gone(admin: AIOKafkaAdminClient, right: Right) -> bool:
    return not await _holds(admin, right)


def _acl(right: Right) -> tuple[int, str, int, str, str, int, int]:
    pattern = _PREFIXED if right.resource == "group" else _LITERAL
    resource = _RESOURCES[right.resource], right.name, pattern
    return *resource, f"User:{right.user}", "*", _OPERATIONS[right.operation], _ALLOW


def as_environment(settings: Mapping[str, str], *, prefix: str) -> dict[str, str]:
    """Return settings of Kafka as the environment variables of a service."""
    return {f"{prefix}KAFKA__{name.upper()}": value for name, value in settings.items()}


@contextmanager
def guarded_kafka(home: Path, *, users: Iterable[str]) -> Iterator[GuardedKafka]:
    """Run a broker that knows these users by password, and whoever shows a certificate of its CA.

    Nobody may do anything there until it is allowed.
    """
    authority = Authority(home / "certificates")
    with ExitStack() as held:
        password, certificate = reserve_port(held), reserve_port(held)
        doors = _doors(authority, home, users=list(users), password=password, certificate=certificate)
        with running_kafka(home, doors=doors) as server:
            yield GuardedKafka(
                open_address=server.address,
                by_password=f"127.0.0.1:{password}",
                by_certificate=f"127.0.0.1:{certificate}",
                authority=authority,
            )


def _doors(authority: Authority, home: Path, *, users: list[str], password: int, certificate: int) -> Doors:
    pair = authority.sign("broker")
    store = home / "broker-store.pem"
    store.write_bytes(pair.key.read_bytes() + pair.certificate.read_bytes())
    tls = {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(store),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(authority.file),
    }
    scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
    known = " ".join(f'user_{name}="{PASSWORD}"' for name in users)
    plain = f"org.apache.kafka.common.security.plain.PlainLoginModule required {known};"
    sasl = {
        "sasl.enabled.mechanisms": ",".join(MECHANISMS),
        "plain.sasl.jaas.config": plain,
        "scram-sha-256.sasl.jaas.config": scram,
        "scram-sha-512.sasl.jaas.config": scram,
    }
    return Doors(
        doors=[
            Door(name="PASSWORD", port=password, protocol="SASL_SSL", settings=tls | sasl),
            Door(
                name="CERTIFICATE",
                port=certificate,
                protocol="SSL",
                settings=tls | {"ssl.client.auth": "required"},
            ),
        ],
        settings={
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            # Whoever comes by the open address, the broker itself among them.
            "super.users": "User:ANONYMOUS",
        },
        scram=[
            f"{mechanism}=[name={name},password={PASSWORD}]"
            for mechanism in MECHANISMS
            if mechanism != "PLAIN"
            for name in users
        ],
    )
