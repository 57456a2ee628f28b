"""Made-up facts, told by this agency and for one of its own creditors."""

from collections.abc import Mapping
from typing import Any

from outreach.model.directory import Directory
from outreach.wording.sample import SAMPLE_FACTS


def facts_of(
    directory: Directory | None, *, creditor: str | None = None, given_name: str | None = None
) -> dict[str, Any]:
    """Return the sample facts as this agency would know them; the first creditor's where none is named."""
    facts: dict[str, Any] = dict(SAMPLE_FACTS)
    if given_name is not None:
        facts["person"] = {"given_name": given_name} if given_name else {}
    if directory is None:
        return facts
    facts["agency"] = {**SAMPLE_FACTS["agency"], **_told(directory)}
    creditors = directory.creditors
    if not creditors:
        return facts
    chosen = creditors[creditor or min(creditors, key=lambda name: creditors[name].name)]
    facts["creditor"] = {"name": chosen.name}
    links = dict(SAMPLE_FACTS["links"])
    if chosen.pay_url is None:
        links.pop("pay")
    elif creditor is not None:
        links["pay"] = chosen.pay_url.format(reference=SAMPLE_FACTS["debt"]["reference"])
    facts["links"] = links
    return facts


def _told(directory: Directory) -> Mapping[str, str]:
    agency = {name: getattr(directory.agency, name) for name in SAMPLE_FACTS["agency"]}
    return {name: value for name, value in agency.items() if value is not None}
