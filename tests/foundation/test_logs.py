"""No line of a log holds people's data, whoever logs it and however it gets there."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import structlog
from hypothesis import example, given
from hypothesis import strategies as st

from foundation.logs import REFUSED, PersonalDataInLog, Repetitions, configure, scrub


class Lines:
    def __init__(self) -> None:
        self.stream = io.StringIO()

    def read(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """Everything logged by the test; afterwards logging is as it was."""
    root = logging.getLogger()
    handlers, level, before = root.handlers[:], root.level, structlog.get_config()
    written = Lines()
    configure(stream=written.stream)
    yield written
    root.handlers[:], root.level = handlers, level
    structlog.configure(**before)


def test_a_line_says_what_where_and_which(lines: Lines) -> None:
    touch = UUID(int=5)
    structlog.get_logger("outreach.steps").info("touch decided", touch_id=touch, decision="send", limit=3)

    (line,) = lines.read()
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "touch decided",
        "level": "info",
        "logger": "outreach.steps",
        "touch_id": str(touch),
        "decision": "send",
        "limit": 3,
    }


def test_personal_fields_are_refused_at_any_depth(lines: Lines) -> None:
    structlog.get_logger("x").info("said", phone="+15555550100", at=[{"Email": "ada@example.com", "n": 1}])

    (line,) = lines.read()
    assert line["phone"] == REFUSED
    assert line["at"] == [{"Email": REFUSED, "n": 1}]


def test_in_tests_our_own_code_is_caught_logging_them(lines: Lines) -> None:
    configure(strict=True, stream=lines.stream)

    with pytest.raises(PersonalDataInLog, match="body"):
        structlog.get_logger("x").info("said", body="hello")


def test_an_error_is_its_type_and_place_and_never_its_text(lines: Lines) -> None:
    def fail() -> None:
        try:
            raise KeyError("+15555550100")  # noqa: TRY301
        except KeyError as error:
            raise ValueError("Key (email)=(ada@example.com) already exists") from error

    try:
        fail()
    except ValueError:
        structlog.get_logger("x").exception("failed")
        logging.getLogger("library").exception("failed too")

    assert "ada" not in lines.stream.getvalue()
    assert "5550100" not in lines.stream.getvalue()
    for line in lines.read():
        assert line["error"] == ["ValueError", "KeyError"]
        assert line["at"][-1].endswith(" fail")


def test_libraries_are_scrubbed_too(lines: Lines) -> None:
    logging.getLogger("library").warning("could not reach %s at %s", "ada@example.com", "+1 (555) 555-0100")

    (line,) = lines.read()
    assert line["event"] == f"could not reach {REFUSED} at {REFUSED}"
    assert line["logger"] == "library"


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-02T22:30:00.123456Z",
        "5f1c2a3b-1234-1234-1234-123456789012",
        "listening on 127.0.0.1:9092",
        "debts.v1-0 offset 123456 of 9999999",
        "12.5 s",
    ],
)
def test_instants_ids_and_places_are_left_alone(text: str) -> None:
    assert scrub(text) == text


@given(
    digits=st.integers(200_000_0000, 999_999_9999).map(str),
    shape=st.sampled_from(["+1{0}", "{0}", "({1}) {2}-{3}", "{1}-{2}-{3}", "{1}.{2}.{3}", "+1 {1} {2} {3}"]),
    around=st.sampled_from(["{}", "call {} now", "to={}", "'{}'", "tel:{},", "[{}]"]),
)
def test_a_phone_number_never_passes(digits: str, shape: str, around: str) -> None:
    number = shape.format(digits, digits[:3], digits[3:6], digits[6:])

    assert digits[6:] not in scrub(around.format(number))


@example(email="'@A.AC", around="{}")
@example(email="ada@xn--80akhbyknj4f.xn--p1ai", around="to {}.")
@given(email=st.emails(), around=st.sampled_from(["{}", "to {}.", "<{}>", "mail={},"]))
def test_an_email_address_never_passes(email: str, around: str) -> None:
    assert email not in scrub(around.format(email))


def test_a_library_that_repeats_itself_is_heard_once_and_counted() -> None:
    heard = Repetitions(quiet_for=3600)
    again = Repetitions(quiet_for=0)

    def record(number: int) -> logging.LogRecord:
        return logging.LogRecord(
            "aiokafka.client", logging.ERROR, "client.py", 435, "gone %s", (number,), None
        )

    assert [heard.filter(record(each)) for each in range(3)] == [True, False, False]
    assert [again.filter(record(each)) for each in range(3)] == [True, True, True]


def test_after_a_while_it_is_heard_again_with_how_often_it_was_not() -> None:
    heard = Repetitions(quiet_for=3600)
    record = logging.LogRecord("aiokafka", logging.ERROR, "client.py", 435, "gone", (), None)
    for _ in range(4):
        heard.filter(record)
    heard._quiet_for = 0

    assert heard.filter(record)
    assert record.getMessage() == "gone (and 3 times since the last)"


def test_our_own_lines_are_never_held_back() -> None:
    heard = Repetitions(quiet_for=3600)
    record = logging.LogRecord("outreach.steps", logging.INFO, "x.py", 1, "decided", (), None)

    assert all(heard.filter(record) for _ in range(3))
