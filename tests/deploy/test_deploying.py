"""The page on deploying, followed by its letters: each block for a shell, in order, on servers of its own."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.support.sources import ROOT

PAGE = (ROOT / "docs" / "deploying.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
#: What is on the path of this test already: installing it again needs a registry, and minutes.
INSTALLS = "pip install --require-hashes"

#: The page names the usual ports. In a network of its own nobody else has them.
_SCRIPT = """
set -eu
ip link set lo up
"$PYTHON" -m foundation.local postgres --home "$HOME_OF_ALL/pg" --port 5432 > "$HOME_OF_ALL/pg.out" &
"$PYTHON" -m foundation.local kafka --home "$HOME_OF_ALL/kafka" --port 9092 > "$HOME_OF_ALL/kafka.out" &
trap 'kill $(jobs -p); wait' EXIT
until grep -q listens "$HOME_OF_ALL/pg.out" && grep -q listens "$HOME_OF_ALL/kafka.out"; do sleep 0.2; done
{begin}
export OPT="$HOME_OF_ALL/opt" ETC="$HOME_OF_ALL/etc"
export ADMIN_URL=$(grep -o 'postgresql://[^;]*' "$HOME_OF_ALL/pg.out")
{blocks}
curl -sf http://127.0.0.1:8082/health/live
# What was started is what SIGTERM reaches: nothing is left behind.
kill %?simulator %?preferences %?outreach
wait %?simulator %?preferences %?outreach || true
! curl -s http://127.0.0.1:8090/health/live && ! curl -s http://127.0.0.1:8081/health/live
echo "all ended"
"""


def test_the_page_installs_begins_and_ends_as_this_file_takes_it_to() -> None:
    assert "export OPT=" in BLOCKS[0]
    assert INSTALLS in BLOCKS[1]
    assert "tokens revoke" in BLOCKS[-1]
    assert len(BLOCKS) == 12


#: What the page asks right after it published. Whoever types takes longer than a record does, and a script
#: does not.
_ASKED = "$ETC/run outreach outreach explain person-1001"
_UNTIL_READ = f"for _ in $(seq 60); do {_ASKED} | grep -q instalment_reminder && break; sleep 1; done\n"


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_newcomer_gets_from_nothing_to_running_by_its_letters() -> None:
    if os.geteuid() != 0 or not shutil.which("unshare") or not shutil.which("ip") or not shutil.which("psql"):
        pytest.skip("a network of one's own needs root, unshare and ip; the page needs psql")
    begin, _, *blocks = BLOCKS
    blocks = [_UNTIL_READ + block if _ASKED in block else block for block in blocks]
    # Not in pytest's own folder: the user whom PostgreSQL runs as cannot enter that.
    with TemporaryDirectory(prefix="deploying-") as home:
        Path(home).chmod(0o755)
        done = subprocess.run(
            ["unshare", "--net", "bash", "-c", _SCRIPT.format(begin=begin, blocks="\n".join(blocks))],  # noqa: S607
            cwd=ROOT,
            env=os.environ
            | {
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                "PYTHON": sys.executable,
                "HOME_OF_ALL": home,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        logs = "".join(log.read_text()[-1000:] for log in Path(home).glob("etc/logs/*.log"))

    assert done.returncode == 0, done.stdout + logs
    for said in (
        '"may send":"ok"',
        "8 events published to ",
        "instalment_reminder",
        '"decision":',
        "dialer-west",
        "revoked",
        "all ended",
    ):
        assert said in done.stdout, done.stdout + logs
