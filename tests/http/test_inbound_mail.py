"""What people email us: heard whoever carries it, matched by the address for answers, else by its sender."""

import base64
from email.message import EmailMessage
from uuid import UUID

import pytest

from foundation.database import Database
from outreach.model.message import Email
from tests.http.site import MAIL, MAIL_SECRET, Site, form_of, signed_by_sendgrid
from tests.support.world import World

#: A Monday, nine in the morning in Chicago.
MORNING = "2026-03-02T15:00Z"
CLOSED = "SELECT array_agg(channel ORDER BY channel) FROM suppressions WHERE kind = 'opted_out'"


async def somebody_with_an_email(database: Database) -> tuple[World, Site, str]:
    """Return a world in which ada was sent an email, and the address that its answers go to."""
    world = World(database, now=MORNING)
    await world.person(phone=None)
    await world.has_a_text_due()
    await world.works()
    (email,) = world.email.sent
    assert isinstance(email, Email)
    assert email.reply_to is not None
    return world, Site(world), email.reply_to


async def test_every_email_has_an_address_for_answers_that_names_it(database: Database) -> None:
    world, site, reply_to = await somebody_with_an_email(database)

    (attempt_id,) = [row["attempt_id"] for row in await world.rows("SELECT attempt_id FROM attempts")]
    assert site.addresses.read([reply_to.upper()]) == UUID(str(attempt_id))
    assert len(reply_to.partition("@")[0]) <= 64


async def test_a_stop_by_email_binds_person_and_address_before_the_answer(database: Database) -> None:
    world, site, reply_to = await somebody_with_an_email(database)

    answer = await site.mails_us("Please stop emailing me", to=reply_to)

    assert answer.status == 204
    (row,) = await world.rows("SELECT person_id, address, channel FROM suppressions WHERE kind = 'opted_out'")
    assert tuple(row.values()) == ("ada", "ada@example.com", "email")


async def test_an_answer_is_of_whoever_the_email_went_to_whatever_its_sender_says(database: Database) -> None:
    world, site, reply_to = await somebody_with_an_email(database)

    await site.mails_us("I lost my job", to=f"Harbor <{reply_to}>", sender="other@example.org")

    (row,) = await world.rows("SELECT person_id, address, is_proven, needs_human FROM replies")
    assert tuple(row.values()) == ("ada", "ada@example.com", True, True)


async def test_an_email_without_its_address_closes_and_confirms_nothing(database: Database) -> None:
    world, site, _ = await somebody_with_an_email(database)
    before = len(world.email.sent)

    await site.mails_us("STOP")
    await world.works_until("2026-03-02T23:00Z")

    assert await world.asks(CLOSED) == ["email"]
    assert len(world.email.sent) == before


@pytest.mark.parametrize("text", ["START", "yes", "UNSTOP"])
async def test_an_email_that_may_be_anybodys_opens_nothing(database: Database, text: str) -> None:
    world, site, reply_to = await somebody_with_an_email(database)
    await site.mails_us("STOP", to=reply_to)

    await site.mails_us(text)

    assert await world.asks("SELECT count(*) FROM suppressions WHERE lifted_at IS NOT NULL") == 0
    assert await world.asks("SELECT bool_and(needs_human) FROM replies WHERE NOT is_proven")
    inbound = "SELECT count(*) FROM contacts WHERE direction = 'inbound'"
    assert await world.asks(inbound) == 1, "what may be forged proves no use of an address"


async def test_a_start_to_the_address_for_answers_takes_back_a_stop_by_email(database: Database) -> None:
    world, site, reply_to = await somebody_with_an_email(database)
    await site.mails_us("STOP", to=reply_to)

    await site.mails_us("START", to=reply_to)

    assert await world.asks("SELECT count(*) FROM suppressions WHERE lifted_at IS NULL") == 0


@pytest.mark.parametrize(
    "forge",
    [
        lambda address: address.replace("r.", "r.a", 1),
        lambda address: address.partition("@")[0] + "@elsewhere.example.com",
        lambda _: "r." + base64.b32encode(bytes(26)).decode().rstrip("=") + "@reply.example.com",
        lambda _: "r.@reply.example.com",
        lambda _: "r." + "a" * 2000 + "@reply.example.com",
    ],
)
async def test_an_address_that_we_did_not_make_proves_nothing(database: Database, forge: object) -> None:
    world, site, reply_to = await somebody_with_an_email(database)
    assert callable(forge)

    await site.mails_us("START", to=forge(reply_to))

    assert await world.asks("SELECT is_proven FROM replies") is False


async def test_an_email_is_heard_once_however_often_it_is_posted(database: Database) -> None:
    world, site, reply_to = await somebody_with_an_email(database)

    for _ in range(3):
        await site.mails_us("I will pay on Friday", to=reply_to)

    assert await world.asks("SELECT count(*) FROM replies") == 1


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("Auto-Submitted: auto-replied", "auto_reply"),
        ("Subject: Automatic reply: your account", "auto_reply"),
        ("X-Autoreply: yes", "auto_reply"),
        ("Precedence: bulk", "list"),
        ("List-Id: <news.example.com>", "list"),
        ("Return-Path: <>", "bounce"),
        ('Content-Type: multipart/report; report-type=delivery-status; boundary="b"', "bounce"),
    ],
)
async def test_what_a_program_wrote_is_kept_and_never_answered_and_holds_nobody(
    database: Database, header: str, kind: str
) -> None:
    world, site, reply_to = await somebody_with_an_email(database)
    before = len(world.email.sent)

    await site.mails_us("I am away until May 3", to=reply_to, fields=written(header, reply_to))
    await site.mails_us("HELP", to=reply_to, fields=written(header, reply_to))
    await world.works_until("2026-03-02T23:00Z")

    assert {row["automatic"] for row in await world.rows("SELECT automatic FROM replies")} == {kind}
    assert await world.asks("SELECT count(*) FROM suppressions") == 0
    assert len(world.email.sent) == before


def written(header: str, to: str) -> dict[str, str | bytes]:
    return {"headers": f"From: ada@example.com\nTo: {to}\nMessage-ID: <1@mail>\n{header}\n"}


async def test_a_program_that_tells_of_a_death_calls_a_human_and_closes_nothing(database: Database) -> None:
    world, site, reply_to = await somebody_with_an_email(database)

    await site.mails_us(
        "Ada passed away last week", to=reply_to, fields=written("Auto-Submitted: yes", reply_to)
    )

    assert await world.asks("SELECT needs_human FROM replies")
    assert await world.asks(CLOSED) is None


async def test_a_raw_email_is_heard_as_one_that_was_taken_apart(database: Database) -> None:
    world, site, reply_to = await somebody_with_an_email(database)
    raw = EmailMessage()
    raw["From"], raw["To"], raw["Subject"] = "Ada <ada@example.com>", reply_to, "Re: your account"
    raw.set_content(
        "Deje de escribirme, por favor. ¿Sí?\n\nEl lun, 2 mar 2026, Harbor escribió:\n> Hola Ada\n"
    )
    raw.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="recibo.pdf")

    await site.mails_us(to=reply_to, fields={"email": raw.as_bytes()})

    (row,) = await world.rows("SELECT text, attachments FROM replies")
    assert tuple(row.values()) == ("Deje de escribirme, por favor. ¿Sí?", ["recibo.pdf"])


async def test_an_email_larger_than_any_is_heard_by_its_headers_and_first_part(database: Database) -> None:
    world, site, reply_to = await somebody_with_an_email(database)
    raw = EmailMessage()
    raw["From"], raw["To"], raw["Subject"] = "Ada <ada@example.com>", reply_to, "Re: your account"
    raw.set_content("Stop emailing me\n")
    raw.add_attachment(b"\0" * 5_000_000, maintype="image", subtype="png", filename="photo.png")

    answer = await site.mails_us(to=reply_to, fields={"email": raw.as_bytes()})

    assert answer.status == 204
    assert await world.asks(CLOSED) == ["email"]


async def test_files_are_named_and_not_kept(database: Database) -> None:
    world, site, reply_to = await somebody_with_an_email(database)

    await site.mails_us(
        "see attached", to=reply_to, fields={"attachment1/letter of the doctor.pdf": b"%PDF" * 1000}
    )

    assert await world.asks("SELECT attachments FROM replies") == ["letter of the doctor.pdf"]


async def test_a_text_in_an_old_charset_is_read_in_it(database: Database) -> None:
    world, site, reply_to = await somebody_with_an_email(database)

    await site.mails_us(
        to=reply_to,
        fields={"text": "Está bien, mañana".encode("latin-1"), "charsets": '{"text": "iso-8859-1"}'},
    )

    assert await world.asks("SELECT text FROM replies") == "Está bien, mañana"


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/webhooks/sendgrid/inbound", [], 403),
        ("/webhooks/sendgrid/inbound?secret=", [], 403),
        ("/webhooks/sendgrid/inbound?secret=wrong", [], 403),
        (MAIL, [], 204),
        (
            "/webhooks/sendgrid/inbound",
            [("Authorization", "Basic " + base64.b64encode(f"u:{MAIL_SECRET}".encode()).decode())],
            204,
        ),
        ("/webhooks/sendgrid/inbound", [("Authorization", "Basic ###")], 403),
    ],
)
async def test_only_who_knows_the_secret_is_heard(
    database: Database, path: str, headers: list[tuple[str, str]], status: int
) -> None:
    world, site, reply_to = await somebody_with_an_email(database)

    answer = await site.mails_us("STOP", to=reply_to, path=path, http=headers)

    assert answer.status == status
    assert await world.asks("SELECT count(*) FROM replies") == (status == 204)


@pytest.mark.parametrize("path", ["/webhooks/sendgrid/inbound", "/webhooks/sendgrid/inbound?secret=", MAIL])
async def test_where_no_secret_was_agreed_on_nobody_is_heard(database: Database, path: str) -> None:
    world, _, reply_to = await somebody_with_an_email(database)
    site = Site(world, mail_secret="")

    answer = await site.mails_us("STOP", to=reply_to, path=path)

    assert answer.status == 403
    assert await world.asks("SELECT count(*) FROM replies") == 0


async def test_where_mail_is_to_be_signed_only_what_the_vendor_signed_is_heard(database: Database) -> None:
    world, _, reply_to = await somebody_with_an_email(database)
    site = Site(world, mail_is_signed=True)
    fields = {
        "from": "ada@example.com",
        "to": reply_to,
        "text": "STOP",
        "envelope": f'{{"to":["{reply_to}"]}}',
    }
    body = form_of({**fields, "junk/photo.png": bytes(range(256))}, boundary="b")
    kind = ("Content-Type", "multipart/form-data; boundary=b")
    signed = signed_by_sendgrid(body, at=int(world.clock.now().timestamp()))

    unsigned = await site.ask("POST", MAIL, body=body, headers=[kind])
    other = await site.ask("POST", MAIL, body=body.replace(b"STOP", b"PAID"), headers=[kind, *signed])
    right = await site.ask("POST", MAIL, body=body, headers=[kind, *signed])

    assert [unsigned.status, other.status, right.status] == [403, 403, 204]
    assert await world.asks("SELECT text FROM replies") == "STOP"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "multipart/form-data; boundary=b"),
        (b"from=ada@example.com&text=STOP", "application/x-www-form-urlencoded"),
        (
            b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nSTOP\r\n--b--',
            "multipart/form-data; boundary=b",
        ),
        (b"\xff" * 10_000, "multipart/form-data; boundary=b"),
        (b"--b\r\n" * 10_000, "multipart/form-data; boundary=b"),
        (b"x", "multipart/form-data"),
    ],
)
async def test_what_names_no_sender_or_is_no_form_is_counted_and_passed_by(
    database: Database, body: bytes, kind: str
) -> None:
    world = World(database, now=MORNING)
    site = Site(world)

    answer = await site.ask("POST", MAIL, body=body, headers=[("Content-Type", kind)])

    assert answer.status == 204
    assert b"webhooks_passed_by_total{" in site.metrics.render()
    assert await world.asks("SELECT count(*) FROM replies") == 0


async def test_a_stranger_is_heard_and_a_human_is_told(database: Database) -> None:
    world = World(database, now=MORNING)

    await Site(world).mails_us("You have the wrong person", sender="stranger@example.org")

    (row,) = await world.rows("SELECT person_id, needs_human FROM replies")
    assert tuple(row.values()) == (None, True)
    assert await world.asks("SELECT count(*) FROM hand_offs WHERE person_id IS NULL AND done_at IS NULL") == 1
