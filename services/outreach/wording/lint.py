"""What is unkind, unclear or pushy in a text: its author hears of it before anybody is sent it. Pure."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from re import Pattern

from outreach.wording.readability import reading_age


class Fault(StrEnum):
    """What can be said against a text."""

    THREAT = "threat"
    URGENCY = "urgency"
    SHOUTING = "shouting"
    BLAME = "blame"
    JARGON = "jargon"
    READING_AGE = "reading_age"
    QUESTIONS = "questions"
    TRANSPARENCY = "transparency"
    LENGTH = "length"


@dataclass(frozen=True, slots=True)
class Remark:
    """One fault, the words that show it, and what to do instead."""

    fault: Fault
    words: str
    fix: str


#: A text for older readers than this is too hard. Eleven is the aim; the formulas waver on short texts.
OLDEST_READER = 13
_MOST_QUESTIONS = 1

_FIXES: Mapping[Fault, str] = {
    Fault.THREAT: "say what the person can do, not what will be done to them",
    Fault.URGENCY: "name a day if there is one, and leave out the hurry",
    Fault.BLAME: "say what you know, not whose fault it is",
    Fault.JARGON: "say it as you would to a neighbor",
}


def _words(*alternatives: str) -> Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(alternatives)})(?!\w)", re.IGNORECASE)


_WORDS: Mapping[str, Mapping[Fault, Pattern[str]]] = {
    "en": {
        Fault.THREAT: _words(
            "legal action",
            "court",
            "lawsuit",
            "sue",
            "lawyers?",
            "attorneys?",
            "garnish\\w*",
            "bailiffs?",
            "repossess\\w*",
            "seiz\\w+",
            "consequences?",
            "enforce\\w*",
            "prosecut\\w+",
            "police",
            "arrest\\w*",
            "or else",
            "credit (?:score|report|rating)",
            "we will be forced",
            "leave us no choice",
            "penalt\\w+",
        ),
        Fault.URGENCY: _words(
            "urgent\\w*",
            "immediate\\w*",
            "final (?:notice|warning|reminder|demand)",
            "last chance",
            "act now",
            "expires? (?:today|tonight|soon)",
            "at once",
            "without delay",
            "asap",
            "hurry",
            "deadline",
            "only \\d+ (?:hours?|days?) left",
            "must (?:pay|call|respond|reply|act)",
            "immediately",
        ),
        Fault.BLAME: _words(
            "you failed",
            "failure to",
            "you (?:still )?have not paid",
            "you did not pay",
            "you neglected",
            "you ignored",
            "delinquen\\w*",
            "your fault",
            "irresponsib\\w+",
            "you broke",
            "bad debts?",
            "debtors?",
            "defaulted",
            "overdue",
            "you owe",
        ),
        Fault.JARGON: _words(
            "outstanding",
            "remit\\w*",
            "arrears",
            "obligations?",
            "pursuant",
            "hereby",
            "herein",
            "aforementioned",
            "creditor",
            "principal amount",
            "accrued",
            "tender",
            "settlement offer",
            "charge-?off",
            "liable",
            "liabilit\\w+",
            "terms and conditions",
            "portfolio",
            "in lieu",
            "forthwith",
            "commence",
            "utili[sz]e",
        ),
    },
    "es": {
        Fault.THREAT: _words(
            "acci(?:ó|o)n(?:es)? legal(?:es)?",
            "juicio",
            "tribunal(?:es)?",
            "demanda\\w*",
            "abogados?",
            "embarg\\w+",
            "consecuencias?",
            "polic(?:í|i)a",
            "historial (?:de cr(?:é|e)dito|crediticio)",
            "nos veremos obligados",
            "multas?",
            "sanci(?:ó|o)n\\w*",
        ),
        Fault.URGENCY: _words(
            "urgentes?",
            "urgencia",
            "inmediat\\w+",
            "(?:ú|u)ltim[oa] (?:aviso|oportunidad|recordatorio)",
            "cuanto antes",
            "sin demora",
            "debe (?:pagar|llamar|responder)",
            "tiene que pagar",
            "caduca hoy",
        ),
        Fault.BLAME: _words(
            "no ha pagado",
            "incumpl\\w+",
            "su culpa",
            "moros\\w+",
            "usted debe",
            "no cumpli(?:ó|o)",
            "deudor\\w*",
            "irresponsab\\w+",
            "vencid\\w+",
        ),
        Fault.JARGON: _words(
            "acreedor\\w*",
            "adeud\\w+",
            "impag\\w+",
            "saldo pendiente",
            "obligaci(?:ó|o)n\\w*",
            "mediante la presente",
            "subsanar",
            "abonar",
            "t(?:é|e)rminos y condiciones",
            "liquidar",
            "principal adeudado",
        ),
    },
}

_QUESTION = re.compile(r"\?")
_SHOUT = re.compile(r"!|\b[A-ZÁÉÍÓÚÑ]{4,}(?:\s+[A-ZÁÉÍÓÚÑ]{2,})*\b")
#: Words to type, which are written in capitals so that they stand out.
_TO_TYPE = frozenset({"STOP", "START", "HELP", "AYUDA", "INFO"})
_ACTIONS: Mapping[str, Pattern[str]] = {
    "en": _words("reply", "call", "write", "tell us", "choose"),
    "es": _words("respond(?:a|er)", "llam(?:e|ar)", "escrib\\w+", "d(?:í|i)ganos\\w*", "eli?j\\w+", "elegir"),
}


def lint(text: str, *, language: str = "en", names: Collection[str] = ()) -> list[Remark]:
    """Return what is wrong with the tone of a text; `names` are proper names, which are nobody's fault.

    Languages without word lists are checked for shouting and questions alone.
    """
    spoken = language.partition("-")[0]
    plain = _without(text, names)
    remarks = [
        Remark(fault, found.group(), _FIXES[fault])
        for fault, words in _WORDS.get(spoken, {}).items()
        for found in words.finditer(plain)
    ]
    remarks += _shouting(plain)
    if len(_QUESTION.findall(plain)) > _MOST_QUESTIONS:
        remarks.append(Remark(Fault.QUESTIONS, plain.split("?")[1].strip(), "ask one thing at a time"))
    age = reading_age(plain, language=spoken)
    if age is not None and age > OLDEST_READER:
        fix = "shorter sentences, shorter words"
        remarks.append(Remark(Fault.READING_AGE, f"a reader of {age:.0f}", fix))
    return remarks


def lint_transparency(text: str, *, agency: str, creditor: str | None, language: str = "en") -> list[Remark]:
    """Return what a message does not tell: who writes, for whom, and what the person can do."""
    remarks = []
    if agency not in text:
        remarks.append(Remark(Fault.TRANSPARENCY, "who writes", "name the agency"))
    if creditor is not None and creditor not in text:
        remarks.append(Remark(Fault.TRANSPARENCY, "for whom", "name the creditor"))
    actions = _ACTIONS.get(language.partition("-")[0])
    if actions is not None and not actions.search(text):
        remarks.append(Remark(Fault.TRANSPARENCY, "what the person can do", "say how to answer"))
    return remarks


def _shouting(text: str) -> list[Remark]:
    return [
        Remark(Fault.SHOUTING, match, "lower your voice")
        for match in _SHOUT.findall(text)
        if match not in _TO_TYPE
    ]


def _without(text: str, names: Collection[str]) -> str:
    """Take out addresses and proper names: their length and capitals are not the author's."""
    text = re.sub(r"https?://\S+|\S+@\S+", " ", text)
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, "We")
    return text
