"""What a template says of an email: its paragraphs, and the part that is plain text."""

import re

from outreach.wording.sandbox import LINK_BEGINS, LINK_ENDS, LINK_MIDDLE

#: A link on its way through rendering: its label, then its address.
LINK = re.compile(f"{LINK_BEGINS}([^{LINK_MIDDLE}]*){LINK_MIDDLE}([^{LINK_ENDS}]*){LINK_ENDS}")
#: How an item of a list begins.
BULLET = "- "


def one_line(text: str) -> str:
    """Join the lines of a text, however its template was wrapped."""
    return " ".join(text.split())


def as_text(paragraphs: list[list[str]]) -> str:
    """Write paragraphs one to a line, list items below each other, and links as `label: address`."""
    return LINK.sub(_spelled_out, "\n\n".join("\n".join(paragraph) for paragraph in paragraphs))


def paragraphs(source: str) -> list[list[str]]:
    """Return each paragraph: one line of prose, or the items of a list, which empty lines do not part."""
    found: list[list[str]] = []
    for block in re.split(r"\n[ \t]*\n", source):
        lines = [line.strip() for line in block.splitlines() if line.strip()]
        if not lines:
            continue
        if not lines[0].startswith(BULLET):
            found.append([one_line(" ".join(lines))])
        elif found and found[-1][0].startswith(BULLET):
            found[-1].extend(lines)
        else:
            found.append(lines)
    return found


def _spelled_out(link: re.Match[str]) -> str:
    label, address = link.groups()
    return address if label == address else f"{label}: {address}"
