"""Reads a policy whole: the shipped packs, and upon them an agency's policy.yaml."""

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from outreach.guidance.files.build import build_own_rules, build_pack, build_waiver
from outreach.guidance.files.nearest import did_you_mean
from outreach.guidance.files.problems import ConfigError, Finding
from outreach.guidance.files.shaped import shaped
from outreach.guidance.files.shapes import PackShape, PolicyShape
from outreach.guidance.files.yaml_text import MANUAL, Document, read_yaml
from outreach.policy import packs as shipped
from outreach.policy import tables
from outreach.policy.policy import AnyRule, Pack, Policy, Waiver
from outreach.policy.zones import TZDATA_VERSION

POLICY_FILE: Final = "policy.yaml"
_A_DAY: Final = timedelta(days=1)


@cache
def standard_policy() -> Policy:
    """Return the shipped packs alone, with no agency's policy."""
    packs = _shipped_packs()
    return Policy(version=_version(None), packs=packs)


def load_policy(path: Path) -> Policy:
    """Read an agency's policy: a `policy.yaml`, or the directory that holds one.

    Raises:
        ConfigError: it cannot be read or does not say a policy; every problem is listed.
    """
    file = path / POLICY_FILE if path.is_dir() else path
    return build_policy(read_document(file))


def build_policy(document: Document) -> Policy:
    """Build an agency's policy upon the shipped packs.

    Raises:
        ConfigError: it does not say a policy; every problem is listed.
    """
    shape = shaped(document, PolicyShape)
    own, problems = build_own_rules(document, shape)
    problems = [*_unknown_names(document, shape), *problems]
    if problems:
        raise ConfigError(problems)
    waivers = tuple(build_waiver(waiver) for waiver in shape.waive)
    return Policy(
        version=_version(document.value),
        packs=_waived(_shipped_packs(), waivers),
        own=own,
        always=tuple(shape.packs.always),
        drafts=frozenset(shape.packs.drafts),
        waivers=waivers,
    )


def read_document(file: Path, *, manual: str = MANUAL) -> Document:
    """Read one YAML file, how to write which `manual` tells.

    Raises:
        ConfigError: it cannot be opened, is not UTF-8, or is not YAML as `read_yaml` reads it.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ConfigError(
            [Finding(file=str(file), line=1, column=1, message=f"cannot be read: {reason}")]
        ) from None
    return read_yaml(text, file=str(file), manual=manual)


@cache
def _shipped_documents() -> Mapping[str, Document]:
    packs = {pack.name: pack for pack in files(shipped).iterdir() if pack.name.endswith(".yaml")}
    return {
        name: read_yaml(pack.read_text(encoding="utf-8"), file=name) for name, pack in sorted(packs.items())
    }


@cache
def _shipped_packs() -> Mapping[str, Pack]:
    documents = _shipped_documents().values()
    packs = [build_pack(document, shaped(document, PackShape)) for document in documents]
    return {pack.name: pack for pack in packs}


def _unknown_names(document: Document, shape: PolicyShape) -> Sequence[Finding]:
    packs = _shipped_packs()
    rules = {rule.terms.id for pack in packs.values() for rule in pack.rules}
    problems = []
    for key, names in (("always", shape.packs.always), ("drafts", shape.packs.drafts)):
        for number, name in enumerate(names):
            if name not in packs:
                fix = did_you_mean(name, packs, otherwise=f"write one of {', '.join(sorted(packs))}")
                problems.append(document.problem(("packs", key, number), f"no pack is called `{name}`", fix))
    for number, waiver in enumerate(shape.waive):
        if waiver.rule not in rules:
            fix = did_you_mean(waiver.rule, rules, otherwise=_rules_of(waiver.rule, rules))
            problems.append(
                document.problem(("waive", number, "rule"), f"no pack has a rule `{waiver.rule}`", fix)
            )
    return problems


def _rules_of(name: str, rules: set[str]) -> str:
    pack = name.partition(".")[0]
    near = sorted(rule for rule in rules if rule.startswith(f"{pack}."))
    return (
        f"write one of {', '.join(near)}"
        if near
        else "name it pack.rule, as `outreach policy explain` shows it"
    )


def _waived(packs: Mapping[str, Pack], waivers: Sequence[Waiver]) -> Mapping[str, Pack]:
    """Return the packs without the rules set aside; for a time means before and after it they bind."""
    by_rule = {waiver.rule: waiver for waiver in waivers}
    return {
        name: dataclasses.replace(
            pack, rules=tuple(left for rule in pack.rules for left in _left(rule, by_rule.get(rule.terms.id)))
        )
        for name, pack in packs.items()
    }


def _left(rule: AnyRule, waiver: Waiver | None) -> Iterator[AnyRule]:
    """Yield what a waiver leaves of a rule: all of it, nothing, or the time before and after."""
    if waiver is None:
        yield rule
        return
    first, last = rule.terms.effective_from, rule.terms.effective_until
    if waiver.begins is not None:
        ends = waiver.begins - _A_DAY
        yield _within(rule, first, ends if last is None else min(last, ends))
    if waiver.until is not None:
        resumes = waiver.until + _A_DAY
        yield _within(rule, resumes if first is None else max(first, resumes), last)


def _within(rule: AnyRule, first: date | None, last: date | None) -> AnyRule:
    terms = dataclasses.replace(rule.terms, effective_from=first, effective_until=last)
    return dataclasses.replace(rule, terms=terms)  # type: ignore[type-var]


def _version(own: Any) -> str:
    """Return a hash of all that a decision depends on besides the situation."""
    content = {
        "packs": {name: document.value for name, document in _shipped_documents().items()},
        "own": own,
        "tables": tables.digest(),
        "tzdata": TZDATA_VERSION,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
