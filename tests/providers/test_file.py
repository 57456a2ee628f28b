"""The demo's provider: files a person can open."""

import email
import json
from datetime import UTC, datetime
from email.policy import default
from pathlib import Path

import pytest

from foundation.clock import ManualClock
from outreach.model.outcome import Accepted
from outreach.model.words import Channel
from outreach.providers.file import File
from outreach.providers.provider import WrongChannel
from tests.providers.messages import a_text, an_email

CLOCK = ManualClock(datetime(2026, 6, 9, 12, 0, tzinfo=UTC))


async def test_a_text_becomes_a_file_to_read(tmp_path: Path) -> None:
    provider = File(channel=Channel.SMS, folder=tmp_path, clock=CLOCK)

    outcome = await provider.send(a_text(body="Hi Ada, Zoë here."))
    await provider.close()

    written = (tmp_path / "sms" / "00001.txt").read_text(encoding="utf-8")
    assert outcome == Accepted("file-sms-00001")
    assert written.startswith("At:   2026-06-09 12:00 UTC\n")
    assert written.endswith("\n\nHi Ada, Zoë here.\n")


async def test_an_email_opens_in_a_mail_program(tmp_path: Path) -> None:
    provider = File(channel=Channel.EMAIL, folder=tmp_path, clock=CLOCK)

    await provider.send(an_email(sender_name="Zoë, Ltd.", text="plain", html="<p>rich</p>"))
    await provider.close()

    mail = email.message_from_bytes((tmp_path / "email" / "00001.eml").read_bytes(), policy=default)
    plain, rich = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert rich is not None
    assert (plain.get_content(), rich.get_content()) == ("plain\n", "<p>rich</p>\n")
    assert mail["From"] == '"Zoë, Ltd." <hello@harbor.example.com>'
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


async def test_every_message_is_a_line_of_the_index(tmp_path: Path) -> None:
    provider = File(channel=Channel.SMS, folder=tmp_path, clock=CLOCK)

    await provider.send(a_text())
    await provider.send(a_text(to="+13125550143"))
    await provider.close()

    lines = [json.loads(each) for each in (tmp_path / "messages.jsonl").read_text().splitlines()]
    assert [each["file"] for each in lines] == ["00001.txt", "00002.txt"]
    assert lines[1]["to"] == "+13125550143"


async def test_each_channel_has_its_own_provider(tmp_path: Path) -> None:
    provider = File(channel=Channel.SMS, folder=tmp_path, clock=CLOCK)

    with pytest.raises(WrongChannel):
        await provider.send(an_email())
    await provider.close()
