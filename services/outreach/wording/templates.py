"""Reads and checks one template, and finds what it needs, before anybody is sent its text."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import Template, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from outreach.model.finding import Finding
from outreach.model.words import Channel
from outreach.wording.facts import VOCABULARY
from outreach.wording.sandbox import FILTERS
from outreach.wording.syntax import plain_syntax

_LARGEST = 8 * 1024
_SUBJECT = re.compile(r"Subject:[ \t]*(?P<subject>[^\n]+)\n[ \t]*\n", re.ASCII)
_COVERS = re.compile(r"\{#\s*covers:\s*(?P<blocks>[a-z_, ]+?)\s*#\}")
#: What only the person may see: a subject line also shows on locked screens and shared desks.
_PRIVATE = frozenset({"creditor", "debt", "instalment", "payment", "promise", "plan", "together"})
_FORBIDDEN: tuple[type[nodes.Node], ...] = (
    nodes.Include,
    nodes.Import,
    nodes.FromImport,
    nodes.Extends,
    nodes.Block,
    nodes.Macro,
    nodes.CallBlock,
    nodes.FilterBlock,
    nodes.Assign,
    nodes.AssignBlock,
    # Arithmetic on constants is done when a template is read, however large the answer.
    nodes.Add,
    nodes.Sub,
    nodes.Mul,
    nodes.Div,
    nodes.FloorDiv,
    nodes.Mod,
    nodes.Pow,
    nodes.Neg,
    nodes.Pos,
)


@dataclass(frozen=True, slots=True)
class Needs:
    """Facts that a text cannot do without: `always`, and on whichever side of an `if` is written.

    `sides` are the fact that is asked for, what is needed where it is known, and what where it is not.
    """

    always: frozenset[str] = frozenset()
    sides: tuple[tuple[str, "Needs", "Needs"], ...] = ()

    def given(self, known: Collection[str]) -> frozenset[str]:
        """Return what is needed where these facts are known."""
        return self.always.union(
            *((then if fact in known else otherwise).given(known) for fact, then, otherwise in self.sides)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A checked template. `needs` are the facts it cannot do without, `names` all it may name.

    `needs` counts both sides of every `if`, `needs_given` the side that is written. `covers` are the
    blocks it says in its own words. Only an email has a subject.
    """

    body: Template
    subject: Template | None
    needs: frozenset[str]
    needs_given: tuple[Needs, ...]
    names: frozenset[str]
    covers: frozenset[str] = frozenset()


def read_template(
    text: str, *, file: str, channel: Channel, room: ImmutableSandboxedEnvironment, is_block: bool = False
) -> tuple[Wording | None, Sequence[Finding]]:
    """Return the template, or None and what is wrong with it. Lines are those of the file."""
    try:
        return _read_template(text, file=file, channel=channel, room=room, is_block=is_block)
    except RecursionError:
        return None, [Finding(file=file, message="nested too deep", fix="say it in fewer steps")]


@lru_cache(maxsize=1024)  # most of a folder is as it was before
def _read_template(
    text: str, *, file: str, channel: Channel, room: ImmutableSandboxedEnvironment, is_block: bool
) -> tuple[Wording | None, Sequence[Finding]]:
    if len(text) > _LARGEST:
        return None, [Finding(file=file, message="too large", fix=f"keep it under {_LARGEST} characters")]
    subject, body = "", text
    if channel is Channel.SMS and _SUBJECT.match(text):
        message = "a text has no subject: people would read this line"
        return None, [Finding(file=file, line=1, message=message, fix="take the line out")]
    if channel is Channel.EMAIL and not is_block:
        if not (head := _SUBJECT.match(text)):
            fix = "begin with `Subject: …` and an empty line"
            return None, [Finding(file=file, message="no subject", fix=fix)]
        # The body keeps its line numbers: what the subject took is left empty.
        subject, body = head["subject"], "\n" * head.group().count("\n") + text[head.end() :]
    try:
        trees = [room.parse(subject), room.parse(body)]
    except TemplateSyntaxError as error:
        message, fix = plain_syntax(error)
        return None, [Finding(file=file, line=error.lineno, message=message, fix=fix)]
    problems = [
        *_problems(trees[0], file=file, channel=channel),
        *_problems(trees[1], file=file, channel=channel),
        *_indiscretions(trees[0], file=file),
    ]
    if problems:
        return None, tuple(problems)
    claim = _COVERS.search(text)
    return Wording(
        body=compiled(body.lstrip("\n"), room),
        subject=compiled(subject, room) if subject else None,
        needs=frozenset().union(*(needed(tree) for tree in trees)),
        needs_given=tuple(_needs(tree) for tree in trees),
        names=frozenset().union(*(_named(tree) for tree in trees)),
        covers=frozenset(re.findall(r"[a-z_]+", claim["blocks"])) if claim else frozenset(),
    ), ()


def compiled(source: str, room: ImmutableSandboxedEnvironment) -> Template:
    """Return a template that is quick to render."""
    template = room.from_string(source)
    # Each rendering copies them, and a plain dict takes a tenth of the time that Jinja's chain of dicts does.
    template.globals = dict(template.globals)
    return template


def needed(tree: nodes.Node, known: frozenset[str] = frozenset()) -> frozenset[str]:
    """Return the facts that rendering cannot do without: those named outside an `if` that asks for them."""
    match tree:
        case nodes.If() | nodes.CondExpr():
            asked = known | _named(tree.test)
            then = tree.body if isinstance(tree, nodes.If) else [tree.expr1]
            otherwise = (
                [*tree.elif_, *tree.else_]
                if isinstance(tree, nodes.If)
                else [tree.expr2]
                if tree.expr2
                else []
            )
            return frozenset().union(
                *(needed(node, asked) for node in then), *(needed(node, known) for node in otherwise)
            )
        case nodes.Getattr():
            return frozenset(name for name in _fact(tree) if name not in known)
        case _:
            return frozenset().union(*(needed(node, known) for node in tree.iter_child_nodes()))


def _needs(tree: nodes.Node, known: frozenset[str] = frozenset()) -> Needs:
    """Return what is needed, told apart by the sides of each `if` that asks for one fact alone."""
    match tree:
        case nodes.If():
            otherwise = _needs_of(tree.else_, known)
            for other in reversed(tree.elif_):
                otherwise = _sides(other.test, other.body, otherwise, known)
            return _sides(tree.test, tree.body, otherwise, known)
        case nodes.CondExpr():
            return Needs(needed(tree, known))
        case nodes.Getattr():
            return Needs(_fact(tree) - known)
        case _:
            return _needs_of(tree.iter_child_nodes(), known)


def _sides(test: nodes.Node, body: Sequence[nodes.Node], otherwise: Needs, known: frozenset[str]) -> Needs:
    if isinstance(test, nodes.Getattr) and (asked := _fact(test)):
        return Needs(sides=tuple((fact, _needs_of(body, known | asked), otherwise) for fact in asked))
    either = frozenset().union(*(needed(node, known | _named(test)) for node in body))
    return Needs(otherwise.always | either, otherwise.sides)


def _needs_of(parts: Iterable[nodes.Node], known: frozenset[str]) -> Needs:
    needs = [_needs(part, known) for part in parts]
    always: frozenset[str] = frozenset().union(*(part.always for part in needs))
    return Needs(always, tuple(side for part in needs for side in part.sides))


def _named(tree: nodes.Node) -> frozenset[str]:
    attributes = [tree, *tree.find_all(nodes.Getattr)]
    return frozenset().union(*(_fact(node) for node in attributes if isinstance(node, nodes.Getattr)))


def _fact(node: nodes.Getattr) -> frozenset[str]:
    if isinstance(node.node, nodes.Name) and node.node.name in VOCABULARY:
        return frozenset({f"{node.node.name}.{node.attr}"})
    return frozenset()


def _problems(tree: nodes.Template, *, file: str, channel: Channel) -> Iterator[Finding]:
    loops = {loop.target.name for loop in tree.find_all(nodes.For) if isinstance(loop.target, nodes.Name)}
    for node in tree.find_all(nodes.Node):
        if fault := _fault(node, loops=loops, channel=channel):
            message, fix = fault
            yield Finding(file=file, line=node.lineno, message=message, fix=fix)


def _fault(node: nodes.Node, *, loops: set[str], channel: Channel) -> tuple[str, str] | None:
    match node:
        case nodes.For() if channel is Channel.SMS:
            return "a loop in a text message", "name one thing, or write an email"
        case nodes.Name(name=name) if name not in VOCABULARY and name not in loops and name != "link":
            return f"unknown word {name!r}", f"known are {', '.join(sorted(VOCABULARY))}"
        case nodes.Getattr(node=nodes.Name(name=name), attr=attr) if attr not in VOCABULARY.get(name, {attr}):
            return f"unknown fact {name}.{attr}", f"{name} has {', '.join(sorted(VOCABULARY[name]))}"
        case nodes.Call() if not (isinstance(node.node, nodes.Name) and node.node.name == "link"):
            return "a call", "templates only name facts, and make links by link(label, address)"
        case nodes.Filter(name=name) if name not in FILTERS:
            return f"unknown filter {name!r}", f"known are {', '.join(sorted(FILTERS))}"
        case _ if isinstance(node, _FORBIDDEN):
            return f"{type(node).__name__.lower()} is not for templates", "say it in this file"
        case _:
            return _look_inside(node)


def _look_inside(node: nodes.Node) -> tuple[str, str] | None:
    """Refuse what asks a value for more than a fact; the sandbox would, but only while somebody waits."""
    match node:
        case nodes.Getattr(node=nodes.Name(name="link")) | nodes.Getattr(node=nodes.Const() | nodes.Call()):
            return "a look inside of what is no fact", "name a fact, such as person.given_name"
        case nodes.Getattr(attr=attr) if attr.startswith("_"):
            return f"unknown fact {attr}", "no fact begins with an underscore"
        case nodes.Getattr(node=nodes.Getattr()) | nodes.Getitem():
            return "a look inside of a fact", "name the fact itself, or go through a list by `for`"
        case nodes.For(iter=it) if not isinstance(it, nodes.Getattr):
            return "a loop over no fact", "loops go through facts, such as plan.instalments"
        case nodes.Test(name=name):
            return f"a test {name!r}", "ask by `if` and the fact alone"
        case _:
            return None


def _indiscretions(subject: nodes.Template, *, file: str) -> Iterator[Finding]:
    for fact in sorted(_named(subject)):
        if fact.split(".")[0] in _PRIVATE:
            message = f"the subject names {fact}, which strangers may see"
            yield Finding(file=file, message=message, fix="say it in the body")
