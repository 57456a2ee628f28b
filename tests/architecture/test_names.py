"""A name says what a thing is; a word that fits everything says nothing."""

import ast
import re

from tests.support.sources import ROOT, code

EMPTY_WORDS = {
    *("Abstract", "Base", "Common", "Dto", "Entity", "Handler", "Helper", "Helpers", "Impl"),
    *("Manager", "Processor", "Service", "Util", "Utils", "Vo"),
}

#: A loop variable is the singular of what it is taken from; what is left for `each` is mostly prose.
EACH_PER_THOUSAND = 10


def test_no_class_and_no_file_has_a_name_that_says_nothing() -> None:
    named = [
        f"{path}:{name}"
        for path, tree in code("services", "schemas", "scripts", "tests")
        for name in [path.rsplit("/", 1)[-1].removesuffix(".py"), *classes_of(tree)]
        if EMPTY_WORDS & set(words_of(name))
    ]

    assert named == []


def test_a_name_is_read_word_by_word() -> None:
    assert words_of("HTTPService") == ["Http", "Service"]
    assert words_of("test_base_rules") == ["Test", "Base", "Rules"]
    assert words_of("Database") == ["Database"]


def test_each_is_seldom_a_name() -> None:
    sources = [path.read_text() for path in (ROOT / "services").rglob("*.py")]
    lines = sum(len(source.splitlines()) for source in sources)
    times = sum(len(re.findall(r"\beach\b", source)) for source in sources)

    assert times * 1000 <= EACH_PER_THOUSAND * lines


def classes_of(tree: ast.Module) -> list[str]:
    return [node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]


def words_of(name: str) -> list[str]:
    return [word.capitalize() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)]
