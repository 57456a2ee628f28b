"""People who wait for a human, in the hands of staff at a terminal.

Commands read the machine's clock: what a person wrote lies a moment before any of that clock's instants.
"""

import asyncio
import csv
import io
import json
import os
import pwd
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from foundation.acts import Actor, KnownBy
from foundation.database import Database
from outreach.cli.main import cli
from outreach.desk.releasing import Decided, Decision, release_person
from tests.support.world import SAMPLE, World

#: Whoever runs these tests, as commands name them.
STAFF = f"{pwd.getpwuid(os.getuid()).pw_name} (system user)"


@pytest.fixture
def outreach(database_url: str) -> Any:
    """Run a command as staff would, with the database of this test."""
    env = {"OUTREACH_DATABASE_URL": database_url, "OUTREACH_CONFIG_DIR": str(SAMPLE)}

    async def run(*words: str, typed: str = "") -> Result:
        return await asyncio.to_thread(CliRunner().invoke, cli, list(words), env=env, input=typed)

    return run


async def somebody_who_wrote(database: Database, text: str) -> World:
    now = datetime.now(UTC) - timedelta(minutes=5)  # noqa: TID251 - commands read the machine's clock
    world = World(database, now=now.isoformat())
    await world.person()
    await world.debt("ada")
    await world.answers(text)
    return world


async def test_who_waits_is_shown_with_what_they_wrote(database: Database, outreach: Any) -> None:
    await somebody_who_wrote(database, "I can't pay\x1b[2J, call me")

    shown = (await outreach("waiting")).output

    assert "ada" in shown
    assert "they, sms: I can't pay\\x1b[2J, call me" in shown
    assert "holds: with_human" in shown
    assert "nobody waits" in (await outreach("waiting", "--urgency", "crisis")).output
    assert "nobody waits" in (await outreach("waiting", "--creditor", "lakeside")).output
    (told,) = json.loads((await outreach("waiting", "--json")).output)
    assert (told["person_id"], told["creditors"]) == ("ada", ["northwind"])


async def test_nobody_is_said_to_wait_of_a_creditor_whom_nothing_knows(
    database: Database, outreach: Any
) -> None:
    await somebody_who_wrote(database, "call me")

    refused = await outreach("waiting", "--creditor", "nosuch")
    meant = await outreach("waiting", "--creditor", "northwnd")

    assert (refused.exit_code, "no creditor is called `nosuch`" in refused.output) == (1, True)
    assert "nobody waits" not in refused.output
    assert "did you mean `northwind`?" in meant.output


async def test_what_has_several_lines_is_shown_as_it_was_written_and_never_as_words_of_ours(
    database: Database, outreach: Any
) -> None:
    long = "and I do not know what to do about the rest of it because my hours were cut again this month"
    await somebody_who_wrote(database, f"Hello,\n\n\nI can't pay, {long}.\nnormal  bob  thanks")

    shown = (await outreach("waiting")).output.splitlines()

    (first,) = (number for number, line in enumerate(shown) if line.endswith("they, sms: Hello,"))
    written = shown[first + 1 : first + 4]
    assert all(line.startswith("    | ") for line in written)
    assert " ".join(line.removeprefix("    | ") for line in written) == (
        f"I can't pay, {long}. normal  bob  thanks".replace("  ", " ")
    )


async def test_who_waits_because_of_their_name_is_listed_with_why_and_what_to_do(
    database: Database, outreach: Any
) -> None:
    now = datetime.now(UTC) - timedelta(minutes=5)  # noqa: TID251 - commands read the machine's clock
    world = World(database, now=now.isoformat())
    await world.person(names={"full": "Estate of Ada Example"})
    await world.debt("ada")

    shown = (await outreach("waiting")).output
    (told,) = json.loads((await outreach("waiting", "--json", "--creditor", "northwind")).output)
    refused = await outreach("release", "ada", "--was", "stop_all")
    released = await outreach("release", "ada")

    assert "normal  ada  name_of_an_estate" in shown
    assert "their name tells of a death, so nothing goes out" in shown
    assert "outreach release ada" in shown
    assert (told["person_id"], told["kinds"], told["answer_by"]) == ("ada", ["name_of_an_estate"], None)
    assert (refused.exit_code, released.exit_code) == (1, 0), released.output
    assert "nobody waits" in (await outreach("waiting")).output


async def test_no_cell_of_the_table_is_a_formula(database: Database, outreach: Any) -> None:
    world = await somebody_who_wrote(database, "what is this")
    await world.answers("and this", phone="+13125550177", reply_id="=cmd()")

    rows = list(csv.reader(io.StringIO((await outreach("waiting", "--csv")).output)))

    assert rows[0][0] == "urgency"
    assert {row[1] for row in rows[1:]} == {"ada", "'=cmd()"}


async def test_whoever_hands_back_sees_what_was_written_and_says_what_it_was(
    database: Database, outreach: Any
) -> None:
    world = await somebody_who_wrote(database, "hmm what")

    done = await outreach("release", "ada", typed="what\nstop_all\n")

    assert done.exit_code == 0
    assert done.output.index("hmm what") < done.output.index("What was it?")
    assert await world.asks("SELECT count(*) FROM suppressions WHERE kind = 'opted_out'") == 4
    again = await outreach("release", "ada", "--was", "none")
    assert (again.exit_code, "nothing was waiting" in again.output) == (1, True)


async def test_nobody_is_handed_back_without_a_word(database: Database, outreach: Any) -> None:
    await somebody_who_wrote(database, "hmm what")

    done = await outreach("release", "ada")

    assert done.exit_code == 2
    assert "--was" in done.output
    assert "hmm what" in (await outreach("waiting")).output


async def test_a_hold_that_fits_is_placed_or_the_one_that_is_named(database: Database, outreach: Any) -> None:
    world = await somebody_who_wrote(database, "hmm what")

    unfit = await outreach("release", "ada", "--was", "hold")
    fit = await outreach("release", "ada", "--was", "hold", "--hold", "hardship", "--days", "30")

    assert (unfit.exit_code, fit.exit_code) == (2, 0)
    assert await world.asks("SELECT recorded_by FROM suppressions WHERE kind = 'hardship'") == STAFF


@pytest.mark.parametrize(
    "words",
    [
        ("--was", "none", "--hold", "hardship"),
        ("--was", "none", "--days", "30"),
        ("--was", "stop_this", "--hold", "hardship", "--days", "30"),
    ],
)
async def test_a_hold_that_would_be_passed_over_is_refused(
    database: Database, outreach: Any, words: tuple[str, ...]
) -> None:
    await somebody_who_wrote(database, "hmm what")

    refused = await outreach("release", "ada", *words)
    typed = await outreach("release", "ada", "--hold", "hardship", typed="none\n")

    assert (refused.exit_code, "goes with --was hold" in refused.output) == (2, True)
    assert (typed.exit_code, "goes with --was hold" in typed.output) == (2, True)
    assert (await outreach("waiting", "ada")).exit_code == 0


async def test_no_hold_is_said_to_be_placed_on_somebody_nobody_knows(
    database: Database, outreach: Any
) -> None:
    world = await somebody_who_wrote(database, "what is this")
    await world.answers("and this", phone="+13125550177", reply_id="SM77")

    refused = await outreach("release", "SM77", "--was", "hold", "--hold", "hardship", "--days", "30")

    assert (refused.exit_code, "nobody knows who wrote this" in refused.output) == (2, True)
    assert (await outreach("waiting", "SM77")).exit_code == 0


async def test_an_answer_is_planned_and_the_policy_says_what_becomes_of_it(
    database: Database, outreach: Any
) -> None:
    world = await somebody_who_wrote(database, "call me")

    done = await outreach("answer", "ada", "--text", "Thank you. When suits you?")
    again = await outreach("answer", "ada", "--text", "Thank you. When suits you?")

    assert (done.exit_code, again.exit_code) == (0, 0)
    assert "answer planned by sms" in done.output
    assert "planned already" in again.output
    assert await world.asks("SELECT details->'answer'->>'by' FROM touches WHERE play = 'answer'") == STAFF


async def test_what_becomes_of_an_answer_is_said_before_the_rules(database: Database, outreach: Any) -> None:
    await somebody_who_wrote(database, "call me")

    first, second, *rules = (await outreach("answer", "ada", "--text", "Gladly.")).stdout.splitlines()

    assert first.startswith("answer planned by sms, touch ")
    assert second == "ada still waits: `outreach release ada` hands them back"
    assert all(line.startswith("  ") for line in rules)


async def test_an_answer_that_the_policy_will_not_let_go_is_said_to_reach_nobody(
    database: Database, outreach: Any
) -> None:
    await somebody_who_wrote(database, "my lawyer Mr. Fox deals with this, stop texting me")

    done = await outreach("answer", "ada", "--text", "Thank you for telling us.")

    assert done.exit_code == 1
    assert done.output.startswith("as things are it will not be sent: suppress")
    assert "answer planned" not in done.output


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("ada",), 2),
        (("ada", "--text", "a", "--wording", "b"), 2),
        (("ada", "--text", ""), 2),
        (("ada", "--text", " \u200b\n"), 2),
        (("ada", "--text", "Hello {{ given_name }}"), 2),
        (("ada", "--text", "Hello {% if x %}"), 2),
        (("ada", "--wording", "no_such_wording"), 1),
        (("ada", "--text", "PAY NOW!!! Legal action will follow."), 1),
        (("bob", "--text", "Hello"), 1),
    ],
)
async def test_what_cannot_be_answered_is_refused(
    database: Database, outreach: Any, words: tuple[str, ...], code: int
) -> None:
    world = await somebody_who_wrote(database, "call me")

    assert (await outreach("answer", *words)).exit_code == code
    assert await world.asks("SELECT count(*) FROM touches WHERE play = 'answer'") == 0


async def test_a_stop_is_recorded_and_a_mistaken_one_is_marked(database: Database, outreach: Any) -> None:
    world = await somebody_who_wrote(database, "hello")

    stopped = await outreach("stop", "ada", "--channel", "sms")
    found = await outreach("unstop", "ada", "--why", "wrong ada", "--evidence", "call 7")

    assert (stopped.exit_code, found.exit_code) == (0, 0)
    assert await world.asks("SELECT mistaken_by FROM suppressions WHERE kind = 'opted_out'") == STAFF
    assert (await outreach("stop", "nobody")).exit_code == 1
    assert (await outreach("unstop", "ada", "--why", "w", "--evidence", "e")).exit_code == 1


async def test_of_several_stops_the_mistaken_one_is_named(database: Database, outreach: Any) -> None:
    world = await somebody_who_wrote(database, "hello")
    await outreach("stop", "ada")

    asked = await outreach("unstop", "ada", "--why", "w", "--evidence", "e")
    assert asked.exit_code == 1
    (stop,) = [word for word in asked.output.split() if word.endswith(":voice")]
    done = await outreach("unstop", stop, "--why", "w", "--evidence", "e")

    assert done.exit_code == 0
    assert await world.asks("SELECT channel FROM suppressions WHERE mistaken_at IS NOT NULL") == "voice"


async def test_a_mistake_on_all_channels_is_undone_at_once(database: Database, outreach: Any) -> None:
    world = await somebody_who_wrote(database, "hello")
    await outreach("stop", "ada")

    done = await outreach("unstop", "ada", "--all", "--why", "wrong ada", "--evidence", "call 7")

    assert done.exit_code == 0
    assert (
        await world.asks("SELECT count(*) FROM suppressions WHERE kind = 'opted_out' AND mistaken_at IS NULL")
        == 0
    )


async def test_what_stays_closed_is_not_said_to_be_undone(database: Database, outreach: Any) -> None:
    world = await somebody_who_wrote(database, "hello")
    await world.unsubscribes()
    own = await outreach("unstop", "ada", "--why", "w", "--evidence", "e")
    await outreach("stop", "ada", "--channel", "sms")

    asked = await outreach("unstop", "ada", "--why", "w", "--evidence", "e")
    done = await outreach("unstop", "ada", "--all", "--why", "w", "--evidence", "e")

    assert (own.exit_code, "they closed it themselves" in own.output) == (1, True)
    assert asked.exit_code == 1
    (closed,) = [line for line in asked.output.splitlines() if "email" in line]
    assert "stays closed" in closed
    opened, stays = done.output.splitlines()
    assert opened.startswith("sms (opted_out)")
    assert opened.endswith("it binds nobody any more")
    assert (stays.startswith("email (opted_out)"), "stays closed" in stays) == (True, True)


async def test_of_a_stop_that_was_texted_the_vendor_is_said_to_keep_it_as_well(
    database: Database, outreach: Any
) -> None:
    await somebody_who_wrote(database, "STOP")

    done = await outreach("unstop", "ada", "--why", "the test phone", "--evidence", "call 7")

    assert done.exit_code == 0
    assert "until they text START" in done.output


@pytest.mark.parametrize("words", [("stop", " "), ("unstop", "", "--why", "w", "--evidence", "e")])
async def test_a_stop_of_nobody_is_refused(outreach: Any, words: tuple[str, ...]) -> None:
    refused = await outreach(*words)

    assert (refused.exit_code, refused.output.startswith("say who")) == (2, True)


async def test_of_a_number_without_its_country_it_is_said_how_to_write_it(
    database: Database, outreach: Any
) -> None:
    await somebody_who_wrote(database, "hello")

    refused = await outreach("stop", "303 555 0138")

    assert (refused.exit_code, "write a number with its country" in refused.output) == (2, True)
    assert "country" not in (await outreach("stop", "person-1001")).output


@pytest.mark.parametrize(
    "words", [("--why", " ", "--evidence", "call 7"), ("--why", "wrong ada", "--evidence", "")]
)
async def test_a_mistake_is_said_with_why_and_evidence(
    database: Database, outreach: Any, words: tuple[str, ...]
) -> None:
    world = await somebody_who_wrote(database, "hello")
    await outreach("stop", "ada", "--channel", "sms")

    assert (await outreach("unstop", "ada", *words)).exit_code == 2
    assert await world.asks("SELECT count(*) FROM suppressions WHERE mistaken_at IS NOT NULL") == 0


@pytest.mark.parametrize(("subject", "channel"), [("ada@example.com", "sms"), ("+13125550142", "email")])
async def test_a_stop_at_an_address_that_the_channel_does_not_reach_closes_nothing(
    database: Database, outreach: Any, subject: str, channel: str
) -> None:
    world = await somebody_who_wrote(database, "hello")

    assert (await outreach("stop", subject, "--channel", channel)).exit_code == 2
    assert await world.asks("SELECT count(*) FROM suppressions WHERE kind = 'opted_out'") == 0


async def test_of_whoever_does_not_wait_it_is_said_that_they_do_not(
    outreach: Any, database: Database
) -> None:
    world = await somebody_who_wrote(database, "call me")
    await world.person("bob", phone="+13125550143", email=None)

    asked = await outreach("waiting", "bob")

    assert (asked.exit_code, "bob does not wait for a human" in asked.output) == (1, True)
    assert json.loads((await outreach("waiting", "bob", "--json")).output) == []


@pytest.mark.parametrize(
    "words", [("waiting", "bob"), ("release", "bob", "--was", "none"), ("explain", "bob")]
)
async def test_of_an_id_that_nobody_has_it_is_said_that_nobody_has_it(
    outreach: Any, database: Database, words: tuple[str, ...]
) -> None:
    await somebody_who_wrote(database, "call me")

    asked = await outreach(*words)

    assert (asked.exit_code, asked.output) == (1, "nobody of the id bob is known\n")


@pytest.mark.parametrize("hold", ["with_human", "wrong_party", "unreachable"])
async def test_a_wait_is_not_ended_by_what_is_no_hold(database: Database, outreach: Any, hold: str) -> None:
    await somebody_who_wrote(database, "call me")

    assert (await outreach("release", "ada", "--was", "hold", "--hold", hold)).exit_code == 2
    assert (await outreach("waiting", "ada")).exit_code == 0


async def test_of_two_who_release_at_once_one_does(database: Database) -> None:
    world = await somebody_who_wrote(database, "call me")
    decision = Decision(decided=Decided.STOP_THIS, actor=Actor(name="dana", known_by=KnownBy.TOKEN))

    released = await asyncio.gather(
        *(release_person("ada", decision, database=database, clock=world.clock) for _ in range(2))
    )

    assert sorted(len(release.replies) for release in released) == [0, 1]
    assert await world.asks("SELECT count(*) FROM suppressions WHERE kind = 'opted_out'") == 1
