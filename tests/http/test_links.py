"""Links and addresses for answers outlive the secret that they were signed with, where it is named."""

from uuid import UUID

import pytest

from outreach.http.links import Links, ReplyAddresses

ADA = ["ada", "ada@example.com"]
EMAIL = UUID(int=7)
OLD, NEW, OLDER = "the secret of before", "the secret of today", "the secret of long ago"


def test_what_a_secret_of_before_signed_is_read_where_it_is_named() -> None:
    for secret in (OLD, OLDER, NEW):
        token = Links(secret).sign(ADA)
        address = ReplyAddresses(secret, domain="reply.example.com").of(EMAIL)

        assert Links(NEW, OLD, OLDER).read(token) == tuple(ADA)
        assert ReplyAddresses(NEW, OLD, OLDER, domain="reply.example.com").read([address]) == EMAIL


@pytest.mark.parametrize("others", [(), (OLDER,)])
def test_what_a_secret_signed_that_is_not_named_is_not_read(others: tuple[str, ...]) -> None:
    token = Links(OLD).sign(ADA)
    address = ReplyAddresses(OLD, domain="reply.example.com").of(EMAIL)

    assert Links(NEW, *others).read(token) is None
    assert ReplyAddresses(NEW, *others, domain="reply.example.com").read([address]) is None


def test_what_is_made_is_signed_with_the_secret_of_today() -> None:
    assert Links(NEW, OLD).sign(ADA) == Links(NEW).sign(ADA)

    of_both, of_one = (ReplyAddresses(*secrets, domain="a.example") for secrets in ((NEW, OLD), (NEW,)))
    assert of_both.of(EMAIL) == of_one.of(EMAIL)
