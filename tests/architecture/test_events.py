"""What is published is built in one place, so that what the contract says of it is true everywhere."""

import ast

from tests.support.sources import code

ANNOUNCING = ("services/outreach/announcing/", "services/preferences/announcing/", "services/foundation/")


def test_events_are_built_in_announcing_and_nowhere_else() -> None:
    elsewhere = {
        path
        for path, tree in code("services")
        if not path.startswith(ANNOUNCING) and any(builds_an_event(node) for node in ast.walk(tree))
    }

    assert elsewhere == set()


def builds_an_event(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "OutgoingEvent"
