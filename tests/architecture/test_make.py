"""The Makefile and CI: every target says what it is for, and runs what is there."""

import re
import subprocess

from tests.support.sources import ROOT

MAKEFILE = (ROOT / "Makefile").read_text()
PHONY = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
TARGETS = PHONY[1].split() if PHONY else []


def test_make_alone_lists_every_target_on_a_line() -> None:
    shown = subprocess.run(
        ["make", "--no-print-directory"],  # noqa: S607 (whichever make)
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()

    assert [line.split()[1] for line in shown] == TARGETS
    assert all(len(line) < 120 for line in shown)


def test_every_file_and_module_that_a_target_runs_is_there() -> None:
    files = re.findall(r"python (scripts/\S+\.py)", MAKEFILE)
    modules = [each.replace(".", "/") for each in re.findall(r"python -m ([\w.]+)", MAKEFILE)]
    places = [(ROOT / folder / each) for each in modules for folder in (".", "services")]

    assert files
    assert [each for each in files if not (ROOT / each).exists()] == []
    assert modules
    for each in modules:
        assert any(
            place.with_suffix(".py").exists() or (place / "__main__.py").exists()
            for place in places
            if str(place).endswith(each)
        ), each


def test_ci_runs_what_a_person_runs_with_nothing_left_out() -> None:
    ci = (ROOT / ".ci" / "run").read_text()

    assert re.findall("^make (.*)$", ci, re.MULTILINE) == [
        "browser",
        "promtool || promtool=0",
        'test ARGS="--require=database --require=broker --require=browser"',
        'test-slow ARGS="--require=broker --require=browser"',
    ]
    assert ci.index("make promtool") < ci.index("OUTREACH_REQUIRE_BROWSER=1") < ci.index("make test")
    assert 'OUTREACH_REQUIRE_PROMTOOL="${promtool:-1}"' in ci
    assert "OUTREACH_REQUIRE_KAFKA=1" in ci
    assert "OUTREACH_REQUIRE_POSTGRES=1" in ci
    assert "OUTREACH_VENDOR_SPECS" in ci
    assert 'export HOME="$fresh/home" XDG_CACHE_HOME="$fresh/cache"' in ci


def test_what_is_checked_before_a_commit_is_what_make_check_runs() -> None:
    hooks = re.findall(
        r"^ +entry: \.venv/bin/(.*)$", (ROOT / ".pre-commit-config.yaml").read_text(), re.MULTILINE
    )
    recipe = MAKEFILE.split("\ncheck:")[1].split("\n\n")[0]

    assert hooks == [
        line.split(" ||")[0].removesuffix(" $(PROSE)") for line in re.findall(r"@\$\(BIN\)/(.*)", recipe)
    ]
