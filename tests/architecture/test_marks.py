"""Marks are true: what is `pure` needs no server even to be imported, and what is required did run."""

import subprocess
import sys

import pytest

from tests.conftest import PURE_SUITES
from tests.support.sources import ROOT

#: Whoever imports one of these can ask somebody outside, and pays for it at every start.
SERVERS = ["aiohttp", "aiokafka", "asyncpg", "fastapi", "faststream", "sendgrid", "twilio", "uvicorn"]

#: Collects what is marked pure, file by file, and says which files bring a server along.
_COLLECT = f"""
import sys
import pytest

class Watch:
    def pytest_collection_finish(self, session):
        print("pure:", *sorted({{item.path.name for item in session.items}}))
        print("servers:", *sorted(set({SERVERS}) & sys.modules.keys()))

sys.exit(pytest.main(["--collect-only", "-qq", "-m", "pure", *sys.argv[1:]], plugins=[Watch()]))
"""


# Collects twice, in processes of its own: on a machine that has much else to do that takes minutes.
@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_pure_test_imports_no_server() -> None:
    suites = [ROOT / "tests" / suite for suite in sorted(PURE_SUITES)]
    files = [path for suite in suites for path in suite.glob("test_*.py")]
    first = collected(*map(str, files))
    pure = [str(path) for path in files if path.name in first["pure"]]

    # Again without their neighbors, which may import what they like.
    assert collected(*pure)["servers"] == []
    assert {"test_rules.py", "test_render.py", "test_understand.py", "test_coverage.py"} <= set(first["pure"])


def test_make_quick_reads_every_suite_that_may_be_pure() -> None:
    makefile = (ROOT / "Makefile").read_text()
    [listed] = [line for line in makefile.splitlines() if line.startswith("PURE := ")]

    there = {f"tests/{suite}" for suite in PURE_SUITES if (ROOT / "tests" / suite).exists()}
    assert set(listed.removeprefix("PURE := ").split()) == there


@pytest.mark.timeout(400)
def test_a_run_that_left_out_what_is_required_fails() -> None:
    assert run("--require=pure").returncode == 0

    missing = run("--require=pure", "--require=database")
    assert missing.returncode == 1
    assert "no test marked `database` ran" in missing.stdout

    nothing = run("-m", "database", "--require=database")
    assert nothing.returncode == 1


def collected(*files: str) -> dict[str, list[str]]:
    done = subprocess.run(
        [sys.executable, "-c", _COLLECT, *files], cwd=ROOT, capture_output=True, text=True, check=False
    )
    lines = [line.split() for line in done.stdout.splitlines()]
    written = {words[0].rstrip(":"): words[1:] for words in lines if words and words[0].endswith(":")}
    assert {"pure", "servers"} <= written.keys(), done.stdout + done.stderr
    return written


def run(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "tests/policy/test_spans.py",
            *options,
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
