"""`outreach wording lint`: whoever writes words hears what harms in them, by which words, and what to say."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from outreach.cli.main import cli

SHIPPED = Path(__file__).parents[2] / "services" / "outreach" / "wording" / "templates"
LIST = """
- id: kind
  text: "Hi Ada, this is Harbor Recovery for Elm Bank. No hurry. Reply or call."
- {id: threat, language: en, channel: sms, text: "Harbor Recovery for Elm Bank: we will sue. Call us."}
- id: subject
  language: es
  channel: email
  subject: "RE: su carta"
  text: "Somos Harbor Recovery, de parte de Elm Bank."
- {id: hurry, language: en, text: "Harbor Recovery for Elm Bank: call us now."}
"""


def lint(*arguments: str, text: str = "") -> Any:
    return CliRunner().invoke(cli, ["wording", "lint", *arguments], input=text)


def test_a_list_is_judged_text_by_text() -> None:
    judged = lint("--json", "-", text=LIST)

    answer = json.loads(judged.stdout)
    kinds = {text["id"]: [kind["kind"] for kind in text["kinds"]] for text in answer["texts"]}
    assert kinds == {
        "kind": [],
        "threat": ["threat"],
        "subject": ["deceptive_subject"],
        "hurry": ["false_urgency"],
    }
    [threat] = answer["texts"][1]["kinds"]
    assert threat["words"] == ["sue"]
    assert threat["severity"] == "error"
    assert threat["suggestion"] == "Say what the person can do, not what will be done to them."
    assert (answer["errors"], answer["warnings"]) == (2, 1)
    assert judged.exit_code == 1


def test_warnings_fail_where_they_are_to() -> None:
    hurry = "Harbor Recovery for Elm Bank: call us now."

    assert lint("-", text=hurry).exit_code == 0
    assert lint("-", "--strict", text=hurry).exit_code == 1


def test_people_read_the_words_and_what_to_say_instead() -> None:
    judged = lint("-", text="Subject: Re: your plan\n\nThis is Harbor Recovery for Elm Bank.")

    instead = 'Say in the subject what the message is, such as "Your plan with Harbor Recovery".'
    assert judged.stdout.splitlines() == [
        f'standard input: error: deceptive_subject "Re:". {instead}',
        "1 text: 1 error, 0 warnings",
    ]


@pytest.mark.parametrize("folder", ["my", "new", "es"])
def test_a_folder_says_nothing_of_the_language_of_a_text_that_is_no_template(
    tmp_path: Path, folder: str
) -> None:
    texts = {"en": "Pay now, or we will sue you.", "es": "Lo vamos a demandar si no paga la deuda que tiene."}
    for language, text in texts.items():
        path = tmp_path / folder / f"{language}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

        assert ": error: threat " in lint(str(path)).stdout


@pytest.mark.parametrize("place", ["es", "es/blocks", "es-MX"])
def test_a_template_is_read_in_the_language_of_its_folder(tmp_path: Path, place: str) -> None:
    path = tmp_path / place / "opt_out_line.sms.txt"
    path.parent.mkdir(parents=True)
    path.write_text("Lo vamos a demandar.")

    judged = lint(str(path))

    assert ": error: threat " in judged.stdout
    assert "only shouting" not in judged.stdout


def test_a_language_without_rules_is_named_so_that_nothing_found_is_not_taken_for_nothing_wrong() -> None:
    judged = lint("-", "--language", "fr", text="Payez maintenant ou nous irons au tribunal.")

    said = "of `fr` only shouting and questions are looked for: there are rules for en and es"
    assert judged.stdout.splitlines() == ["1 text: 0 errors, 0 warnings", said]


def test_a_template_is_judged_on_every_side_of_its_ifs(tmp_path: Path) -> None:
    template = tmp_path / "en" / "check_in.sms.txt"
    template.parent.mkdir()
    template.write_text(
        "{{ agency.name }} for {{ creditor.name }}. Reply or call. "
        "{% if debt.is_paid %}Thank you.{% else %}We may garnish your wages.{% endif %}"
    )

    assert 'threat "garnish' in lint(str(template)).stdout


def test_nothing_is_to_be_said_against_what_we_ship() -> None:
    files = sorted(str(path) for path in SHIPPED.glob("*/*.txt"))

    assert lint("--strict", *files).exit_code == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('- {id: a, txt: "hi"}', "unknown key `txt`; did you mean `text`?"),
        ('- {id: a, text: "hi"}\n- {id: a, text: "ho"}', "two texts are called `a`; give each its own id"),
        ("- {id: a, text: hi, channel: fax}", "`fax` is not known here; write one of sms"),
        ("", "says nothing"),
        ("{{ person.given_name", "standard input"),
    ],
    ids=["an unknown key", "an id twice", "a channel that is none", "nothing", "a broken template"],
)
def test_what_cannot_be_read_is_said_with_its_fix(text: str, said: str) -> None:
    judged = lint("-", text=text)

    assert judged.exit_code == 2
    assert said in judged.stderr
