"""What an answer means: one frozen value, all that anybody needs to know of the words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from outreach.model.words import Channel
from outreach.understanding.kinds import TREATMENTS, Kind, Urgency

#: The word of `reply.received.v1` for what follows from an answer by itself.
Understood = Literal["opt_out", "opt_in", "help", "other"]

_URGENCIES: Final = tuple(Urgency)
#: A kind that a machine may answer, and what it is besides that is answered with it.
_SETTLES: Final = {Kind.OPT_IN: frozenset({Kind.YES}), Kind.HELP: frozenset({Kind.QUESTION})}


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """The words for which an answer was given a kind, as a person reads them.

    `by`: a rule of `phrases/`, or the model of `weights/`, whose words are those that weighed most.
    """

    kind: Kind
    words: str
    by: Literal["rule", "model"] = "rule"


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySaid:
    """A day that an answer names; `day` is None where the words leave open which it is."""

    words: str
    day: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountSaid:
    """An amount that an answer names; `currency` is empty where it says none, or just `$`."""

    words: str
    amount: Decimal
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Understanding:
    """What a person means by an answer.

    `kinds` stand in the order of `Kind` and are never none. `closes` are the channels on which
    nothing may be sent any more; at the address it came from, on the channel it came by.
    `closes_address`: that address is closed for everybody who has it (somebody else's, or read by
    others). `doubtful`: a human has to read it whatever its kinds are. `words` is what decided. `language` is
    the one that a stop was said in, where that is plain and not English; else empty.
    """

    kinds: tuple[Kind, ...]
    closes: frozenset[Channel] = frozenset()
    closes_address: bool = False
    doubtful: bool = False
    language: str = ""
    words: Sequence[Grounds] = ()
    days: Sequence[DaySaid] = ()
    amounts: Sequence[AmountSaid] = ()

    def stopped(self, channel: Channel) -> "Understanding":
        """Return this, and a stop on the channel: somebody else heard one, the vendor or a human."""
        kinds = {Kind.OPT_OUT, *self.kinds} - {Kind.OPT_IN, Kind.YES, Kind.UNCLEAR}
        in_order = tuple(kind for kind in Kind if kind in kinds)
        return replace(self, kinds=in_order, closes=self.closes | {channel}, doubtful=self.needs_human)

    @property
    def urgency(self) -> Urgency:
        """How soon a human has to see it: as soon as its most urgent kind."""
        return min((TREATMENTS[kind].urgency for kind in self.kinds), key=_URGENCIES.index)

    @property
    def machine(self) -> bool:
        """Whether a machine may answer; a stop is confirmed only then, else it is obeyed in silence."""
        settled = frozenset[Kind]().union(*(_SETTLES.get(kind, frozenset()) for kind in self.kinds))
        return not self.doubtful and all(TREATMENTS[kind].machine or kind in settled for kind in self.kinds)

    @property
    def opens(self) -> bool:
        """Whether it takes back what an earlier stop closed."""
        return Kind.OPT_IN in self.kinds and self.machine

    @property
    def needs_human(self) -> bool:
        """Whether everything waits for a human."""
        return not self.machine

    @property
    def understood(self) -> Understood:
        """The one word that `reply.received.v1` has for it."""
        if Kind.OPT_OUT in self.kinds:
            return "opt_out"
        if self.opens:
            return "opt_in"
        return "help" if Kind.HELP in self.kinds else "other"
