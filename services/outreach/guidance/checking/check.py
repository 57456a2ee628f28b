"""Checks a config folder as one: everything that is wrong with it, or weak in it, in one list."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final, TypeAlias

from outreach.guidance.checking.flows import check_flows
from outreach.guidance.checking.leftovers import check_leftovers
from outreach.guidance.checking.lengths import check_lengths
from outreach.guidance.checking.material import Material
from outreach.guidance.checking.names import check_names
from outreach.guidance.checking.plays import check_plays
from outreach.guidance.checking.rules import check_rules
from outreach.guidance.checking.templates import check_templates
from outreach.guidance.checking.tongues import check_tongues
from outreach.guidance.checking.waivers import check_waivers
from outreach.guidance.checking.weeks import check_weeks
from outreach.guidance.checking.words import check_words
from outreach.guidance.files.folder import Folder, guidance_of
from outreach.guidance.files.problems import ConfigError
from outreach.guidance.guidance import Guidance
from outreach.model.finding import Finding, Severity

Check: TypeAlias = Callable[[Material], Iterator[Finding]]

#: Every check there is. Each looks at what it needs, and finds nothing where that could not be read.
CHECKS: Final[tuple[Check, ...]] = (
    check_names,
    check_rules,
    check_weeks,
    check_waivers,
    check_plays,
    check_flows,
    check_templates,
    check_leftovers,
    check_tongues,
    check_lengths,
    check_words,
)


def findings_of(material: Material) -> list[Finding]:
    """Return all that is to be said of a folder, ordered by file and line."""
    found = [finding for check in CHECKS for finding in check(material)]
    return sorted({*material.folder.problems, *found})


def admit(folder: Folder, *, now: datetime) -> Guidance:
    """Return what a folder says, if nothing in it is an error: only that may be put in force.

    Raises:
        ConfigError: with every error; warnings and notes hold nothing back.
    """
    guidance = guidance_of(folder)
    errors = [
        finding
        for finding in findings_of(Material(folder=folder, now=now))
        if finding.severity is Severity.ERROR
    ]
    if errors:
        raise ConfigError(errors)
    return guidance
