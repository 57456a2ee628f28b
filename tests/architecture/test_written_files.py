"""Tables and schemas that scripts write are what their sources say today."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2]


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def test_building_the_tables_again_changes_nothing() -> None:
    builder = script("build_zone_tables")

    built = builder.tables()

    assert {name: (builder.TABLES / name).read_text() for name in built} == built


def test_writing_the_editors_schemas_again_changes_nothing() -> None:
    writer = script("write_editor_schemas")

    written = writer.schemas()

    assert {name: (writer.SCHEMAS / name).read_text() for name in written} == written
