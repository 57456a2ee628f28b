"""Misbehavior, asked for by whoever tests against it."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

import msgspec

Kind = Literal["delay", "status", "refuse", "garbage", "cut", "undelivered", "receipts"]
#: Kinds after which the message went out all the same, unless told otherwise.
_SENDS = frozenset({"delay", "garbage", "cut", "undelivered", "receipts"})


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One misbehavior: for one address or all, of one vendor or both, `times` times or always.

    `delay` answers after `seconds`; `status` answers with that HTTP status, and asks to be called
    again in `retry_after` whole seconds where that is given; `refuse` with Twilio's
    error `code` (SendGrid blames the address); `garbage` with bytes that are no HTTP; `cut` hangs
    up once the request is read; `undelivered` reports failure with `code` (email: bounce, blocked
    or dropped); `receipts` reports just `statuses`, in that order, `seconds` apart, and with
    `early` before the answer. `sends` says whether the person gets the message. When `silent` nothing is
    ever reported of it.
    """

    kind: Kind
    vendor: Literal["twilio", "sendgrid"] | None = None
    to: str | None = None
    times: Annotated[int, msgspec.Meta(ge=1)] | None = None
    seconds: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 0
    status: Annotated[int, msgspec.Meta(ge=200, le=599)] = 500
    retry_after: Annotated[int, msgspec.Meta(ge=0, le=3600)] | None = None
    code: int | str | None = None
    statuses: tuple[str, ...] = ()
    early: bool = False
    sends: bool | None = None
    silent: bool = False

    @property
    def lets_it_out(self) -> bool:
        return self.kind in _SENDS if self.sends is None else self.sends


@dataclass(slots=True)
class Faults:
    """The faults in force. One for the very address goes before one for all, a newer before an older."""

    _standing: list[tuple[Fault, int | None]] = field(default_factory=list)

    def add(self, fault: Fault) -> None:
        self._standing.append((fault, fault.times))

    def clear(self) -> None:
        self._standing.clear()

    def standing(self) -> list[Fault]:
        return [fault for fault, _ in self._standing]

    def take(self, *, vendor: str, to: str) -> Fault | None:
        """Return the fault that this message meets, and use it up by one."""
        fitting = [
            (fault.to is not None, place)
            for place, (fault, _) in enumerate(self._standing)
            if fault.vendor in {None, vendor} and fault.to in {None, to}
        ]
        if not fitting:
            return None
        _, place = max(fitting)
        fault, left = self._standing[place]
        if left == 1:
            del self._standing[place]
        elif left is not None:
            self._standing[place] = (fault, left - 1)
        return fault
