"""Finds texts that are too long with the longest names they may hold and all the words they must."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from outreach.guidance.checking.material import Material
from outreach.guidance.files.folder import TEMPLATES, own_templates
from outreach.model.finding import Finding, Severity
from outreach.model.playbook import Playbook
from outreach.model.words import Channel
from outreach.policy.policy import Policy
from outreach.policy.rules.content import ContentRequired
from outreach.wording.blocks import AS_FIRST
from outreach.wording.errors import TextTooLong, WordingError
from outreach.wording.render import RenderedSms, render
from outreach.wording.sample import SAMPLE_FACTS
from outreach.wording.wordings import Key, Wordings

#: As long as given names are that one meets; a longer one is left out of a text that has no room for it.
_LONG_NAME: Final = "Maximiliana-Konstanza"
_LONG_REFERENCE: Final = "REFERENCE-0123456789"


def check_lengths(material: Material) -> Iterator[Finding]:
    """Yield a finding for each text of a play that does not fit, or that gives up something to fit."""
    folder = material.folder
    if (
        folder.policy is None
        or folder.playbook is None
        or folder.wordings is None
        or folder.directory is None
    ):
        return
    facts, own = _longest_facts(material), own_templates(folder.files)
    required = _required(folder.policy)
    for key in _texts(folder.playbook, folder.wordings):
        worst = [_tried(folder.wordings, key, facts, blocks) for blocks in required]
        if said := max(worst, key=lambda tried: (tried[0] is Severity.WARNING, bool(tried[1]))):
            severity, message, fix = said
            if message:
                yield _placed(material, key, own, severity=severity, message=message, fix=fix)


def _texts(playbook: Playbook, wordings: Wordings) -> Iterator[Key]:
    used = {
        wording
        for play in playbook.plays.values()
        if Channel.SMS in play.channels
        for wording in play.wordings
    }
    for key in sorted(wordings.templates, key=lambda key: (key.name, key.language)):
        if key.name in used and key.channel is Channel.SMS and not key.is_block:
            yield key


def _required(policy: Policy) -> list[frozenset[str]]:
    """Return the words that messages must carry in each place, as far as packs name them."""
    everywhere = policy.packs_in_force(frozenset())
    sets = {
        frozenset(
            AS_FIRST.get(block, block)
            for rule in policy.rules_of((*everywhere, name))
            if isinstance(rule, ContentRequired) and Channel.SMS in rule.terms.channels
            for block in rule.blocks
        )
        for name in policy.packs
    }
    return sorted(sets, key=sorted)


def _tried(
    wordings: Wordings, key: Key, facts: Mapping[str, Any], required: frozenset[str]
) -> tuple[Severity, str, str]:
    try:
        rendered = render(
            wordings,
            name=key.name,
            channel=key.channel,
            language=key.language,
            facts=facts,
            required=required,
        )
    except TextTooLong as error:
        message = (
            f"takes {error.segments} segments with the longest names and all it must carry, and at most "
            f"{error.limit} are sent: people get another channel, or nothing"
        )
        return Severity.WARNING, message, "say it in fewer words"
    except WordingError:
        return Severity.NOTE, "", ""
    if isinstance(rendered, RenderedSms) and "pay_link" in rendered.given_up:
        message = "has no room for the link to pay where names are long"
        return Severity.NOTE, message, "say it in fewer words"
    return Severity.NOTE, "", ""


def _longest_facts(material: Material) -> dict[str, Any]:
    directory = material.folder.directory
    assert directory is not None
    creditors = list(directory.creditors.values())
    names = [creditor.name for creditor in creditors] or [SAMPLE_FACTS["creditor"]["name"]]
    links = [creditor.pay_url.format(reference=_LONG_REFERENCE) for creditor in creditors if creditor.pay_url]
    agency = {name: getattr(directory.agency, name) for name in SAMPLE_FACTS["agency"]}
    return {
        **SAMPLE_FACTS,
        "agency": agency,
        "person": {"given_name": _LONG_NAME},
        "creditor": {"name": max(names, key=len)},
        "debt": {**SAMPLE_FACTS["debt"], "reference": _LONG_REFERENCE},
        "links": {**SAMPLE_FACTS["links"], "pay": max(links, key=len, default=None)},
    }


def _placed(
    material: Material, key: Key, own: Mapping[str, str], *, severity: Severity, message: str, fix: str
) -> Finding:
    """Place a finding in the agency's own file, else at the play that uses the shipped words."""
    file = f"{key.language}/{key.name}.{key.channel}.txt"
    if file in own:
        return Finding(file=f"{TEMPLATES}/{file}", message=message, fix=fix, severity=severity)
    document, playbook = material.folder.playbook_document, material.folder.playbook
    assert document is not None
    assert playbook is not None
    play = next(play for play in playbook.plays.values() if key.name in play.wordings)
    message = f"the shipped text {file} {message}"
    return document.finding(("plays", play.name, "wording"), severity, message, fix=fix)
