"""What a run tells its reader."""

import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.soak.run import Size, Verdict

OUT = Path("soak-out")


def told(verdict: Verdict) -> str:
    """Return the account of one run."""
    record = verdict.record
    deeds = Counter(f"{each.kind} {each.target}" for each in record.deeds)
    faults = Counter(each.fault for each in record.requests if each.fault)
    spoken = Counter("forged" if each.forged else each.text or "unsubscribe" for each in record.spoken)
    received = sum(each.went_out for each in record.requests)
    passed = f"{len(record.told)} events sent, {received} messages received, {len(record.heard)} published"
    lines = [
        f"seed {record.seed}: {passed}, {' → '.join(f'{each:.0f}' for each in verdict.took)} s",
        f"  deeds    {_listed(deeds)}",
        f"  vendors  {_listed(faults)}",
        f"  replies  {_listed(spoken)}",
    ]
    if verdict.failed_starts:
        lines.append(f"  starts that failed  {_listed(verdict.failed_starts)}")
    lines += [f"  VIOLATION {each}" for each in verdict.violations]
    lines += [f"  LEFT OVER {each}" for each in verdict.leftovers]
    lines += [f"  MEANWHILE {each}" for each in verdict.complaints]
    lines.append(f"  verdict  {'clean' if verdict.is_clean else 'NOT CLEAN'}")
    return "\n".join(lines) + "\n"


def keep(verdict: Verdict, logs: Path, size: Size) -> str:
    """Keep the record and the logs of a run; say where, and how to make it again."""
    seed = verdict.record.seed
    folder = OUT / f"seed-{seed}"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(
        logs, folder / "logs", ignore=lambda _, names: [each for each in names if "." not in each]
    )
    verdict.record.save(folder / "record.json")
    again = f"--runs 1 --seed {seed} --people {size.people} --kills {size.kills} --deeds {size.deeds}"
    return (
        f"kept in {folder}; judge it again: make soak ARGS='--judge {folder / 'record.json'}'\n"
        f"make it again: make soak ARGS='{again} --over {size.over:g}'\n"
    )


def summary(verdicts: Sequence[Verdict]) -> str:
    """Return the figures of all runs together."""
    kills = Counter(
        each.target for verdict in verdicts for each in verdict.record.deeds if each.kind.startswith("kill")
    )
    clean = sum(each.is_clean for each in verdicts)
    events = sum(len(each.record.told) for each in verdicts)
    received = sum(one.went_out for each in verdicts for one in each.record.requests)
    return (
        f"{len(verdicts)} runs, {clean} clean: {events:,} events, {received:,} messages; "
        f"killed: {_listed(kills)}\n"
    )


def _listed(counts: Mapping[str | None, int] | Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items(), key=str)) or "none"
