"""Templates are checked when they are read: each fault is named with its file, its line and a fix."""

from pathlib import Path

import pytest

from outreach.model.finding import Finding
from outreach.wording.errors import WordingsUnusable
from outreach.wording.wordings import SHIPPED, build_wordings, load_wordings

LAYOUT = {"layout.html": "{{ subject }}{{ language }}{{ body }}{{ footer }}"}


def problems(text: str, *, file: str = "en/hello.sms.txt") -> list[Finding]:
    with pytest.raises(WordingsUnusable) as refused:
        build_wordings(LAYOUT | {file: text})
    return list(refused.value.problems)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("Hello\n{{ person.given_nam }}", 2, "unknown fact person.given_nam"),
        ("Hello\n\n{{ debtor.name }}", 3, "unknown word 'debtor'"),
        ("{% if %}", 1, "a fact is missing"),
        ("Hello\n{% include 'x' %}", 2, "include is not for templates"),
        ("{% import 'x' as y %}", 1, "import is not for templates"),
        ("{% macro m() %}{% endmacro %}", 1, "macro is not for templates"),
        ("{% set x = 1 %}", 1, "assign is not for templates"),
        ("{% for each in plan.instalments %}{% endfor %}", 1, "a loop in a text message"),
        ("{{ person.given_name.upper() }}", 1, "a call"),
        ("{{ person.given_name|pprint }}", 1, "unknown filter 'pprint'"),
        ("{{ range(10) }}", 1, "unknown word 'range'"),
        ("{{ self }}", 1, "unknown word 'self'"),
        ("{{ person.__class__ }}", 1, "unknown fact person.__class__"),
        ("a" * 9000, 1, "too large"),
        (
            "{# covers: debt_collection_first #}Hello",
            1,
            "says that it covers debt_collection_first, but it does not",
        ),
        ("{# covers: opt_out_line #}Hello", 1, "says that it covers opt_out_line, but it does not"),
    ],
)
def test_a_fault_is_named_with_its_line(text: str, line: int, says: str) -> None:
    found = problems(text)

    assert {each.file for each in found} == {"en/hello.sms.txt"}
    assert any(each.line == line and each.message.startswith(says) for each in found)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("Hello", 1, "no subject"),
        (
            "Subject: {{ debt.balance }}\n\nHello",
            1,
            "the subject names debt.balance, which strangers may see",
        ),
        ("Subject: From {{ creditor.name }}\n\nHello", 1, "the subject names creditor.name"),
        ("Subject: Hello\n\n{{ nobody }}", 3, "unknown word 'nobody'"),
    ],
)
def test_a_fault_in_an_email_keeps_its_line(text: str, line: int, says: str) -> None:
    (problem,) = problems(text, file="en/hello.email.txt")

    assert problem.line == line
    assert problem.message.startswith(says)


@pytest.mark.parametrize(
    "file", ["hello.txt", "en/hello.txt", "en/hello.fax.txt", "en/a/hello.sms.txt", "en/.sms.txt"]
)
def test_a_file_that_is_no_template_is_not_passed_over(file: str) -> None:
    (problem,) = problems("Hello", file=file)

    assert problem.message == "not a template's name"


def test_a_block_nobody_asks_for_is_a_misspelt_one() -> None:
    (problem,) = problems("Reply STOP", file="en/blocks/opt_out.sms.txt")

    assert problem.message == "unknown block 'opt_out'"


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(WordingsUnusable) as refused:
        build_wordings({"en/a.sms.txt": "{{ x }}\n{{ y }}", "en/b.sms.txt": "{% if %}"})

    assert [str(each).split("; ")[0] for each in refused.value.problems] == [
        "en/a.sms.txt:1:1: error: unknown word 'x'",
        "en/a.sms.txt:2:1: error: unknown word 'y'",
        "en/b.sms.txt:1:1: error: a fact is missing",
        "layout.html:1:1: error: missing",
    ]


@pytest.mark.parametrize("text", ["{{ 'a' * 1000000000 }}", "{{ 9 ** 999999 }}", "{{ 1 + 1 }}"])
def test_arithmetic_cannot_eat_the_machine(text: str) -> None:
    assert problems(text)[0].message.endswith("is not for templates")


@pytest.mark.parametrize(
    "page", ["{{ body }}", "{{ subject }}{{ language }}{{ body }}", "{{ footer.x }}{{ evil }}", ""]
)
def test_a_page_that_would_lose_the_required_words_is_refused(page: str) -> None:
    with pytest.raises(WordingsUnusable, match=r"layout\.html:1:1: error: shows"):
        build_wordings({"layout.html": page})


def test_the_version_is_the_content() -> None:
    a = build_wordings(LAYOUT | {"en/hello.sms.txt": "Hello"})
    b = build_wordings(LAYOUT | {"en/hello.sms.txt": "Hello"})
    c = build_wordings(LAYOUT | {"en/hello.sms.txt": "Hello."})

    assert a.version == b.version != c.version


def test_an_agencys_own_template_takes_the_place_of_ours(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "check_in.sms.txt").write_text("{{ agency.name }}: just to say hello.")

    own, shipped = load_wordings(tmp_path), load_wordings()

    assert own.version != shipped.version
    assert own.templates.keys() == shipped.templates.keys()


def test_a_file_that_is_not_text_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "hello.sms.txt").write_bytes(b"Hello\n\xff")

    with pytest.raises(WordingsUnusable) as refused:
        load_wordings(tmp_path)

    assert str(refused.value) == "en/hello.sms.txt:2:1: error: not UTF-8; save it as UTF-8"


def test_a_sample_of_what_we_ship_is_read() -> None:
    assert SHIPPED.is_dir()
    assert load_wordings().languages == {"en", "es"}
