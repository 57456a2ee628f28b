"""Carry over what a newer snapshot of a person neither repeats nor lifts. Pure."""

from functools import lru_cache

from schemas.people import PersonSnapshot
from schemas.values import OURS


def carry_over(one: PersonSnapshot, other: PersonSnapshot) -> PersonSnapshot:
    """Return the newer of two snapshots, and what the older held that it does not lift by name.

    What is merely missing still stands, whichever of the two was heard first.
    """
    older, newer = sorted((one, other), key=lambda snapshot: snapshot.version)
    outs = {opt_out.opt_out_id for opt_out in newer.opt_outs} | set(newer.lifted)
    holds = {hold.hold_id for hold in newer.holds} | set(newer.lifted_holds)
    still_closed = [opt_out for opt_out in older.opt_outs if opt_out.opt_out_id not in outs]
    still_held = [hold for hold in older.holds if hold.hold_id not in holds]
    if not still_closed and not still_held:
        return newer
    return newer.model_copy(
        update={
            "opt_outs": (*newer.opt_outs, *sorted(still_closed, key=lambda opt_out: opt_out.opt_out_id)),
            "holds": (*newer.holds, *sorted(still_held, key=lambda hold: hold.hold_id)),
        }
    )


def carry_over_stored(stored: str | None, heard: PersonSnapshot) -> PersonSnapshot:
    """Return what is to be stored after hearing a snapshot; `stored` is JSON, None before the first."""
    return heard if stored is None else carry_over(read_snapshot(stored), heard)


@lru_cache(maxsize=20_000)
def read_snapshot(text: str) -> PersonSnapshot:
    """Read a stored snapshot; the same text is read once while it stays among the last used."""
    return PersonSnapshot.model_validate_json(text, strict=False, context=OURS)
