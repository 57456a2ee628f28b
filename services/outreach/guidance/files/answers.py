"""Reads answers that people wrote, to see how they are understood: a line each, or a YAML list."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from outreach.guidance.files.problems import ConfigError, Finding
from outreach.model.words import Channel

#: The YAML form begins like this, and no answer does.
_YAML: Final = re.compile(r"(?:\s|#.*\n|---\s)*(?:-\s*\{|-\s+(?:id|text)\s*:|\[\s*\{)")

_Name = Annotated[str, StringConstraints(max_length=200)]


class WrittenAnswer(BaseModel):
    """An answer, the channel it came by, the person's language, and the wording that it answers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: _Name
    text: str
    channel: Channel = Channel.SMS
    language: _Name = ""
    after: _Name = ""


def read_answers(text: str, *, file: str) -> list[WrittenAnswer]:
    """Return the answers of a file, in its order; those a line each bear the line's number.

    Only a newline ends a line, so that whatever else somebody wrote stays in their answer. In the
    YAML form every value is text, so that nobody has to quote a "no".

    Raises:
        ConfigError: it is no list of `{id, text, channel, language, after}`; every misfit is listed.
    """
    if not file.endswith((".yaml", ".yml")) and not _YAML.match(text[:1000]):
        lines = enumerate(text.split("\n"), start=1)
        return [WrittenAnswer(id=str(number), text=line) for number, line in lines if line.strip()]
    root = _composed(text, file=file)
    if root is None:
        return []
    if not isinstance(root, SequenceNode):
        raise ConfigError([_problem(root, "a list is needed here", file=file)])
    answers: list[WrittenAnswer] = []
    problems: list[Finding] = []
    for node in root.value:
        try:
            answers.append(_answer(node, file=file))
        except ConfigError as error:
            problems.extend(error.problems)
    if problems:
        raise ConfigError(problems)
    return answers


def _composed(text: str, *, file: str) -> Node | None:
    try:
        # It resolves nothing: a word is a word, and a date is a date's text.
        root: Node | None = YAML(typ="base", pure=True).compose(text)
    except (YAMLError, ValueError, RecursionError) as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        raise ConfigError([Finding(file=file, line=line, column=column, message="not YAML")]) from None
    return root


def _answer(node: Node, *, file: str) -> WrittenAnswer:
    if not isinstance(node, MappingNode):
        raise ConfigError([_problem(node, "`{id: …, text: …}` is needed here", file=file)])
    values: Mapping[Any, Any] = {
        key.value if isinstance(key, ScalarNode) else "": value.value
        if isinstance(value, ScalarNode)
        else None
        for key, value in node.value
    }
    try:
        return WrittenAnswer.model_validate(values)
    except ValidationError as error:
        misfits = error.errors(include_url=False, include_input=False, include_context=False)
        raise ConfigError(
            [_problem(node, f"`{misfit['loc'][0]}`: {misfit['msg']}", file=file) for misfit in misfits]
        ) from None


def _problem(node: Node, message: str, *, file: str) -> Finding:
    mark = node.start_mark
    return Finding(file=file, line=mark.line + 1, column=mark.column + 1, message=message)
