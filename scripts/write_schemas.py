"""Write each package's `schema.sql`, the sum of its migrations, to be read instead of them.

Starts a server of its own and needs its `pg_dump`, which PostgreSQL's wheel lacks.
`tests/foundation/test_schemas.py` fails while a file makes another schema than the migrations.
"""

import asyncio
import re
import subprocess
import tempfile
from pathlib import Path

from foundation.local.binaries import choose_installation
from foundation.local.postgres import create_database, drop_database, running_postgres, whom_to_run_as
from foundation.migrations import migrate

SERVICES = Path(__file__).parent.parent / "services"
FILES = {
    "foundation": SERVICES / "foundation" / "schema.sql",
    "outreach": SERVICES / "outreach" / "store" / "schema.sql",
    "preferences": SERVICES / "preferences" / "store" / "schema.sql",
}
#: Of foundation, so in its file alone.
SHARED = (
    "outbox",
    "outbox_heads",
    "quarantine",
    "consumed_offsets",
    "caught_up",
    "inbox",
    "applied_migrations",
    "recoveries",
    "tokens",
    "acts",
    "published_offsets",
    "known_topics",
    "floods",
)

#: `pg_dump` leaves out tables that are named, functions not.
SHARED_FUNCTIONS = ("refuse_to_rewrite", "forget_reasons")

_HEAD = """-- The sum of the migrations, written by scripts/write_schemas.py: to be read, never to be applied.
"""


async def write(server: str) -> None:
    for package, file in FILES.items():
        name = f"schema_of_{package}"
        url = await create_database(server, name, template="template1")
        try:
            await migrate(url, package=package)
            file.write_text(_HEAD + _dump(url, package))
        finally:
            await drop_database(server, name)


def _dump(url: str, package: str) -> str:
    hidden = ["*_migrations"] if package == "foundation" else ["*_migrations", *SHARED]
    kept = ["--table=applied_migrations"] if package == "foundation" else []
    dumps = [[f"--exclude-table={table}" for table in hidden], kept]
    texts = [_pg_dump(url, arguments) for arguments in dumps if arguments]
    text = "".join(texts)
    for function in SHARED_FUNCTIONS if package != "foundation" else ():
        text = re.sub(rf"CREATE FUNCTION {function}\([^)]*\).*?\n\$\$;\n\n", "", text, flags=re.DOTALL)
    return text


def _pg_dump(url: str, arguments: list[str]) -> str:
    program = choose_installation(run_as=whom_to_run_as(), major=None).program("pg_dump")
    command = [str(program), "--schema-only", "--no-owner", "--no-privileges", *arguments, url]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    lines = [line for line in text.splitlines() if not re.match(r"--|SET |SELECT pg_catalog|\\", line)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip().replace("public.", "") + "\n"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home, running_postgres(Path(home) / "pg", durable=False) as server:
        asyncio.run(write(server.url))
