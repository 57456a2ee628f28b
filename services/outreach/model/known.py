"""All that is stored of one person when their touches are decided."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from outreach.model.contact import Contact
from outreach.model.debt import Debt
from outreach.model.snapshot import Snapshot
from outreach.model.suppression import Suppression
from outreach.model.words import Channel


class PersonFacts(Struct, frozen=True, kw_only=True):
    """All that is stored of one person when their touches are decided.

    `ledger` holds what was sent to `shared_addresses` too, whoever it was meant for, and under the person's
    `other_ids`; an address is shared with whoever was erased as well. `wrote_from` says when they last wrote
    by a channel from an address, where it is known that they did, and `texted` to which numbers a text of
    ours went, or may have, whoever it was meant for.
    `names_were_kept`: what their names tell of a death stands among the suppressions, or a human has ended
    it.
    """

    snapshot: Snapshot | None
    debts: Mapping[str, Debt] = {}
    suppressions: Sequence[Suppression] = ()
    ledger: Sequence[Contact] = ()
    wrote_from: Mapping[tuple[Channel, str], datetime] = {}
    texted: frozenset[str] = frozenset()
    shared_addresses: frozenset[str] = frozenset()
    other_ids: frozenset[str] = frozenset()
    unreadable: bool = False
    names_were_kept: bool = False
