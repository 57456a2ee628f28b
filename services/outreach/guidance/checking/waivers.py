"""Warns of all that is less than the law as we read it, or less sure: every time, wherever it shows."""

from collections.abc import Iterator
from datetime import date

from outreach.guidance.checking.material import Material
from outreach.guidance.files.yaml_text import Document
from outreach.model.finding import Finding, Severity
from outreach.policy.policy import Policy


def check_waivers(material: Material) -> Iterator[Finding]:
    """Yield a warning for each waiver of a rule of law, each draft in force, and each end or beginning."""
    policy, document = material.folder.policy, material.folder.policy_document
    if policy is None or document is None:
        return
    yield from _waivers(document, policy, material.today)
    yield from _packs(document, policy)


def _waivers(document: Document, policy: Policy, today: date) -> Iterator[Finding]:
    for number, waiver in enumerate(policy.waivers):
        path = ("waive", number)
        if waiver.until is not None and waiver.until < today:
            over = f"the waiver of `{waiver.rule}` ended on {waiver.until}"
            yield document.finding((*path, "until"), Severity.NOTE, over, fix="take it out")
        elif waiver.is_of_law:
            yield document.finding((*path, "rule"), Severity.WARNING, waiver.warning, fix=_SIGN_OFF)
        if waiver.begins is not None and waiver.begins > today:
            ahead = f"the waiver of `{waiver.rule}` begins on {waiver.begins}"
            yield document.finding((*path, "from"), Severity.NOTE, ahead)


def _packs(document: Document, policy: Policy) -> Iterator[Finding]:
    for key, names in (("drafts", policy.drafts), ("always", policy.always)):
        listed = (document.value.get("packs") or {}).get(key, [])
        for name in sorted(names):
            pack = policy.packs[name]
            if pack.caution:
                place = ("packs", key, listed.index(name))
                yield document.finding(place, Severity.WARNING, pack.caution, fix=_SIGN_OFF)


_SIGN_OFF = "have a lawyer read it before you rely on it"
