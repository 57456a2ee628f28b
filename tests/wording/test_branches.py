"""Every shipped wording on every side of every `if`: it renders, it is kind, and it is true."""

import html
import re
from collections.abc import Mapping
from typing import Any

import pytest

from outreach.model.words import Channel
from outreach.wording.render import RenderedEmail, RenderedSms, render
from outreach.wording.sample import SAMPLE_BRANCHES, SAMPLE_FACTS, SEVERAL_BRANCHES
from outreach.wording.sms import is_gsm7
from outreach.wording.tone.lint import lint
from outreach.wording.wordings import Key, load_wordings

WORDINGS = load_wordings()
PROPER_NAMES = ("Harbor Recovery", "Elm Bank", "1 Main Street, Springfield, IL 62701")
SHIPPED = sorted(
    (key for key in WORDINGS.templates if not key.is_block),
    key=lambda key: (key.name, key.channel, key.language),
)
ALL = pytest.mark.parametrize("key", SHIPPED, ids=lambda key: f"{key.name}-{key.channel}-{key.language}")
THAT_KNOW_SEVERAL = [key for key in SHIPPED if WORDINGS.knows_several(key.name, key.channel, key.language)]


def said(key: Key, branch: Mapping[str, Any]) -> str:
    facts = {**SAMPLE_FACTS, **branch}
    message = render(WORDINGS, name=key.name, channel=key.channel, language=key.language, facts=facts)
    return message.body if isinstance(message, RenderedSms) else f"{message.subject}.\n{message.text}"


def branches(key: Key) -> Mapping[str, Mapping[str, Any]]:
    return {**SAMPLE_BRANCHES, **(SEVERAL_BRANCHES if key in THAT_KNOW_SEVERAL else {})}


@ALL
def test_every_branch_is_written_and_kind(key: Key) -> None:
    for name, branch in branches(key).items():
        text = said(key, branch)

        assert lint(text, language=key.language, names=PROPER_NAMES) == [], name
        assert not re.search(r" [.,:;?]|\.\.|,,|\bNone\b|[{}]| {2}", text.replace("https://", "")), name


@ALL
def test_no_branch_shows_nothing_as_an_amount_or_what_is_owed_to_the_person_as_owed(key: Key) -> None:
    for name in ("nothing left", "more than was owed"):
        assert not re.search(r"\$0\.00|-\$|\$-|5\.00 is|320", said(key, SAMPLE_BRANCHES[name])), name


@ALL
def test_no_text_takes_more_than_three_segments_of_plain_letters(key: Key) -> None:
    for name, branch in branches(key).items():
        if key.channel is Channel.SMS:
            text = render(
                WORDINGS,
                name=key.name,
                channel=key.channel,
                language=key.language,
                facts={**SAMPLE_FACTS, **branch},
                required={"debt_collection_first"},
            )
            assert isinstance(text, RenderedSms)
            assert text.given_up == (), name
            assert is_gsm7(text.body), name


@ALL
def test_what_is_left_is_never_called_the_payment(key: Key) -> None:
    if key.name in {"instalment_reminder", "missed_instalment", "promise_reminder"}:
        text = said(key, SAMPLE_BRANCHES["paid in part"])

        assert "$15.00" in text
        assert not re.search(r"(payment|pago) (of|de) \$|(pay|pagar) \$|\$40|\$50", text)


@pytest.mark.parametrize("language", ["en", "es"])
def test_thanks_and_reminders_can_speak_of_several_debts(language: str) -> None:
    for name in ("payment_thanks", "instalment_reminder", "missed_instalment"):
        for channel in (Channel.SMS, Channel.EMAIL):
            assert WORDINGS.knows_several(name, channel, language)
            text = said(Key(language, name, channel), SEVERAL_BRANCHES["several"])
            assert "$65.00" in text or {"$40.00", "$25.00"} <= set(re.findall(r"\$\d+\.\d\d", text))
            assert "https://pay" not in text

    for name in ("introduction", "check_in", "closure", "plan_confirmation"):
        for channel in (Channel.SMS, Channel.EMAIL):
            assert WORDINGS.knows_several(name, channel, language)
            text = said(Key(language, name, channel), SEVERAL_BRANCHES["several"])
            assert re.search(r"accounts|cuentas", text)
            assert not re.search(r"your account |su cuenta |https://pay", text)

    assert not WORDINGS.knows_several("dispute_acknowledgement", Channel.EMAIL, language)
    assert not WORDINGS.knows_several("no such wording", Channel.EMAIL, language)


@pytest.mark.parametrize("language", ["en", "es"])
def test_nothing_is_summed_over_currencies(language: str) -> None:
    text = said(
        Key(language, "payment_thanks", Channel.EMAIL), SEVERAL_BRANCHES["several currencies and days"]
    )

    assert "$40.00" in text
    assert "65" not in text


@ALL
def test_the_first_words_on_a_locked_screen_name_no_creditor_and_no_balance(key: Key) -> None:
    for branch in branches(key).values():
        facts = {**SAMPLE_FACTS, **branch}
        message = render(WORDINGS, name=key.name, channel=key.channel, language=key.language, facts=facts)
        if isinstance(message, RenderedEmail):
            page = re.sub(r"<head>.*</head>", "", message.html, flags=re.DOTALL)
            shown = html.unescape(re.sub(r"<[^>]+>", "", page)).strip()[:200]
            assert shown.startswith(message.subject)
            assert set(shown.removeprefix(message.subject)) == {"\u034f", "\u200c", "\u00a0"}
        else:
            assert "Elm Bank" not in message.body[:50]


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    ("branch", "amount"), [("as usual", "$320.00"), ("balance not known", None), ("nothing left", None)]
)
def test_the_introduction_says_how_much_since_when_and_how_to_check_that_we_are_real(
    language: str, branch: str, amount: str | None
) -> None:
    key = Key(language, "introduction", Channel.EMAIL)
    text = said(key, {"debt": {**SAMPLE_BRANCHES[branch].get("debt", SAMPLE_FACTS["debt"])}})

    assert (amount in text) if amount else ("$" not in text)
    assert re.search("call Elm Bank|llame a Elm Bank", text)
    if branch == "as usual":
        assert re.search("May 4|4 de mayo", text)


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_disclosure_is_as_large_and_as_dark_as_the_rest(language: str) -> None:
    message = render(
        WORDINGS,
        name="introduction",
        channel=Channel.EMAIL,
        language=language,
        facts=SAMPLE_FACTS,
        required={"debt_collection_first"},
    )

    assert isinstance(message, RenderedEmail)
    assert "\n-- " not in message.text  # where mail programs fold away what follows
    footer = message.html[message.html.index("<footer") :]
    assert not re.search(r"color:|font-size", footer.split("<a ")[0])
