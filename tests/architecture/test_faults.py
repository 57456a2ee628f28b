"""Every planted fault can still be planted: its text stands once in its file, and its test is there."""

import tomllib

from tests.support.sources import ROOT

FAULTS = tomllib.loads((ROOT / "tests" / "architecture" / "faults.toml").read_text())["fault"]


def test_the_text_of_every_fault_stands_once_in_its_file() -> None:
    gone = [
        f"{fault['file']}: {fault['find']!r}"
        for fault in FAULTS
        if not (ROOT / fault["file"]).exists() or (ROOT / fault["file"]).read_text().count(fault["find"]) != 1
    ]

    assert gone == []


def test_the_test_of_every_fault_is_there() -> None:
    assert [fault["test"] for fault in FAULTS if not _is_there(fault["test"])] == []


def _is_there(test: str) -> bool:
    file, *_, name = test.partition("[")[0].split("::") if "::" in test else (test, "")
    return (ROOT / file).exists() and (not name or f"def {name}(" in (ROOT / file).read_text())
