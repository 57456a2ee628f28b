# ruff: noqa: E501 - a mistake a line
"""Words that harm, and required words that are empty or untrue, are said with their place and what to do."""

from pathlib import Path

import pytest

from foundation.clock import parse_instant
from outreach.guidance.checking.check import admit
from outreach.guidance.checking.required_words import unsaid_in
from outreach.guidance.checking.tone import harms_in
from outreach.guidance.files.folder import read_folder, understand
from outreach.guidance.files.problems import ConfigError
from outreach.model.finding import Finding, Severity
from outreach.wording.wordings import build_wordings, load_shipped

NOW = parse_instant("2026-03-02T15:00Z")
ERROR, WARNING = Severity.ERROR, Severity.WARNING
STOP_SMS, STOP_EMAIL = "en/blocks/opt_out_line.sms.txt", "en/blocks/opt_out_line.email.txt"
CHECK_IN, CHECK_IN_EMAIL = "en/check_in.sms.txt", "en/check_in.email.txt"
#: Says who writes, for whom, and what can be done, so that what follows is all there is to be said.
KIND = "This is {{ agency.name }} for {{ creditor.name }}. Reply or call {{ agency.phone }}.\n"
SAMPLE = Path(__file__).parents[2] / "deploy" / "config"
SHIPPED = load_shipped()
UNSUBSCRIBE = '{{ link("Stop these emails", links.unsubscribe) }}'


def said_of(file: str, text: str) -> list[Finding]:
    wordings = build_wordings({**SHIPPED, file: text})
    return [*unsaid_in(wordings, {file: text}), *harms_in(wordings, {file: text}, directory=None)]


@pytest.mark.parametrize(
    ("file", "text", "severity", "line", "message", "fix"),
    [
        pytest.param(STOP_SMS, "", ERROR, 1, "`opt_out_line` says nothing", "delete the file to have the shipped words", id="no way to stop"),
        pytest.param(STOP_SMS, "{# later #}\n", ERROR, 1, "`opt_out_line` says nothing", "delete the file", id="a note in place of the way to stop"),
        pytest.param(STOP_SMS, "{% if links.preferences %}Reply STOP to end.{% endif %}", ERROR, 1, "`opt_out_line` says nothing", "delete the file", id="a way to stop now and then"),
        pytest.param(STOP_SMS, "Have a nice day.", ERROR, 1, "names no word that people can stop texts by", "write STOP in capitals", id="a greeting in place of the way to stop"),
        pytest.param(STOP_SMS, "Text HALT to end.", ERROR, 1, "`HALT` is not read as a stop", "write STOP in capitals", id="a word that is no stop"),
        pytest.param(STOP_SMS, "Reply START for more.", ERROR, 1, "`START` is not read as a stop", "write STOP", id="a word that starts"),
        pytest.param("es/blocks/opt_out_line.sms.txt", "Responda LISTO para terminar.", ERROR, 1, "`LISTO` is not read as a stop", "STOP o ALTO", id="a Spanish word that is no stop"),
        pytest.param(CHECK_IN, "{# covers: opt_out_line #}\n" + KIND + "Reply START for more.", ERROR, 1, "`START` is not read as a stop", "write STOP", id="a text that covers the way to stop and does not say it"),
        pytest.param(STOP_EMAIL, "Write to us to stop.", ERROR, 1, "nobody could stop these emails", "links.unsubscribe", id="an email without the link"),
        pytest.param(STOP_EMAIL, "{% if links.preferences %}" + UNSUBSCRIBE + "{% else %}Bye.{% endif %}", ERROR, 1, "does not always hold the link", "outside of any `if`", id="an email with the link now and then"),
        pytest.param("en/blocks/postal_address.email.txt", "Springfield", ERROR, 1, "does not always name agency.postal_address", "{{ agency.postal_address }}", id="no postal address"),
        pytest.param("en/blocks/who_we_are.sms.txt", "Us:", ERROR, 1, "does not always name agency.name", "{{ agency.name }}", id="nobody who writes"),
        pytest.param("en/blocks/debt_collection_first.sms.txt", "This is an attempt to help you.", ERROR, 1, "lacks words that it is there for (12 CFR 1006.18(e)(1))", "an attempt to collect a debt", id="a disclosure that discloses nothing"),
        pytest.param("en/blocks/debt_collection_first.sms.txt", "This is an attempt to collect a debt.", ERROR, 1, "lacks words that it is there for", "any information will be used for that purpose", id="half a disclosure"),
        pytest.param("es/blocks/debt_collection_later.sms.txt", "Somos Harbor Recovery.", ERROR, 1, "lacks words that it is there for (12 CFR 1006.18(e)(2))", "este mensaje es de un cobrador de deudas", id="a Spanish disclosure that discloses nothing"),
        pytest.param("en/blocks/free_debt_advice.sms.txt", "Debt advice: moneyhelper.org.uk", ERROR, 1, "lacks words that it is there for", "free debt advice", id="advice that is not said to be free"),
        pytest.param(CHECK_IN, KIND + "\nPay today or we take legal action.", ERROR, 3, "legal action”", "Say what the person can do", id="a threat"),
        pytest.param(CHECK_IN, KIND + "Your wages may be seized.", ERROR, 2, "threat", "Say what the person can do", id="a threat to wages"),
        pytest.param(CHECK_IN, KIND + "{% if person.given_name %}{% else %}\nWe will sue.{% endif %}", ERROR, 3, "threat: “sue”", "Say what", id="a threat on one side of an if"),
        pytest.param(CHECK_IN, KIND + "Your refund is ready.", ERROR, 2, "pretence", "Say plainly who writes", id="pretence"),
        pytest.param(CHECK_IN_EMAIL, "Subject: URGENT final notice: your refund\n\n" + KIND, ERROR, 1, "deceptive subject", "Say in the subject what the message is", id="a deceptive subject"),
        pytest.param(CHECK_IN_EMAIL, "Subject: Re: your plan\n\n" + KIND, ERROR, 1, "deceptive subject: “Re:”", "Say in the subject", id="a subject that pretends to answer"),
        pytest.param(CHECK_IN, KIND + "You failed us.", WARNING, 2, "blame: “You failed”", "Say what you know", id="blame"),
        pytest.param(CHECK_IN, KIND + "PAY TODAY!!!", WARNING, 2, "shouting", "Lower your voice", id="shouting"),
        pytest.param(CHECK_IN, KIND + "We may speak to your employer.", WARNING, 2, "third party", "Speak to the person alone", id="an employer"),
        pytest.param(CHECK_IN, KIND + "You have 24 hours.", WARNING, 2, "countdown", "Name the day", id="a countdown"),
        pytest.param("es/check_in.sms.txt", "Le escribe {{ agency.name }} de parte de {{ creditor.name }}.\nLo vamos a demandar. Responda o llame.", ERROR, 2, "threat: “demandar”", "Diga lo que la persona puede hacer", id="a Spanish threat"),
        pytest.param(CHECK_IN, "Just to say hello. Reply or call. This is {{ agency.name }}.", WARNING, 1, "does not say for whom", "Say for whom you write", id="nobody for whom"),
    ],
)  # fmt: skip
def test_harm_in_words_is_said_with_its_place_and_what_to_do(
    file: str, text: str, severity: Severity, *, line: int, message: str, fix: str
) -> None:
    name = f"templates/{file}"
    findings = [finding for finding in said_of(file, text) if message in finding.message]

    assert [(finding.file, finding.line, finding.severity) for finding in findings] == [
        (name, line, severity)
    ]
    assert fix in findings[0].fix


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (STOP_SMS, "Text STOP to end."),
        (STOP_SMS, "To stop these texts, reply “stop”."),
        (STOP_SMS, "Reply QUIT to stop texts to {{ agency.name }}."),
        ("es/blocks/opt_out_line.sms.txt", "Responda ALTO para no recibir mensajes."),
        (STOP_EMAIL, f"No more emails? {UNSUBSCRIBE}"),
        ("en/blocks/debt_collection_later.sms.txt", "We are a debt collector."),
        (CHECK_IN, KIND + "We will not take legal action, and nobody will come to your home."),
        (CHECK_IN, "{# covers: opt_out_line #}\n" + KIND + "Reply STOP to end texts."),
    ],
)
def test_true_and_kind_words_pass(file: str, text: str) -> None:
    assert said_of(file, text) == []


def test_a_duty_in_a_language_that_nobody_told_us_of_is_for_a_lawyer() -> None:
    file = "fr/blocks/debt_collection_later.sms.txt"

    [finding] = said_of(file, "Nous sommes un agent de recouvrement.")

    assert "which words `debt_collection_later` must have in `fr`" in finding.message
    assert finding.severity is WARNING


@pytest.mark.parametrize(
    ("file", "text", "is_refused"),
    [
        (STOP_SMS, "", True),
        (CHECK_IN, KIND + "We will sue.", True),
        (CHECK_IN, KIND + "You failed us.", False),
        (CHECK_IN, KIND, False),
    ],
    ids=["no way to stop", "a threat", "blame", "kind"],
)
def test_what_frightens_or_is_not_true_is_not_put_in_force(file: str, text: str, is_refused: bool) -> None:
    files = {**read_folder(SAMPLE), f"templates/{file}": text}

    if is_refused:
        with pytest.raises(ConfigError) as refused:
            admit(understand(files), now=NOW)
        assert [problem.file for problem in refused.value.problems] == [f"templates/{file}"]
    else:
        assert admit(understand(files), now=NOW).version
