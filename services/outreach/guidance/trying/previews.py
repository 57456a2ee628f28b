"""Wordings tried on made-up facts, with every remark on their tone."""

from collections.abc import Mapping
from typing import Any

from outreach.guidance.guidance import Guidance
from outreach.wording.review import Review, review
from outreach.wording.sample import SAMPLE_FACTS
from outreach.wording.wordings import load_wordings


def preview_wordings(guidance: Guidance | None) -> list[Review]:
    """Return a review of each wording of the guidance; without any, of those that we ship.

    Raises:
        outreach.wording.errors.WordingError: a wording cannot be rendered.
    """
    if guidance is None:
        return list(review(load_wordings(), facts=SAMPLE_FACTS))
    return list(review(guidance.wordings, facts=_facts(guidance)))


def _facts(guidance: Guidance) -> Mapping[str, Any]:
    """Return the sample facts, told by this agency and for one of its own creditors."""
    agency = {name: getattr(guidance.directory.agency, name) for name in SAMPLE_FACTS["agency"]}
    own = {name: value for name, value in agency.items() if value is not None}
    creditors = sorted(creditor.name for creditor in guidance.directory.creditors.values())
    return {
        **SAMPLE_FACTS,
        "agency": {**SAMPLE_FACTS["agency"], **own},
        "creditor": {"name": creditors[0] if creditors else SAMPLE_FACTS["creditor"]["name"]},
    }
