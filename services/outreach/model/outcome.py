"""What a provider call came to, and what may be done next."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has taken it over; receipts will tell the rest."""

    provider_message_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider will never send this; do not try again.

    `opted_out`: the person said stop to this sender. `unreachable`: the address is no good.
    """

    code: str
    opted_out: bool = False
    unreachable: bool = False


@dataclass(frozen=True, slots=True)
class NotSent:
    """It certainly did not go out; trying again is safe.

    `our_fault`: the account or the connection is to blame, so the circuit breaker counts it.
    """

    code: str
    retry_after: timedelta | None = None
    our_fault: bool = True


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have gone out; trying again could contact the person twice."""

    cause: str


Outcome: TypeAlias = Accepted | Refused | NotSent | Unknown
