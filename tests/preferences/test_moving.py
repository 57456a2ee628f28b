"""Moving in: what files say is taken as it is meant, or refused with a word on what to do."""

import asyncio
import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from foundation.clock import ManualClock, parse_instant
from foundation.database import Database
from preferences.cli.main import cli
from preferences.moving.bring_in import LONG_AGO, Importing, Report
from preferences.moving.cells import CellReader, DateOrder, UnreadableCell
from preferences.moving.files import UnusableFile, open_file
from preferences.moving.take_out import take_out
from schemas.contacts import ContactRecorded
from tests.preferences.stories import ADA, EMAIL, NOW, SMS, happened, hears, latest, published, snapshots
from tests.support.databases import Databases

pytestmark = pytest.mark.migrated("preferences")

READER = CellReader(as_of=parse_instant("2026-11-20T10:00Z"))
HEADER = (
    "person_id,phone,email,consent_channel,consent_basis,consent_at,evidence_kind,evidence_reference,"
    "opt_out_channel,opt_out_at"
)
GOOD = f"{ADA},{SMS},{EMAIL},sms,direct,2026-05-02T10:00:00Z,document,form-12,email,2026-06-02T10:00:00Z"


async def imported(
    database: Database,
    file: Path,
    content: str | bytes,
    *,
    commit: bool = True,
    reader: CellReader = READER,
    cut_off: datetime = LONG_AGO,
    **columns: str,
) -> Report:
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    report = Report()
    importing = Importing(
        database=database,
        clock=ManualClock(NOW),
        reader=reader,
        columns=columns,
        caller="eve",
        commit=commit,
        cut_off=cut_off,
    )
    await importing.bring_in(open_file(file), report, progress=lambda _: None)
    return report


async def test_a_person_comes_with_addresses_consent_and_proof_and_opt_out(
    database: Database, tmp_path: Path
) -> None:
    report = await imported(database, tmp_path / "people.csv", f"{HEADER}\n{GOOD}\n")

    snapshot = await latest(database)
    assert (report.refused, report.changed, report.closed) == ([], 1, {ADA})
    assert [phone.number for phone in snapshot.phones] == [SMS]
    assert [(consent.basis, str(consent.at)) for consent in snapshot.consents] == [
        ("direct", "2026-05-02 10:00:00+00:00")
    ]
    assert [out.channel for out in snapshot.opt_outs] == ["email"]
    async with database.reading() as connection:
        rows = await connection.fetch(
            "SELECT caller, way, evidence FROM entries WHERE type = 'consent.granted.v1'"
        )
    assert [(row["caller"], row["way"]) for row in rows] == [("eve", "import")]
    assert rows[0]["evidence"] == [{"kind": "document", "reference": "form-12"}]


async def test_a_trial_says_what_would_be_and_changes_nothing(database: Database, tmp_path: Path) -> None:
    report = await imported(database, tmp_path / "people.csv", f"{HEADER}\n{GOOD}\n", commit=False)

    assert (report.changed, report.closed, sum(report.new.values())) == (1, {ADA}, 3)
    assert await snapshots(database) == []
    async with database.reading() as connection:
        assert await connection.fetchval("SELECT count(*) FROM entries") == 0


async def test_the_same_file_again_changes_nothing(database: Database, tmp_path: Path) -> None:
    await imported(database, tmp_path / "people.csv", f"{HEADER}\n{GOOD}\n")

    again = await imported(database, tmp_path / "people.csv", f"{HEADER}\n{GOOD}\n")

    assert (again.known, again.changed, sum(again.new.values())) == (3, 0, 0)
    assert len(await snapshots(database)) == 1


async def test_a_bad_row_is_named_by_its_line_and_its_neighbors_are_taken(
    database: Database, tmp_path: Path
) -> None:
    rows = [
        "person-2,3.03555E+11,,,,,,,,",
        GOOD,
        "person-3,,=HYPERLINK(1),,,,,,,",
        "person-4,,,sms,direct,2026-05-02,,,,",
        "person-5,,,telegram,direct,2026-05-02T10:00:00Z,call,c-1,,",
        "person-6,,",
        ",+13035550123,,,,,,,,",
    ]

    report = await imported(database, tmp_path / "people.csv", "\n".join([HEADER, *rows]) + "\n")

    assert [refusal.removeprefix(f"{tmp_path}/people.csv:") for refusal in report.refused] == [
        "2: phone: a spreadsheet has rounded the number; make the column text and export it again",
        "4: email: is a formula; write its value (a text that begins with = or @ is none)",
        "5: consent_at: names no offset; write 2026-03-02T22:30:00Z, or say --zone",
        "6: data.channel: should be 'sms', 'email', 'voice' or 'post'",
        "7: has 3 cells, the header 10: is a separator inside a cell not quoted?",
        "8: person_id: is empty; every row names its person",
    ]
    assert report.changed == 1


async def test_a_line_that_parsers_read_differently_is_refused_and_its_neighbors_are_taken(
    database: Database, tmp_path: Path
) -> None:
    def line(person: str, data: str, *, more: str = "") -> str:
        return (
            f'{{"person_id": "{person}", "type": "person.changed.v1", "time": "2026-01-01T00:00:00Z",'
            f' "data": {data}{more}}}'
        )

    lines = [
        line("person-1", '{"language": "en"}'),
        line("person-2", '{"language": "en", "language": "es"}'),
        line("person-3", '{"names": {"given": "\\ud800"}}'),
        line("person-4\\ud800", '{"language": "en"}'),
        line("person-5", '{"language": "en"}', more=', "extra": NaN'),
        "[1]",
        "[" * 5000,
        line("person-6", '{"language": "' + "x" * 1_000_000 + '"}'),
        line("per\\u200bson-7", '{"language": "en"}'),
        line("person-8", '{"language": "en"}').replace("2026-01-01", "2026-12-01"),
        line("person-9", '{"language": "en"}'),
    ]

    report = await imported(database, tmp_path / "people.jsonl", "\n".join(lines) + "\n")

    no_json = "is no JSON (RFC 8259, UTF-8, sanely nested)"
    assert [refusal.removeprefix(f"{tmp_path}/people.jsonl:") for refusal in report.refused] == [
        "2: language appears twice in one object",
        f"3: {no_json}",
        f"4: {no_json}",
        f"5: {no_json}",
        "6: is not one JSON object",
        f"7: {no_json}",
        "8: has more than 1,000,000 signs",
        "9: person_id: must be 1 to 200 printable characters, without spaces",
        "10: names a time that is yet to come, of something that has happened",
    ]
    assert report.changed == 2


async def test_a_stop_counts_however_its_channel_is_capitalized(database: Database, tmp_path: Path) -> None:
    rows = "person_id,opt_out_channel,opt_out_at\nperson-1,SMS,2026-05-02T10:00:00Z\n"

    report = await imported(database, tmp_path / "people.csv", rows)

    assert report.refused == []
    assert [out.channel for out in (await latest(database)).opt_outs] == ["sms"]


async def test_a_quotation_mark_that_is_never_closed_is_named_where_it_is_opened(
    database: Database, tmp_path: Path
) -> None:
    rows = 'person_id,given_name\nperson-1,Ada\nperson-2,"Bob\nperson-3,Cyd\n'

    report = await imported(database, tmp_path / "people.csv", rows)

    assert report.refused == [
        f"{tmp_path}/people.csv:3: has a quotation mark that is never closed, so all that follows is one cell"
    ]
    assert report.changed == 1


SPREADSHEETS: dict[str, bytes] = {
    "a byte order mark": "\ufeffperson_id,given_name\nperson-1,Zoë\n".encode(),
    "semicolons": "person_id;given_name\nperson-1;Zoë\n".encode(),
    "Latin-1": "person_id;given_name\nperson-1;Zoë\n".encode("latin-1"),
    "UTF-16": "person_id\tgiven_name\nperson-1\tZoë\n".encode("utf-16"),
    "Windows line ends": b'person_id,given_name\r\nperson-1,"Zo\xc3\xab"\r\n',
}


@pytest.mark.parametrize("content", SPREADSHEETS.values(), ids=SPREADSHEETS)
async def test_a_file_is_read_as_it_was_written(database: Database, tmp_path: Path, content: bytes) -> None:
    report = await imported(database, tmp_path / "people.csv", content)

    names = (await latest(database)).names
    assert report.refused == []
    assert names is not None
    assert names.given == "Zoë"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04....", "is a workbook; save the sheet as CSV (UTF-8)"),
        (b"a\x00b,c\n", "is no text; save it as CSV (UTF-8) or JSON lines"),
        (b"name,phone\nAda,1\n", "no column is person_id"),
        (b'[{"person_id": "1"}]', "is a list in JSON; write one object on each line"),
        (b"person_id,person_id\n1,2\n", "must name each column, once"),
    ],
)
async def test_a_file_that_cannot_be_used_is_refused_whole(
    database: Database, tmp_path: Path, content: bytes, problem: str
) -> None:
    with pytest.raises(UnusableFile, match=problem.replace("(", r"\(").replace(")", r"\)")):
        await imported(database, tmp_path / "people.csv", content)


CELLS: dict[str, tuple[str, str, dict[str, Any], str]] = {
    "a number without a country": ("phone", "3035550123", {}, "has no country"),
    "a number of the country that was said": ("phone", "(303) 555-0123", {"country": "US"}, SMS),
    "a number that lost its digits": ("phone", "55501", {"country": "US"}, "too few or too many digits"),
    "Excel's day": ("instant", "45231", {}, "spreadsheet's number for a day"),
    "an ambiguous day": ("edge", "03/02/2026", {}, "may be day/month or month/day"),
    "a day of the US": ("edge", "03/02/2026", {"dates": DateOrder.MDY}, "2026-03-02"),
    "a day of Europe": ("edge", "03.02.2026", {"dates": DateOrder.DMY}, "2026-02-03"),
    "no day at all": ("edge", "31/02/2026", {"dates": DateOrder.DMY}, "is no date when it is read as dmy"),
    "a formula": ("text", "=1+1", {}, "is a formula"),
    "a lone minus": ("text", "-cmd", {}, "is a formula"),
    "a plain text": ("text", "O'Hara - Smith", {}, "O'Hara - Smith"),
}


@pytest.mark.pure
@pytest.mark.parametrize(("kind", "cell", "how", "expected"), CELLS.values(), ids=CELLS)
def test_a_cell_is_read_as_it_is_meant_or_refused_with_a_word(
    kind: str, cell: str, how: dict[str, Any], expected: str
) -> None:
    reader = CellReader(as_of=NOW, **how)
    try:
        answer = str(getattr(reader, kind)(cell))
    except UnreadableCell as error:
        answer = error.problem

    assert expected in answer


def test_a_postal_code_that_lost_its_zero_is_refused() -> None:
    with pytest.raises(UnreadableCell, match="lost its zeros"):
        READER.postal_code("2134", country="US")
    assert READER.postal_code("02134", country="US") == "02134"


async def test_an_opt_out_of_a_day_outlasts_a_consent_of_the_same_day(
    database: Database, tmp_path: Path
) -> None:
    reader = CellReader(as_of=NOW, zone=ZoneInfo("America/Denver"))
    header = "person_id,opt_out_channel,opt_out_at"
    await imported(database, tmp_path / "stops.csv", f"{header}\n{ADA},sms,2026-06-02\n", reader=reader)

    (out,) = (await latest(database)).opt_outs
    assert str(out.at) == "2026-06-03 05:59:59.999999+00:00"


VENDORS: dict[str, tuple[str, str, str]] = {
    "who unsubscribed": ("email,created", f"{EMAIL.upper()},1750000000", "opted_out"),
    "who complained": ("email,created,ip", f"{EMAIL},1750000000,192.0.2.1", "complained"),
    "what bounced": ("status,reason,email,created", f"5.1.1,550 unknown,{EMAIL},1750000000", "unreachable"),
    "who texted STOP": (
        "contact_id,sender_id,status,source,date_of_consent",
        f"{SMS},MG1,opt-out,opt-out-message,2026-06-02T10:00:00Z",
        "opted_out",
    ),
}


@pytest.mark.parametrize(("header", "row", "kind"), VENDORS.values(), ids=VENDORS)
async def test_a_vendors_list_closes_the_address_for_everybody_who_has_it(
    database: Database, tmp_path: Path, header: str, row: str, kind: str
) -> None:
    for person in (ADA, "person-2"):
        await hears(
            database,
            happened("person.changed", to=person, phones=[{"number": SMS}], emails=[{"address": EMAIL}]),
        )

    report = await imported(database, tmp_path / "list.csv", f"{header}\n{row}\n")

    assert (report.refused, report.closed) == ([], {ADA, "person-2"})
    for person in (ADA, "person-2"):
        assert [out.kind for out in (await latest(database, person)).opt_outs] == [kind]


async def test_an_address_of_nobody_known_is_refused_so_that_the_list_is_brought_again(
    database: Database, tmp_path: Path
) -> None:
    report = await imported(database, tmp_path / "list.csv", f"email,created\n{EMAIL},1750000000\n")

    assert [refusal.rpartition(": ")[2] for refusal in report.refused] == [
        "nobody known has this address; import the people first, then this list again"
    ]


async def test_past_contacts_are_published_once_so_that_they_count(
    database: Database, tmp_path: Path
) -> None:
    header = "person_id,contact_id,contact_channel,contact_outcome,contact_at"
    content = f"{header}\n{ADA},call-1,voice,answered,2026-11-19T17:00:00Z\n"
    await imported(database, tmp_path / "calls.csv", content)
    await imported(database, tmp_path / "calls.csv", content)

    async with database.reading() as connection:
        (contact,) = await published(connection, "contacts.v1")
    assert (contact.type, contact.person_id, str(contact.time)) == (
        "contact.recorded.v1",
        ADA,
        "2026-11-19 17:00:00+00:00",
    )


async def test_what_is_exported_makes_the_same_people_elsewhere(
    database: Database, databases: Databases, tmp_path: Path
) -> None:
    slip = happened("person.changed", "2026-11-21T10:00Z", language="fr")
    await hears(
        database,
        happened("person.changed", language="es", phones=[{"number": SMS}], pause_until="2026-12-01"),
        happened("consent.granted", channel="sms", basis="direct", address=SMS),
        happened("hold.placed", hold_id="h-1", kind="hardship"),
        slip,
        happened("statement.corrected", event_source="/crm", event_id=slip.id, reason="misheard"),
    )
    lines = [json.dumps(line) async for line in take_out(database=database, clock=ManualClock(NOW))]
    url = await databases.fresh("preferences")

    async with Database.open(url, size=2, name="elsewhere") as elsewhere:
        report = await imported(elsewhere, tmp_path / "export.jsonl", "\n".join(lines))
        moved = await latest(elsewhere)

    assert report.refused == []
    here = await latest(database)
    for name in ("language", "phones", "holds", "opt_outs", "pause_until", "lifted_holds"):
        assert getattr(moved, name) == getattr(here, name), name
    assert [consent.at for consent in moved.consents] == [consent.at for consent in here.consents]
    await databases.drop(url)


async def test_a_file_of_thousands_of_rows_is_brought_in_batch_by_batch(
    database: Database, tmp_path: Path
) -> None:
    rows = "\n".join(f"person-{number},en" for number in range(1201))

    report = await imported(database, tmp_path / "people.csv", f"person_id,language\n{rows}\n")

    assert (report.rows, report.changed) == (1201, 1201)


async def test_commands_try_then_bring_in_then_list_who_shares_an_address_and_take_it_out(
    database_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    file.write_text(f"Customer,Mobile\n{ADA},3035550123\nperson-2,{SMS}\nperson-3,=1\n")
    options = ["--column", "Customer=person_id", "--column", "Mobile=phone", "--country", "US"]

    async def ask(*arguments: str) -> tuple[int, str]:
        settings = {"PREFERENCES_DATABASE_URL": database_url}
        result = await asyncio.to_thread(CliRunner().invoke, cli, list(arguments), env=settings)
        return result.exit_code, result.output

    tried = await ask("import", str(file), *options)
    nothing = await ask("export")
    done = await ask("import", str(file), *options, "--commit")
    shared = await ask("duplicates")
    taken = await ask("export", "--person", ADA)

    assert tried[0] == done[0] == 1
    assert f"{file}:4: phone: is a formula" in tried[1]
    assert "do it with --commit" in tried[1]
    assert nothing == (0, "")
    assert shared == (0, f"{ADA} person-2\n")
    assert json.loads(taken[1])["said"][0]["data"]["phones"] == [{"number": SMS}]


async def test_past_contacts_of_before_the_cut_off_are_left_out_and_said_to_be(
    database: Database, tmp_path: Path
) -> None:
    rows = (
        f"{ADA},call-1,voice,2026-07-01T10:00:00Z,answered",
        f"{ADA},call-2,voice,2026-11-01T10:00:00Z,answered",
    )
    header = "person_id,contact_id,contact_channel,contact_at,contact_outcome"

    report = await imported(
        database,
        tmp_path / "calls.csv",
        "\n".join([header, *rows]) + "\n",
        cut_off=parse_instant("2026-08-16T00:00Z"),
    )

    async with database.transaction() as connection:
        told = await published(connection, "contacts.v1")
    assert [contact.data.contact_id for contact in told if isinstance(contact.data, ContactRecorded)] == [
        "call-2"
    ]
    assert (report.older, report.new["contact.recorded.v1"]) == (1, 1)


async def test_an_import_that_is_cut_short_says_up_to_which_line_it_is_done(
    database: Database, tmp_path: Path
) -> None:
    rows = "\n".join(f"person-{number},en" for number in range(1, 1201))
    report, file = Report(), tmp_path / "people.csv"
    file.write_text(f"person_id,language\n{rows}\n")

    def progress(done: int) -> None:
        if done == 1000:
            raise ConnectionError

    importing = Importing(
        database=database, clock=ManualClock(NOW), reader=READER, columns={}, caller="eve", commit=True
    )
    with pytest.raises(ConnectionError):
        await importing.bring_in(open_file(file), report, progress=progress)
    assert report.reached == 1001

    again = await imported(database, file, file.read_bytes())
    assert (again.known, sum(again.new.values()), again.reached) == (1000, 200, 1201)
