"""Story cases: what people end up being sent, played through the real ingest, claim, send and settle."""

from functools import cache
from pathlib import Path

import pytest

from foundation.database import Database
from outreach.audit.audit import audit
from outreach.desk.story_cases.player import Player
from outreach.desk.story_cases.story import Story, find_repeated, read_stories
from outreach.guidance.files.folder import PLAYBOOK, read_folder, read_guidance
from outreach.guidance.files.problems import ConfigError

HERE = Path(__file__).parent
CASES = sorted((HERE / "cases").glob("*.yaml"))
STORIES = [story for file in CASES for story in read_stories(file)]
#: Of an agency that has a machine say that a human will read what people write.
ACKNOWLEDGING = [
    story for file in sorted((HERE / "acknowledging").glob("*.yaml")) for story in read_stories(file)
]


@cache
def player(*, acknowledges: bool = False) -> Player:
    """The plays and words that the stories were written for, which stay as they are."""
    files = read_folder(HERE / "config")
    if acknowledges:
        playbook = files[PLAYBOOK].replace("\nagency:\n", "\nagency:\n  acknowledge_replies: true\n")
        files = {**files, PLAYBOOK: playbook}
    return Player(read_guidance(files), files=files)


@pytest.mark.parametrize("story", STORIES, ids=[story.id for story in STORIES])
async def test_the_story_ends_as_expected(story: Story, database: Database) -> None:
    await plays_as_expected(story, player(), database=database)


@pytest.mark.parametrize("story", ACKNOWLEDGING, ids=[story.id for story in ACKNOWLEDGING])
async def test_the_story_of_what_is_acknowledged_ends_as_expected(story: Story, database: Database) -> None:
    await plays_as_expected(story, player(acknowledges=True), database=database)


async def plays_as_expected(story: Story, player: Player, *, database: Database) -> None:
    judgment = await player.play(story, database=database)

    assert judgment.complaints == [], [
        (message.to, f"{message.at:%m-%d %H:%M}", message.play, message.text)
        for message in judgment.outcome.messages
    ]
    findings = await audit(database=database, since=story.begins)
    assert [(found.check, found.problem) for found in findings.violations] == []


def test_no_two_stories_have_one_id() -> None:
    assert find_repeated([*STORIES, *ACKNOWLEDGING]) is None


MINIMAL = """
stories:
  - id: S-1
    title: Somebody hears of a debt
    heard:
      - {time: "2026-03-02T15:00:00Z", type: debt.placed.v1, balance: "240.00"}
    until: "2026-03-02T18:00:00Z"
    expect:
      - {sent: {to: ada, play: introduction}}
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "story.yaml"
    file.write_text(text)
    return file


async def test_a_story_that_expects_what_does_not_come_says_what_came(
    tmp_path: Path, database: Database
) -> None:
    [story] = read_stories(
        written(tmp_path, MINIMAL.replace("play: introduction", 'play: introduction, says: ["a million"]'))
    )

    judgment = await player().play(story, database=database)

    assert judgment.complaints == ["sent to ada, play introduction, says [a million]: no such message"]
    assert [message.play for message in judgment.outcome.messages] == ["introduction"]


@pytest.mark.parametrize(
    ("find", "replace", "place", "says"),
    [
        ("type: debt.placed.v1", "type: debt.plaiced.v1", ":6:", "no event of another system is called"),
        ("to: ada", "to: bob", ":9:", "nobody is called `bob`"),
        ("play: introduction", "plays: introduction", ":9:", "unknown key `plays`"),
        ('"2026-03-02T18:00:00Z"', '"tomorrow"', ":7:", "tomorrow"),
        ("sent: {", "cent: {", ":9:", "unknown key `cent`"),
        ("sent: {to: ada, play", "never: {purpose: remainder, play", ":9:", "did you mean `reminder`?"),
        ('until: "2026-03-02', 'until: "2026-03-01', ":7:", 'write "2026-03-02T15:00:00Z" or later'),
        ("id: S-1", 'id: S-1\n    why: "a\\q"', ":4:", "docs/stories.md"),
    ],
    ids=[
        "an event that is none",
        "somebody unknown",
        "a key that is none",
        "an instant that is none",
        "a word",
        "a purpose",
        "an end before the beginning",
        "YAML that is none",
    ],
)
def test_a_mistake_in_a_story_is_named_with_its_line(
    tmp_path: Path, find: str, replace: str, place: str, says: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        read_stories(written(tmp_path, MINIMAL.replace(find, replace)))

    problems = [str(problem) for problem in refused.value.problems]
    assert any(place in problem and says in problem for problem in problems), problems


@pytest.mark.parametrize(
    ("understood", "says"),
    [
        ("about: [oopt_out]", "no reply is of the kind `oopt_out`; did you mean `opt_out`?"),
        ("about: [thanks, [help, hardships]]", "did you mean `hardship`?"),
        ("not_about: [oopt_out]", "did you mean `opt_out`?"),
        ("not_about: [weather]", "docs/replies.md lists all kinds"),
        ("urgency: sameday", "`sameday` is not known here; did you mean `same_day`?"),
    ],
)
def test_a_kind_or_urgency_that_is_none_is_named_with_its_line(
    tmp_path: Path, understood: str, says: str
) -> None:
    text = MINIMAL.replace("sent: {to: ada, play: introduction}", f"replied: {{from: ada, {understood}}}")

    with pytest.raises(ConfigError) as refused:
        read_stories(written(tmp_path, text))

    (problem,) = map(str, refused.value.problems)
    assert ":9:" in problem
    assert says in problem


@pytest.mark.parametrize(
    ("happens", "says"),
    [
        ("type: ", "`type` is empty; write something behind `type:`"),
        ("person: , type: debt.closed.v1", "`person` is empty"),
        ("id: , type: debt.closed.v1", "`id` is empty"),
        ("from: , text: hello", "`from` is empty"),
        ("from: ada, text: ", "`text` is empty"),
        ("from: ada", "`text` is missing; add `text:`"),
        ("from: ada, text: [a, b]", "`text` is no text; write one value"),
        ("from: ada, text: hello, via: fax", "`fax` is not known here; write one of email, sms"),
        ("from: ada, txt: hello", "a reply has no `txt`; did you mean `text`?"),
        ("receipt: ", "`receipt` needs keys of its own; write those of code, play, status, to"),
        ("receipt: delivered", "`receipt` needs keys of its own"),
        ("receipt: {to: ada}", "`status` is missing"),
        ("receipt: {to: adda, status: delivered}", "nobody is called `adda`; did you mean `ada`?"),
        ("receipt: {to: ada, state: delivered}", "a receipt has no `state`; did you mean `status`?"),
        ("vendor: {channel: sms, answers: refuse}", "`refuse` is not known here; did you mean `refused`?"),
        ("vendor: {channel: , answers: refused}", "`channel` is empty"),
        ("vendor: {channel: sms, answers: refused, for: }", "`for` is empty"),
        ("vendor: {channel: sms, answers: refused, for: 2 days}", "'2 days' is not a duration"),
        ("note: nothing", "nothing happens here; write an event"),
        ("release: ada", "what staff do (`release`) cannot be told in a story"),
        ("unstop: ada, why: a mistake", "what staff do (`unstop`) cannot be told in a story"),
        ("from: ada, text: STOP, via: rcs", "`rcs` is no channel of its own, but a text; leave `via` out"),
        ("from: ada, text: STOP, via: whatsapp", 'write `at_address: "whatsapp:+13125550142"`'),
    ],
)
def test_what_is_empty_or_misspelled_in_what_happens_is_said_in_words_of_ours(
    tmp_path: Path, happens: str, says: str
) -> None:
    entry = f'      - {{time: "2026-03-02T15:30:00Z", {happens}}}\n    until'

    with pytest.raises(ConfigError) as refused:
        read_stories(written(tmp_path, MINIMAL.replace("    until", entry, 1)))

    (problem,) = map(str, refused.value.problems)
    assert ":7:" in problem
    assert says in problem
    assert "None" not in problem


@pytest.mark.parametrize(
    "expected",
    [
        "sent: {to: ada, play: thank_yuo}",
        "never: {to: ada, play: thank_yuo}",
        "total: {to: ada, play: thank_yuo, at_most: 1}",
        'explained: {to: ada, play: thank_yuo, at: "2026-03-02T16:00:00Z", reason: paused}',
    ],
)
def test_a_play_that_nobody_has_is_named_with_its_line(tmp_path: Path, expected: str) -> None:
    text = MINIMAL.replace("sent: {to: ada, play: introduction}", expected)

    with pytest.raises(ConfigError) as refused:
        read_stories(written(tmp_path, text), plays=["introduction", "thank_you"])

    (problem,) = map(str, refused.value.problems)
    assert ":9:" in problem
    assert "no play is called `thank_yuo`; did you mean `thank_you`?" in problem


def test_a_receipt_is_of_a_play_that_somebody_has(tmp_path: Path) -> None:
    receipt = (
        '      - {time: "2026-03-02T16:00:00Z", receipt: {to: ada, play: intro, status: failed}}\n    until'
    )

    with pytest.raises(ConfigError, match=r":7:.*no play is called `intro`"):
        read_stories(written(tmp_path, MINIMAL.replace("    until", receipt, 1)), plays=["introduction"])


@pytest.mark.parametrize("play", ["answer", "opt_out_confirmation", "help_reply"])
def test_what_outreach_says_by_itself_is_a_play_that_a_story_may_name(tmp_path: Path, play: str) -> None:
    [story] = read_stories(written(tmp_path, MINIMAL.replace("introduction", play)), plays=["introduction"])

    assert story.id == "S-1"


def test_the_plays_that_the_stories_name_are_those_of_their_playbook() -> None:
    plays = read_guidance(read_folder(HERE / "config")).playbook.plays

    assert [len(read_stories(file, plays=plays)) for file in CASES] == [
        len(read_stories(file)) for file in CASES
    ]
