"""All that operations staff write is read at once: every mistake of every file is named with its fix."""

from collections.abc import Callable

import pytest

from outreach.guidance.files.folder import read_folder, read_guidance
from outreach.guidance.files.problems import ConfigError
from outreach.guidance.files.spellings import (
    Misspelling,
    parse_date,
    parse_days,
    parse_duration,
    parse_instant,
    parse_number,
    parse_signed_duration,
    parse_span,
    parse_time,
    parse_zone,
)
from outreach.model.finding import Finding
from tests.support.world import SAMPLE


def problems(**changed: str) -> tuple[Finding, ...]:
    files = read_folder(SAMPLE)
    with pytest.raises(ConfigError) as refused:
        read_guidance({**files, **changed})
    return refused.value.problems


def playbook(good: str, bad: str) -> str:
    text = read_folder(SAMPLE)["playbook.yaml"]
    assert good in text
    return text.replace(good, bad, 1)


def test_mistakes_in_three_files_are_named_in_one_list() -> None:
    named = problems(
        **{
            "policy.yaml": "policy: a\nrulez: []",
            "playbook.yaml": playbook("zone:", "zoen:"),
            "templates/en/hello.sms.txt": "Hello\n{{ nobody }}",
        }
    )

    assert {(problem.file, problem.message) for problem in named} == {
        ("policy.yaml", "unknown key `rulez`"),
        ("playbook.yaml", "unknown key `zoen`"),
        ("templates/en/hello.sms.txt", "unknown word 'nobody'"),
    }
    assert all(problem.fix for problem in named)


@pytest.mark.parametrize(
    ("good", "bad", "message", "fix"),
    [
        ("channels:", "chanels:", "unknown key `chanels`", "did you mean `channels`?"),
        ("after: 10d", "after: 10 days", "'10 days' is not a duration", 'write "7d", "48h" or "90min"'),
        ("after: 10d", "after: 10", "a unit is missing here", "write 10d for days, 10h for hours"),
        ("after: 10d", "after: -10d", "debt.quiet is not known beforehand", "write a duration without `-`"),
        ("zone: ", "zone: Moon #", "'Moon' is no time zone", 'write a name such as "America/New_York"'),
        ("purpose: introduction", "purpose: hello", "`hello` is not known here", "write one of introduction"),
        ("wording: check_in", "wording: shout", "which has no", "add templates/en/shout."),
    ],
    ids=[
        "a misspelled key", "a duration in words", "a bare number", "before silence", "no zone",
        "no purpose", "no template",
    ],
)  # fmt: skip
def test_a_mistake_in_the_playbook_is_named_with_its_fix(good: str, bad: str, message: str, fix: str) -> None:
    named = problems(**{"playbook.yaml": playbook(good, bad)})

    assert any(message in problem.message and problem.fix.startswith(fix) for problem in named), named


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (parse_time, "8 am"),
        (parse_time, "24:01"),
        (parse_days, "monday"),
        (parse_duration, "2 weeks"),
        (parse_signed_duration, "--3d"),
        (parse_span, "month"),
        (parse_number, "1e9"),
        (parse_number, "NaN"),
        (parse_zone, "EST5"),
        (parse_zone, "America"),
        (parse_date, "tomorrow"),
        (parse_instant, "2026-06-10T12:00:00"),
        (parse_instant, "0001-01-01T00:00:00+14:00"),
    ],
)
def test_what_cannot_be_read_is_said_with_a_spelling_that_can(
    parse: Callable[[str], object], text: str
) -> None:
    with pytest.raises(Misspelling) as refused:
        parse(text)

    assert repr(text).strip("'-") in refused.value.message
    assert str(refused.value) == f"{refused.value.message}; {refused.value.fix}"
