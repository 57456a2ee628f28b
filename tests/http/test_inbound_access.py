"""Where the vendor's OAuth covers Inbound Parse: tokens for whoever is the client, and email for a token."""

import base64
from datetime import timedelta
from urllib.parse import urlencode

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.clock import parse_instant
from foundation.database import Database
from outreach.providers.sendgrid.access import InboundAccess
from tests.http.site import MAIL, Answer, Site, form_of
from tests.support.world import World

#: A Monday, nine in the morning in Chicago.
MORNING = "2026-03-02T15:00Z"
CLIENT, SECRET = "sendgrid", "a secret of the client, of some length"
TOKEN = "/webhooks/sendgrid/token"
ACCESS = InboundAccess(client_id=CLIENT, client_secret=SECRET)


async def asks_for_a_token(
    site: Site,
    client: str = CLIENT,
    secret: str = SECRET,
    *,
    in_header: bool = True,
    grant: str = "client_credentials",
) -> Answer:
    shown = base64.b64encode(f"{client}:{secret}".encode()).decode()
    form = {"grant_type": grant} | ({} if in_header else {"client_id": client, "client_secret": secret})
    headers = [("Authorization", f"Basic {shown}")] if in_header else []
    return await site.ask("POST", TOKEN, body=urlencode(form).encode(), headers=headers)


async def mails(site: Site, authorization: str) -> int:
    fields = {"from": "ada@example.com", "to": "x@reply.example.com", "text": "STOP"}
    body = form_of(fields, boundary="b")
    headers = [("Content-Type", "multipart/form-data; boundary=b")]
    headers += [("Authorization", authorization)] if authorization else []
    return (await site.ask("POST", MAIL, body=body, headers=headers)).status


@pytest.mark.parametrize("in_header", [True, False], ids=["in a header", "in the form"])
async def test_email_is_taken_with_a_token_until_it_ends(database: Database, *, in_header: bool) -> None:
    world = World(database, now=MORNING)
    await world.person(phone=None)
    site = Site(world, mail_access=ACCESS)

    given_token = await asks_for_a_token(site, in_header=in_header)
    content = msgspec.json.decode(given_token.body)
    token = f"Bearer {content['access_token']}"
    taken = await mails(site, token)
    world.clock.advance(timedelta(seconds=content["expires_in"]))
    late = await mails(site, token)

    assert (content["token_type"], given_token.headers["cache-control"]) == ("Bearer", "no-store")
    assert (taken, late) == (204, 401)
    assert await world.asks("SELECT count(*) FROM suppressions WHERE kind = 'opted_out'") == 1


async def test_email_without_a_token_of_ours_binds_nothing_though_it_knows_the_secret(
    database: Database,
) -> None:
    world = World(database, now=MORNING)
    await world.person(phone=None)
    site = Site(world, mail_access=ACCESS)
    other = InboundAccess(client_id=CLIENT, client_secret=SECRET + "!").token(now=world.clock.now())

    for authorization in (
        "",
        "Bearer",
        "Bearer x.y",
        f"Bearer {other}",
        f"Basic {ACCESS.token(now=world.clock.now())}",
    ):
        assert await mails(site, authorization) == 401
    assert await world.asks("SELECT count(*) FROM suppressions") == 0


async def test_nobody_else_gets_a_token(database: Database) -> None:
    site = Site(World(database, now=MORNING), mail_access=ACCESS)

    assert (await asks_for_a_token(site, secret="wrong")).status == 401
    assert (await asks_for_a_token(site, client="other", in_header=False)).status == 401
    assert (await asks_for_a_token(site, grant="password")).status == 400
    assert (await site.ask("POST", TOKEN, body=b"\xff&=&%ZZ")).status == 400


async def test_where_no_client_is_configured_there_is_no_such_route(database: Database) -> None:
    assert (await asks_for_a_token(Site(World(database, now=MORNING)))).status == 404


@given(st.text(max_size=60))
def test_whatever_is_shown_is_a_token_of_ours_or_none(text: str) -> None:
    assert not ACCESS.knows(text, now=parse_instant(MORNING))
