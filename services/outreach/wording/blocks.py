"""Words that a message must carry, whoever wrote the rest of it."""

import re
from collections.abc import Mapping
from re import Pattern

from outreach.model.words import Channel

#: Every block there is, in the order in which they stand in a message.
BLOCKS: tuple[str, ...] = (
    "debt_collection_first",
    "debt_collection_later",
    "free_debt_advice",
    "who_we_are",
    "postal_address",
    "opt_out_line",
)

#: What every message carries, whatever the policy asks for.
ALWAYS: Mapping[Channel, frozenset[str]] = {
    Channel.SMS: frozenset({"who_we_are", "opt_out_line"}),
    Channel.EMAIL: frozenset({"who_we_are", "postal_address", "opt_out_line"}),
}

#: Blocks that have a place on one channel alone.
ONLY_ON: Mapping[str, Channel] = {"postal_address": Channel.EMAIL}

#: What packs call a block, and what wordings call it.
WORDED: Mapping[str, str] = {
    "sender_name": "who_we_are",
    "debt_collector_disclosure": "debt_collection_later",
}
#: The same in the first message about a debt, where the debt collector's notice is longer.
AS_FIRST: Mapping[str, str] = {**WORDED, "debt_collector_disclosure": "debt_collection_first"}

#: Blocks that a template may say in its own words, and what its text must then hold.
COVERABLE: Mapping[tuple[str, Channel], Pattern[str]] = {
    ("opt_out_line", Channel.SMS): re.compile(r"\b(STOP|START)\b"),
}
