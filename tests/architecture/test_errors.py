"""Each tree of errors is drawn where it is defined, and the drawing is true."""

import ast
import re
from pathlib import Path

import pytest

from tests.support.sources import ROOT

FILES = sorted((ROOT / "services").rglob("errors.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_the_drawn_tree_is_the_real_one(file: Path) -> None:
    tree = ast.parse(file.read_text())

    assert drawn_in(ast.get_docstring(tree) or "") == defined_in(tree)


def test_a_tree_is_read_by_its_indentation() -> None:
    drawing = "All.\n\nRoot\n├── Near       they react\n│   └── Far    nobody does\n└── Other\n"

    assert drawn_in(drawing) == {"Root": None, "Near": "Root", "Far": "Near", "Other": "Root"}


def drawn_in(docstring: str) -> dict[str, str | None]:
    """Return each drawn error with the one it hangs from."""
    parents: dict[str, str | None] = {}
    path: list[str] = []
    for line in docstring.splitlines():
        branch = re.match(r"(?P<lead>(?:│   |    )*(?:├── |└── ))?(?P<name>[A-Z]\w+)(?: {2,}.*)?$", line)
        if branch:
            path = path[: len(branch["lead"] or "") // 4]
            parents[branch["name"]] = path[-1] if path else None
            path.append(branch["name"])
    return parents


def defined_in(tree: ast.Module) -> dict[str, str | None]:
    """Return each error class of the file with the one of the same file that it extends."""
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    errors: dict[str, str | None] = {}
    for each in classes:
        bases = [base.id for base in each.bases if isinstance(base, ast.Name)]
        if any(base in errors or base.endswith(("Error", "Exception")) for base in bases):
            errors[each.name] = next((base for base in bases if base in errors), None)
    return errors
