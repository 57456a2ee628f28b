"""Logs carry ids: no line may be given what tells who somebody is, or what we wrote to them."""

import ast

from foundation.logs import PERSONAL_FIELDS
from tests.support.sources import code

LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}


def test_no_line_of_the_log_is_given_a_personal_field() -> None:
    told = [
        f"{path}:{call.lineno} tells {keyword.arg}"
        for path, tree in code("services", "schemas")
        for call in logging_calls(tree)
        for keyword in call.keywords
        if keyword.arg in PERSONAL_FIELDS
    ]

    assert told == []


def test_a_line_of_the_log_is_a_constant_with_fields() -> None:
    """What is put into the sentence itself escapes the processor that looks at field names."""
    composed = [
        f"{path}:{call.lineno}"
        for path, tree in code("services", "schemas")
        for call in logging_calls(tree)
        if len(call.args) != 1 or not is_constant(call.args[0])
    ]

    assert composed == []


def is_constant(node: ast.expr) -> bool:
    if isinstance(node, ast.IfExp):
        return is_constant(node.body) and is_constant(node.orelse)
    return isinstance(node, ast.Constant)


def logging_calls(tree: ast.Module) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in LEVELS
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id.strip("_") in {"log", "logger", "structlog"}
    ]
