"""Hostile texts in every field of what people and programs write: each is refused, or taken for text."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from typer.testing import CliRunner

from foundation.clock import parse_instant
from foundation.settings import BadSettings, load
from outreach.cli.events import cli as events_cli
from outreach.config import Config
from outreach.guidance.files.build import build_pack
from outreach.guidance.files.playbook import build_playbook
from outreach.guidance.files.policy import build_policy
from outreach.guidance.files.problems import ConfigError
from outreach.guidance.files.shaped import shaped
from outreach.guidance.files.shapes import PackShape
from outreach.guidance.files.yaml_text import Document, read_yaml
from outreach.guidance.trying.cases import cases_of
from outreach.guidance.trying.replay import read_situation, situation_line
from outreach.model.words import Channel
from outreach.providers.receipts import Unreadable
from outreach.providers.sendgrid.webhooks import parse_events
from outreach.providers.twilio.webhooks import parse_inbound, parse_status
from outreach.wording.errors import WordingError
from outreach.wording.render import RenderedEmail, render
from outreach.wording.sample import SAMPLE_FACTS
from outreach.wording.wordings import build_wordings, load_shipped
from preferences.config import Config as PreferencesConfig
from tests.contracts.samples import example
from tests.support.hostile import TEXTS, spoilt
from tests.support.sources import ROOT


def yaml_of(path: str) -> Any:
    return read_yaml((ROOT / path).read_text(), file=path).value


def document(value: Any) -> Document:
    return Document(file="spoilt.yaml", value=value, places={}, written={})


def a_pack(value: Any) -> object:
    return build_pack(document(value), shaped(document(value), PackShape))


def some_cases() -> Any:
    cases = yaml_of("tests/policy/cases/engine.yaml")
    return {**cases, "cases": cases["cases"][:8]}


def situations() -> list[Any]:
    found = cases_of(document(some_cases()), packs=("house", "us-federal"))
    return [json.loads(situation_line(each.situation)) for each in found]


def is_refused(reading: Callable[[], object]) -> bool:
    """Say whether reading ends in a refusal that has words; any other end is an error."""
    try:
        reading()
    except (ConfigError, ValueError) as refused:
        return bool(str(refused))
    return False


def written(value: Any) -> str:
    return json.dumps(value)  # which is YAML too


FILES: Final[Mapping[str, tuple[Callable[[], Any], Callable[[Any], object]]]] = {
    "a pack": (lambda: yaml_of("services/outreach/policy/packs/us-federal.yaml"), a_pack),
    "policy.yaml": (
        lambda: yaml_of("deploy/config/policy.yaml"),
        lambda value: build_policy(document(value)),
    ),
    "cases.yaml": (some_cases, lambda value: cases_of(document(value), packs=("house", "us-federal"))),
}


@pytest.mark.parametrize("name", FILES)
def test_junk_in_any_place_of_a_file_is_a_problem_with_words(name: str) -> None:
    sound, read = FILES[name]
    refused = 0
    read(sound())

    for each in spoilt(sound(), times=800):
        refused += is_refused(partial(read, each))

    assert refused > 100


def test_junk_in_any_place_of_the_playbook_is_a_problem_with_words() -> None:
    sound = yaml_of("deploy/config/playbook.yaml")
    refused = 0
    build_playbook(written(sound), file="playbook.yaml")

    for each in spoilt(sound, times=60):
        refused += is_refused(partial(build_playbook, written(each), file="playbook.yaml"))

    assert refused > 20


@pytest.mark.parametrize("backoff", [*TEXTS.values(), "1e9", "-1", "0", "11", "NaN"])
def test_a_backoff_without_end_is_refused(backoff: str) -> None:
    """The second pause of a millionfold back-off is beyond all calendars, and planning would stand still."""
    playbook = yaml_of("deploy/config/playbook.yaml")
    playbook["plays"]["check_in"]["repeat"]["backoff"] = backoff

    with pytest.raises(ConfigError):
        build_playbook(written(playbook), file="playbook.yaml")


@pytest.mark.parametrize("url", ["{ref}", "{0}", "{", "{reference.account}", "{reference!x}", "{}"])
def test_a_link_that_could_not_be_completed_is_refused(url: str) -> None:
    """It would be found out in the claim, which then decides for nobody."""
    playbook = yaml_of("deploy/config/playbook.yaml")
    playbook["creditors"]["northwind"] = {"name": "Northwind", "pay_url": f"https://pay.example.com/{url}"}

    with pytest.raises(ConfigError, match="names something else than"):
        build_playbook(written(playbook), file="playbook.yaml")


def test_junk_in_any_place_of_a_situation_is_refused_or_read() -> None:
    refused = 0
    for number, situation in enumerate(situations()):
        for each in spoilt(situation, times=150, seed=number):
            refused += is_refused(partial(read_situation, json.dumps(each)))

    assert refused > 200


def test_junk_in_any_field_of_a_receipt_or_a_text_is_refused_or_passed_by() -> None:
    sound = {
        "event": "bounce",
        "sg_event_id": "e1",
        "sg_message_id": "m1.filter",
        "attempt_id": "x",
        "timestamp": 1764000000,
        "email": "ada@example.com",
        "type": "blocked",
        "reason": "Bounced Address",
    }
    form = {"MessageSid": "SM" + "0" * 32, "MessageStatus": "failed", "ErrorCode": "30003", "SmsSid": "x"}
    text = {"MessageSid": "SM" + "0" * 32, "From": "+13125550142", "To": "x", "Body": "STOP", "NumMedia": "1"}

    for each in spoilt(sound, times=2000):
        batch = parse_events(json.dumps([each, {"event": "none"}]).encode())
        assert not isinstance(batch, Unreadable) or "\\ud800" in json.dumps(each) or "NaN" in json.dumps(each)
    for name in form:
        for junk in TEXTS.values():
            parse_status(tuple({**form, name: junk}.items()), attempt=junk)
    for name in text:
        for junk in TEXTS.values():
            heard = parse_inbound(tuple({**text, name: junk}.items()))
            assert isinstance(heard, Unreadable) or "\0" not in heard.body


@pytest.mark.parametrize("junk", TEXTS.values(), ids=TEXTS)
def test_no_setting_breaks_the_start_but_by_a_line_that_names_it(junk: str) -> None:
    for config, prefix in ((Config, "OUTREACH_"), (PreferencesConfig, "PREFERENCES_")):
        for field in config.model_fields:
            for name in (f"{prefix}{field}".upper(), f"{prefix}{field}__X".upper()):
                with pytest.raises(BadSettings) as refused:
                    load(config, {name: junk})
                assert any(line.startswith(prefix) for line in refused.value.lines)


@pytest.mark.parametrize("nest", ["[" * 200_000, '{"a":' * 100_000], ids=["lists", "objects"])
def test_a_section_nested_without_end_is_refused(nest: str) -> None:
    with pytest.raises(BadSettings, match="is not JSON"):
        load(Config, {"OUTREACH_KAFKA": nest})


AMOUNTS: Final = [
    *({"amount": each, "currency": "USD"} for each in TEXTS.values()),
    {"amount": "9" * 40, "currency": "USD"},
    {"amount": "1.00", "currency": None},
    {"amount": 1e300, "currency": "USD"},
    {},
]


def test_junk_in_any_fact_of_a_message_is_refused_or_written_as_text() -> None:
    wordings = build_wordings(load_shipped())
    names = ("check_in", "plan_confirmation", "instalment_reminder", "payment_thanks")
    ways = [(name, channel) for name in names for channel in (Channel.SMS, Channel.EMAIL)]
    rendered = 0

    for subject, facts in SAMPLE_FACTS.items():
        for part in facts:
            for junk in [*TEXTS.values(), *AMOUNTS, None, 1, []]:
                for name, channel in ways:
                    spoilt_facts = {**SAMPLE_FACTS, subject: {**facts, part: junk}}
                    try:
                        message = render(
                            wordings,
                            name=name,
                            channel=channel,
                            language="en",
                            facts=spoilt_facts,
                            required=(),
                        )
                    except (WordingError, ValueError):
                        continue
                    rendered += 1
                    html = message.html if isinstance(message, RenderedEmail) else ""
                    said = message.text + html if isinstance(message, RenderedEmail) else message.body
                    assert "<script" not in html
                    assert "\u202e" not in said
                    assert "\x00" not in said

    assert rendered > 1000


@pytest.mark.parametrize("instant", TEXTS.values(), ids=TEXTS)
def test_an_instant_on_the_command_line_is_refused_with_a_reason(instant: str) -> None:
    assert is_refused(lambda: parse_instant(instant)) or parse_instant(instant).tzinfo is UTC


@pytest.mark.parametrize(
    "weight", ["9" * 5000, "[" * 400 + "]" * 400, "1e400"], ids=["long", "deep", "large"]
)
def test_dates_are_moved_whatever_an_attribute_that_is_not_ours_holds(tmp_path: Path, weight: str) -> None:
    event = json.dumps({**example("debt.placed.v1"), "time": datetime(2026, 1, 1, tzinfo=UTC).isoformat()})
    file = tmp_path / "events.jsonl"
    file.write_text(event.replace("{", '{"weight": ' + weight + ",", 1) + "\n")

    answer = CliRunner().invoke(events_cli, ["publish", str(file), "--today", "--kafka", "127.0.0.1:1"])

    assert answer.exit_code == 2
    assert answer.exception is None or isinstance(answer.exception, SystemExit)
