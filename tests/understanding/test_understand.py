"""Replies: a stop is never missed, nothing else is taken for one, and doubt goes to a human."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.model.words import Channel
from outreach.understanding.kinds import TREATMENTS, Kind, Urgency
from outreach.understanding.plain import plain
from outreach.understanding.understand import raisable, understand
from outreach.understanding.weighing import weigh

FCC = ("stop", "quit", "end", "revoke", "opt out", "cancel", "unsubscribe")
AROUND = st.text(st.sampled_from(" .,!?;:-_*#\"'()[]…¡¿🙏🛑👍🏽\n\t\u200b\ufe0f"), max_size=6)


@given(word=st.sampled_from([*FCC, "stopall"]), before=AROUND, behind=AROUND, data=st.data())
def test_a_keyword_stops_us_in_any_case_and_whatever_stands_around_it(
    word: str, before: str, behind: str, data: st.DataObject
) -> None:
    cased = "".join(data.draw(st.sampled_from([each.lower(), each.upper()])) for each in word)

    meaning = understand(f"{before}{cased}{behind}")

    assert meaning.kinds == (Kind.OPT_OUT,)
    assert meaning.closes == {Channel.SMS}
    assert meaning.machine


@pytest.mark.parametrize(
    "text",
    [
        "Opt-Out",
        "OPTOUT",
        "S T O P",
        "s.t.o.p.",
        "STOP STOP STOP",
        "stop, cancel, unsubscribe",
        "Stop please",
        "please STOP, thank you!",
        "\uff33\uff34\uff2f\uff30",
        "s\u200btop",
        "Stópp",
        "PARAR",
        "¡Alto, por favor!",
        "no mas",
        "darme de baja",
        "Arrêt svp",
        "Pare",
        "dừng lại",
        "退订",
        "停止\uff01",
    ],
)
def test_a_keyword_is_recognized_however_it_is_typed(text: str) -> None:
    meaning = understand(text, channel=Channel.EMAIL)

    assert meaning.kinds == (Kind.OPT_OUT,)
    assert meaning.closes == {Channel.EMAIL}
    assert meaning.machine


@pytest.mark.parametrize(
    "text",
    [
        "pls dont text me no more",
        "Stop texting me",
        "no more messages",
        "take me off of your list",
        "Remove my number from your system now",
        "leave me alone!!!",
        "I do not want to receive these",
        "I revoke my consent",
        "quit sending me this",
        "lose my number",
        "UNSUBSCRIBE ME",
        "No me escriban más",
        "deje de mandarme mensajes",
        "no quiero recibir más mensajes",
        "yo stop",
        "STOP - John Smith",
        "Dtop",
        "st0p",
        "🛑",
        "\u0405\u0422\u041e\u0420",
    ],
)
def test_a_plain_request_to_stop_in_any_words_stops_us_and_a_machine_may_confirm_it(text: str) -> None:
    meaning = understand(text)

    assert meaning.kinds == (Kind.OPT_OUT,)
    assert meaning.closes == {Channel.SMS}
    assert meaning.machine


@pytest.mark.parametrize(
    "text",
    [
        "STOP. Who is this?",
        "Who is this? Stop!",
        "Unsubscribe, I never signed up and you know what you did",
        "¡Basta! No les conozco",
        "STOP HELP",
        "STOP he will see this",
        "Stop texting me, today I buried my son",
        "stop texting, talk to my lawyer",
        "stop calling me",
    ],
)
def test_a_request_to_stop_with_anything_else_in_it_stops_us_and_a_human_reads_it(text: str) -> None:
    meaning = understand(text)

    assert Kind.OPT_OUT in meaning.kinds
    assert meaning.closes
    assert meaning.needs_human


@pytest.mark.parametrize(
    ("text", "channels"),
    [
        ("stop calling me", {Channel.VOICE}),
        ("do not email me", {Channel.EMAIL}),
        ("no more texts", {Channel.SMS}),
        ("dont call me, text me instead", {Channel.VOICE}),
        ("stop texting and don't call me", {Channel.SMS, Channel.VOICE}),
        ("leave me alone", {Channel.SMS}),
        ("no me llamen más", {Channel.VOICE}),
        ("stop calling my job. Text is fine.", {Channel.VOICE}),
        ("quit blowing up my phone", {Channel.SMS, Channel.VOICE}),
        ("put me on your do not call list", {Channel.SMS, Channel.VOICE}),
        ("email only please", {Channel.SMS, Channel.VOICE}),
        ("no me manden correos", {Channel.EMAIL}),
        ("Cease and desist all contact", {Channel.SMS, Channel.EMAIL, Channel.VOICE}),
        ("do not contact me by any means", {Channel.SMS, Channel.EMAIL, Channel.VOICE}),
        ("stop contacting me", {Channel.SMS, Channel.EMAIL, Channel.VOICE}),
    ],
)
def test_a_request_may_name_the_channel_it_closes(text: str, channels: set[Channel]) -> None:
    meaning = understand(text)

    assert Kind.OPT_OUT in meaning.kinds
    assert meaning.closes == channels


@pytest.mark.parametrize(
    "text",
    [
        "Please don't stop",
        "dont stop texting me the reminders",
        "I'll stop by on Friday to pay",
        "nonstop problems with my car",
        "did you stop the payment?",
        "don't text me before 9am",
        "please do not call me at work",
        "if you text me again I will complain",
        "is this the end of it?",
        "cancel the payment on friday please",
        "Payment sent. End.",
        "Do I have to cancel, or stop?",
        "when does it start",
        "can you help me with a plan",
        "yes I can pay friday",
        "no deje de avisarme",
        "",
        "?",
        "I don't want any trouble, just tell me how to pay",
        "I don't want these late fees",
        "Had to stop working, please send me a plan",
        "I had to stop chemo can you call me",
        "You never call back",
        "don't call the police on me",
        "I just got a new phone can you resend the link",
        "if I reply STOP what happens",
        "start texting him my balance",
        "\ud800",
    ],
)
def test_what_is_not_plainly_a_stop_pauses_us_and_goes_to_a_human(text: str) -> None:
    meaning = understand(text)

    assert meaning.closes == set()
    assert meaning.needs_human


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("START", Kind.OPT_IN),
        ("unstop", Kind.OPT_IN),
        ("HELP", Kind.HELP),
        ("info?", Kind.HELP),
        ("Ayuda por favor", Kind.HELP),
    ],
)
def test_start_and_help_are_keywords_too(text: str, kind: Kind) -> None:
    meaning = understand(text)

    assert meaning.kinds == (kind,)
    assert meaning.closes == set()
    assert meaning.machine


@pytest.mark.parametrize("after", ["opt_out_confirmation", "consent_request"])
@pytest.mark.parametrize("text", ["Yes!", "SÍ", "oui", "yes 👍"])
def test_a_bare_yes_opens_where_it_answers_whether_we_may_write(text: str, after: str) -> None:
    assert Kind.OPT_IN in understand(text, after=after).kinds


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("Yes", ""),
        ("Yes", "check_in"),
        ("yes", "human_reply"),
        ("Sí, gracias", "opt_out_confirmation"),
        ("Yes, thank you", "opt_out_confirmation"),
        ("ok yes thanks", "opt_out_confirmation"),
    ],
)
def test_any_other_yes_is_an_answer_that_a_human_reads(text: str, after: str) -> None:
    meaning = understand(text, after=after)

    assert Kind.OPT_IN not in meaning.kinds
    assert Kind.YES in meaning.kinds
    assert meaning.needs_human


def test_a_stop_that_somebody_else_heard_is_one_and_a_human_still_reads_what_we_did_not_understand() -> None:
    heard = understand("UNO BASTA YA").stopped(Channel.SMS)

    assert heard.kinds == (Kind.OPT_OUT,)
    assert heard.closes == {Channel.SMS}
    assert heard.needs_human


def test_every_kind_has_its_treatment_and_danger_is_a_crisis() -> None:
    assert TREATMENTS.keys() == set(Kind)
    crises = {kind for kind, treatment in TREATMENTS.items() if treatment.urgency is Urgency.CRISIS}
    assert crises == {Kind.SELF_HARM, Kind.SAFETY, Kind.THREAT}
    assert not any(TREATMENTS[kind].machine for kind in crises)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Wrong number", Kind.WRONG_PERSON),
        ("you have the wrong guy", Kind.WRONG_PERSON),
        ("This isn't her phone", Kind.WRONG_PERSON),
        ("I don't know him", Kind.WRONG_PERSON),
        ("Número equivocado", Kind.WRONG_PERSON),
        ("talk to my lawyer", Kind.ATTORNEY),
        ("I filed for bankruptcy", Kind.BANKRUPTCY),
        ("My father passed away in May", Kind.BEREAVEMENT),
        ("this is not my debt", Kind.DISPUTE),
        ("I don't owe you anything", Kind.DISPUTE),
        ("I lost my job and can't pay", Kind.HARDSHIP),
        ("I already paid this", Kind.ALREADY_PAID),
        ("ya pagué", Kind.ALREADY_PAID),
        ("call me after 5", Kind.CALL_ME),
        ("what is this?", Kind.QUESTION),
    ],
)
def test_a_human_is_told_what_a_reply_is_about(text: str, kind: Kind) -> None:
    meaning = understand(text)

    assert kind in meaning.kinds
    assert meaning.needs_human


def test_a_stop_from_a_wrong_number_is_both() -> None:
    meaning = understand("Wrong number, stop texting me")

    assert {Kind.OPT_OUT, Kind.WRONG_PERSON} <= set(meaning.kinds)
    assert meaning.closes_address


@pytest.mark.parametrize(
    "text", ["thanks", "Thank you so much!", "👍", "❤️🙏", "ok", "gracias", "got it", "k"]
)
def test_thanks_and_kind_reactions_pause_nothing(text: str) -> None:
    meaning = understand(text)

    assert set(meaning.kinds) <= {Kind.THANKS, Kind.REACTION}
    assert not meaning.needs_human


@pytest.mark.parametrize(
    "text",
    [
        "no reminders for me thx",
        "I pay all my own bills thank you and none are under Fitzgerald",
        "Thanks for the reminder but I'm afraid it's gone to a complete stranger in Norwich",
        "Thank you for calling Sunny Nails, please text your name, service and preferred tech",
    ],
)
def test_what_is_thanks_by_a_word_of_it_alone_is_read_by_a_human(text: str) -> None:
    assert understand(text, channel=Channel.SMS).needs_human


@pytest.mark.parametrize(
    "text",
    [
        "thanks so much for your help",
        "Thank you ever so much for your kindness.",
        "thank you baby, have a blessed day",
        "thanks for updating my number",
    ],
)
def test_thanks_in_many_words_pause_nothing_either(text: str) -> None:
    assert not understand(text, channel=Channel.SMS).needs_human


@pytest.mark.parametrize("text", ["ok", "👍", "thanks"])
def test_where_a_question_of_ours_is_open_they_answer_it(text: str) -> None:
    meaning = understand(text, after="human_reply")

    assert Kind.YES in meaning.kinds
    assert meaning.needs_human


@pytest.mark.parametrize("text", ["HELP", "who is this?", "Who dis", "¿Quién es?"])
def test_who_asks_only_who_we_are_may_be_told_by_a_machine(text: str) -> None:
    assert understand(text).understood == "help"
    assert understand(text).machine


def test_who_asks_that_and_more_is_answered_by_a_human() -> None:
    assert understand("who is this? is this a scam?").needs_human


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I want to die", Kind.SELF_HARM),
        ("ya no quiero vivir", Kind.SELF_HARM),
        ("my husband reads my texts", Kind.SAFETY),
        ("he hits me", Kind.SAFETY),
        ("I know where you live", Kind.THREAT),
        ("STOP or I kill myself", Kind.SELF_HARM),
    ],
)
def test_danger_is_a_crisis_whatever_stands_beside_it(text: str, kind: Kind) -> None:
    meaning = understand(text)

    assert kind in meaning.kinds
    assert meaning.urgency is Urgency.CRISIS
    assert not meaning.machine


def test_danger_that_sounds_like_a_keyword_is_no_stop() -> None:
    meaning = understand("I just want to end it")

    assert meaning.urgency is Urgency.CRISIS
    assert not meaning.closes


@pytest.mark.parametrize(
    "text",
    [
        "Thank you for not texting me anymore",
        "thanks for stopping these texts",
        "I'd appreciate you stopping the messages",
        "remove my number from file",
        "no me escriban más que estoy harta",
    ],
)
def test_a_stop_that_is_said_with_thanks_or_with_its_reason_is_one(text: str) -> None:
    assert Channel.SMS in understand(text).closes


@pytest.mark.parametrize(
    "text", ["quiero darme de baja", "oh my fucking god stop", "quiero que dejen de molestarme"]
)
def test_a_stop_in_strong_words_is_a_stop_and_no_danger(text: str) -> None:
    meaning = understand(text)

    assert Kind.OPT_OUT in meaning.kinds
    assert meaning.urgency is not Urgency.CRISIS


def test_the_model_closes_nothing_of_somebody_who_means_to_go_on() -> None:
    promise, complaint = raisable("I will pay Friday"), raisable("I am filing a complaint with the CFPB")

    assert {Kind.OPT_OUT, Kind.WRONG_PERSON} & promise == set()
    assert {Kind.OPT_OUT, Kind.WRONG_PERSON} <= complaint
    assert Kind.SELF_HARM in promise & complaint


@pytest.mark.parametrize(
    "text", ["hello", "my email", "phone number", "text back", "good morning", "¿dónde?", "just a sec"]
)
def test_a_word_or_two_that_say_little_are_no_stop_and_no_danger(text: str) -> None:
    meaning = understand(text)

    assert not meaning.closes
    assert meaning.urgency is Urgency.NORMAL


def test_a_phone_that_others_read_is_closed_as_such() -> None:
    meaning = understand("my ex checks this phone")

    assert meaning.closes == {Channel.SMS, Channel.VOICE}
    assert meaning.closes_address


def test_who_answers_for_somebody_else_closes_nothing() -> None:
    meaning = understand("this is his wife")

    assert not meaning.closes
    assert meaning.needs_human


@pytest.mark.parametrize("text", ["I didn't mean to opt out", "you can text me again when you have news"])
def test_a_wish_to_be_written_to_that_is_no_keyword_opens_nothing(text: str) -> None:
    meaning = understand(text)

    assert Kind.OPT_IN in meaning.kinds
    assert not meaning.opens
    assert meaning.needs_human


def test_the_words_that_decided_are_told() -> None:
    meaning = understand("my mom passed, please stop texting her")

    assert {(grounds.kind, grounds.words) for grounds in meaning.words} >= {(Kind.BEREAVEMENT, "mom passed")}


@given(st.text(max_size=200))
def test_whatever_is_written_is_understood_or_goes_to_a_human(text: str) -> None:
    meaning = understand(text)

    assert meaning.kinds
    assert meaning.needs_human or Kind.UNCLEAR not in meaning.kinds


@given(st.text(st.sampled_from("stop end cancel me dont text no more "), min_size=1, max_size=60))
def test_case_and_punctuation_never_change_the_meaning(text: str) -> None:
    assert understand(f"«{text.upper()}»!!").kinds == understand(text).kinds


def test_a_message_without_end_is_read_in_no_time() -> None:
    assert Channel.SMS in understand("dont text " * 100_000).closes


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("deje de mandarme mensajes", "es"),
        ("ALTO", "es"),
        ("arrêtez de m'écrire", "fr"),
        ("não quero mais receber", "pt"),
        ("STOP", ""),
        ("Please stop texting me", ""),
        ("stop por favor", ""),
        ("Número equivocado", ""),
    ],
)
def test_a_stop_tells_the_language_it_was_said_in_unless_everybody_says_it_so(
    text: str, language: str
) -> None:
    assert understand(text).language == language


@pytest.mark.parametrize(
    "text",
    [
        "arrêtez les intérêts svp",
        "plz stop the intrest",
        "You've got my postcode wrong",
        "os habéis equivocado en el importe",
        "I don't know this company",
        "Someone else opened this in my name",
        "Me está cobrando de más",
    ],
)
def test_what_is_wrong_with_a_bill_is_neither_a_stop_nor_a_stranger(text: str) -> None:
    assert not understand(text).closes


@pytest.mark.parametrize(
    "text",
    [
        "I don't know her, but I can pay 50 on Friday",
        "the previous owner told me I could make a payment plan",
        "I don't know anyone by that name there, how much do I owe?",
    ],
)
def test_of_whoever_speaks_of_a_debt_of_their_own_a_human_says_whether_they_are_a_stranger(text: str) -> None:
    meaning = understand(text)

    assert Kind.WRONG_PERSON in meaning.kinds
    assert not meaning.closes
    assert not meaning.closes_address
    assert meaning.needs_human


def test_a_stranger_is_heard_by_their_story_whatever_they_speak_of_beside_it() -> None:
    meaning = understand(
        "I bought this phone off a guy at the flea market and y'all keep sending me his bills"
    )

    assert meaning.closes_address
    assert meaning.needs_human


@pytest.mark.parametrize(
    "text",
    [
        "New work phone, same me. What is this about?",
        "Not Miss, Mrs. But yes dear you found me",
        "I'm not Luis, I'm his son, hold on let me get him",
        "not her, this is her mom, she's in the shower",
        "This is a law office. We represent Mr. Castellano",
        "No soy Wendy, soy su hija, ahorita le paso el teléfono",
        "what number do I call, I don't know the account number",
        "we're a nail salon, she works here, she's with a customer",
        "Some dude left his cell at our bakery counter, hold on let me get him",
    ],
)
def test_whoever_says_it_is_them_or_has_the_person_beside_them_closes_nothing(text: str) -> None:
    meaning = understand(text)

    assert not meaning.closes
    assert not meaning.closes_address


@pytest.mark.parametrize(
    "text", ["who is Northwind", "Never heard of Northwind Energy", "I don't know any NORTHWIND, who are you"]
)
def test_whoever_does_not_know_a_name_of_ours_is_no_stranger(text: str) -> None:
    meaning = understand(text, our_names=["Harbor Recovery", "Northwind Energy"])

    assert not meaning.closes
    assert not meaning.closes_address


def test_a_name_of_ours_is_nobodys_own_but_another_name_is() -> None:
    assert understand("never heard of Okafor", our_names=["Northwind Energy"]).closes_address


@pytest.mark.parametrize(
    "text",
    [
        "you texted me twice",
        "My husband sees to all that, call him after supper",
        "The letter has gone to the wrong address",
        "that's me but I don't use that name anymore",
        "Blame the post office, not me",
        "el cartero se equivocó de casa",
    ],
)
def test_what_somebody_says_of_letters_names_and_helpers_closes_nothing(text: str) -> None:
    assert not understand(text).closes


def test_the_model_shows_words_of_the_answer_for_what_they_are_about() -> None:
    text = "Our daughter gave up that line when she left for Ohio"
    shown = {
        word for weighed in weigh(text) for part in weighed.words.split(", ") for word in part.split(" … ")
    }

    assert all(bit in plain(text) for word in shown for bit in word.split())
