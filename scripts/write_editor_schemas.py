"""Write the JSON Schemas by which editors check policy files while they are typed.

`tests/architecture/test_written_files.py` fails while they differ from what this would write.
"""

import json
from pathlib import Path

from pydantic import BaseModel

from outreach.guidance.files.playbook_shapes import PlaybookShape
from outreach.guidance.files.shapes import PackShape, PolicyShape
from outreach.guidance.trying.case_shapes import CasesShape

SCHEMAS = Path(__file__).parent.parent / "deploy" / "config"
SHAPES: dict[str, type[BaseModel]] = {
    "policy": PolicyShape,
    "pack": PackShape,
    "cases": CasesShape,
    "playbook": PlaybookShape,
}


def schemas() -> dict[str, str]:
    """Return the text of every schema by its file name."""
    return {
        f"{name}.schema.json": json.dumps(
            {
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                **shape.model_json_schema(by_alias=True),
            },
            indent=2,
        )
        + "\n"
        for name, shape in SHAPES.items()
    }


if __name__ == "__main__":
    for name, text in schemas().items():
        (SCHEMAS / name).write_text(text)
