"""Says what hourly caps let go out, and finds those that never bind."""

from collections.abc import Iterator

from outreach.guidance.checking.material import Material
from outreach.guidance.checking.plays import creditors_of
from outreach.guidance.files.yaml_text import Document
from outreach.model.finding import Finding, Severity
from outreach.model.playbook import Playbook

_KEY = "messages_an_hour"


def check_flows(material: Material) -> Iterator[Finding]:
    """Yield a note for each hourly cap, and a warning for one of a play that never binds."""
    playbook, document = material.folder.playbook, material.folder.playbook_document
    if playbook is None or document is None:
        return
    for creditor, most in playbook.flow_caps.creditors.items():
        message = f"for `{creditor}` at most {most} messages begin an hour; others wait, or lapse"
        yield document.finding(("creditors", creditor, _KEY), Severity.NOTE, message)
    for play, most in playbook.flow_caps.plays.items():
        yield _of_play(playbook, document, play, most)


def _of_play(playbook: Playbook, document: Document, play: str, most: int) -> Finding:
    path = ("plays", play, _KEY)
    creditors = creditors_of(playbook.plays[play]) or playbook.creditors
    caps = [playbook.flow_caps.creditors.get(creditor) for creditor in creditors]
    if caps and None not in caps and sum(filter(None, caps)) <= most:
        message = f"{most} an hour of `{play}` never binds: {_KEY} of its creditors is as strict"
        return document.finding(path, Severity.WARNING, message, fix="take it out, or let fewer begin")
    message = f"of `{play}` at most {most} messages begin an hour; the others wait, or lapse"
    return document.finding(path, Severity.NOTE, message)
