"""Builds all templates of a version, as one immutable value named by its content."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from css_inline import CSSInliner
from jinja2 import Template, TemplateSyntaxError, nodes
from jinja2.meta import find_undeclared_variables

from outreach.model.finding import Finding
from outreach.model.words import Channel
from outreach.wording.blocks import BLOCKS, COVERABLE
from outreach.wording.errors import WordingsUnusable
from outreach.wording.facts import SEVERAL
from outreach.wording.page import Page
from outreach.wording.sandbox import page_sandbox, sandbox
from outreach.wording.syntax import plain_syntax
from outreach.wording.templates import Wording, compiled, read_template

SHIPPED = Path(__file__).parent / "templates"
_LAYOUT = "layout.html"
#: Notes beside the templates say nothing to anybody.
_NOTES = ".md"
#: A style that may depend on where a link leads: a page is laid out before that is known.
_BY_ATTRIBUTE = re.compile(r"<style[^>]*>[^<]*\[")
_ON_THE_PAGE = frozenset({"subject", "language", "body", "footer"})
#: All that the page is made of: text, and names to be shown.
_PLAIN = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name)


@dataclass(frozen=True, slots=True)
class Key:
    """Where a template stands: `en/introduction.sms.txt`, or as a block `en/blocks/opt_out_line.sms.txt`."""

    language: str
    name: str
    channel: Channel
    is_block: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Wordings:
    """Templates of all languages. `version` is a hash of every file that was read."""

    version: str
    fallback: str
    templates: Mapping[Key, Wording]
    page: Page

    @property
    def languages(self) -> frozenset[str]:
        return frozenset(key.language for key in self.templates)

    def names(self, channel: Channel) -> frozenset[str]:
        """Return the wordings that can be rendered for a channel, in one language or another."""
        return frozenset(key.name for key in self.templates if key.channel is channel and not key.is_block)

    def tongues(self, language: str | None) -> Iterator[str]:
        """Yield the languages to look for a wording in: `es-MX`, `es`, then the fallback."""
        if language:
            yield language
            if "-" in language:
                yield language.partition("-")[0]
        yield self.fallback

    def knows_several(self, name: str, channel: Channel, language: str | None) -> bool:
        """True if the wording can speak of several debts at once, in whichever language it is sent."""
        written = [self.templates.get(Key(tongue, name, channel)) for tongue in self.tongues(language)]
        candidates = [wording for wording in written if wording is not None]
        return bool(candidates) and all(wording.names & SEVERAL for wording in candidates)


def load_wordings(*folders: Path, fallback: str = "en") -> Wordings:
    """Read the shipped templates and those in `folders`; a file there takes the place of one shipped.

    Raises:
        WordingsUnusable: with every problem, its file and line.
    """
    files = {name: text for folder in (SHIPPED, *folders) for name, text in _files(folder).items()}
    return build_wordings(files, fallback=fallback)


def load_shipped() -> dict[str, str]:
    """Return the shipped templates: path and text of each file."""
    return _files(SHIPPED)


def build_wordings(files: Mapping[str, str], *, fallback: str = "en") -> Wordings:
    """Build the value from path and text of each file.

    Raises:
        WordingsUnusable: with every problem, its file and line.
    """
    wordings, problems = read_wordings(files, fallback=fallback)
    if wordings is None:
        raise WordingsUnusable(problems)
    return wordings


def read_wordings(
    files: Mapping[str, str], *, fallback: str = "en"
) -> tuple[Wordings | None, Sequence[Finding]]:
    """Return the value of path and text of each file, or None and every problem."""
    templates: dict[Key, Wording] = {}
    problems: list[Finding] = []
    room = sandbox()
    for file, text in sorted(files.items()):
        if file == _LAYOUT or file.endswith(_NOTES):
            continue
        key = key_of(file)
        if key is None:
            fix = "name it `en/introduction.sms.txt`"
            problems.append(Finding(file=file, message="not a template's name", fix=fix))
            continue
        wording, faults = read_template(
            text, file=file, channel=key.channel, room=room, is_block=key.is_block
        )
        problems.extend(faults)
        if wording is not None:
            templates[key] = wording
            problems.extend(_wrong_claims(key, wording, text, file=file))
    layout, faults = _layout(files.get(_LAYOUT))
    problems.extend(faults)
    if problems or layout is None:
        return None, problems
    return Wordings(
        version=_version(files),
        fallback=fallback,
        templates=MappingProxyType(templates),
        page=Page(layout, CSSInliner(load_remote_stylesheets=False)),
    ), ()


def _files(folder: Path) -> dict[str, str]:
    paths = sorted([*folder.rglob("*.txt"), *folder.glob(_LAYOUT)])
    return {path.relative_to(folder).as_posix(): _text(path, folder) for path in paths}


def _text(path: Path, folder: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        file = path.relative_to(folder).as_posix()
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        problem = Finding(file=file, line=line, message="not UTF-8", fix="save it as UTF-8")
        raise WordingsUnusable([problem]) from error


def key_of(file: str) -> Key | None:
    """Return what a template is for by its path, or None where the path is no template's."""
    match file.removesuffix(".txt").split("/"):
        case [language, name]:
            is_block = False
        case [language, "blocks", name]:
            is_block = True
        case _:
            return None
    name, _, channel = name.rpartition(".")
    if not name or channel not in {Channel.SMS, Channel.EMAIL}:
        return None
    return Key(language, name, Channel(channel), is_block)


def _wrong_claims(key: Key, wording: Wording, text: str, *, file: str) -> Iterator[Finding]:
    """Find blocks nobody knows, and claims to cover one that the text does not bear out."""
    if key.is_block and key.name not in BLOCKS:
        message = f"unknown block {key.name!r}"
        yield Finding(file=file, message=message, fix=f"known are {', '.join(BLOCKS)}")
    for block in sorted(wording.covers):
        proof = COVERABLE.get((block, key.channel))
        if proof is None or not proof.search(text):
            message = f"says that it covers {block}, but it does not"
            yield Finding(file=file, message=message, fix="leave the claim out")


def _is_plain(node: nodes.Node) -> bool:
    return isinstance(node, _PLAIN) and (not isinstance(node, nodes.Name) or node.name in _ON_THE_PAGE)


def _layout(text: str | None) -> tuple[Template | None, Sequence[Finding]]:
    if text is None:
        return None, [_of_layout("missing", fix="emails need a page to stand on")]
    room = page_sandbox()
    try:
        tree = room.parse(text)
        problem = _fault_of_layout(text, tree)
    except TemplateSyntaxError as error:
        message, fix = plain_syntax(error)
        problem = _of_layout(message, line=error.lineno, fix=fix)
    except RecursionError:
        problem = _of_layout("nested too deep", fix="say it in fewer steps")
    return (compiled(text, room), ()) if problem is None else (None, [problem])


def _fault_of_layout(text: str, tree: nodes.Template) -> Finding | None:
    names = ", ".join(sorted(_ON_THE_PAGE))
    named = find_undeclared_variables(tree)
    if named != _ON_THE_PAGE:
        message = f"shows {', '.join(sorted(named)) or 'nothing'}"
        return _of_layout(message, fix=f"it shows all of {names}, and nothing else")
    if odd := next((node for node in tree.find_all(nodes.Node) if not _is_plain(node)), None):
        message = f"{type(odd).__name__.lower()} is not for the page"
        return _of_layout(message, line=odd.lineno, fix=f"the page only shows {names}, by their names")
    if style := _BY_ATTRIBUTE.search(text):
        line = text[: style.end()].count("\n") + 1
        return _of_layout("a style that looks at attributes", line=line, fix="name elements or classes")
    return None


def _of_layout(message: str, *, line: int = 1, fix: str = "") -> Finding:
    return Finding(file=_LAYOUT, line=line, message=message, fix=fix)


def _version(files: Mapping[str, str]) -> str:
    digest = hashlib.sha256()
    for file, text in sorted(files.items()):
        digest.update(f"{len(file)}:{file}{len(text)}:{text}".encode())
    return digest.hexdigest()
