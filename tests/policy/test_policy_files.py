# ruff: noqa: E501 - a mistake a line
"""Policy files: what cannot be read is said with file, line, column and the fix, and changes nothing."""

from datetime import date
from pathlib import Path

import pytest

from outreach.guidance.checking.check import findings_of
from outreach.guidance.checking.material import Material
from outreach.guidance.files.folder import understand
from outreach.guidance.files.policy import build_policy, load_policy, standard_policy
from outreach.guidance.files.problems import ConfigError, Finding
from outreach.guidance.files.yaml_text import read_yaml
from outreach.guidance.trying.cases import cases_of
from outreach.model.decision import Defer, Send
from outreach.model.finding import Severity
from outreach.model.words import Reason
from outreach.policy.engine import decide
from outreach.policy.policy import Policy
from tests.policy.builders import a_contact, a_situation, at, consenting

TODAY = at("2026-11-22T12:00Z")

CASE = """
cases:
  - id: ONE
    at: "2026-06-10T12:00:00-04:00"
    role: third_party
    touch: {channel: sms, purpose: reminder}
    expect: {decision: send}
"""


def check(text: str, *, places: tuple[frozenset[str], ...] = ()) -> list[Finding]:
    return findings_of(Material(folder=understand({"policy.yaml": text}), now=TODAY, places=places))


def policy_of(text: str) -> Policy:
    return build_policy(read_yaml(text, file="policy.yaml"))


def refused(text: str) -> tuple[Finding, ...]:
    with pytest.raises(ConfigError) as error:
        policy_of(text)
    return error.value.problems


@pytest.mark.parametrize(
    ("line", "column", "message", "fix", "text"),
    [
        pytest.param(
            1,
            9,
            "a bare 21:00 means",
            'write "21:00"',
            "policy: 21:00",
            id="a bare time, which is 1260 to some",
        ),
        pytest.param(
            1, 9, "a bare ON means", 'write "ON"', "policy: ON", id="a bare ON, which is true to some"
        ),
        pytest.param(1, 9, "a bare 02108 means", 'write "02108"', "policy: 02108", id="a bare ZIP code"),
        pytest.param(
            1, 9, "a bare 2026-10-01 means", 'write "2026-10-01"', "policy: 2026-10-01", id="a bare date"
        ),
        pytest.param(1, 9, "text is needed", 'write "10025"', "policy: 10025", id="a bare number"),
        pytest.param(
            2, 1, "`policy` is given twice", "keep one", "policy: a\npolicy: b", id="a key given twice"
        ),
        pytest.param(
            2, 8, "anchors are not read", "write the value out", "policy: a\nrules: &x []", id="an anchor"
        ),
        pytest.param(
            2, 8, "unknown key `rulez`", "did you mean `rules`", "policy: a\nrulez: []", id="a misspelled key"
        ),
        pytest.param(1, 1, "`policy` is missing", "add `policy:`", "rules: []", id="a key that is missing"),
        pytest.param(
            2,
            18,
            "no pack is called `us-xx`",
            "write one of au",
            "policy: a\npacks: {drafts: [us-xx]}",
            id="an unknown pack",
        ),
        pytest.param(1, 12, "not YAML", "", "policy: [a", id="not YAML"),
    ],
)
def test_a_mistake_is_placed_and_its_fix_is_named(
    line: int, column: int, message: str, fix: str, text: str
) -> None:
    problem = refused(text)[0]

    assert message in problem.message
    assert fix in problem.fix
    assert (problem.line, problem.column) == (line, column) or "not YAML" in message
    assert str(problem).startswith(f"policy.yaml:{problem.line}:{problem.column}: error: ")


@pytest.mark.parametrize(
    ("message", "rule"),
    [
        pytest.param("a rule of no known kind", "{id: a, kind: quota}", id="an unknown kind"),
        pytest.param("lets nothing go out", "{id: a, kind: frequency_cap, limit: 0, within: 7d}", id="a limit of none"),
        pytest.param("is not a duration", "{id: a, kind: spacing, gap: 2 weeks}", id="a duration in weeks"),
        pytest.param("equal ends", '{id: a, kind: contact_window, windows: [{days: mon, from: "08:00", to: "08:00"}]}', id="a window with equal ends"),
        pytest.param("cannot open at", '{id: a, kind: contact_window, windows: [{days: mon, from: "24:00", to: "08:00"}]}', id="a window that opens at 24:00"),
        pytest.param("names no weekdays", '{id: a, kind: contact_window, windows: [{days: monday, from: "08:00", to: "09:00"}]}', id="a day in full"),
        pytest.param("is no time zone", '{id: a, kind: contact_window, zone: EST5, windows: [{days: mon, from: "08:00", to: "09:00"}]}', id="a zone that does not exist"),
        pytest.param("is no day", "{id: a, kind: blackout_dates, days: [christmas]}", id="a holiday by its name"),
        pytest.param("the last day is before the first", '{id: a, kind: hold, effective_from: "2026-02-02", effective_until: "2026-02-01"}', id="a last day before the first"),
        pytest.param("`telepathy` is not known here", "{id: a, kind: hold, channels: [telepathy]}", id="an unknown channel"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_kept_is_refused(message: str, rule: str) -> None:
    problems = refused(f"policy: a\nrules:\n  - {rule}")

    assert any(message in problem.message for problem in problems), problems
    assert all(problem.line == 3 for problem in problems)


def test_two_rules_of_one_name_are_refused() -> None:
    (problem,) = refused("policy: a\nrules:\n  - {id: a, kind: hold}\n  - {id: a, kind: hold}")

    assert (problem.line, problem.message) == (4, "two rules are called `a`")


def test_a_file_that_is_not_there_is_said() -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.yaml:1:1: error: cannot be read"):
        load_policy(Path("nowhere.yaml"))


def test_a_nest_without_end_is_refused_and_not_followed() -> None:
    with pytest.raises(ConfigError):
        read_yaml("[" * 100_000, file="deep.yaml")


def test_aliases_cannot_grow_a_file() -> None:
    bomb = "a: &a [x, x, x, x]\nb: &b [*a, *a, *a, *a]\nc: [*b, *b, *b, *b]\n"

    with pytest.raises(ConfigError, match="aliases are not read"):
        read_yaml(bomb, file="bomb.yaml")


def test_a_waiver_sets_a_rule_aside_by_name() -> None:
    policy = policy_of(
        """
policy: harbor
waive:
  - {rule: house.spacing, reason: trial, decided_by: operations, decided_on: "2026-06-01"}
  - {rule: house.day, reason: trial, decided_by: operations, decided_on: "2026-06-01"}
"""
    )
    yesterday = (a_contact("2026-06-09T12:00-04:00"),)
    situation = a_situation("2026-06-10T11:00-04:00", ledger=yesterday, packs=("house",))

    assert isinstance(decide(situation, standard_policy()), Defer)
    assert isinstance(decide(situation, policy), Send)


def test_a_waiver_ends_after_its_last_day() -> None:
    policy = policy_of(
        """
policy: harbor
waive:
  - rule: us-federal.hours
    reason: trial
    decided_by: operations
    decided_on: "2026-06-01"
    until: "2026-06-10"
"""
    )

    on_the_day = a_situation("2026-06-10T22:00-04:00", packs=("us-federal",), facts=consenting())
    on_the_next = a_situation("2026-06-11T22:00-04:00", packs=("us-federal",), facts=consenting())

    assert decide(on_the_day, policy) == Send(at("2026-06-11T00:00-04:00"))
    assert decide(on_the_next, policy) == Defer(
        at("2026-06-12T08:00-04:00"), (Reason.OUTSIDE_CONTACT_WINDOW,)
    )


def test_a_waiver_of_a_rule_that_does_not_exist_is_refused() -> None:
    (problem,) = refused(
        'policy: a\nwaive:\n  - {rule: house.weak, reason: r, decided_by: d, decided_on: "2026-06-01"}'
    )

    assert "house.week" in problem.fix


def test_a_shadow_rule_does_not_bind() -> None:
    policy = policy_of("policy: a\nrules:\n  - {id: stop, kind: hold, shadow: true}")

    assert isinstance(decide(a_situation("2026-06-10T12:00-04:00"), policy), Send)


def test_a_draft_pack_binds_where_a_policy_names_it() -> None:
    policy = policy_of("policy: a\npacks: {drafts: [ca-ab]}")

    assert "ca-ab" in policy.packs_in_force(frozenset({"CA", "CA-AB"}))
    assert "ca-ab" not in policy.packs_in_force(frozenset({"CA", "CA-ON"}))
    assert "ca-ab" not in standard_policy().packs_in_force(frozenset({"CA", "CA-AB"}))


def test_the_version_is_the_content() -> None:
    one = policy_of("policy: a\nrules:\n  - {id: stop, kind: hold}")
    same = policy_of("# a comment\npolicy: a\nrules: [{kind: hold, id: stop}]")
    other = policy_of("policy: a\nrules:\n  - {id: stop, kind: hold, channels: [sms]}")

    assert one.version == same.version
    assert len({one.version, other.version, standard_policy().version}) == 3


def test_every_shipped_pack_says_it_is_no_legal_advice_and_cites_its_rules() -> None:
    for pack in standard_policy().packs.values():
        for rule in pack.rules:
            assert rule.terms.cite, rule.terms.id
            assert rule.terms.confidence, rule.terms.id
    assert len(standard_policy().packs) == 23


@pytest.mark.parametrize(
    ("message", "text"),
    [
        pytest.param(
            "`house.week` is at least as strict",
            "rules:\n  - {id: week, kind: frequency_cap, limit: 5, within: 7d}",
            id="a cap looser than a pack's",
        ),
        pytest.param(
            "`house.hours` is at least as strict",
            'rules:\n  - {id: h, kind: contact_window, replaceable: true, windows: [{days: mon-sun, from: "06:00", to: "23:00"}]}',
            id="a window wider than a pack's",
        ),
        pytest.param(
            "was last in force on 2026-01-01",
            'rules:\n  - {id: old, kind: hold, effective_until: "2026-01-01"}',
            id="a rule that is over",
        ),
        pytest.param(
            "excepts every purpose",
            "rules:\n  - {id: none, kind: hold, purposes: [reminder], except_purposes: [reminder]}",
            id="a rule that excepts all it is about",
        ),
        pytest.param(
            "about no channel",
            "rules:\n  - {id: post, kind: hold, channels: [post]}",
            id="a rule about letters",
        ),
        pytest.param(
            "has no day ahead",
            'rules:\n  - {id: d, kind: blackout_dates, days: ["2025-12-24"]}',
            id="days gone by",
        ),
        pytest.param(
            "ends on 2026-12-24",
            'rules:\n  - {id: d, kind: blackout_dates, days: ["2026-12-24"]}',
            id="a list that ends",
        ),
        pytest.param(
            "leaves no common hour by email",
            'rules:\n  - {id: h, kind: contact_window, windows: [{days: mon, from: "08:00", to: "09:00"}]}',
            id="a window too narrow for two zones",
        ),
        pytest.param(
            "ended on 2026-10-01",
            'waive: [{rule: house.week, reason: r, decided_by: d, decided_on: "2026-09-01", until: "2026-10-01"}]',
            id="a waiver that is over",
        ),
    ],
)
def test_what_is_weak_in_a_policy_is_said(message: str, text: str) -> None:
    problems = check(f"policy: a\n{text}\n")

    assert any(message in problem.message for problem in problems), problems


def test_a_sound_policy_has_nothing_said_of_it() -> None:
    text = """
policy: a
rules:
  - {id: week, kind: frequency_cap, limit: 1, within: 7d}
  - {id: h, kind: contact_window, other_days: closed, windows: [{days: mon-fri, from: "09:00", to: "19:00"}]}
  - {id: d, kind: blackout_dates, days: ["12-25", "1st mon of 09"]}
"""

    narrowed = Finding(
        file="policy.yaml",
        line=5,
        column=64,
        message="rule `agency.h` narrows the week and closes sat: 50 of 69 hours a week are left",
        severity=Severity.NOTE,
    )
    assert check(text) == [narrowed]


def test_windows_are_tried_on_the_places_in_the_data() -> None:
    text = 'policy: a\nrules:\n  - {id: h, kind: contact_window, other_days: closed, windows: [{days: mon-fri, from: "09:00", to: "12:00"}]}'
    near = frozenset({"America/New_York", "America/Chicago"})
    far = frozenset({"America/New_York", "Pacific/Honolulu"})

    assert [finding.severity for finding in check(text, places=(near,))] == [Severity.NOTE]
    (unreachable,) = check(text, places=(near, far))
    assert unreachable.severity is Severity.ERROR
    assert "by email or sms or voice for people who may be in America/New_York and Pacific/Honolulu" in str(
        unreachable
    )


@pytest.mark.parametrize(
    ("message", "change"),
    [
        pytest.param("has no offset", ('"2026-06-10T12:00:00-04:00"', '"2026-06-10T12:00:00"'), id="no offset"),
        pytest.param("a bare 2026-06-10", ('"2026-06-10T12:00:00-04:00"', "2026-06-10T12:00:00Z"), id="a bare instant"),
        pytest.param("no pack is called `us`", ("role:", "packs: [us]\n    role:"), id="an unknown pack"),
        pytest.param("belongs to `decision: defer`", ("decision: send", "decision: defer"), id="a deferral without its instant"),
        pytest.param("unknown key `persn`", ("role:", "persn: {}\n    role:"), id="a misspelled key"),
        pytest.param("is no time zone", ("role:", "person: {zones: [Moon]}\n    role:"), id="an unknown zone"),
    ],
)  # fmt: skip
def test_a_malformed_case_is_refused_with_its_line(message: str, change: tuple[str, str]) -> None:
    with pytest.raises(ConfigError) as error:
        cases_of(read_yaml(CASE.replace(*change), file="cases.yaml"), packs=standard_policy().packs)

    assert any(message in problem.message for problem in error.value.problems), error.value.problems
    assert all(problem.line > 1 for problem in error.value.problems)


def test_bounds_of_a_date_are_its_days() -> None:
    policy = policy_of(
        'policy: a\nrules:\n  - {id: d, kind: hold, effective_from: "2026-06-10", effective_until: "2026-06-11"}'
    )

    before = decide(a_situation("2026-06-09T23:59:59-04:00"), policy)
    inside = decide(a_situation("2026-06-10T00:00:00-04:00"), policy)

    assert before == Send(at("2026-06-10T00:00-04:00"))
    assert inside == Defer(at("2026-06-12T00:00-04:00"), (Reason.HOLD,))
    assert date(2026, 6, 12) == at("2026-06-12T00:00-04:00").date()
