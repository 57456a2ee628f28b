"""Stories with a promise broken in each, and stories that only look so."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

import msgspec

from tests.soak.record import Deed, Refusal
from tests.soak.stories import (
    ADAS_MAIL,
    ADAS_PHONE,
    HELPS,
    INTRODUCES,
    STOPPED,
    THANKS,
    Story,
    at,
    introduced,
    thanked,
)

_PLAN = (
    "Your plan with Harbor Recovery\n\nHello Ada,\n\nThank you for making a plan with us for your account \
with Northwind Energy."
)
_LAKESIDE = INTRODUCES.replace("Northwind Energy", "Lakeside Clinic")
_ABOUT = {"touch_id": "t", "play": "introduction", "debts": ["ada-northwind"]}


def written_twice() -> Story:
    story = introduced()
    story.sends(INTRODUCES, second=20)
    return story


def written_twice_by_two_channels() -> Story:
    story = introduced()
    text = "A message\n\nHello Ada, Northwind Energy has asked us to look after your account"
    story.sends(text, second=20, to=ADAS_MAIL)
    return story


def two_calls_of_one_touch() -> Story:
    story = thanked()
    delivered = story.heard[-1].data
    second = story.calls(THANKS.replace("40", "41"), second=20)
    story.pays(second=15, amount={"amount": "41.00"})
    story.touches("delivered", {**delivered, "attempt_id": second}, second=21)
    return story


def written_again_after_a_restore() -> Story:
    story = written_twice()
    story.others["deeds"] = [Deed(kind="restore", target="outreach", began_at=at(4), ended_at=at(18))]
    return story


def called_again_after_a_restore() -> Story:
    story = introduced()
    first = story.requests[0]
    cut = msgspec.structs.replace(
        first, at=at(5.5), went_out=False, answered_yes=False, fault="cut", attempt_id="x", receipts=()
    )
    story.requests.insert(0, cut)
    story.others["deeds"] = [Deed(kind="restore", target="outreach", began_at=at(5.6), ended_at=at(5.8))]
    return story


def called_again_after_a_cut() -> Story:
    story = introduced()
    first = story.requests[0]
    cut = msgspec.structs.replace(
        first, at=at(5.5), went_out=False, answered_yes=False, fault="cut", attempt_id="x", receipts=()
    )
    story.requests.insert(0, cut)
    return story


def confirmed_again_after_a_cut() -> Story:
    story = introduced()
    story.says("STOP", second=20)
    story.calls(STOPPED, second=20.2, went_out=False, answered_yes=False, fault="cut", receipts=())
    story.sends(STOPPED, second=30.2, play="answer")
    return story


def nobody_asked() -> Story:
    story = introduced()
    story.sends(THANKS, second=20)
    return story


def without_consent() -> Story:
    story = Story()
    story.person()
    story.consents("email")
    story.places()
    story.sends(INTRODUCES, second=6)
    return story


def before_the_consent() -> Story:
    story = Story()
    story.person()
    story.consents("sms", "email", second=8)
    story.places()
    story.sends(INTRODUCES, second=6)
    return story


def after_a_withdrawal() -> Story:
    story = Story()
    story.person()
    story.tells("consent.withdrawn.v1", {"channel": "sms"}, second=0.5)
    story.consents("sms", "email")
    story.places()
    story.sends(INTRODUCES, second=6)
    return story


def after_a_withdrawal_that_was_read() -> Story:
    story = Story()
    story.person()
    story.consents("sms", "email")
    story.tells("consent.withdrawn.v1", {"channel": "sms"}, second=2)
    snapshot = {"version": 1, "opt_outs": [{"channel": "sms"}]}
    story.publishes("people.v1", "person.snapshot.v1", snapshot, second=3, consumed=4)
    story.places()
    story.sends(INTRODUCES, second=6)
    return story


def despite_a_hold() -> Story:
    story = Story()
    story.person()
    story.tells("hold.placed.v1", {"hold_id": "h", "kind": "bankruptcy"}, second=0.5)
    story.consents("sms", "email")
    story.places()
    story.sends(INTRODUCES, second=6)
    return story


def after_a_hold_that_was_read() -> Story:
    story = Story()
    story.person()
    story.consents("sms", "email")
    story.tells("hold.placed.v1", {"hold_id": "h", "kind": "attorney_represented"}, second=2)
    snapshot = {"version": 1, "holds": [{"hold_id": "h"}]}
    story.publishes("people.v1", "person.snapshot.v1", snapshot, second=3, consumed=4)
    story.places()
    story.sends(INTRODUCES, second=6)
    return story


def despite_a_record_that_cannot_be_read() -> Story:
    story = Story()
    story.person()
    story.consents("sms", "email")
    story.tells("debt.", None, second=2)
    story.places()
    story.sends(INTRODUCES, second=6)
    return story


def after_the_debt_was_closed() -> Story:
    story = Story()
    story.person()
    story.consents("sms", "email")
    story.places()
    story.tells("debt.closed.v1", {"debt_id": "ada-northwind", "reason": "recalled"}, second=6, consumed=7)
    story.sends(INTRODUCES, second=15)
    return story


def after_a_dispute() -> Story:
    story = Story()
    story.person()
    story.consents("sms", "email")
    story.tells("debt.disputed.v1", {"debt_id": "ada-northwind"}, second=2)
    story.places()
    story.sends(INTRODUCES, second=6)
    text = "Thank you for telling us that something is not right with your account with Northwind Energy."
    story.sends(f"We look\n\nHello Ada,\n\n{text}", second=7, to=ADAS_MAIL, play="dispute_acknowledgement")
    return story


def right_after_a_payment() -> Story:
    story = thanked()
    story.places("lakeside", second=30)
    story.sends(_LAKESIDE, second=31)
    return story


def right_after_a_conversation() -> Story:
    story = Story()
    story.person()
    story.consents("sms", "email")
    talk = {"channel": "voice", "outcome": "answered", "direction": "outbound"}
    story.tells("contact.recorded.v1", talk, second=2, ago=timedelta(hours=1))
    story.places()
    story.sends(INTRODUCES, second=6)
    return story


def of_what_came_after_the_stop() -> Story:
    story = introduced()
    story.says("STOP", second=20)
    story.sends(STOPPED, second=20.2, play="answer")
    story.pays(second=20.3)
    story.sends(THANKS, second=20.6, play="thank_you")
    return story


def long_after_the_stop() -> Story:
    story = introduced()
    story.pays(second=19)
    story.says("STOP", second=20)
    story.sends(STOPPED, second=20.2, play="answer")
    story.sends(THANKS, second=28, play="thank_you")
    return story


def of_another_at_the_number_that_said_stop() -> Story:
    story = introduced()
    story.person("bob", given="Bob")
    story.consents("sms", "email", person="bob")
    story.says("STOP", second=20)
    story.publishes(
        "outreach.replies.v1",
        "reply.received.v1",
        {"reply_id": story.spoken[0].reply_id},
        second=20,
        person="bob",
    )
    closed = {"channel": "sms"}
    story.publishes("outreach.replies.v1", "suppression.recorded.v1", closed, second=20, person="bob")
    story.sends(STOPPED, second=20.2, play="answer")
    story.places("lakeside", second=30, person="bob")
    story.sends(_LAKESIDE.replace("Ada", "Bob"), second=31, person="bob")
    return story


def while_they_wait_for_a_human() -> Story:
    story = introduced()
    story.says("please call me", second=20)
    story.pays(second=21)
    story.sends(THANKS, second=22, play="thank_you")
    return story


def by_email_after_unsubscribing() -> Story:
    story = introduced()
    story.says(None, second=20, address=ADAS_MAIL)
    plan = {"debt_id": "ada-northwind"}
    story.tells("plan.agreed.v1", plan, second=21)
    story.sends(_PLAN, second=22, to=ADAS_MAIL, play="plan_confirmation")
    return story


def at_night() -> Story:
    story = Story()
    story.person(convenient=[], addresses=[{"country": "JP"}], phones=[{"number": "+81312345678"}])
    story.consents("sms", "email")
    story.places()
    story.sends(INTRODUCES, second=6, to="+81312345678")
    return story


def at_an_inconvenient_hour() -> Story:
    story = Story()
    story.person(inconvenient=[{"days": ["sun", "mon"], "begins": "23:00", "ends": "11:30"}])
    story.consents("sms", "email")
    story.places()
    story.sends(INTRODUCES, second=6)
    return story


def over_the_cap() -> Story:
    story = Story()
    story.person()
    for number in range(4):
        contact = {"channel": "sms", "outcome": "delivered", "direction": "outbound", "contact_id": number}
        story.tells("contact.recorded.v1", contact, second=1, ago=timedelta(hours=2))
    story.consents("sms", "email")
    story.places()
    story.sends(INTRODUCES, second=6)
    return story


def over_the_cap_of_an_address() -> Story:
    story = introduced()
    for number, name in enumerate(("Bob", "Cy", "Di", "Ed")):
        person = name.casefold()
        story.person(person, given=name)
        story.consents("sms", "email", person=person)
        story.places("lakeside", second=20 + number / 10, person=person)
        story.sends(_LAKESIDE.replace("Ada", name), second=22 + number / 10, person=person)
    return story


def left_unsent() -> Story:
    story = introduced()
    story.places("lakeside", second=20)
    return story


def left_unanswered() -> Story:
    story = introduced()
    story.says("HELP", second=20)
    return story


def refused_for_now_and_forgotten() -> Story:
    story = introduced()
    story.places("lakeside", second=20)
    story.calls(_LAKESIDE, second=21, went_out=False, answered_yes=False, fault="status 429", receipts=())
    return story


def lost_without_a_death() -> Story:
    story = introduced()
    story.places("lakeside", second=20)
    lost = {"touch_id": "t2", "play": "introduction", "debts": ["ada-lakeside"], "attempt_id": "lost"}
    story.touches("planned", lost, second=20)
    story.touches("unknown", lost, second=40)
    return story


def with_a_gap() -> Story:
    story = introduced()
    del story.heard[1]
    return story


def out_of_order() -> Story:
    story = introduced()
    story.heard[0], story.heard[1] = story.heard[1], story.heard[0]
    return story


def two_events_under_one_id() -> Story:
    story = introduced()
    story.heard.append(msgspec.structs.replace(story.heard[0], data={**story.heard[0].data, "play": "other"}))
    return story


def an_older_snapshot() -> Story:
    story = introduced()
    for version in (2, 1):
        story.publishes("people.v1", "person.snapshot.v1", {"version": version}, second=2)
    return story


def never_published() -> Story:
    story = introduced()
    story.heard = [each for each in story.heard if each.type == "touch.planned.v1"]
    return story


def a_receipt_never_published() -> Story:
    story = introduced()
    story.heard.pop()
    return story


def accepted_by_nobody() -> Story:
    story = introduced()
    story.touches("accepted", _ABOUT | {"attempt_id": "never called"}, second=30)
    return story


def delivered_without_a_receipt() -> Story:
    story = introduced()
    story.requests[0] = msgspec.structs.replace(story.requests[0], receipts=())
    return story


def undelivered_by_a_forger() -> Story:
    story = introduced()
    story.touches("undelivered", _ABOUT | {"attempt_id": story.requests[0].attempt_id}, second=3)
    return story


def planned_again_after_it_was_sent() -> Story:
    story = introduced()
    story.touches("cancelled", story.heard[0].data, second=30)
    return story


def a_forged_stop_was_taken() -> Story:
    story = introduced()
    story.says("STOP", second=20, forged=True, status=403)
    story.spoken[-1] = msgspec.structs.replace(story.spoken[-1], status=200)
    return story


def a_reply_nobody_wrote() -> Story:
    story = introduced()
    story.publishes("outreach.replies.v1", "reply.received.v1", {"reply_id": "forged"}, second=20)
    return story


def a_reply_never_told() -> Story:
    story = introduced()
    story.says("please call me", second=20)
    story.heard.pop()
    return story


def a_stop_that_closed_nothing() -> Story:
    story = introduced()
    story.says("STOP", second=20)
    story.sends(STOPPED, second=20.2, play="answer")
    story.heard = [each for each in story.heard if each.type != "suppression.recorded.v1"]
    return story


def by_a_sender_whose_clock_is_wrong() -> Story:
    story = introduced()
    story.others["elsewhere"] = 1
    return story


def a_request_no_vendor_takes() -> Story:
    story = introduced()
    story.others["refusals"] = [Refusal(at=at(6), to=ADAS_PHONE, status=400, planted=False)]
    return story


#: Stories by the kind of violation that is in each.
PLANTED: Mapping[str, Sequence[Callable[[], Story]]] = {
    "twice": (written_twice, written_twice_by_two_channels, two_calls_of_one_touch),
    "repeated": (called_again_after_a_cut, confirmed_again_after_a_cut),
    "again after a restore": (written_again_after_a_restore, called_again_after_a_restore),
    "unasked": (nobody_asked,),
    "forbidden": (
        without_consent,
        before_the_consent,
        despite_a_record_that_cannot_be_read,
        after_the_debt_was_closed,
        after_a_dispute,
        right_after_a_payment,
        right_after_a_conversation,
        while_they_wait_for_a_human,
    ),
    "after a stop": (
        after_a_withdrawal,
        after_a_withdrawal_that_was_read,
        despite_a_hold,
        after_a_hold_that_was_read,
        of_what_came_after_the_stop,
        long_after_the_stop,
        of_another_at_the_number_that_said_stop,
        by_email_after_unsubscribing,
    ),
    "hours": (at_night, at_an_inconvenient_hour),
    "cap": (over_the_cap, over_the_cap_of_an_address),
    "unsent": (left_unsent, left_unanswered, refused_for_now_and_forgotten),
    "lost": (lost_without_a_death,),
    "order": (with_a_gap, out_of_order, two_events_under_one_id, an_older_snapshot),
    "unpublished": (never_published, a_receipt_never_published),
    "made up": (accepted_by_nobody, delivered_without_a_receipt, undelivered_by_a_forger),
    "moved back": (planned_again_after_it_was_sent,),
    "forged": (a_forged_stop_was_taken, a_reply_nobody_wrote),
    "reply": (a_reply_never_told, a_stop_that_closed_nothing),
    "clock": (by_a_sender_whose_clock_is_wrong,),
    "request": (a_request_no_vendor_takes,),
}


def under_way_when_the_stop_came() -> Story:
    story = introduced()
    story.pays(second=19)
    story.sends(THANKS, second=21, play="thank_you")
    story.says("STOP", second=20)
    story.sends(STOPPED, second=22, play="answer")
    return story


def help_after_a_stop() -> Story:
    story = introduced()
    story.says("STOP", second=20)
    story.sends(STOPPED, second=20.2, play="answer")
    story.says("HELP", second=30)
    story.sends(HELPS, second=30.2, play="answer")
    return story


def two_stops_and_two_confirmations() -> Story:
    story = introduced()
    for second in (20, 30):
        story.says("STOP", second=second)
        story.sends(STOPPED, second=second + 0.2, play="answer")
    return story


def a_confirmation_that_was_lost_and_that_of_the_next_stop() -> Story:
    story = introduced()
    story.says("STOP", second=20)
    story.calls(STOPPED, second=20.2, went_out=False, answered_yes=False, fault="cut", receipts=())
    story.says("STOP", second=30)
    story.sends(STOPPED, second=30.2, play="answer")
    return story


def asked_to_wait_and_sent_later() -> Story:
    story = introduced()
    early = msgspec.structs.replace(
        story.requests[0], at=at(5.5), went_out=False, answered_yes=False, fault="status 429", receipts=()
    )
    story.requests.insert(0, early)
    return story


def cut_and_never_repeated() -> Story:
    story = introduced()
    story.places("lakeside", second=20)
    story.calls(_LAKESIDE, second=21, went_out=False, answered_yes=False, fault="cut", receipts=())
    return story


def published_twice_under_the_same_id() -> Story:
    story = introduced()
    story.heard += story.heard[-2:]
    return story


def told_no_when_its_sender_was_dead() -> Story:
    story = lost_with_the_sender()
    story.calls(_LAKESIDE, second=21, went_out=False, answered_yes=False, fault="status 429", receipts=())
    story.requests[-1] = msgspec.structs.replace(story.requests[-1], attempt_id="lost")
    return story


def lost_with_the_sender() -> Story:
    story = lost_without_a_death()
    story.others["deeds"] = [Deed(kind="kill", target="dispatch", began_at=at(21), ended_at=at(22))]
    return story


def at_the_cap_by_what_was_lost() -> Story:
    story = lost_with_the_sender()
    for number in range(2):
        contact = {"channel": "sms", "outcome": "delivered", "direction": "outbound", "contact_id": number}
        story.tells("contact.recorded.v1", contact, second=1, ago=timedelta(hours=2))
    story.places("brookfield", second=30)
    return story


def lost_with_the_database() -> Story:
    story = left_unanswered()
    story.others["deeds"] = [Deed(kind="restore", target="outreach", began_at=at(10), ended_at=at(50))]
    return story


def silent_for_a_reason() -> Story:
    story = Story()
    story.person(convenient=[], addresses=[{"country": "JP"}], phones=[])
    story.consents("email")
    story.places()
    return story


def told_of_a_stop_to_both_who_share_a_number() -> Story:
    story = of_another_at_the_number_that_said_stop()
    del story.told[-1], story.requests[-1], story.heard[-3:]
    return story


#: Stories that look as if something were wrong.
PERMITTED: Sequence[Callable[[], Story]] = (
    under_way_when_the_stop_came,
    help_after_a_stop,
    two_stops_and_two_confirmations,
    a_confirmation_that_was_lost_and_that_of_the_next_stop,
    asked_to_wait_and_sent_later,
    cut_and_never_repeated,
    published_twice_under_the_same_id,
    lost_with_the_sender,
    told_no_when_its_sender_was_dead,
    at_the_cap_by_what_was_lost,
    lost_with_the_database,
    silent_for_a_reason,
    told_of_a_stop_to_both_who_share_a_number,
)
