"""Write the contract of the HTTP API of preferences, `schemas/openapi/preferences.json`, from its routes."""

import json
from pathlib import Path
from typing import Any, cast

from foundation.access import Access
from foundation.clock import SystemClock
from foundation.database import Connections, Database
from preferences.http.api import api

FILE = Path(__file__).parent.parent / "schemas" / "openapi" / "preferences.json"


def document() -> dict[str, Any]:
    """Return the document; no server is asked for anything."""
    clock = SystemClock()
    database = Database(cast("Connections", None))
    return api(database=database, clock=clock, access=Access(database=database, clock=clock)).openapi()


def main() -> None:
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps(document(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
