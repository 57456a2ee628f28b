"""All that is to be said of the agency's own words; what is untrue or frightens is not put in force."""

from collections.abc import Iterator, Mapping

from outreach.guidance.checking.material import Material
from outreach.guidance.checking.required_words import unsaid_in
from outreach.guidance.checking.tone import harms_in
from outreach.guidance.files.folder import TEMPLATES
from outreach.guidance.files.problems import Finding
from outreach.model.directory import Directory
from outreach.wording.wordings import Wordings


def findings_of_words(
    wordings: Wordings, files: Mapping[str, str], *, directory: Directory | None
) -> Iterator[Finding]:
    """Yield what is wrong with the words of a config folder, or weak in them."""
    prefix = f"{TEMPLATES}/"
    own = {file.removeprefix(prefix): text for file, text in files.items() if file.startswith(prefix)}
    yield from unsaid_in(wordings, own)
    yield from harms_in(wordings, own, directory=directory)


def check_words(material: Material) -> Iterator[Finding]:
    """Yield what is to be said of the words of a folder that can be read."""
    folder = material.folder
    if folder.wordings is not None:
        yield from findings_of_words(folder.wordings, folder.files, directory=folder.directory)
