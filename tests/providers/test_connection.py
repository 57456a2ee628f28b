"""Failures without an answer: each kind aiohttp knows is sorted into "never left" and "may have gone out"."""

from collections.abc import Iterator
from datetime import timedelta

import aiohttp
import pytest

from outreach.model.outcome import NotSent, Unknown
from outreach.providers.connection import (
    BEFORE_THE_REQUEST,
    FAILURES,
    MAYBE_AFTER_THE_REQUEST,
    outcome_of_failure,
    wait_asked_for,
)


def kinds_below(kind: type[BaseException]) -> Iterator[type[BaseException]]:
    yield kind
    for each in kind.__subclasses__():
        yield from kinds_below(each)


ALL_KINDS = {each for each in kinds_below(aiohttp.ClientError) if each.__module__.startswith("aiohttp")}


def test_every_kind_of_failure_in_the_library_has_been_thought_about() -> None:
    assert ALL_KINDS - {*BEFORE_THE_REQUEST, *MAYBE_AFTER_THE_REQUEST} == set()


def test_no_kind_of_failure_means_two_things() -> None:
    assert set(BEFORE_THE_REQUEST) & set(MAYBE_AFTER_THE_REQUEST) == set()


@pytest.mark.parametrize(
    "kind", [*BEFORE_THE_REQUEST, *MAYBE_AFTER_THE_REQUEST], ids=lambda each: each.__name__
)
def test_every_sorted_kind_is_caught(kind: type[Exception]) -> None:
    assert issubclass(kind, FAILURES)


def without_arguments(kind: type[Exception]) -> Exception:
    """Build one without its constructor, which asks for the connection it never had."""
    return kind.__new__(kind)


@pytest.mark.parametrize("kind", BEFORE_THE_REQUEST, ids=lambda each: each.__name__)
def test_what_failed_before_the_request_sent_nothing(kind: type[Exception]) -> None:
    assert outcome_of_failure(without_arguments(kind)) == NotSent(kind.__name__)


@pytest.mark.parametrize("kind", MAYBE_AFTER_THE_REQUEST, ids=lambda each: each.__name__)
def test_what_failed_later_may_have_sent_it(kind: type[Exception]) -> None:
    assert outcome_of_failure(without_arguments(kind)) == Unknown(kind.__name__)


def test_a_kind_from_the_future_may_have_sent_it() -> None:
    class NewKind(aiohttp.ClientError):
        pass

    assert outcome_of_failure(NewKind()) == Unknown("NewKind")


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("0", timedelta(0)),
        ("90", timedelta(seconds=90)),
        ("999999999", timedelta(hours=1)),
        ("1e9", None),
        ("-1", None),
        ("٣", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
        (None, None),
    ],
)
def test_a_vendors_wait_is_whole_seconds_and_bounded(said: str | None, wait: timedelta | None) -> None:
    assert wait_asked_for(said) == wait
