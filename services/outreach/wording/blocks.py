"""Words that a message must carry, whoever wrote the rest of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that a duty asks for: how they are recognized, how one may say them, and where they come from."""

    pattern: Pattern[str]
    example: str
    source: str


def _phrase(pattern: str, example: str, source: str) -> Phrase:
    return Phrase(re.compile(pattern, re.IGNORECASE), example, source)


_FIRST = "12 CFR 1006.18(e)(1)"
_LATER = "12 CFR 1006.18(e)(2)"
_ADVICE = "FCA CONC 7.3"

#: What each disclosure must say, by its language. Others are for a lawyer to read.
PHRASES: Mapping[str, Mapping[str, tuple[Phrase, ...]]] = {
    "debt_collection_first": {
        "en": (
            _phrase(
                r"attempt(?:ing)? to collect (?:a|this|your) debt", "an attempt to collect a debt", _FIRST
            ),
            _phrase(
                r"information\b.{0,40}\bused for (?:that|this|the) purpose",
                "any information will be used for that purpose",
                _FIRST,
            ),
        ),
        "es": (
            _phrase(
                r"(?:intento de|intenta(?:mos)?) cobrar una deuda", "un intento de cobrar una deuda", _FIRST
            ),
            _phrase(
                r"(?:información|informacion|datos)\b.{0,40}\b(?:usar|utiliz|usan|usa)\w*.{0,12}"
                r"\b(?:fin|propósito|proposito)",
                "toda información obtenida se usará para ese fin",
                _FIRST,
            ),
        ),
    },
    "debt_collection_later": {
        "en": (_phrase(r"debt collector", "this message is from a debt collector", _LATER),),
        "es": (_phrase(r"cobrador(?:a|es)? de deudas", "este mensaje es de un cobrador de deudas", _LATER),),
    },
    "free_debt_advice": {
        "en": (
            _phrase(r"\bfree\b", "free debt advice", _ADVICE),
            _phrase(r"\b[\w-]+\.(?:org|gov|uk|com|ie|ca|au)\b|https://|\d{3}", "moneyhelper.org.uk", _ADVICE),
        ),
        "es": (
            _phrase(r"gratuit|gratis|sin costo", "ayuda gratuita con deudas", _ADVICE),
            _phrase(r"\b[\w-]+\.(?:org|gov|uk|com|ie|ca|au)\b|https://|\d{3}", "moneyhelper.org.uk", _ADVICE),
        ),
    },
}
