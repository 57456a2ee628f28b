"""Finds names that stand for nothing: of creditors, portfolios and plays."""

from collections.abc import Collection, Iterable, Iterator

from outreach.guidance.checking.material import Material, own_rules
from outreach.guidance.files.nearest import did_you_mean
from outreach.guidance.files.yaml_text import Document, Path
from outreach.model.finding import Finding, Severity
from outreach.model.playbook import ANSWERS, Playbook


def check_names(material: Material) -> Iterator[Finding]:
    """Yield a finding for every creditor, play and portfolio that is named and does not exist."""
    folder = material.folder
    if folder.playbook is None or folder.directory is None or folder.playbook_document is None:
        return
    creditors, portfolios = folder.directory.creditors, folder.directory.portfolios
    for document, path, names in _named(material, "creditors"):
        yield from _unknown_creditors(document, path, names, material=material, declared=creditors)
    for document, path, names in _named(material, "portfolios"):
        yield from _unknown_portfolios(document, path, names, material=material, declared=portfolios)
    yield from _unknown_plays(material, folder.playbook)
    yield from _undeclared(material, folder.playbook_document, creditors)


def _named(material: Material, key: str) -> Iterator[tuple[Document, Path, Collection[str]]]:
    """Yield every list of names under a key: of own rules and of what plays ask of a debt."""
    folder = material.folder
    if folder.policy is not None and folder.policy_document is not None:
        for path, rule in own_rules(folder.policy):
            if names := getattr(rule.terms, key):
                yield folder.policy_document, (*path, key), names
    document = folder.playbook_document
    if document is None:
        return
    for path, value in _mappings(document.value, ()):
        names = value.get(key)
        if "conditions" in path and isinstance(names, list):
            yield document, (*path, key), [name for name in names if isinstance(name, str)]


def _mappings(value: object, path: Path) -> Iterator[tuple[Path, dict[str, object]]]:
    if isinstance(value, dict):
        yield path, value
        for key, part in value.items():
            yield from _mappings(part, (*path, key))


def _placed(document: Document, path: Path, name: str) -> Path:
    """Return where in a list of names one stands."""
    value = document.value
    for step in path:
        value = value[step]
    return (*path, value.index(name)) if name in value else path


def _unknown_creditors(
    document: Document, path: Path, names: Iterable[str], *, material: Material, declared: Collection[str]
) -> Iterator[Finding]:
    in_data = material.known.creditors if material.known is not None else frozenset()
    for name in sorted(set(names) - set(declared) - in_data):
        fix = did_you_mean(name, {*declared, *in_data}, otherwise="add it under `creditors` in playbook.yaml")
        message = f"no creditor is called `{name}`"
        yield document.problem(_placed(document, path, name), message, fix)


def _unknown_portfolios(
    document: Document, path: Path, names: Iterable[str], *, material: Material, declared: Collection[str]
) -> Iterator[Finding]:
    """Where portfolios are nowhere listed, and no data was asked, say that nobody can tell."""
    in_data = material.known.portfolios if material.known is not None else frozenset()
    for name in sorted(set(names) - set(declared) - in_data):
        place = _placed(document, path, name)
        if declared or material.known is not None:
            fix = did_you_mean(
                name, {*declared, *in_data}, otherwise="add it under `portfolios` in playbook.yaml"
            )
            yield document.problem(place, f"no portfolio is called `{name}`", fix)
        else:
            message = f"whether there is a portfolio `{name}` cannot be known"
            fix = "list your portfolios under `portfolios` in playbook.yaml, or check with --since 30d"
            yield document.finding(place, Severity.WARNING, message, fix=fix)


def _unknown_plays(material: Material, playbook: Playbook) -> Iterator[Finding]:
    policy, document = material.folder.policy, material.folder.policy_document
    if policy is None or document is None:
        return
    known = {*playbook.plays, ANSWERS}
    for path, rule in own_rules(policy):
        for name in sorted(rule.terms.plays - known):
            place = _placed(document, (*path, "plays"), name)
            fix = did_you_mean(name, known, otherwise="write the name of a play as playbook.yaml has it")
            yield document.problem(place, f"no play is called `{name}`", fix)


def _undeclared(material: Material, document: Document, declared: Collection[str]) -> Iterator[Finding]:
    """Yield a warning for each creditor whose debts are there, and whom the playbook does not know."""
    if material.known is None:
        return
    for name in sorted(material.known.creditors - set(declared)):
        message = f"there are debts of a creditor `{name}`, which is not listed: messages name it so"
        guess = did_you_mean(name, declared, otherwise="add it under `creditors`")
        fix = (
            f"{guess} Then have the events say so" if guess.startswith("did") else "add it under `creditors`"
        )
        yield document.finding(("creditors",), Severity.WARNING, message, fix=fix)
