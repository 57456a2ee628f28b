"""Every parser reads the same hostile documents: each is refused in the parser's way, or is harmless."""

import base64
import tracemalloc
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.intake import sort_records
from foundation.quarantine import MalformedRecord
from foundation.records import Record
from outreach.guidance.files.playbook import build_playbook
from outreach.guidance.files.policy import build_policy
from outreach.guidance.files.problems import ConfigError
from outreach.guidance.files.yaml_text import LONGEST as LONGEST_YAML
from outreach.guidance.files.yaml_text import read_yaml
from outreach.guidance.trying.cases import cases_of
from outreach.guidance.trying.replay import read_situation
from outreach.http.links import Links
from outreach.kafka import intake as outreach_intake
from outreach.providers.connection import read_object, wait_asked_for
from outreach.providers.receipts import EventBatch, Unreadable, as_attempt_id, parse_form
from outreach.providers.sendgrid.signatures import SendGridSignatures
from outreach.providers.sendgrid.webhooks import parse_events
from outreach.providers.twilio.signatures import TwilioSignatures
from outreach.providers.twilio.webhooks import parse_inbound, parse_status
from outreach.understanding.understand import understand
from outreach.wording.errors import WordingsUnusable
from outreach.wording.wordings import SHIPPED, build_wordings
from preferences.kafka import intake as preferences_intake
from schemas.envelope import STRUCTURED, Event, Malformed, parse
from schemas.publisher import validate_lines
from tests.support.hostile import DOCUMENTS

NOW = datetime(2026, 11, 24, 16, 30, tzinfo=UTC)
HEADERS = (("content-type", STRUCTURED.encode()),)
BINARY = (
    ("content-type", b"application/json"),
    ("ce_specversion", b"1.0"),
    ("ce_id", b"event-1"),
    ("ce_source", b"/ledger"),
    ("ce_type", b"debt.placed.v1"),
    ("ce_time", b"2026-11-24T16:30:00Z"),
    ("ce_subject", b"person-1"),
)
LAYOUT = (SHIPPED / "layout.html").read_text()
TWILIO = TwilioSignatures(auth_token="made up")
SENDGRID = SendGridSignatures(
    public_key=base64.b64encode(
        ec.generate_private_key(ec.SECP256R1())
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    ).decode()
)

#: What a refusal is: an exception of its own, or a value that says so.
REFUSALS: Final = (Malformed, ConfigError, WordingsUnusable)


def text(document: bytes) -> str:
    return document.decode("utf-8", "replace")


def record_value(document: bytes) -> object:
    return parse(topic="debts.v1", key=b"person-1", value=document, headers=HEADERS, now=NOW)


def record_data(document: bytes) -> object:
    return parse(topic="debts.v1", key=b"person-1", value=document, headers=BINARY, now=NOW)


def record_attribute(document: bytes) -> object:
    return record_value(b'{"specversion":"1.0","extra":' + document + b"}")


def record_headers(document: bytes) -> object:
    headers = (("content-type", document), ("x-trace", document))
    return parse(topic="debts.v1", key=document, value=b"{}", headers=headers, now=NOW)


def outreach_batch(document: bytes) -> object:
    return _one_kept(
        *sort_records([_record("debts.v1", document)], read=outreach_intake.read_record, now=NOW)
    )


def preferences_batch(document: bytes) -> object:
    record = _record("person-events.v1", document)
    return _one_kept(*sort_records([record], read=preferences_intake.read_record, now=NOW))


@pytest.mark.parametrize(
    ("key", "person"),
    [
        (b"person-1", "person-1"),
        ("p\u00e9rez".encode(), "p\u00e9rez"),
        (b"p" * 200, "p" * 200),
        (b"p" * 201, None),
        (b"person 1", None),
        (b"person-1\x00", None),
        (b"\xff", None),
        (b"", None),
        (None, None),
    ],
)
def test_both_services_file_a_broken_record_under_the_same_person(
    key: bytes | None, person: str | None
) -> None:
    record = Record("debts.v1", 0, 0, key, b"broken", ())

    _, (by_outreach,) = sort_records([record], read=outreach_intake.read_record, now=NOW)
    _, (by_preferences,) = sort_records([record], read=preferences_intake.read_record, now=NOW)

    assert by_outreach.person == by_preferences.person == person


def _record(topic: str, document: bytes) -> Record:
    return Record(topic, 0, 0, document, document, (("x-trace", document),))


def _one_kept(events: list[Event], malformed: list[MalformedRecord]) -> object:
    assert (len(events), len(malformed)) == (0, 1)
    raise Malformed("not_json", malformed[0].problem)


def events_file(document: bytes) -> object:
    problems = validate_lines(document.splitlines(), now=NOW)
    if problems:
        raise Malformed("not_json", problems[0].problem)
    return None


def webhook_form(document: bytes) -> object:
    form = parse_form(document)
    if isinstance(form, Unreadable):
        return form
    assert not TWILIO.verify(url="https://outreach.example.com/", form=form, signature=text(document)[:100])
    return parse_status(form, attempt=None), parse_inbound(form)


def webhook_events(document: bytes) -> object:
    assert not SENDGRID.verify(body=document, signature="AAAA", timestamp="1764000000", now=NOW)
    return parse_events(document)


def webhook_signature(document: bytes) -> object:
    shown = document[:10_000].decode("latin-1")
    assert not SENDGRID.verify(body=b"[]", signature=shown, timestamp=str(int(NOW.timestamp())), now=NOW)
    assert not SENDGRID.verify(body=b"[]", signature="AAAA", timestamp=shown, now=NOW)
    return TWILIO.verify(url="https://outreach.example.com/", form=(), signature=shown, settings=shown)


def policy_file(document: bytes) -> object:
    return build_policy(read_yaml(text(document), file="policy.yaml"))


def playbook_file(document: bytes) -> object:
    return build_playbook(text(document), file="playbook.yaml")


def case_file(document: bytes) -> object:
    return cases_of(read_yaml(text(document), file="cases.yaml"), packs=())


def template_file(document: bytes) -> object:
    return build_wordings({"en/hello.sms.txt": text(document), "layout.html": LAYOUT})


def page_file(document: bytes) -> object:
    return build_wordings({"layout.html": text(document)})


def situation_line(document: bytes) -> object:
    try:
        return read_situation(document)
    except ValueError as refused:
        raise Malformed("not_json", str(refused)) from None


PARSERS: Final[Mapping[str, Callable[[bytes], object]]] = {
    "a record's value": record_value,
    "a record's data, binary": record_data,
    "an attribute that is not ours": record_attribute,
    "a record's key and headers": record_headers,
    "a batch of outreach": outreach_batch,
    "a batch of preferences": preferences_batch,
    "a file of events": events_file,
    "a webhook's form": webhook_form,
    "a webhook's events": webhook_events,
    "a webhook's signature": webhook_signature,
    "a vendor's answer": read_object,
    "a vendor's Retry-After": lambda document: wait_asked_for(text(document)),
    "an attempt's id": lambda document: as_attempt_id(text(document)),
    "an unsubscribe token": lambda document: Links("a secret").read(text(document)),
    "a reply": lambda document: understand(text(document)),
    "policy.yaml": policy_file,
    "playbook.yaml": playbook_file,
    "cases.yaml": case_file,
    "a template": template_file,
    "the page of emails": page_file,
    "a line of situations": situation_line,
}
YAMLS = {"policy.yaml", "playbook.yaml", "cases.yaml"}
#: What a person writes is always understood as something, and any text without braces is a template.
TAKES_ANYTHING = {"a reply", "a template"}
#: Read for what a vendor says there, which is nothing: the last of two equal names counts.
HARMLESS: Final[Mapping[str, frozenset[str]]] = {
    "a vendor's answer": frozenset(
        {"a hundred thousand fields", "a name twice", "a name twice, once escaped", "an escaped NUL"}
    )
}
#: What a parser makes of nothing useful.
NOTHING: Final[tuple[object, ...]] = (None, False, {}, [])


def is_refused(answer: object) -> bool:
    if isinstance(answer, tuple):
        return all(map(is_refused, answer))
    if isinstance(answer, EventBatch):
        return answer.receipts == ()
    return isinstance(answer, Unreadable) or answer in NOTHING


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    """Have every parser load what it loads once."""
    for parser in PARSERS:
        _reads_or_refuses(parser, b"{}")


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("parser", PARSERS)
def test_a_hostile_document_is_refused_at_a_bounded_cost(parser: str, name: str) -> None:
    """Its cost is counted in memory, as a multiple of what came; time has pytest's own limit."""
    document = DOCUMENTS[name]
    if parser in YAMLS and len(document) <= LONGEST_YAML:
        document = document[:4_000]  # it is read in Python, some thousand parts a second
    tracemalloc.start()

    try:
        answer = PARSERS[parser](document)
    except REFUSALS:
        answer = None
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 60 * len(document) + 4_000_000
    assert name in HARMLESS.get(parser, ()) or parser in TAKES_ANYTHING or is_refused(answer)


@settings(max_examples=150)
@given(parser=st.sampled_from(sorted(set(PARSERS) - YAMLS)), document=st.binary(max_size=300))
def test_no_bytes_at_all_break_a_parser(parser: str, document: bytes) -> None:
    _reads_or_refuses(parser, document)


YAML_PIECES = st.lists(
    st.sampled_from(
        [
            *"abc:-[]{},&*!|>%@`'\"#?~ \n\t",
            "a: ",
            "- ",
            "rules:",
            "plays:",
            "cases:",
            "policy: x",
            "\n  ",
            "<<: ",
        ]
    ),
    max_size=40,
).map("".join)


@settings(max_examples=150)
@given(parser=st.sampled_from(sorted(YAMLS)), pieces=YAML_PIECES)
def test_no_yaml_at_all_breaks_a_parser(parser: str, pieces: str) -> None:
    _reads_or_refuses(parser, pieces.encode())


def _reads_or_refuses(parser: str, document: bytes) -> None:
    with suppress(*REFUSALS):
        PARSERS[parser](document)
