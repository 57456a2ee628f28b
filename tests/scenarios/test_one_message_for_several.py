"""What there is to say about several debts is said in one message, where it would come from the same hand."""

import pytest

from foundation.database import Database
from tests.support.world import SAMPLE, World, texts

#: A Monday, nine in the morning in Chicago.
MORNING = "2026-03-02T15:00Z"
PLAYBOOK = (SAMPLE / "playbook.yaml").read_text()
THANKS = "  thank_you:\n    on: payment.received\n"


def with_portfolios(written: str) -> dict[str, str]:
    """Return the sample playbook with portfolios, whose thanks wait for nothing."""
    text = PLAYBOOK.replace(THANKS, f'{THANKS}    after: "0min"\n')
    return {"playbook.yaml": text.replace("\nzone:", f"\nportfolios: {written}\n\nzone:", 1)}


@pytest.mark.parametrize(
    ("portfolios", "debts"),
    [
        ("{clinic: {}, dental: {}}", 2),
        ('{clinic: {}, dental: {phone: "+1 202 555 0103"}}', 1),
        ('{clinic: {}, dental: {sms_sender: "+12025550103"}}', 1),
        ('{clinic: {}, dental: {pay_url: "https://pay.example.com/dental/{reference}"}}', 1),
        ("{clinic: {complaints: the clinic}, dental: {complaints: the clinic}}", 2),
    ],
    ids=["alike", "another phone", "another sender", "another link", "alike by their own words"],
)
async def test_debts_whose_messages_would_look_different_are_not_told_of_in_one(
    database: Database, portfolios: str, debts: int
) -> None:
    world = World(database, now=MORNING, files=with_portfolios(portfolios))
    await world.person(email=None)
    await world.hears(
        *world.thanks("ada", "d1", portfolio="clinic"), *world.thanks("ada", "d2", portfolio="dental")
    )

    await world.works()

    assert len(world.sms.sent) == 1
    told_of = await world.rows("SELECT cardinality(others) AS others FROM attempts")
    assert [row["others"] + 1 for row in told_of] == [debts]


@pytest.mark.parametrize(
    ("link", "written"),
    [("https://pay.example.com/all", True), ("https://pay.example.com/{reference}", False)],
)
async def test_a_message_about_several_debts_carries_no_link_of_one_of_them(
    database: Database, link: str, *, written: bool
) -> None:
    sample = "https://pay.example.com/northwind/{reference}"
    assert sample in PLAYBOOK
    own_words = (
        "Subject: Your accounts\n\nHello, {{ agency.name }} for {{ creditor.name }}: "
        "{% if together.debts %}{{ together.debts|length }} accounts.{% endif %}"
        "{% if links.pay %} You can pay at {{ links.pay }}.{% endif %} Or reply.\n"
    )
    playbook = PLAYBOOK.replace(sample, link).replace("after: 1h", "after: 1min")
    files = {"playbook.yaml": playbook, "templates/en/introduction.email.txt": own_words}
    world = World(database, now=MORNING, files=files)
    await world.person(phone=None)
    await world.hears(world.places("ada", "d1"), world.places("ada", "d2"))

    await world.works_until("2026-03-03T18:00Z")

    (message,) = world.email.sent
    (text,) = texts([message])
    assert "2 accounts" in text
    assert ("https://pay.example.com" in text) is written
