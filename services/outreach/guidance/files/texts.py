"""Reads a list of texts that are to be looked at: YAML or JSON, whoever wrote them."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

from outreach.guidance.files.problems import ConfigError
from outreach.guidance.files.shaped import shaped
from outreach.guidance.files.yaml_text import read_yaml

#: As much as anybody writes in one message.
LONGEST: Final = 10_000


class TextShape(BaseModel):
    """A text in a list: who wrote it says by what channel, in which language."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str | int, Field(description="Names the text in the answer.")]
    text: Annotated[str, Field(min_length=1, max_length=LONGEST, description="All that the message says.")]
    channel: Literal["sms", "email"] = "sms"
    language: Annotated[str, Field(min_length=2, max_length=35)] = "en"
    subject: str | None = None


class _Texts(RootModel[list[TextShape]]):
    """A file of texts."""


def read_texts(text: str, *, file: str) -> Sequence[TextShape]:
    """Return the texts of a list, each with an id of its own.

    Raises:
        ConfigError: it cannot be read; every problem has its line and its fix.
    """
    document = read_yaml(text, file=file)
    shapes = shaped(document, _Texts).root
    counted = Counter(str(shape.id) for shape in shapes)
    problems = [
        document.problem((place, "id"), f"two texts are called `{shape.id}`", "give each its own id")
        for place, shape in enumerate(shapes)
        if counted[str(shape.id)] > 1
    ]
    if problems:
        raise ConfigError(problems)
    return shapes
