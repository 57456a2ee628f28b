"""What a provider call came to, and what may be done next."""

from datetime import timedelta
from typing import TypeAlias

from msgspec import Struct


class Accepted(Struct, frozen=True):
    """The provider has taken it over; receipts will tell the rest."""

    provider_message_id: str


class Refused(Struct, frozen=True):
    """The provider will never send this; do not try again.

    `opted_out`: the person said stop to this sender. `unreachable`: the address is no good.
    """

    code: str
    opted_out: bool = False
    unreachable: bool = False


class NotSent(Struct, frozen=True):
    """It certainly did not go out; trying again is safe.

    `our_fault`: the account or the connection is to blame, so the circuit breaker counts it.
    """

    code: str
    retry_after: timedelta | None = None
    our_fault: bool = True


class Unknown(Struct, frozen=True):
    """It may have gone out; trying again could contact the person twice."""

    cause: str


Outcome: TypeAlias = Accepted | Refused | NotSent | Unknown


def blames_provider(outcome: Outcome) -> bool:
    """Tell whether the provider, our account or the way between them failed, whoever was written to."""
    return isinstance(outcome, Unknown) or (isinstance(outcome, NotSent) and outcome.our_fault)


def shows_it_works(outcome: Outcome) -> bool:
    """Tell whether the provider did what it is there for: taking a message over, or saying no to it."""
    return isinstance(outcome, Accepted | Refused)
