"""What an answer means: our own words taken out, then keywords, then rules, then the model."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from outreach.model.words import Channel
from outreach.understanding.hearings import (
    Hearing,
    hearings,
    is_left_to_rules,
    keyword_of,
    speaks_against,
    spoken,
)
from outreach.understanding.kinds import TREATMENTS, Kind, Urgency
from outreach.understanding.meaning import Grounds, Understanding
from outreach.understanding.our_names import without_our_names
from outreach.understanding.plain import LONGEST, Sentence, emoji_alone, sentences
from outreach.understanding.quotes import own_words
from outreach.understanding.reactions import Reaction
from outreach.understanding.said import amounts_said, days_said
from outreach.understanding.scope import EVERYTHING
from outreach.understanding.weighing import Weighed, can_be_weighed, weigh

#: Wordings of ours that a bare "yes" answers with: you may write to me.
_YES_OPENS: Final = frozenset({"opt_out_confirmation", "consent_request"})
#: Wordings of ours that ask something: there "ok" and a thumb are an answer.
_ASKING: Final = frozenset({"consent_request", "human_reply"})
_BARE_YES: Final = frozenset({"yes", "si", "oui", "sim"})
#: Said of a message that asks nothing, these take note of it.
_NOTED: Final = frozenset({"ok", "okay", "k", "kk", "okie", "vale", "fine", "alright"})

#: The languages that write the month before the day.
_MONTH_FIRST: Final = frozenset({"", "en", "en-us"})
#: What closes by the model's word; that others read a phone is for a human to say.
_MODEL_CLOSES: Final = frozenset({Kind.OPT_OUT, Kind.WRONG_PERSON})
#: What is said beside a stop. Who plans, promises or asks for a call wants none, and of whoever does not want
#: to live a human asks what it is that they want to end.
_BESIDE_A_STOP: Final = frozenset(
    {
        Kind.SAFETY,
        Kind.THREAT,
        Kind.MINOR,
        Kind.IDENTITY_THEFT,
        Kind.COMPLAINT,
        Kind.DISPUTE,
        Kind.SCAM_DOUBT,
        Kind.NO,
        Kind.THANKS,
    }
)
#: Of whoever says so beside it, nobody is sure that they are somebody else.
_OF_ONES_OWN_DEBT: Final = frozenset(
    {
        Kind.PROMISE,
        Kind.PLAN_REQUEST,
        Kind.BALANCE_QUESTION,
        Kind.ALREADY_PAID,
        Kind.PAYMENT_PROBLEM,
        Kind.TIME_WISH,
    }
)
#: A sentence with no kind of its own needs a human if it has more words than this.
_SMALL_TALK: Final = 2
_GLANCE: Final = 200


def understand(
    text: str,
    *,
    channel: Channel = Channel.SMS,
    language: str = "",
    after: str = "",
    sent: Sequence[str] = (),
    received_on: date | None = None,
    our_names: Sequence[str] = (),
) -> Understanding:
    """Say what an answer means, in whichever of our languages it is written.

    `channel` is the one it came by, and `after` the wording that it answers, where that is known.
    `language` is the person's, as far as known: it tells which of day and month comes first.
    `sent` are the texts we sent to this person, which they may quote. `received_on` is the day where
    the person is: "Friday" is the next one after it. `our_names` are the agency's and its creditors':
    "who is Northwind?" asks who we are.

    Source: 47 CFR 64.1200(a)(10): stop, quit, end, revoke, opt out, cancel, unsubscribe.
    """
    own = own_words(text, sent=sent)
    theirs = without_our_names(own.text, our_names)
    said = sentences(theirs)
    if own.reaction is not None and not said:
        return _reaction(own.reaction)
    meaning = (
        _pictures(theirs, channel=channel, after=after)
        or _keyword(said, channel=channel, after=after)
        or _raised(_in_other_words(said, channel=channel), theirs, said=said, channel=channel)
    )
    return replace(
        meaning,
        days=days_said(theirs, received_on=received_on, day_first=language.lower() not in _MONTH_FIRST),
        amounts=amounts_said(theirs),
    )


def _reaction(reaction: Reaction) -> Understanding:
    """A dislike and a question mark are for a human; nothing closes anything: the words quoted are ours."""
    kinds = {
        Reaction.UNKIND: (Kind.REACTION, Kind.UNCLEAR),
        Reaction.ASKING: (Kind.QUESTION, Kind.REACTION),
    }.get(reaction, (Kind.REACTION,))
    return _of(*kinds, words=f"a reaction ({reaction})")


def _pictures(text: str, *, channel: Channel, after: str) -> Understanding | None:
    """Understand a message of nothing but pictures."""
    words = " ".join(text[:LONGEST].split())
    match emoji_alone(text):
        case "stop":
            return _of(Kind.OPT_OUT, words=words, closes=frozenset({channel}))
        case "kind":
            return _of(*([Kind.YES] if after in _ASKING else []), Kind.REACTION, words=words)
        case "other":
            return _of(Kind.REACTION, Kind.UNCLEAR, words=words)
        case _:
            return None


def _keyword(said: Sequence[Sentence], *, channel: Channel, after: str) -> Understanding | None:
    """Understand a message that is a keyword, whatever stands round it that means nothing."""
    found = keyword_of(said)
    if found is None or _tells_of_danger(said, channel=channel):
        return None
    kind, words, language = found
    match kind:
        case Kind.OPT_OUT:
            return replace(_of(kind, words=words, closes=frozenset({channel})), language=language)
        case Kind.YES:
            return _yes(words, after=after)
        case Kind.HELP:
            return _of(Kind.HELP, *([Kind.QUESTION] if " " in words else []), words=words)
        case Kind.THANKS if after in _ASKING:
            return _of(Kind.YES, Kind.THANKS, words=words)
        case _:
            return _of(kind, words=words)


def _tells_of_danger(said: Sequence[Sentence], *, channel: Channel) -> bool:
    """Say whether it is danger that sounds like a keyword: "I just want to end it"."""
    return any(_is_danger(hearing.kind) for hearing in hearings(said, channel=channel))


def _yes(words: str, *, after: str) -> Understanding:
    """Only a bare yes opens anything, and only as the answer to whether we may write."""
    if words in _BARE_YES and after in _YES_OPENS:
        return _of(Kind.OPT_IN, Kind.YES, words=words)
    if words in _NOTED and after not in _ASKING:
        return _of(Kind.THANKS, words=words)
    return _of(Kind.YES, words=words)


def _in_other_words(said: Sequence[Sentence], *, channel: Channel) -> Understanding:
    """Understand a message by what rules find in its sentences."""
    found = hearings(said, channel=channel)
    kinds = {hearing.kind for hearing in found} | _questions(said, found)
    if kinds & _OF_ONES_OWN_DEBT or speaks_against(said, Kind.WRONG_PERSON):
        found = [_left_open(hearing) if hearing.kind is Kind.WRONG_PERSON else hearing for hearing in found]
    closes = frozenset[Channel]().union(*(hearing.closes for hearing in found))
    if {Kind.CEASE, Kind.OPT_OUT} <= kinds:
        closes |= EVERYTHING
    return Understanding(
        kinds=_in_order(kinds or {Kind.UNCLEAR}),
        closes=closes,
        closes_address=any(hearing.closes_address for hearing in found),
        doubtful=_is_doubtful(said, found, channel=channel),
        language=spoken(hearing.language for hearing in found if hearing.kind is Kind.OPT_OUT),
        words=[hearing.grounds for hearing in found],
    )


def _left_open(hearing: Hearing) -> Hearing:
    return replace(hearing, closes=frozenset(), closes_address=False)


def _raised(
    meaning: Understanding, text: str, *, said: Sequence[Sentence], channel: Channel
) -> Understanding:
    """Add what the model hears. A human has to read it, and only a stop or a wrong person closes.

    So has what is thanks by a word of it alone: "Thanks, but it has gone to a stranger".
    """
    all_heard = weigh(text)
    heard = [
        weighed
        for weighed in all_heard
        if _leaves_open(said, meaning, weighed.kind) and not _is_far_fetched(weighed, meaning)
    ]
    if not heard:
        is_thanks_by_rules = meaning.kinds == (Kind.THANKS,) and can_be_weighed(text)
        is_thanks = Kind.THANKS in {weighed.kind for weighed in all_heard}
        return replace(meaning, doubtful=True) if is_thanks_by_rules and not is_thanks else meaning
    kinds = {weighed.kind for weighed in heard}
    return replace(
        meaning,
        kinds=_in_order((set(meaning.kinds) | kinds) - {Kind.UNCLEAR}),
        closes=meaning.closes | ({channel} if kinds & _MODEL_CLOSES else frozenset()),
        closes_address=meaning.closes_address or Kind.WRONG_PERSON in kinds,
        doubtful=True,
        words=[*meaning.words, *(_weighed_words(weighed) for weighed in heard)],
    )


def raisable(text: str) -> frozenset[Kind]:
    """Return the kinds in which the model has a say for this text: keywords and rules leave them open."""
    said = sentences(text)
    if not can_be_weighed(text) or _keyword(said, channel=Channel.SMS, after=""):
        return frozenset()
    meaning = _in_other_words(said, channel=Channel.SMS)
    return frozenset(kind for kind in Kind if _leaves_open(said, meaning, kind))


def _leaves_open(said: Sequence[Sentence], meaning: Understanding, kind: Kind) -> bool:
    """Danger may be added to anything, a stranger to what is no debt of their own, a stop beside few things.

    The rest may be added where rules heard nothing. What the rules know to be harmless though it sounds
    like the kind stays that, and what is wrong with a bill is no stop.
    """
    if kind in meaning.kinds:
        return False
    if _is_danger(kind):
        return True
    kinds = set(meaning.kinds)
    if kind is Kind.WRONG_PERSON:
        return not kinds & _OF_ONES_OWN_DEBT and not speaks_against(said, kind)
    beside = _BESIDE_A_STOP if kind is Kind.OPT_OUT else frozenset[Kind]()
    return kinds <= {Kind.UNCLEAR, Kind.QUESTION, *beside} and not is_left_to_rules(said, kind)


def _is_far_fetched(weighed: Weighed, meaning: Understanding) -> bool:
    """Say whether danger is heard in a stop that is less likely than not to tell of any.

    Elsewhere far less is enough; but whoever only stops us is to get their confirmation.
    """
    return _is_danger(weighed.kind) and Kind.OPT_OUT in meaning.kinds and weighed.log_odds < 0


def _is_danger(kind: Kind) -> bool:
    return TREATMENTS[kind].urgency is Urgency.CRISIS


def _weighed_words(weighed: Weighed) -> Grounds:
    return Grounds(kind=weighed.kind, words=weighed.words, by="model")


def _questions(said: Sequence[Sentence], found: Iterable[Hearing]) -> set[Kind]:
    """Return that something is asked, where a sentence that asks means nothing else we know."""
    meant = {hearing.sentence for hearing in found if hearing.kind is not Kind.THANKS}
    asks = any(sentence.asks and number not in meant for number, sentence in enumerate(said))
    return {Kind.QUESTION} if asks else set()


def _is_doubtful(said: Sequence[Sentence], found: Sequence[Hearing], *, channel: Channel) -> bool:
    """Say whether a human has to read it all the same: something in it is not understood, or only perhaps.

    So has a stop that names another channel than its own, for people say "call" for "text".
    """
    if any(hearing.rule.doubt or hearing.rule.vague for hearing in found):
        return True
    stops = [hearing for hearing in found if hearing.kind is Kind.OPT_OUT]
    if stops and not any(channel in hearing.closes for hearing in stops):
        return True
    meant = {hearing.sentence for hearing in found}
    rest = (sentence for number, sentence in enumerate(said) if number not in meant)
    return any(len(sentence.words.split()) > _SMALL_TALK for sentence in rest)


def _of(*kinds: Kind, words: str, closes: frozenset[Channel] = frozenset()) -> Understanding:
    shown = words[:_GLANCE]
    grounds = [Grounds(kind=kind, words=shown) for kind in kinds]
    return Understanding(kinds=kinds, closes=closes, words=grounds)


def _in_order(kinds: set[Kind]) -> tuple[Kind, ...]:
    return tuple(kind for kind in Kind if kind in kinds)
