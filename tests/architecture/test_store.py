"""What the rooms ask of the store, and by which doors."""

import ast
import re

from tests.support.sources import ROOT, code

#: What `store/changes.py` does in their order, whenever something changed about people.
PARTS_OF_A_CHANGE = {"raise_revisions", "reconsider_touches", "wake_dispatch"}


def test_whoever_changes_something_about_people_says_so_by_one_function() -> None:
    by_hand = [
        f"{path}:{node.lineno} calls {node.attr}"
        for path, tree in code("services")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in PARTS_OF_A_CHANGE
        and not path.startswith("services/outreach/store/")
    ]

    assert by_hand == []


def test_every_named_query_is_called() -> None:
    called = {
        node.attr
        for _, tree in code("services")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id.endswith("SQL")
    }
    named = {
        name: path.relative_to(ROOT)
        for path in (ROOT / "services").rglob("*.sql")
        for name in re.findall(r"^-- name: (\w+)", path.read_text(), flags=re.MULTILINE)
    }

    assert {name: path for name, path in named.items() if name not in called} == {}
