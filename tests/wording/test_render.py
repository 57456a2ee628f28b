"""Rendering: the right language, every required word, and nothing that is not known."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.model.money import Money
from outreach.model.words import Channel
from outreach.wording.errors import BlockNotFound, FactMissing, TextTooLong, WordingNotFound
from outreach.wording.facts import prepare
from outreach.wording.formats import Manner
from outreach.wording.render import RenderedEmail, RenderedSms, needs, render
from outreach.wording.sample import SAMPLE_FACTS
from outreach.wording.shortening import fold
from outreach.wording.wordings import SHIPPED, Wordings, build_wordings

LAYOUT = {"layout.html": (SHIPPED / "layout.html").read_text()}
BLOCKS = {
    "en/blocks/opt_out_line.sms.txt": "Reply STOP to stop.",
    "en/blocks/who_we_are.sms.txt": "{{ agency.name }}:",
    "en/blocks/opt_out_line.email.txt": '{{ link("Stop", links.unsubscribe) }}',
    "en/blocks/who_we_are.email.txt": "{{ agency.name }}",
    "en/blocks/postal_address.email.txt": "{{ agency.postal_address }}",
}
SPANISH = {
    "es/blocks/opt_out_line.sms.txt": "Responda STOP.",
    "es/blocks/who_we_are.sms.txt": "{{ agency.name }}:",
}


def wordings(**files: str) -> Wordings:
    """Templates by name, `hello_sms` for `en/hello.sms.txt`, `hello_sms_es` for Spanish."""
    named = {}
    for name, text in files.items():
        wording, channel, *language = name.split("_")
        named[f"{language[0] if language else 'en'}/{wording}.{channel}.txt"] = text
    return build_wordings(LAYOUT | BLOCKS | SPANISH | named)


def facts(**more: Any) -> Mapping[str, Any]:
    return {**SAMPLE_FACTS, **more}


def text_of(wording: Wordings, *, language: str | None = "en", required: Any = (), **more: Any) -> str:
    rendered = render(
        wording, name="hello", channel=Channel.SMS, language=language, facts=facts(**more), required=required
    )
    assert isinstance(rendered, RenderedSms)
    return rendered.body


def email_of(wording: Wordings, **more: Any) -> RenderedEmail:
    rendered = render(wording, name="hello", channel=Channel.EMAIL, language="en", facts=facts(**more))
    assert isinstance(rendered, RenderedEmail)
    return rendered


def test_who_we_are_stands_in_front_where_the_wording_does_not_say_it() -> None:
    assert (
        text_of(wordings(hello_sms="Good morning.")) == "Harbor Recovery: Good morning. Reply STOP to stop."
    )


def test_who_we_are_is_not_said_twice() -> None:
    said = text_of(wordings(hello_sms="{{ agency.name }} says hello."))

    assert said == "Harbor Recovery says hello. Reply STOP to stop."


def test_an_agency_named_only_perhaps_is_named_for_certain() -> None:
    said = text_of(wordings(hello_sms="{% if agency.name %}{{ agency.name }}{% endif %} hello."))

    assert said.startswith("Harbor Recovery: ")


@pytest.mark.parametrize(
    ("language", "said"),
    [("es", "Hola."), ("es-MX", "Hola."), ("en-GB", "Hello."), ("fr", "Hello."), (None, "Hello.")],
    ids=["theirs", "theirs, of another country", "ours, of another country", "unknown to us", "unknown"],
)
def test_a_person_is_written_to_in_their_language_if_we_speak_it(language: str | None, said: str) -> None:
    assert said in text_of(wordings(hello_sms="Hello.", hello_sms_es="Hola."), language=language)


def test_a_message_is_all_in_one_language_even_if_it_is_not_theirs() -> None:
    both = build_wordings(
        LAYOUT
        | BLOCKS
        | SPANISH
        | {
            "en/hello.sms.txt": "Hello.",
            "es/hello.sms.txt": "Hola.",
            "en/blocks/free_debt_advice.sms.txt": "Advice is free.",
        }
    )

    said = text_of(both, language="es", required={"free_debt_advice"})

    assert said == "Harbor Recovery: Hello. Advice is free. Reply STOP to stop."


@pytest.mark.parametrize("block", ["debt_collection_first", "a block from the future"])
def test_nothing_is_sent_without_the_words_that_are_required(block: str) -> None:
    with pytest.raises(BlockNotFound) as refused:
        text_of(wordings(hello_sms="Hello."), required={block})

    assert refused.value.blocks == {block}


def test_a_wording_nobody_wrote_is_said_to_be_missing() -> None:
    with pytest.raises(WordingNotFound):
        email_of(wordings(hello_sms="Hello."))


def test_a_fact_that_is_not_known_is_never_written_around() -> None:
    named = wordings(hello_sms="You owe {{ debt.balance }}.")

    with pytest.raises(FactMissing) as missing:
        text_of(named, debt={"reference": "EB-1"})

    assert missing.value.facts == {"debt.balance"}


def test_only_what_is_needed_is_said_to_be_missing() -> None:
    named = wordings(hello_sms="{% if person.given_name %}Hi.{% endif %} You owe {{ debt.balance }}.")

    with pytest.raises(FactMissing) as missing:
        text_of(named, person={}, debt={})

    assert missing.value.facts == {"debt.balance"}


@pytest.mark.parametrize("value", [None, "", " \t ", "\u200b"], ids=["none", "empty", "blank", "invisible"])
def test_a_fact_without_substance_is_not_known(value: str | None) -> None:
    with pytest.raises(FactMissing):
        text_of(wordings(hello_sms="Hi {{ person.given_name }}."), person={"given_name": value})


def test_a_fact_asked_for_may_be_absent() -> None:
    named = wordings(hello_sms="Hi{% if person.given_name %} {{ person.given_name }}{% endif %}.")

    assert ": Hi Ada. " in text_of(named)
    assert ": Hi. " in text_of(named, person={})


def test_a_fact_asked_for_in_a_roundabout_way_is_still_not_written_around() -> None:
    named = wordings(hello_sms="{% if not debt.balance %}You owe {{ debt.balance }}.{% endif %}")

    with pytest.raises(FactMissing):
        text_of(named, debt={})


def test_a_wording_says_what_it_needs_whatever_the_language() -> None:
    both = wordings(
        hello_sms="{% if person.given_name %}Hi {{ person.given_name }}{% endif %} {{ creditor.name }}",
        hello_sms_es="{{ debt.balance }} {% if links.pay %}{{ link('x', links.pay) }}{% endif %}",
    )

    assert needs(both, "hello", Channel.SMS) == {"creditor.name", "debt.balance"}


def test_facts_come_as_values_or_as_on_the_wire() -> None:
    named = wordings(hello_sms="{{ instalment.amount }} on {{ instalment.due_on }}.")
    wire = {"amount": {"amount": "1234.5", "currency": "GBP"}, "due_on": "2026-06-12"}
    value = {"amount": Money(Decimal("1234.50"), "GBP"), "due_on": date(2026, 6, 12)}

    assert text_of(named, instalment=wire) == text_of(named, instalment=value)
    assert "£1,234.50 on Friday, June 12." in text_of(named, instalment=wire)


@pytest.mark.parametrize(
    "broken",
    [
        {"instalment": {"amount": "40", "due_on": "2026-06-12"}},
        {"instalment": {"amount": {"amount": "secret", "currency": "USD"}, "due_on": "2026-06-12"}},
        {"instalment": {"amount": {"amount": "NaN", "currency": "USD"}, "due_on": "2026-06-12"}},
        {"instalment": {"amount": {"amount": "1", "currency": "USD"}, "due_on": "secret"}},
        {"instalment": "secret"},
    ],
    ids=["no currency", "no number", "NaN", "no day", "no facts"],
)
def test_a_fact_that_is_not_what_its_name_says_is_refused_without_showing_it(broken: dict[str, Any]) -> None:
    named = wordings(hello_sms="{{ instalment.amount }} on {{ instalment.due_on }}.")

    with pytest.raises(ValueError, match="instalment") as refused:
        text_of(named, **broken)

    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "http://pay.example.com", "https://pay.example.com/\nX", "https://a b", "//x", 5],
)
def test_only_safe_web_addresses_become_links(address: Any) -> None:
    with pytest.raises(ValueError, match=r"links\.pay"):
        text_of(wordings(hello_sms="{{ links.pay }}"), links={"pay": address})


def test_an_email_is_the_same_words_twice_and_escaped_once() -> None:
    body = 'Dear {{ person.given_name }}, R&D\nsays hi.\n\n- {{ link("Pay & go", links.pay) }}\n\n- b'

    email = email_of(wordings(hello_email=f"Subject: Hello\n\n{body}"), person={"given_name": "Ada & Bo"})

    assert email.subject == "Hello"
    assert email.text.startswith(
        "Dear Ada & Bo, R&D says hi.\n\n- Pay & go: https://pay.example.com/a1\n- b\n"
    )
    assert "Dear Ada &amp; Bo, R&amp;D says hi.</p>" in email.html
    assert ">Pay &amp; go</a></li>" in email.html
    assert email.html.count("<ul") == 1


HOSTILE = st.text(
    st.characters() | st.sampled_from("\ue000\ue001\ue002\n\r\0\u2028{}%<>&\"'-"), min_size=1, max_size=40
)


DEAR = wordings(hello_email="Subject: Hello\n\nDear {{ creditor.name }}x")


@given(HOSTILE)
def test_no_value_becomes_markup_a_link_or_a_template(value: str) -> None:
    email = email_of(DEAR, creditor={"name": f"a{value}{{{{ 7*7 }}}}"})

    assert "49" not in email.text or "49" in value
    assert email.html.count("<a ") == 1
    assert "<script" not in email.html.lower()
    assert email.text.split("\n\nHarbor Recovery")[0].count("\n") == 0


def test_no_value_can_spell_a_link_of_ours() -> None:
    spelled = "\ue000click\ue001https://elsewhere.example.com\ue002"

    assert 'href="https://elsewhere' not in email_of(DEAR, creditor={"name": spelled}).html


def test_a_text_nobody_should_be_sent_is_refused() -> None:
    with pytest.raises(TextTooLong) as refused:
        text_of(wordings(hello_sms="long " * 120))

    assert refused.value.segments == 5


def test_a_name_without_end_is_cut_off() -> None:
    cut = text_of(wordings(hello_sms="Hi from {{ creditor.name }}."), creditor={"name": "a" * 5000})

    assert len(cut) < 300


PAY = "https://pay.example.com/" + "a" * 200


def shortened(body: str, *, pay: str = PAY, **more: Any) -> RenderedSms:
    rendered = render(
        wordings(hello_sms=body),
        name="hello",
        channel=Channel.SMS,
        language="en",
        facts=facts(links={"pay": pay}, **more),
    )
    assert isinstance(rendered, RenderedSms)
    return rendered


FULL = (
    "{% if person.given_name %}Hi {{ person.given_name }}. {% endif %}{{ creditor.name }} FILL"
    "{% if links.pay %} Pay: {{ links.pay }}{% endif %}"
)


@pytest.mark.parametrize(
    ("name", "creditor", "fill", "given_up"),
    [
        ("Ada", "Elm Bank", 120, ()),
        ("\u0141ukasz", "Elm Bank", 40, ()),
        ("\u0141ukasz", "Elm Bank", 150, ("name",)),
        ("Ada", "Elm Bank", 250, ("name", "pay_link")),
        ("Ada", "S\u00e1ez Bank", 150, ("name", "pay_link")),
        ("Ada", "S\u00e1ez Bank", 240, ("name", "pay_link")),
        ("Ada", "S\u00e1ez Bank", 400, ("name", "pay_link", "letters")),
    ],
)
def test_a_text_that_is_too_long_gives_up_the_name_then_the_link_then_letters(
    name: str, creditor: str, fill: int, given_up: tuple[str, ...]
) -> None:
    text = shortened(
        FULL.replace("FILL", "x" * fill), person={"given_name": name}, creditor={"name": creditor}
    )

    assert text.given_up == given_up
    assert (name in text.body) is ("name" not in given_up)
    assert (PAY in text.body) is ("pay_link" not in given_up)
    assert ("Saez Bank" in text.body) is ("letters" in given_up)


def test_letters_are_given_up_before_a_link_that_would_then_fit() -> None:
    body = FULL.replace("FILL", "x" * 380)

    text = shortened(body, pay="https://p.example.com/a", creditor={"name": "S\u00e1ez"})

    assert text.given_up == ("name", "letters")
    assert "https://p.example.com/a" in text.body


def test_what_a_wording_cannot_do_without_is_not_given_up() -> None:
    with pytest.raises(TextTooLong):
        shortened("Hi {{ person.given_name }}. {{ links.pay }} " + "x" * 300)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Mar\u00eda s\u00e1bado", "Maria sabado"),
        ("\u0141\u00f3d\u017a", "Lodz"),
        ("caf\u00e9 \u00f1", "caf\u00e9 \u00f1"),
        ("\u20b91,25,000 \u2026", "Rs1,25,000 ..."),
        ("\u5c0f\u6797", "\u5c0f\u6797"),
    ],
)
def test_only_letters_without_a_place_are_folded(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_amounts_and_days_are_written_as_where_the_person_lives() -> None:
    named = wordings(
        hello_sms="{{ instalment.amount }} on {{ instalment.due_on }}.",
        hello_sms_es="{{ instalment.amount }} el {{ instalment.due_on }}.",
    )
    due = {"amount": Money(Decimal("1234.5"), "USD"), "due_on": date(2027, 3, 20)}

    def written(language: str, country: str | None, today: date | None = None) -> str:
        message = render(
            named,
            name="hello",
            channel=Channel.SMS,
            language=language,
            facts=facts(instalment=due),
            country=country,
            today=today,
        )
        assert isinstance(message, RenderedSms)
        return message.body

    assert "$1,234.50 on Saturday, March 20." in written("en", "US", date(2027, 1, 1))
    assert "$1,234.50 on Saturday, March 20, 2027." in written("en", "US", date(2026, 12, 31))
    assert "US$1,234.50 on Saturday 20 March." in written("en", "GB")
    assert "$1,234.50 el s\u00e1bado 20 de marzo." in written("es", "US")
    assert "USD 1,234.50 el s\u00e1bado 20 de marzo de 2027." in written("es-MX", "MX", date(2026, 3, 1))


def test_own_words_need_what_is_on_the_side_that_is_written_alone() -> None:
    named = wordings(
        hello_sms="{% if together.payments %}{{ together.payments|length }}"
        "{% else %}{{ payment.amount }}{% endif %}"
    )
    paid = [{"amount": Money(Decimal("1.00"), "USD")}]

    assert ": 1 " in text_of(named, payment={}, together={"payments": paid})
    with pytest.raises(FactMissing):
        text_of(named, payment={})


@pytest.mark.parametrize("amount", ["0", "0.00", "-5.00"])
def test_nothing_and_less_than_nothing_is_not_owed(amount: str) -> None:
    named = wordings(hello_sms="{% if debt.balance %}Left: {{ debt.balance }}{% else %}Nothing{% endif %}.")

    assert "Nothing." in text_of(named, debt={"balance": Money(Decimal(amount), "USD")})


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("4471.883", "4471.883"),
        ("NW-2026/17", "NW-2026/17"),
        ("INV.northwind.17", "INV. northwind.17"),
        ("bit.ly", "bit. ly"),
        ("https://evil.example", None),
        ("pay@evil.example", None),
    ],
)
def test_no_phone_makes_a_link_of_what_a_debt_is_called_by(reference: str, said: str | None) -> None:
    facts = {"debt": {"reference": reference}}

    prepared = prepare(facts, names=["debt.reference"], manner=Manner(language="en"))

    assert prepared["debt"]["reference"] == said
