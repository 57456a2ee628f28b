"""Why Kafka does not let us in: asked again as a client does, since the client itself keeps the reasons."""

import asyncio
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from aiokafka.conn import AIOKafkaConnection, collect_hosts, create_conn
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)
from aiokafka.protocol.metadata import MetadataRequest

from foundation.certificates import why_refused
from foundation.kafka import security_options
from foundation.settings import KafkaSettings

_ANSWERS_WITHIN: Final = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerAnswer:
    """What came of trying one address: the brokers that it names, or why it does not let us in."""

    address: str
    brokers: Sequence[str] = ()
    reason: str | None = None


async def why_out_of_reach(settings: KafkaSettings, *, within: timedelta = _ANSWERS_WITHIN) -> str | None:
    """Say in a few words why no broker can be worked with, to follow the bootstrap servers; None if one can.

    Brokers are reached where they say they are, which may be elsewhere than the address that was given.
    """
    asked = await _ask(settings, settings.addresses, within=within)
    answered = next((answer for answer in asked if answer.reason is None), None)
    if answered is None:
        return asked[0].reason
    if answered.address in answered.brokers:
        return None
    led_to = await _ask(settings, answered.brokers, within=within)
    if not led_to or any(answer.reason is None for answer in led_to):
        return None
    return f"says that it is at {led_to[0].address}, which {led_to[0].reason}"


async def list_lost_brokers(
    settings: KafkaSettings, *, within: timedelta = _ANSWERS_WITHIN
) -> list[BrokerAnswer]:
    """Return the brokers that cannot be worked with, of those that the first to answer names."""
    asked = await _ask(settings, settings.addresses, within=within)
    brokers = next((answer.brokers for answer in asked if answer.reason is None), ())
    return [answer for answer in await _ask(settings, brokers, within=within) if answer.reason]


async def _ask(settings: KafkaSettings, addresses: Sequence[str], *, within: timedelta) -> list[BrokerAnswer]:
    return await asyncio.gather(*(_ask_one(settings, address, within=within) for address in addresses))


async def _ask_one(settings: KafkaSettings, address: str, *, within: timedelta) -> BrokerAnswer:
    connection: AIOKafkaConnection | None = None
    try:
        async with asyncio.timeout(within.total_seconds()):
            [(host, port, _family)] = collect_hosts([address])
            connection = await create_conn(host, port, **security_options(settings))
            metadata: Any = await connection.send(MetadataRequest([]))
    except TimeoutError:
        return BrokerAnswer(address=address, reason=f"does not answer within {within.total_seconds():g} s")
    except (KafkaError, OSError, ValueError) as error:
        return BrokerAnswer(address=address, reason=_reason(error, settings))
    finally:
        if connection is not None:
            connection.close()
    return BrokerAnswer(
        address=address, brokers=[f"{host}:{port}" for _, host, port, *_rack in metadata.brokers]
    )


def _reason(error: Exception, settings: KafkaSettings) -> str:
    match error:
        case ssl.SSLCertVerificationError():
            return why_refused(error, ca_setting="KAFKA__CA_FILE")
        case SaslAuthenticationFailed():
            return "refuses the user or the password"
        case UnsupportedSaslMechanismError():
            return f"does not take KAFKA__SASL_MECHANISM {settings.sasl_mechanism}"
        case socket.gaierror():
            return "has a host name that cannot be resolved"
        case ConnectionRefusedError():
            return "cannot be reached: nothing listens there"
        case KafkaConnectionError() if isinstance(error.__cause__, ssl.SSLError):
            return "does not take our certificate, or asks for one: see KAFKA__CERT_FILE and KAFKA__KEY_FILE"
        case KafkaConnectionError() | ssl.SSLError() | ConnectionError():
            return "ends the connection at once; is KAFKA__SECURITY_PROTOCOL right?"
        case _:
            return f"cannot be reached ({type(error).__name__})"
