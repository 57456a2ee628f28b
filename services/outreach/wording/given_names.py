"""What to call a person: a field for a name holds all that clerks and programs put into one. Pure."""

import re
import unicodedata
from functools import lru_cache

from outreach.wording.self_made_links import kept_apart, looks_like_a_link


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: What stands where no name is known, folded, by word. A name of nothing but these is none.
_NO_NAMES = _words("""
    account anonymous applicable available blank client cliente consumer customer debtor desconocida
    desconocido disponible empty first firstname given guest holder known missing name ninguno no nombre
    none not null occupant owner patient person provided resident sin stated tbc tbd tenant test titular
    undefined unk unknown unnamed user usuario void
""")
#: How people are addressed, which is no name by itself.
_TITLES = _words("""
    dame dr dra frau herr kumari lady lord madam madame master miss mlle mme monsieur mr mrs ms mx prof
    professor rev shri sir smt sr sra srta señor señora señorita
""")
#: What stays small inside of a name of several words.
_PARTICLES = _words("al bin da das de del della den der di do dos du el ibn la las los van von y")

_NOTE = re.compile(r"[(\[\uff08].*?(?:[)\]\uff09]|$)")
_EDGES = " \t.,;:!?*_#~|/\\+=\"'`\u00b4\u2013\u2014-"
#: What stands in no name: signs of addresses, markup and sentences.
_NO_LETTERS = re.compile(r"[/\\:;<>=|{}\[\]^~$€£%_,!?]")
_MOST_WORDS, _LONGEST = 6, 50
_LETTERS = re.compile(r"[^\W\d_]+")
_DIGIT = re.compile(r"\d")
_VOWEL = re.compile("[AEIOUYÀ-ÖØ-Ý]")

_DEATH = re.compile(
    r"\bestate\b|\best\.? of\b"
    r"|\bdeceased\b|\bdec'?d\b|\bdied\b|\bthe late\b|^late\b|\bheirs? of\b|\bexecut(?:or|rix)\b"
    r"|\bpersonal representative\b|\bin memoriam\b"
    r"|\bsucesi[oó]n\b|\bherederos? de\b|\bdifunt[oa]\b|\bfallecid[oa]\b|\bfinad[oa]\b|\bq\.?e\.?p\.?d\b"
    r"|\bsuccession d|\bdéfunte?\b|\bdécédée?\b|\bnachlass\b|\berbengemeinschaft\b|\bverstorben"
    r"|\bespólio\b|\bfalecid[oa]\b",
    re.IGNORECASE,
)
#: In capitals only: Rip is a name.
_REST = re.compile(r"\bR\.?\s?I\.?\s?P\b")

# A name that is written from right to left turns the line around it, unless it stands apart.
_ISOLATE, _END = "\u2068", "\u2069"


@lru_cache(maxsize=4096)
def name_to_call(field: str) -> str | None:
    """Return what to call the person whose given name is stored so; None where that is no name.

    Notes in parentheses and titles are left out, capitals are calmed (`O'BRIEN` becomes `O'Brien`), and a
    name that is written from right to left is set apart from the line it stands in.
    """
    name = _without_titles(" ".join(_NOTE.sub(" ", field).split()).strip(_EDGES))
    if _is_none(name) or _is_more_than_a_name(name):
        return None
    name = kept_apart(name)
    if name.isupper():
        name = _calmed(name)
    return f"{_ISOLATE}{name}{_END}" if _turns_round(name) else name


def tells_of_death(*fields: str | None) -> bool:
    """True where a name is that of an estate, or of somebody who is said to have died."""
    return any(field and (_DEATH.search(field) or _REST.search(field)) for field in fields)


def _without_titles(name: str) -> str:
    words = name.split()
    while words and words[0].strip(".,").casefold() in _TITLES:
        words = words[1:]
    return " ".join(words).strip(_EDGES)


def _is_none(name: str) -> bool:
    words = [word.casefold() for word in _LETTERS.findall(name)]
    if not any(map(str.isalpha, name)) or _DIGIT.search(name):
        return True
    # "Na" is a name; "NA", "n/a" and "N.A." are none.
    is_not_applicable = "".join(words) in {"na", "nan"} and name not in {"Na", "Nan"}
    is_placeholder = all(word in _NO_NAMES or set(word) == {"x"} for word in words)
    return is_not_applicable or is_placeholder


def _is_more_than_a_name(name: str) -> bool:
    """True for a link, markup or a sentence: people write some of these fields themselves."""
    too_much = len(name) > _LONGEST or len(name.split()) > _MOST_WORDS
    return too_much or _NO_LETTERS.search(name) is not None or looks_like_a_link(name)


def _calmed(name: str) -> str:
    words = [_LETTERS.sub(lambda run: _capitalized(run.group()), word) for word in name.split()]
    return " ".join(
        word.casefold() if place and word.casefold() in _PARTICLES else word
        for place, word in enumerate(words)
    )


def _capitalized(run: str) -> str:
    if len(run) == 2 and (not _VOWEL.search(run) or run.endswith("J")):  # noqa: PLR2004
        return run  # initials: JJ, AJ
    if run.startswith("MC") and len(run) > len("MCX"):
        return f"Mc{run[2:].capitalize()}"
    return run.capitalize()


def _turns_round(name: str) -> bool:
    return any(unicodedata.bidirectional(letter) in {"R", "AL"} for letter in name)
