"""What outreach reads of a stored snapshot is what preferences published."""

import json
from typing import Any

import msgspec
import pytest

from outreach.model.snapshot import parse_snapshot
from schemas.generate import HERE
from schemas.people import PersonSnapshot

PUBLISHED: dict[str, Any] = json.loads((HERE / "examples" / "person.snapshot.v1.json").read_text())["data"]
WINDOW = {"days": ["mon", "sun"], "begins": "09:00", "ends": "24:00"}
MORE: dict[str, dict[str, Any]] = {
    "as in the example": {},
    "their own hours": {"convenient": [WINDOW], "inconvenient": [{**WINDOW, "days": ["fri"]}]},
    "what belongs to the employer": {
        "phones": [{"number": "+13035550123", "work": True}],
        "emails": [{"address": "ada@work.example.com", "work": True}],
    },
    "a consent of unknown age": {"consents": [{"channel": "email", "basis": "written", "at": None}]},
    "a hold between instants": {
        "holds": [
            {
                "hold_id": "h1",
                "kind": "pause",
                "since": "2026-11-20T10:00:00Z",
                "until": "2026-12-01T00:00:00Z",
            }
        ]
    },
    "nobody could be read": {"unreadable": True, "names": None, "addresses": [], "phones": []},
}


@pytest.mark.parametrize("more", MORE.values(), ids=MORE)
def test_what_is_read_is_what_was_published(more: dict[str, Any]) -> None:
    published = PersonSnapshot.model_validate_json(json.dumps(PUBLISHED | more), strict=False)

    read = parse_snapshot(published.model_dump_json())

    told = published.model_dump(mode="json")
    for name in read.__struct_fields__:
        value = getattr(read, name)
        assert json.loads(msgspec.json.encode(value)) == _as_far_as(value, told[name]), name


def _as_far_as(read: Any, told: Any) -> Any:
    """Return what was told, as far as outreach reads it; an address leaves out what is not known."""
    if isinstance(read, tuple):
        return [_as_far_as(each, as_told) for each, as_told in zip(read, told, strict=True)]
    if isinstance(read, msgspec.Struct):
        leaves_out = read.__struct_config__.omit_defaults
        return {
            name: told[name] for name in read.__struct_fields__ if not (leaves_out and told[name] is None)
        }
    return told
