"""What Twilio's error codes mean for a touch.

Source: https://www.twilio.com/docs/api/errors
"""

from collections.abc import Mapping
from datetime import timedelta

from outreach.model.outcome import NotSent, Refused

#: Twilio's own quiet hours: our policy said yes, so ask it again only when that may have changed.
_LATER = timedelta(minutes=30)
#: A queue or a rate limit is full; it drains in minutes.
_SOON = timedelta(minutes=2)

BY_CODE: Mapping[int, Refused | NotSent] = {
    # The person said stop to this sender.
    21610: Refused("21610", opted_out=True),
    # The number is no good, for anybody's text.
    21211: Refused("21211", unreachable=True),  # not a phone number
    21217: Refused("21217", unreachable=True),  # does not appear to be valid
    21265: Refused("21265", unreachable=True),  # a short code
    21614: Refused("21614", unreachable=True),  # not a mobile number
    21635: Refused("21635", unreachable=True),  # a landline
    30005: Refused("30005", unreachable=True),  # unknown or no longer in service
    30006: Refused("30006", unreachable=True),  # a landline, or a carrier nobody reaches
    # This text to this number will never go; another channel may.
    21408: Refused("21408"),  # country not enabled
    21602: Refused("21602"),  # empty text
    21612: Refused("21612"),  # no route between the two numbers
    21617: Refused("21617"),  # longer than 1,600 characters
    30003: Refused("30003"),  # handset off or out of reach
    30004: Refused("30004"),  # blocked by the handset or the carrier
    30007: Refused("30007"),  # filtered
    30008: Refused("30008"),  # the carrier does not say why
    # Nothing wrong with the person or the account: decide again later.
    30036: NotSent("30036", our_fault=False),  # it stayed in Twilio's queue until its validity ended
    30450: NotSent("30450", retry_after=_LATER, our_fault=False),  # number held back for half an hour
    30610: NotSent("30610", retry_after=_LATER, our_fault=False),  # Twilio's own quiet hours
    30615: NotSent("30615", retry_after=_LATER, our_fault=False),  # the same, by local law
    # We are too fast; the person is not at fault.
    14107: NotSent("14107", retry_after=_SOON),
    20429: NotSent("20429", retry_after=_SOON),
    21611: NotSent("21611", retry_after=_SOON),  # the number's queue is full
    30001: NotSent("30001", retry_after=_SOON),  # queue overflow
    30022: NotSent("30022", retry_after=_SOON),  # carrier rate limit
    30023: NotSent("30023", retry_after=_LATER),  # carrier daily limit
    63038: NotSent("63038", retry_after=_LATER),  # account's daily limit
    # The account is at fault.
    20003: NotSent("20003"),  # credentials
    20005: NotSent("20005"),  # account not active
    20404: NotSent("20404"),  # no such account
    21212: NotSent("21212"),  # sender not valid
    21603: NotSent("21603"),  # sender missing
    21606: NotSent("21606"),  # sender not ours, or not able to text
    21609: NotSent("21609"),  # status callback not valid
    21659: NotSent("21659"),  # sender is not a Twilio number
    21660: NotSent("21660"),  # sender is of another account
    21703: NotSent("21703"),  # messaging service without numbers
    21704: NotSent("21704"),
    21705: NotSent("21705"),  # messaging service not valid
    30002: NotSent("30002"),  # account suspended
    30032: NotSent("30032"),  # toll-free number not verified
    30034: NotSent("30034"),  # sender not registered for this traffic
}
