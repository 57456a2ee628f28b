"""Every error of wording, and who must react to it.

WordingError
├── WordingsUnusable      the writers of the templates must fix them; the old ones stay in force
├── WordingNotFound       the playbook names a wording that has no template for the channel
├── BlockNotFound         the law asks for words that no template says; nothing may be sent
├── FactMissing           the message would name something nobody knows; it waits
└── TextTooLong           the text takes more segments than anybody should be sent
"""

from collections.abc import Sequence

from outreach.model.finding import Finding


class WordingError(Exception):
    """Base of every error that wording raises on purpose."""


class WordingsUnusable(WordingError):
    """Templates that cannot be used, with every problem found."""

    def __init__(self, problems: Sequence[Finding]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


class WordingNotFound(WordingError):
    """No template has this name and channel, in the language asked for or the fallback."""

    def __init__(self, name: str, channel: str) -> None:
        super().__init__(f"no {channel} wording {name!r}")
        self.name = name
        self.channel = channel


class BlockNotFound(WordingError):
    """No language says all the words that are required with this wording."""

    def __init__(self, name: str, blocks: frozenset[str]) -> None:
        super().__init__(f"wording {name!r} needs {', '.join(sorted(blocks))}, and no template says it")
        self.name = name
        self.blocks = blocks


class FactMissing(WordingError):
    """The wording names facts that were not given; `facts` are their dotted names."""

    def __init__(self, name: str, facts: frozenset[str]) -> None:
        super().__init__(f"wording {name!r} needs {', '.join(sorted(facts))}")
        self.name = name
        self.facts = facts


class TextTooLong(WordingError):
    """A text of more segments than the limit."""

    def __init__(self, name: str, segments: int, limit: int) -> None:
        super().__init__(f"wording {name!r} takes {segments} segments, at most {limit} are allowed")
        self.name = name
        self.segments = segments
        self.limit = limit
