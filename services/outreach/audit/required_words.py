"""Whether a message said what it had to: read from the words that were sent, whatever their template is."""

import re
from collections.abc import Iterator, Mapping
from re import Pattern
from typing import Final

from outreach.audit.message import Message
from outreach.policy.rules.content import ContentRequired

#: What people may be told to type to stop texts: as the audit knows it, by itself.
_STOP: Final = re.compile(
    r"\b(?:STOP|STOPALL|END|QUIT|CANCEL|UNSUBSCRIBE|REVOKE|OPT ?OUT|ALTO|BAJA|PARAR|ARRET|PARE|SAIR)\b"
)
_START: Final = re.compile(r"\b(?:START|UNSTOP)\b")


def _said(pattern: str) -> Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


#: Words of each disclosure, in any language in which we know the duty; all of a tuple must be there.
_DISCLOSED: Final[Mapping[str, tuple[Pattern[str], ...]]] = {
    "debt_collector_disclosure": (
        _said(r"collect a debt|debt collector|cobrar una deuda|cobrador(?:a|es)? de deudas"),
    ),
    "debt_collection_first": (_said("collect a debt|cobrar una deuda"), _said("that purpose|ese fin")),
    "debt_collection_later": (_said("debt collector|collect a debt|cobrador|cobrar una deuda"),),
    "free_debt_advice": (_said("free|gratuit|gratis"),),
}


def lacks_words(message: Message) -> Iterator[str]:
    """Say which words the law asks for were not in the message; what was erased cannot be asked."""
    words = message.called.words
    if words is None:
        return
    if message.called.channel == "sms":
        asked = _START if message.purpose == "opt_out_confirmation" else _STOP
        if not asked.search(words):
            yield "the text named no word to stop texts by"
    elif not message.called.holds_link:
        yield "the email did not hold the link to stop emails by"
    for rule in message.rules:
        if isinstance(rule, ContentRequired):
            for block in rule.blocks:
                if not all(said.search(words) for said in _DISCLOSED.get(block, ())):
                    yield f"{rule.terms.id}: the message did not say {block}"
