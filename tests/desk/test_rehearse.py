"""Rehearsing asks what the live service would ask."""

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from foundation.clock import parse_instant
from outreach.cli.main import cli
from outreach.desk.rehearse import rehearse
from outreach.model.words import Channel, Purpose
from schemas.publisher import read_line
from tests.support.cloud_events import cloud_event
from tests.support.world import CHICAGO, SAMPLE, guidance_of, usd

LINES = [
    {
        "type": "person.snapshot.v1",
        "time": "2026-03-02T15:00:00Z",
        "data": {
            "person_id": "ada",
            "version": 1,
            "changed_at": "2026-03-02T15:00:00Z",
            "addresses": [CHICAGO],
            "phones": [{"number": "+13125550142", "kind": "mobile"}],
            "emails": [{"address": "ada@example.com"}],
            "consents": [
                {"channel": "sms", "basis": "written", "at": "2026-02-20T15:00:00Z"},
                {"channel": "email", "basis": "written", "at": "2026-02-20T15:00:00Z"},
            ],
        },
    },
    {
        "type": "debt.placed.v1",
        "time": "2026-03-02T16:00:00Z",
        "data": {
            "debt_id": "d1",
            "creditor": "northwind",
            "role": "third_party",
            "reference": "NW-1",
            "balance": usd("80.00"),
        },
    },
    {
        "type": "payment.received.v1",
        "time": "2026-03-05T16:00:00Z",
        "data": {
            "debt_id": "d1",
            "payment_id": "pay1",
            "amount": usd("80.00"),
            "balance": usd("0.00"),
        },
    },
]


def line(number: int, happening: dict[str, Any]) -> str:
    event = cloud_event(
        happening["type"], happening["data"], to="ada", at=happening["time"], event_id=f"e{number}"
    )
    return json.dumps(event)


def test_an_introduction_and_the_thanks_are_asked_about_when_they_fall_due() -> None:
    guidance = guidance_of()
    events = [
        read_line(line(number, each).encode(), now=parse_instant("2026-03-06T00:00Z"))
        for number, each in enumerate(LINES)
    ]

    asked = list(rehearse(events, playbook=guidance.playbook, policy=guidance.policy))

    assert [(each.subject.purpose, each.now.isoformat()) for each in asked[:2]] == [
        (Purpose.INTRODUCTION, "2026-03-02T17:00:00+00:00"),
        (Purpose.PAYMENT_CONFIRMATION, "2026-03-05T16:00:00+00:00"),
    ]
    assert [each.channel for each in asked[1].ledger] == [Channel.EMAIL]


def test_of_two_snapshots_the_newer_is_believed_whichever_comes_first() -> None:
    snapshot, *rest = LINES
    said: Any = snapshot["data"]
    newer = {**snapshot, "data": {**said, "version": 2}}
    elsewhere = {"country": "US", "region": "HI", "postal_code": "96813"}
    older = {
        **snapshot,
        "time": "2026-03-02T15:30:00Z",
        "data": {**said, "addresses": [elsewhere]},
    }
    events = [
        read_line(line(number, each).encode(), now=parse_instant("2026-04-01T00:00Z"))
        for number, each in enumerate([newer, older, *rest])
    ]
    guidance = guidance_of(config=SAMPLE)

    situations = list(rehearse(events, playbook=guidance.playbook, policy=guidance.policy))

    assert situations
    assert {address.region for each in situations for address in each.evidence.addresses} == {"IL"}


def test_diff_over_a_file_of_events_says_what_moves(tmp_path: Path) -> None:
    file, stricter = tmp_path / "events.jsonl", tmp_path / "policy.yaml"
    file.write_text("\n".join(line(number, each) for number, each in enumerate(LINES)))
    stricter.write_text(
        "policy: stricter\nrules:\n  - id: mornings\n    kind: contact_window\n"
        '    windows: [{days: mon-fri, from: "08:00", to: "09:00"}]\n'
    )

    told = CliRunner().invoke(
        cli, ["policy", "diff", str(SAMPLE), str(stricter), "--events", str(file), "--json"]
    )

    found = json.loads(told.output)
    assert told.exit_code == 1
    assert found["total"] >= 2
    assert found["changes"]["later"] >= 1


def test_a_file_without_snapshots_is_refused_with_what_to_add(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text(line(1, LINES[1]))

    told = CliRunner().invoke(cli, ["policy", "diff", str(SAMPLE), str(SAMPLE), "--events", str(file)])

    assert told.exit_code == 2
    assert "add what people.v1 holds of these people" in told.output


def test_what_one_of_two_paid_is_asked_of_neither() -> None:
    guidance = guidance_of()
    snapshot, placed, paid = LINES
    plan = {
        "debt_id": "d1",
        "plan_id": "p1",
        "instalments": [{"number": 1, "due_on": "2026-03-20", "amount": usd("80.00")}],
    }
    told: list[tuple[str, dict[str, Any]]] = [
        ("bob", {**snapshot, "data": {**snapshot["data"], "person_id": "bob"}}),  # type: ignore[dict-item]
        ("bob", placed),
        ("bob", {"type": "plan.agreed.v1", "time": "2026-03-02T16:05:00Z", "data": plan}),
    ]
    by_ada: list[tuple[str, dict[str, Any]]] = [("ada", snapshot), ("ada", placed), ("ada", paid)]

    def purposes_of(lines: list[tuple[str, dict[str, Any]]]) -> set[Purpose]:
        events = [
            read_line(
                json.dumps(
                    cloud_event(each["type"], each["data"], to=who, at=each["time"], event_id=f"e{number}")
                ).encode(),
                now=parse_instant("2026-03-06T00:00Z"),
            )
            for number, (who, each) in enumerate(lines)
        ]
        asked = rehearse(events, playbook=guidance.playbook, policy=guidance.policy)
        return {each.subject.purpose for each in asked}

    assert Purpose.REMINDER in purposes_of(told)
    assert Purpose.REMINDER not in purposes_of([*told, *by_ada])
