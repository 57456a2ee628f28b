"""What a reply means."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Understanding:
    kind: str
    needs_human: bool


def understand(text: str) -> Understanding:
    word = text.strip().strip(".!").casefold()
    if word in {"stop", "quit", "end", "revoke", "opt out", "cancel", "unsubscribe"}:
        return Understanding("opt_out", needs_human=False)
    if word in {"start", "unstop"}:
        return Understanding("opt_in", needs_human=False)
    if word == "help":
        return Understanding("help", needs_human=False)
    return Understanding("other", needs_human=True)
