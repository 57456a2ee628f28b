"""Signatures: what the vendor signed passes, and nothing else does."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from twilio.request_validator import RequestValidator

from outreach.providers.receipts import Form
from outreach.providers.sendgrid.signatures import SendGridSignatures
from outreach.providers.twilio.signatures import TwilioSignatures

TOKEN = "token"
URL = "https://outreach.example.com/webhooks/twilio/status?attempt=1"
FORM: Form = (("MessageSid", "SM1"), ("MessageStatus", "delivered"))
NOW = datetime(2026, 6, 9, 12, 0, tzinfo=UTC)
BODY = b'[{"event":"delivered","email":"zo\xc3\xab@example.com"}]\r\n'


def signed(url: str = URL, *, secret: str = TOKEN, algorithm: str | None = None) -> str:
    signature: str = RequestValidator(secret).compute_signature(url, dict(FORM), algorithm)
    return signature


TWILIO = TwilioSignatures(auth_token=TOKEN, shared_keys={"ws_1": "shared"})


def test_what_twilio_signed_passes() -> None:
    assert TWILIO.verify(url=URL, form=FORM, signature=signed())


def test_what_asks_for_more_calls_may_be_signed_with_the_url_and_nothing_else_behind_it() -> None:
    assert TWILIO.verify(url=URL, form=FORM, signature=signed(f"{URL}#rc=5&rp=all"))
    assert not TWILIO.verify(url=URL, form=FORM, signature=signed(f"{URL}#rc=1"))


@pytest.mark.parametrize(
    ("url", "form", "signature"),
    [
        (URL, (("MessageSid", "SM1"), ("MessageStatus", "failed")), signed()),
        (URL, (*FORM, ("More", "")), signed()),
        (URL.replace("https", "http"), FORM, signed()),
        (URL.replace("attempt=1", "attempt=2"), FORM, signed()),
        (URL.replace("outreach", "elsewhere"), FORM, signed()),
        (URL, FORM, signed(secret="another")),
        (URL, FORM, ""),
        (URL, FORM, "\ud800"),
        (URL, (("MessageSid", "\ud800"),), signed()),
        (URL, (("MessageSid", "SM1"), ("MessageStatus", "delivered"), ("MessageStatus", "failed")), signed()),
    ],
    ids=[
        "another value",
        "another field",
        "another scheme",
        "another attempt",
        "another host",
        "another secret",
        "none",
        "not text",
        "a form that is not text",
        "a field twice",
    ],
)
def test_what_twilio_did_not_sign_fails(url: str, form: Form, signature: str) -> None:
    assert not TWILIO.verify(url=url, form=form, signature=signature)


def test_a_default_port_in_the_url_makes_no_difference() -> None:
    assert TWILIO.verify(url=URL, form=FORM, signature=signed(URL.replace(".com/", ".com:443/")))


def test_a_shared_key_signs_with_sha_256() -> None:
    settings = "key=ws_1,algorithm=HMAC_SHA256"
    signature = signed(secret="shared", algorithm="HMAC_SHA256")

    assert TWILIO.verify(url=URL, form=FORM, signature=signature, settings=settings)
    assert not TWILIO.verify(url=URL, form=FORM, signature=signature)


@pytest.mark.parametrize("settings", ["key=ws_1,algorithm=NONE", "algorithm=HMAC_MD5", "key=,algorithm="])
def test_no_header_talks_the_check_down(settings: str) -> None:
    assert not TWILIO.verify(url=URL, form=FORM, signature="", settings=settings)


KEY = ec.generate_private_key(ec.SECP256R1())
PUBLIC = base64.b64encode(
    KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
).decode()
SENDGRID = SendGridSignatures(public_key=PUBLIC)
STAMP = str(int(NOW.timestamp()))


def sealed(body: bytes = BODY, *, stamp: str = STAMP) -> str:
    return base64.b64encode(KEY.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))).decode()


def test_what_sendgrid_signed_passes() -> None:
    assert SENDGRID.verify(body=BODY, signature=sealed(), timestamp=STAMP, now=NOW)


@pytest.mark.parametrize(
    ("body", "signature", "timestamp"),
    [
        (BODY + b" ", sealed(), STAMP),
        (BODY, sealed(b"other"), STAMP),
        (BODY, sealed(), str(int(STAMP) + 1)),
        (BODY, "!!notbase64", STAMP),
        (BODY, "ä", STAMP),
        (BODY, "", STAMP),
        (b"\xff", sealed(b"\xff"), STAMP),
        (BODY, sealed(stamp="soon"), "soon"),
        (BODY, sealed(stamp="٣"), "٣"),
        (BODY, sealed(stamp="9" * 5000), "9" * 5000),
    ],
    ids=[
        "one byte more",
        "of another body",
        "of another time",
        "not base64",
        "not ASCII",
        "none",
        "not UTF-8",
        "a word for a time",
        "other digits",
        "an endless time",
    ],
)
def test_what_sendgrid_did_not_sign_fails(body: bytes, signature: str, timestamp: str) -> None:
    assert not SENDGRID.verify(body=body, signature=signature, timestamp=timestamp, now=NOW)


@pytest.mark.parametrize(
    ("after", "fresh"),
    [(timedelta(days=1), True), (timedelta(days=1, seconds=1), False), (timedelta(days=-2), False)],
    ids=["a day later, retries still count", "an old capture", "from the future"],
)
def test_a_batch_is_fresh_for_a_day(after: timedelta, *, fresh: bool) -> None:
    assert SENDGRID.verify(body=BODY, signature=sealed(), timestamp=STAMP, now=NOW + after) is fresh


@pytest.mark.parametrize("key", ["", "nonsense", "-----BEGIN"], ids=["none", "a word", "half a key"])
def test_a_key_that_is_none_is_refused_at_once(key: str) -> None:
    with pytest.raises(ValueError, match="verification key"):
        SendGridSignatures(public_key=key)
