"""Builds all templates of a version, as one immutable value named by its content."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from css_inline import CSSInliner
from jinja2 import Template, TemplateSyntaxError, nodes
from jinja2.meta import find_undeclared_variables

from outreach.model.words import Channel
from outreach.wording.blocks import BLOCKS, COVERABLE
from outreach.wording.errors import WordingProblem, WordingsUnusable
from outreach.wording.page import Page
from outreach.wording.sandbox import page_sandbox, sandbox
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


def load_wordings(*folders: Path, fallback: str = "en") -> Wordings:
    """Read the shipped templates and those in `folders`; a file there takes the place of one shipped.

    Raises:
        WordingsUnusable: with every problem, its file and line.
    """
    files = {name: text for folder in (SHIPPED, *folders) for name, text in _files(folder).items()}
    return read_wordings(files, fallback=fallback)


def load_shipped() -> dict[str, str]:
    """Return the shipped templates: path and text of each file."""
    return _files(SHIPPED)


def read_wordings(files: Mapping[str, str], *, fallback: str = "en") -> Wordings:
    """Build the value from path and text of each file.

    Raises:
        WordingsUnusable: with every problem, its file and line.
    """
    templates: dict[Key, Wording] = {}
    problems: list[WordingProblem] = []
    for file, text in sorted(files.items()):
        if file == _LAYOUT or file.endswith(_NOTES):
            continue
        key = _key(file)
        if key is None:
            problems.append(
                WordingProblem(file, 1, "not a template's name", "name it `en/introduction.sms.txt`")
            )
            continue
        wording, problems_here = read_template(
            text, file=file, channel=key.channel, room=sandbox(key.language), is_block=key.is_block
        )
        problems.extend(problems_here)
        if wording is not None:
            templates[key] = wording
            problems.extend(_wrong_claims(key, wording, text, file=file))
    layout, problems_of_layout = _layout(files.get(_LAYOUT))
    problems.extend(problems_of_layout)
    if problems or layout is None:
        raise WordingsUnusable(tuple(problems))
    return Wordings(
        version=_version(files),
        fallback=fallback,
        templates=MappingProxyType(templates),
        page=Page(layout, CSSInliner(load_remote_stylesheets=False)),
    )


def _files(folder: Path) -> dict[str, str]:
    paths = sorted([*folder.rglob("*.txt"), *folder.glob(_LAYOUT)])
    return {path.relative_to(folder).as_posix(): _text(path, folder) for path in paths}


def _text(path: Path, folder: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        file = path.relative_to(folder).as_posix()
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise WordingsUnusable((WordingProblem(file, line, "not UTF-8", "save it as UTF-8"),)) from error


def _key(file: str) -> Key | None:
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


def _wrong_claims(key: Key, wording: Wording, text: str, *, file: str) -> Iterator[WordingProblem]:
    """Find blocks nobody knows, and claims to cover one that the text does not bear out."""
    if key.is_block and key.name not in BLOCKS:
        yield WordingProblem(file, 1, f"unknown block {key.name!r}", f"known are {', '.join(BLOCKS)}")
    for block in sorted(wording.covers):
        proof = COVERABLE.get((block, key.channel))
        if proof is None or not proof.search(text):
            yield WordingProblem(
                file, 1, f"says that it covers {block}, but it does not", "leave the claim out"
            )


def _is_plain(node: nodes.Node) -> bool:
    return isinstance(node, _PLAIN) and (not isinstance(node, nodes.Name) or node.name in _ON_THE_PAGE)


def _layout(text: str | None) -> tuple[Template | None, tuple[WordingProblem, ...]]:
    if text is None:
        return None, (WordingProblem(_LAYOUT, 1, "missing", "emails need a page to stand on"),)
    room = page_sandbox()
    try:
        tree = room.parse(text)
        named = find_undeclared_variables(tree)
    except TemplateSyntaxError as error:
        return None, (WordingProblem(_LAYOUT, error.lineno, error.message or "not a template"),)
    except RecursionError:
        return None, (WordingProblem(_LAYOUT, 1, "nested too deep", "say it in fewer steps"),)
    if named != _ON_THE_PAGE:
        fix = f"it shows all of {', '.join(sorted(_ON_THE_PAGE))}, and nothing else"
        return None, (WordingProblem(_LAYOUT, 1, f"shows {', '.join(sorted(named)) or 'nothing'}", fix),)
    if odd := next((node for node in tree.find_all(nodes.Node) if not _is_plain(node)), None):
        fix = f"the page only shows {', '.join(sorted(_ON_THE_PAGE))}, by their names"
        return None, (
            WordingProblem(_LAYOUT, odd.lineno, f"{type(odd).__name__.lower()} is not for the page", fix),
        )
    if style := _BY_ATTRIBUTE.search(text):
        line = text[: style.end()].count("\n") + 1
        return None, (
            WordingProblem(_LAYOUT, line, "a style that looks at attributes", "name elements or classes"),
        )
    return compiled(text, room), ()


def _version(files: Mapping[str, str]) -> str:
    digest = hashlib.sha256()
    for file, text in sorted(files.items()):
        digest.update(f"{len(file)}:{file}{len(text)}:{text}".encode())
    return digest.hexdigest()
