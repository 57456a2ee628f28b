"""docs/security.md: each control shows where it is, and no requirement of the standard is passed over."""

import re

import pytest

from tests.support.sources import ROOT, kept_files

PAGE = (ROOT / "docs" / "security.md").read_text()
#: Of each section of ASVS 5.0.0, how many requirements are of level 1 or 2; they come first in all of them.
_COUNTED = """
1.1:2 1.2:9 1.3:11 1.4:3 1.5:2 2.1:3 2.2:3 2.3:4 2.4:1 3.2:2 3.3:4 3.4:6 3.5:5 3.7:2 4.1:3
4.2:1 4.3:2 4.4:4 5.1:1 5.2:3 5.3:2 5.4:3 6.1:3 6.2:12 6.3:4 6.4:4 6.5:5 6.6:3 6.8:4 7.1:3
7.2:4 7.3:2 7.4:5 7.5:2 7.6:2 8.1:2 8.2:3 8.3:1 8.4:1 9.1:3 9.2:4 10.1:2 10.2:2 10.3:4
10.4:11 10.5:5 10.6:2 10.7:3 11.1:2 11.2:3 11.3:3 11.4:4 11.5:1 11.6:1 12.1:3 12.2:2
12.3:4 13.1:1 13.2:5 13.3:2 13.4:5 14.1:2 14.2:4 14.3:3 15.1:3 15.2:3 15.3:7 16.1:1 16.2:5
16.3:4 16.4:3 16.5:3 17.1:1 17.2:4 17.3:2
"""
ASVS = {f"V{section}": int(most) for section, most in (pair.split(":") for pair in _COUNTED.split())}


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table under a heading, without its own."""
    part = PAGE.split(f"\n## {heading}")[1].split("\n## ")[0]
    lines = [line.strip("|").split(" | ") for line in part.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line] for line in lines[1:] if not line[0].strip().startswith("---")]


def numbers(cell: str) -> list[int]:
    """Read `1, 3–5` or `–`."""
    spans = [part.split("–") for part in cell.split(", ") if cell != "–"]
    return [number for span in spans for number in range(int(span[0]), int(span[-1]) + 1)]


def test_every_requirement_of_the_standard_is_judged_once() -> None:
    judged = {
        row[0].split()[0]: sorted(numbers(", ".join(c for c in row[1:5] if c != "–"))) for row in asvs()
    }

    assert sum(ASVS.values()) == 253
    assert judged == {section: list(range(1, most + 1)) for section, most in ASVS.items()}


def test_the_sum_below_the_table_is_that_of_the_table() -> None:
    met, deployment, is_open, not_applicable = (
        sum(len(numbers(row[column])) for row in asvs()) for column in range(1, 5)
    )

    said = f"{met} met, {deployment} of the deployment, {is_open} open, {not_applicable} not applicable"
    assert f"Together 253: {said}." in PAGE


def test_whatever_is_met_says_where() -> None:
    unsaid = [row[0] for row in asvs() if numbers(row[1]) and not shows_a_place(row[5])]

    assert unsaid == []


def test_every_control_against_an_attacker_names_a_file_that_is_there() -> None:
    names = {str(path.relative_to(ROOT)) for path in kept_files()}

    for row in rows("Who, and what stops them"):
        _who, _wants, _reaches, stops, shown, left = row
        assert left, row
        assert (stops == "–") == (shown == "–"), row
        named = re.findall(r"`([^`]+)`", shown)
        assert named or shown == "–", row
        assert [name for name in named if name not in names] == []


@pytest.mark.parametrize("heading", ["Secrets and what they are made of", "Limits"])
def test_the_other_tables_are_there(heading: str) -> None:
    assert len(rows(heading)) > 5


def asvs() -> list[list[str]]:
    return rows("OWASP ASVS 5.0.0, level 2")


def shows_a_place(cell: str) -> bool:
    """Tell whether it names a file, a page, a table of this page, or what all of it is written in."""
    return bool(re.search(r"`[\w./-]+/[\w./-]+`|\]\(|\babove\b|Python", cell))
