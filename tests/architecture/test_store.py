"""What the rooms ask of the store, and by which doors."""

import ast

from tests.support.sources import code

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
