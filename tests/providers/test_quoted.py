"""What somebody wrote, without what their mail program put around it; never less than what they wrote."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.providers.quoted import text_of_html, written_text

OURS = "Hello Ada,\n\nReply STOP to stop these emails."
MARKED = "> " + OURS.replace("\n", "\n> ")


@pytest.mark.parametrize(
    "around",
    [
        "{text}\n\nOn Mon, Mar 2, 2026 at 9:00 AM Harbor Recovery <hello@harbor.example.com> wrote:\n"
        + MARKED,
        "{text}\n\nOn Mon, Mar 2, 2026 at 9:00 AM Harbor Recovery\n<hello@harbor.example.com> wrote:\n\n"
        + OURS,
        "{text}\n\nEl lun, 2 mar 2026 a las 9:00, Harbor (<hello@harbor.example.com>) escribió:\n" + MARKED,
        "{text}\n\nLe lun. 2 mars 2026 à 09:00, Harbor <hello@harbor.example.com> a écrit :\n" + MARKED,
        "{text}\n\n-----Original Message-----\nFrom: Harbor\n" + OURS,
        "{text}\n\nFrom: Harbor <hello@harbor.example.com>\nSent: Monday\nTo: Ada\nSubject: Hello\n\n" + OURS,
        "{text}\n\nDe: Harbor\nEnviado el: lunes\nPara: Ada\nAsunto: Hola\n\n" + OURS,
        MARKED + "\n\n{text}",
        "On Monday, Harbor wrote:\n> Hello Ada\n\n{text}",
        "{text}\n\nSent from my iPhone",
        "{text}\n\nEnviado desde mi iPhone\n",
        "{text}\n-- \nAda Example\nExample Street",
        "{text}\n\nCONFIDENTIALITY NOTICE: this message may hold privileged words.\nIf you are not …",
        "{text}\r\n\r\nThis email and any attachments are confidential and intended for whom they name.",
        "{text}\n\n---------- Forwarded message ---------\nFrom: Harbor\n" + OURS,
    ],
)
def test_what_is_quoted_signed_or_small_print_is_cut(around: str) -> None:
    text = "I lost my job.\nCan we talk?"

    assert written_text(around.replace("{text}", text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "> STOP",
        "-- \nSTOP",
        "Sent from my heart: stop",
        "CONFIDENTIAL NOTICE stop",
        "He wrote:",
        "-----Original Message-----",
    ],
)
def test_where_cutting_would_leave_nothing_nothing_is_cut(text: str) -> None:
    assert written_text(text) == text


@given(st.text(max_size=300))
def test_no_text_is_lost_altogether(text: str) -> None:
    assert bool(written_text(text)) == bool(text.strip())


@given(st.text(alphabet="ab<>/div =\"'&;bqlockuote\n", max_size=200))
def test_no_page_is_too_odd_to_read(page: str) -> None:
    assert isinstance(text_of_html(page), str)


def test_the_quotation_in_a_page_is_marked_and_cut() -> None:
    page = (
        "<html><head><style>p{color:red}</style></head><body><p>Please&nbsp;stop.</p>"
        '<div class="gmail_quote"><div class="gmail_attr">On Mon, Harbor wrote:<br></div>'
        "<blockquote><p>Hello Ada</p><p>Reply STOP</p></blockquote></div></body></html>"
    )

    assert written_text(text_of_html(page)) == "Please stop."
