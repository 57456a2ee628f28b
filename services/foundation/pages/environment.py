"""Templates that pages are made of, each value in them escaped, and none of them missing."""

from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_FOLDER: Final = Path(__file__).parent / "templates"


def environment(folder: Path) -> Environment:
    """Return the templates of a folder, beside those that all pages stand on, such as `page.html`."""
    return Environment(
        loader=FileSystemLoader([folder, _FOLDER]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
