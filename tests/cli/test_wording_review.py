"""Review and `outreach preview`: staff see what people would get, and every remark on it."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from outreach.cli.main import cli
from outreach.model.words import Channel
from outreach.wording.errors import FactMissing
from outreach.wording.review import review
from outreach.wording.sample import SAMPLE_FACTS
from outreach.wording.tone.harms import Harm
from outreach.wording.wordings import load_wordings

SAMPLE = Path(__file__).parents[2] / "deploy" / "config"


def folder_with(tmp_path: Path, text: str) -> Path:
    """Copy the sample config, with other words for the check-in by text."""
    for each in ("policy.yaml", "playbook.yaml"):
        (tmp_path / each).write_text((SAMPLE / each).read_text())
    (tmp_path / "templates" / "en").mkdir(parents=True)
    (tmp_path / "templates" / "en" / "check_in.sms.txt").write_text(text)
    return tmp_path


def test_nothing_is_to_be_said_against_what_we_ship() -> None:
    assert [each for each in review(load_wordings(), facts=SAMPLE_FACTS) if each.remarks] == []


def test_nothing_is_to_be_said_against_the_sample_of_an_agencys_own() -> None:
    own = load_wordings(SAMPLE / "templates")

    assert [each for each in review(own, facts=SAMPLE_FACTS) if each.remarks] == []


def test_an_unkind_text_is_shown_with_what_is_unkind(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "You failed us. Act now! " + "Pay. " * 60)

    seen = [
        each
        for each in review(load_wordings(folder / "templates"), facts=SAMPLE_FACTS)
        if (each.name, each.channel, each.language) == ("check_in", Channel.SMS, "en")
    ]

    assert {remark.harm for remark in seen[0].remarks} == {
        Harm.BLAME,
        Harm.FALSE_URGENCY,
        Harm.SHOUTING,
        Harm.MISSING_FOR_WHOM,
        Harm.LENGTH,
    }


def test_a_review_without_facts_says_which_are_missing() -> None:
    with pytest.raises(FactMissing):
        list(review(load_wordings(), facts={**SAMPLE_FACTS, "plan": {}}))


def test_preview_shows_a_wording_as_this_agency_would_say_it() -> None:
    shown = CliRunner().invoke(
        cli, ["preview", "check_in", "--config", str(SAMPLE), "--channel", "sms", "--language", "en"]
    )

    assert shown.exit_code == 0
    assert shown.stdout.startswith(
        "check_in · sms · en · 3 segments · reading age 8\n  Hi Ada, this is Harbor Recovery. "
    )
    assert "attempt to collect a debt" in shown.stdout


def preview(*options: str) -> Any:
    return CliRunner().invoke(cli, ["preview", *options, "--config", str(SAMPLE)])


def test_preview_shows_what_a_chosen_reader_gets() -> None:
    first = preview(
        "introduction", "--channel", "sms", "--language", "es", "--person", "Inés", "--creditor", "lakeside",
        "--state", "US-TX",
    )  # fmt: skip
    later = preview("introduction", "--channel", "sms", "--person", "", "--later", "--language", "en")
    british = preview("introduction", "--channel", "email", "--state", "GB", "--language", "en-GB")

    assert "Hola, Inés: " in first.stdout
    assert "Lakeside Clinic" in first.stdout
    assert "Esto es un intento de cobrar una deuda" in first.stdout
    assert "  Hello, this is Harbor Recovery." in later.stdout
    assert "This is from a debt collector." in later.stdout
    assert "US$320.00" in british.stdout
    assert "MoneyHelper" in british.stdout


def test_preview_says_that_a_language_is_missing() -> None:
    shown = preview("check_in", "--channel", "sms", "--language", "fr")

    assert shown.exit_code == 0
    assert shown.stdout.startswith("check_in · sms · fr · ")
    assert "! warning: not written in `fr`: whoever reads it gets this, in `en`" in shown.stdout


def test_preview_knows_the_creditors() -> None:
    shown = preview("check_in", "--creditor", "lakesid")

    assert shown.exit_code == 2
    assert "no creditor is called `lakesid`; did you mean `lakeside`?" in shown.stderr


def test_preview_fails_when_there_are_remarks(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "{{ agency.name }}: final notice for {{ creditor.name }}. Call us.")

    shown = CliRunner().invoke(cli, ["preview", "check_in", "--config", str(folder)])

    assert shown.exit_code == 1
    assert (
        "! warning: false_urgency: final notice (Name a day if there is one, and leave out the hurry.)"
        in shown.stdout
    )


def test_preview_says_what_cannot_be_used(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "{{ nobody }}")

    shown = CliRunner().invoke(cli, ["preview", "--config", str(folder)])

    assert shown.exit_code == 2
    assert "templates/en/check_in.sms.txt" in shown.stderr
    assert "nobody" in shown.stderr


def test_preview_answers_programs() -> None:
    shown = CliRunner().invoke(cli, ["preview", "introduction", "--language", "es", "--json"])

    reviews = json.loads(shown.stdout)
    assert [(each["channel"], each["language"]) for each in reviews] == [("email", "es"), ("sms", "es")]
    assert reviews[1]["needs"] == ["agency.name", "agency.phone", "creditor.name"]


def test_preview_of_a_wording_nobody_wrote_is_an_error() -> None:
    assert CliRunner().invoke(cli, ["preview", "introducton"]).exit_code == 2


def test_languages_lists_what_each_lacks(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "{{ agency.name }} for {{ creditor.name }}: reply or call.")
    (folder / "templates" / "fr").mkdir()
    (folder / "templates" / "fr" / "check_in.sms.txt").write_text("{{ agency.name }}, {{ creditor.name }}.")

    listed = CliRunner().invoke(cli, ["languages", str(folder)])

    assert listed.exit_code == 0
    assert "en: 35 of 35 texts\n" in listed.stdout
    assert "fr: 1 of 35 texts\n  missing: templates/fr/blocks/opt_out_line.email.txt" in listed.stdout
