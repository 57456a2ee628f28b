"""What strangers wrote is seen on a terminal and never acted upon."""

import io
import subprocess
import sys

import pytest
from rich.table import Table

from foundation.console import SafeConsole
from foundation.terminal import echo, echo_text, shown

CLEARS_THE_SCREEN = "\x1b[2J"
SETS_THE_TITLE = "\x1b]0;owned\x07"
C1_CONTROL = "\x9b31m"
TURNED_AROUND = "\u202egpj.exe"
FORGED = "\r\n2026-03-02 all is well"


@pytest.mark.parametrize(
    "hostile",
    [
        *(CLEARS_THE_SCREEN, SETS_THE_TITLE, C1_CONTROL, TURNED_AROUND, FORGED),
        *(
            "\u2066x\u2069",
            "a\u200bb",
            "\ufeffa",
            "\u2028next",
            "\udce9",
            "\ue000",
            "\x00",
            "\x7f",
            "\U000e0041",
        ),
    ],
)
def test_what_would_steer_is_written_out(hostile: str, capsys: pytest.CaptureFixture[str]) -> None:
    echo(f"person {hostile}")

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1
    assert lines[0].isprintable()
    assert "\\" in lines[0]


@pytest.mark.parametrize(
    "harmless", ["Müller, ¿qué?", "محمد علي", "佐藤", "50\u00a0€", "👋🏽", "नमस्ते", "back\\slash"]
)
def test_letters_signs_and_spaces_stay_as_they_are(harmless: str) -> None:
    assert shown(harmless) == harmless


def test_each_line_is_one_line_whatever_is_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    echo("a\nb", "c")
    echo()
    echo("wrong", err=True)

    printed = capsys.readouterr()
    assert printed.out == "a\\nb\nc\n\n"
    assert printed.err == "wrong\n"


def test_a_text_keeps_its_lines_and_nothing_else_that_moves(capsys: pytest.CaptureFixture[str]) -> None:
    echo_text("one\ntwo\r\x1b[A\n")

    assert capsys.readouterr().out == "one\ntwo\\r\\x1b[A\n"


def test_a_terminal_that_knows_few_letters_ends_no_command() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", "from foundation.terminal import echo; echo('Zoë')"],
        env={"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=True,
    )

    assert ended.stdout == "Zoë\n".encode()


def test_a_table_with_colors_holds_no_sequence_of_a_stranger() -> None:
    written = io.StringIO()
    console = SafeConsole(file=written, width=80)
    table = Table()
    table.add_column("name")
    table.add_row(CLEARS_THE_SCREEN + C1_CONTROL)

    console.print(f"a note: {SETS_THE_TITLE}", markup=False)
    console.print(table)

    assert all(line.isprintable() for line in written.getvalue().splitlines())
    assert "\\x1b[2J" in written.getvalue()
