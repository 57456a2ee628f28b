"""Tests show outcomes of real collaborators: nothing is patched, and nothing left out quietly."""

import ast

from tests.support.sources import code

PATCHING = {"monkeypatch", "mocker"}


def test_no_test_patches_what_it_tests() -> None:
    patched = [
        f"{path}:{function.lineno} {function.name}"
        for path, tree in code("tests")
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        and PATCHING & {argument.arg for argument in function.args.args}
    ]

    assert patched == []


def test_no_test_is_switched_off() -> None:
    """A test that cannot run here says why when it runs (`pytest.skip`); none is marked away."""
    switched_off = [
        f"{path}:{node.lineno} {node.attr}"
        for path, tree in code("tests")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in {"skip", "skipif", "xfail"}
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == "mark"
    ]

    assert switched_off == []
