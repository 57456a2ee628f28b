"""Email as people's programs really make it: each part, letter and header that may hold a stop is read."""

import base64
from collections.abc import Callable, Mapping

import pytest

from outreach.providers.mail import Automatic, Mail, automatic, read_mail

HEADERS = {"From": "Ada <ada@a.example>", "To": "r@replies.example", "Subject": "Re: Hello"}


def mail(content: bytes, *, kind: str = "text/plain", coded: str = "8bit", **headers: str) -> Mail:
    """Return an email of one part as it was read; headers take `_` for `-`."""
    named = {**HEADERS, **{name.replace("_", "-"): value for name, value in headers.items()}}
    lines = [f"{name}: {value}" for name, value in named.items()]
    lines += ["MIME-Version: 1.0", f"Content-Type: {kind}", f"Content-Transfer-Encoding: {coded}", "", ""]
    return read_mail("\r\n".join(lines).encode() + content)


def parts(*held: str, of: str = "mixed", **headers: str) -> Mail:
    """Return an email of several parts, each with headers of its own."""
    body = "".join(f"--AA\r\n{part}\r\n" for part in held) + "--AA--\r\n"
    return mail(body.encode(), kind=f"multipart/{of}; boundary=AA", **headers)


PLAIN = "Content-Type: text/plain; charset=utf-8\r\n\r\n"
PICTURE = 'Content-Type: image/jpeg\r\nContent-Disposition: inline; filename="paper.jpg"\r\n\r\nxx'

#: "No me escriban más", in whatever letters it may come.
LETTERS: Mapping[str, Callable[[str], Mail]] = {
    "base64": lambda said: mail(
        base64.b64encode(said.encode()), kind="text/plain; charset=utf-8", coded="base64"
    ),
    "quoted-printable": lambda said: mail(
        said.encode("latin-1").replace(b"\xe1", b"=\r\n=E1"),
        kind="text/plain; charset=iso-8859-1",
        coded="quoted-printable",
    ),
    "windows": lambda said: mail(said.encode("cp1252"), kind="text/plain; charset=windows-1252"),
    "utf-16": lambda said: mail(
        base64.b64encode(said.encode("utf-16")), kind="text/plain; charset=utf-16", coded="base64"
    ),
    "utf-7": lambda said: mail(said.encode("utf-7"), kind="text/plain; charset=utf-7"),
    "a charset nobody knows": lambda said: mail(said.encode(), kind="text/plain; charset=x-nonsense"),
    "the wrong charset": lambda said: mail(said.encode(), kind="text/plain; charset=us-ascii"),
    "no charset": lambda said: mail(said.encode("latin-1"), kind="text/plain"),
    "a page": lambda said: mail(f"<p>{said}</p>".encode(), kind="text/html; charset=utf-8"),
}


def test_the_letters_of_an_email_are_read_in_whatever_code_they_come() -> None:
    said = "No me escriban más"

    assert {name: make(said).written() for name, make in LETTERS.items()} == dict.fromkeys(LETTERS, said)


def test_what_stands_behind_a_picture_is_read_as_well() -> None:
    read = parts(f"{PLAIN}Here is my paper.", PICTURE, f"{PLAIN}And stop emailing me.")

    assert read.written() == "Here is my paper.\nAnd stop emailing me."
    assert read.attachments == ("paper.jpg",)


def test_an_email_is_read_however_deep_its_parts_are_nested() -> None:
    plain = (
        f"--CC\r\n{PLAIN}Please stop.\r\n--CC\r\nContent-Type: text/html\r\n\r\n<p>Please stop.</p>\r\n--CC--"
    )
    inner = f"Content-Type: multipart/alternative; boundary=CC\r\n\r\n{plain}"
    middle = (
        f"Content-Type: multipart/related; boundary=BB\r\n\r\n--BB\r\n{inner}\r\n--BB\r\n{PICTURE}\r\n--BB--"
    )
    signature = "Content-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\nAA"

    read = parts(middle, signature, of="signed")

    assert read.written() == "Please stop."
    assert read.attachments == ("paper.jpg", "smime.p7s")


def test_a_text_that_is_attached_or_an_email_within_is_not_taken_for_what_they_wrote() -> None:
    attached = 'Content-Type: text/plain\r\nContent-Disposition: attachment; filename="a.txt"\r\n\r\nStop.'
    forwarded = "Content-Type: message/rfc822\r\n\r\nSubject: Hello\r\n\r\nReply STOP to stop these emails."

    assert parts(f"{PLAIN}Hello", attached, forwarded).written() == "Hello"
    assert parts(attached).written() == ""


def test_a_sentence_that_a_program_broke_is_read_as_one() -> None:
    wide = b"I have thought about this for a while and would ask you not to\r\nwrite to me again.\r\n\r\nAda"
    flowed = b"Please do not \r\nwrite to me\r\n"

    assert mail(wide).written().splitlines()[0].endswith("not to write to me again.")
    assert (
        " ".join(mail(flowed, kind="text/plain; format=flowed").written().split())
        == "Please do not write to me"
    )
    assert mail(b"Hello\r\nstop\r\n").written() == "Hello\nstop"


@pytest.mark.parametrize(
    "subject",
    ["No me escriban más", "=?utf-8?Q?No_me_escriban_m=C3=A1s?=", "=?utf-8?B?Tm8gbWUgZXNjcmliYW4gbcOhcw==?="],
)
def test_a_subject_of_their_own_is_what_they_wrote(subject: str) -> None:
    assert mail(b"", Subject=subject).written() == "No me escriban más"
    assert mail(b"Sent from my iPhone\r\n", Subject=subject).written() == "No me escriban más"


@pytest.mark.parametrize(
    "subject", ["Re: Reply STOP", "RV: Reply STOP", "=?utf-8?Q?Re=3A_Reply_STOP?=", "Re[2]: STOP"]
)
def test_a_subject_of_ours_is_not(subject: str) -> None:
    assert mail(b"ok", Subject=subject).written() == "ok"


#: What a program says of itself, in headers or, some of them, only in the subject.
PROGRAMS: Mapping[Automatic, list[dict[str, str]]] = {
    Automatic.AUTO_REPLY: [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated; owner=x"},
        {"X_Autoreply": "yes"},
        {"X_Autorespond": "Hello"},
        {"X_Mail_Autoreply": "1"},
        {"X_FC_MachineGenerated": "true"},
        {"X_POST_MessageClass": "9; Autoresponder"},
        {"Delivered_To": "Autoresponder"},
        {"Precedence": "auto_reply"},
        *(
            {"Subject": subject}
            for subject in (
                "Out of office",
                "Out of the Office: Re: Hello",
                "OOO: back on Monday",
                "Automatic reply: Hello",
                "Auto-Reply",
                "Vacation reply",
                "I am currently out of the office",
                "Respuesta automática: Hola",
                "=?utf-8?Q?Respuesta_autom=C3=A1tica?=",
                "Fuera de la oficina",
                "Réponse automatique : Bonjour",
                "Absence du bureau",
                "Automatische Antwort: Hallo",
                "Abwesenheitsnotiz",
                "Resposta automática: Olá",
            )
        ),
    ],
    Automatic.LIST: [
        {"Precedence": "list"},
        {"Precedence": "bulk"},
        {"List_Id": "<neighbors.example>"},
        {"List_Unsubscribe": "<mailto:leave@neighbors.example>"},
    ],
    Automatic.BOUNCE: [
        {"From": "Mail Delivery <MAILER-DAEMON@a.example>"},
        {"Return_Path": "<>"},
        {"X_Failed_Recipients": "ada@a.example"},
        {"Subject": "Undeliverable: Hello"},
        {"Subject": "Delivery Status Notification (Failure)"},
        {"Subject": "Mail delivery failed: returning message to sender"},
    ],
}


def test_a_program_is_told_by_what_it_says_of_itself() -> None:
    told = {
        (program, tuple(headers.items())): automatic(
            mail(b"I am away", **headers), envelope_from="a@a.example"
        )
        for program, every in PROGRAMS.items()
        for headers in every
    }

    assert {headers: found for (program, headers), found in told.items() if found is not program} == {}


def test_a_report_and_an_empty_envelope_are_bounces() -> None:
    report = mail(b"--AA--", kind="multipart/report; report-type=delivery-status; boundary=AA")

    assert automatic(report, envelope_from="a@a.example") is Automatic.BOUNCE
    assert automatic(mail(b"gone"), envelope_from="<>") is Automatic.BOUNCE


@pytest.mark.parametrize(
    "subject",
    ["Out of work", "On leave", "Automatic payments?", "Vacation", "Returned my call?", "Absent father"],
)
def test_a_person_who_writes_of_such_things_is_no_program(subject: str) -> None:
    assert automatic(mail(b"Can we talk?", Subject=subject), envelope_from="a@a.example") is None
    assert automatic(mail(b"x", Auto_Submitted="no"), envelope_from=None) is None


def test_a_calendar_that_accepts_is_a_program_unless_somebody_wrote_beside_it() -> None:
    calendar = "Content-Type: text/calendar; method=REPLY\r\n\r\nBEGIN:VCALENDAR\r\nEND:VCALENDAR"
    invites = calendar.replace("REPLY", "REQUEST")

    def found(*held: str) -> Automatic | None:
        return automatic(
            parts(*held, of="alternative", Subject="Accepted: Call"), envelope_from="a@a.example"
        )

    assert found(PLAIN, calendar) is Automatic.AUTO_REPLY
    assert found(f"{PLAIN}Never call me again", calendar) is None
    assert found(PLAIN, invites) is None
