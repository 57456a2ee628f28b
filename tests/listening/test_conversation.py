"""What a reply answers: a bare "yes" means something only after what asked for it."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from outreach.listening.conversation import answered_wording, open_question
from outreach.listening.reply import Reply
from outreach.model.reply import PastMessage
from outreach.model.words import Channel
from tests.policy.builders import at

NOW = at("2026-03-02T15:00Z")
NUMBER = "+13125550142"
MAIL = "ada@example.com"


def a_message(wording: str, before: timedelta, *, address: str = NUMBER, text: str = "…") -> PastMessage:
    return PastMessage(
        attempt_id=UUID(int=1),
        person_id="ada",
        address=address,
        channel=Channel.EMAIL if "@" in address else Channel.SMS,
        at=NOW - before,
        play="answer",
        wording=wording,
        purpose=wording,
        text=text,
    )


def a_yes(received_at: datetime = NOW) -> Reply:
    return Reply(reply_id="r", channel=Channel.SMS, address=NUMBER, text="yes", received_at=received_at)


HOUR, DAY = timedelta(hours=1), timedelta(hours=24)
CONFIRMED, ASKED, HUMAN = "opt_out_confirmation", "consent_request", "human_reply"


@pytest.mark.parametrize(
    ("past", "answered"),
    [
        ([], ""),
        ([a_message(CONFIRMED, DAY)], CONFIRMED),
        ([a_message(CONFIRMED, DAY + timedelta(seconds=1))], ""),
        ([a_message(CONFIRMED, HOUR, address="+13125550199")], ""),
        ([a_message(CONFIRMED, HOUR, address=MAIL)], ""),
        # A question of ours came since: yes answers that.
        (
            [a_message("check_in", HOUR, address=MAIL), a_message(CONFIRMED, 2 * HOUR)],
            "check_in",
        ),
        ([a_message(ASKED, 13 * DAY, address=MAIL), a_message(CONFIRMED, 14 * DAY)], ASKED),
        ([a_message(ASKED, 15 * DAY)], ""),
        # What a human tells asks nothing, whatever stands in its links.
        ([a_message(HUMAN, HOUR, text="Friday works: https://a.example/?d=5")], ""),
        ([a_message(HUMAN, HOUR, text="Would Friday suit you? Grace")], HUMAN),
        ([a_message(HUMAN, HOUR, text="¿Le viene bien el viernes?")], HUMAN),
        # What went out after the person wrote is not what they answer.
        ([a_message("check_in", -HOUR), a_message(CONFIRMED, HOUR)], CONFIRMED),
    ],
)
def test_a_reply_answers_the_last_that_was_said_while_that_is_open(
    past: list[PastMessage], answered: str
) -> None:
    assert answered_wording(a_yes(), past) == answered


def test_a_question_is_open_until_something_else_is_said() -> None:
    question = a_message(ASKED, HOUR, address=MAIL)

    assert open_question(a_yes(), [question]) == question
    assert open_question(a_yes(), [a_message("check_in", timedelta(0)), question]) is None
    assert open_question(a_yes(NOW + 14 * DAY), [question]) is None
