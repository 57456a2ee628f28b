"""Explanations, for people and for programs."""

from collections.abc import Iterator
from typing import Any

from outreach.model.decision import Decision, Defer, Send, Suppress, decision_words
from outreach.policy.explanation import Answer, Explanation, Verdict


def explanation_lines(explanation: Explanation) -> Iterator[str]:
    """Yield what `explain` prints: the verdict, every rule that had something to say, and when next."""
    yield f"decision   {decision_words(explanation.decision)}"
    versions = f"policy {explanation.policy_version[:12]}, tzdata {explanation.tzdata_version}"
    yield f"asked at   {explanation.at:%Y-%m-%d %H:%M:%S}Z, {versions}"
    yield f"packs      {', '.join(explanation.packs) or 'none'}"
    for proof in explanation.evidence:
        yield f"evidence   {proof.what}: {', '.join(sorted(proof.zones)) or 'no zone'}"
    for answer in explanation.answers:
        if answer.verdict is not Verdict.NOT_ABOUT:
            binds = "→" if answer.rule in explanation.binding else " "
            yield f"{binds} {_answer_words(answer)}"
    for waiver in explanation.waivers:
        yield f"waived     {waiver.rule}: {waiver.reason} (decided by {waiver.decided_by})"
    for caution in explanation.cautions:
        yield f"warning    {caution}"
    if explanation.with_shadow is not None:
        yield f"in shadow  {decision_words(explanation.with_shadow)}"
    if explanation.next_instant is not None:
        yield f"next       {explanation.next_instant:%Y-%m-%d %H:%M:%S}Z"
        for zone, local in explanation.local.items():
            yield f"           {local:%a %Y-%m-%d %H:%M} {zone}"


def explanation_json(explanation: Explanation) -> dict[str, Any]:
    """Return an explanation as JSON values."""
    return {
        "decision": _decision_json(explanation.decision),
        "at": explanation.at.isoformat(),
        "policy_version": explanation.policy_version,
        "tzdata_version": explanation.tzdata_version,
        "packs": list(explanation.packs),
        "evidence": [
            {"what": piece.what, "zones": sorted(piece.zones), "jurisdictions": sorted(piece.jurisdictions)}
            for piece in explanation.evidence
        ],
        "zones": sorted(explanation.zones),
        "jurisdictions": sorted(explanation.jurisdictions),
        "answers": [
            {
                "rule": answer.rule,
                "verdict": answer.verdict,
                "reasons": list(answer.reasons),
                "until": answer.until.isoformat() if answer.until else None,
                "facts": answer.facts,
                "cite": answer.cite,
                "confidence": answer.confidence,
                "dispute": answer.dispute or None,
                "shadow": answer.shadow,
            }
            for answer in explanation.answers
        ],
        "binding": list(explanation.binding),
        "waivers": [
            {"rule": waiver.rule, "reason": waiver.reason, "decided_by": waiver.decided_by}
            for waiver in explanation.waivers
        ],
        "cautions": list(explanation.cautions),
        "next_instant": explanation.next_instant.isoformat() if explanation.next_instant else None,
        "local": {zone: local.isoformat() for zone, local in explanation.local.items()},
        "with_shadow": _decision_json(explanation.with_shadow) if explanation.with_shadow else None,
    }


def _answer_words(answer: Answer) -> str:
    parts = [f"{answer.rule:32} {answer.verdict}"]
    if answer.reasons:
        parts.append(f"({', '.join(answer.reasons)})")
    if answer.until is not None:
        parts.append(f"until {answer.until:%Y-%m-%d %H:%M:%S}Z")
    if answer.facts:
        parts.append(f"- {answer.facts}")
    if answer.cite and answer.verdict in (Verdict.DEFER, Verdict.SUPPRESS):
        parts.append(f"[{answer.cite}]")
    if answer.dispute:
        parts.append(f"(sources disagree: {answer.dispute})")
    if answer.shadow:
        parts.append("(shadow: does not bind)")
    return " ".join(parts)


def _decision_json(decision: Decision) -> dict[str, Any]:
    match decision:
        case Send(valid_until=until):
            return {"decision": "send", "valid_until": until.isoformat()}
        case Defer(until=until, reasons=reasons):
            return {"decision": "defer", "until": until.isoformat(), "reasons": list(reasons)}
        case Suppress(reasons=reasons) as suppress:
            return {"decision": "suppress", "final": suppress.closes, "reasons": list(reasons)}
