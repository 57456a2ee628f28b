"""What a text gives up, one thing after another, so that it is never lost for its length. Pure."""

import unicodedata
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from outreach.wording.facts import Prepared
from outreach.wording.sms import is_gsm7

CENTER_LINK, NAME, PAY_LINK, LETTERS = "center_link", "name", "pay_link", "letters"
_FACTS: Mapping[str, str] = {
    CENTER_LINK: "links.preferences_first",
    NAME: "person.given_name",
    PAY_LINK: "links.pay",
}
#: What is given up, dearest last. Where letters are folded there may be room for the link to pay again.
_STEPS = (
    (),
    (CENTER_LINK,),
    (CENTER_LINK, NAME),
    (CENTER_LINK, NAME, PAY_LINK),
    (CENTER_LINK, NAME, LETTERS),
    (CENTER_LINK, NAME, PAY_LINK, LETTERS),
)
#: Letters that take no mark off, and signs, as people write them where they lack the right ones.
_PAIRS = (
    "łl ŁL đd ĐD \u0131i ħh ĦH œoe ŒOE þth ÞTh ðd ÐD \u2019' \u2018' \u201c\" \u201d\" \u2013- \u2014- "
    "\u2026... ₹Rs ₱Php ₦N ₩W ₪NIS ₫VND \u2068 \u2069 \u200e \u200f"
)
_INSTEAD = str.maketrans({pair[0]: pair[1:] for pair in _PAIRS.split()})


def shortenings(prepared: Prepared, *, needs: Collection[str]) -> Iterator[tuple[tuple[str, ...], Prepared]]:
    """Yield what to give up and the facts that are left, from nothing to all that may be given up.

    What the wording cannot do without stays.
    """
    before: set[tuple[str, ...]] = set()
    for step in _STEPS:
        given_up = tuple(part for part in step if part == LETTERS or _may_go(_FACTS[part], prepared, needs))
        if given_up not in before:
            before.add(given_up)
            yield given_up, _without(prepared, [_FACTS[part] for part in given_up if part != LETTERS])


def fold(text: str) -> str:
    """Write a text without the letters that GSM-7 lacks, as far as they resemble others: `í` becomes `i`."""
    return "".join(letter if is_gsm7(letter) else _folded(letter) for letter in text)


def _folded(letter: str) -> str:
    plain = unicodedata.normalize("NFKD", letter.translate(_INSTEAD))
    return "".join(part for part in plain.translate(_INSTEAD) if not unicodedata.combining(part))


def _may_go(fact: str, prepared: Prepared, needs: Collection[str]) -> bool:
    subject, _, part = fact.partition(".")
    return fact not in needs and prepared.get(subject, {}).get(part) is not None


def _without(prepared: Prepared, facts: Collection[str]) -> Prepared:
    left: dict[str, Any] = dict(prepared)
    for fact in facts:
        subject, _, part = fact.partition(".")
        left[subject] = {**left[subject], part: None}
    return left
