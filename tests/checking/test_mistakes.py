# ruff: noqa: E501 - a mistake a line
"""Whoever makes a mistake in the files reads of it once: where, what and what to write instead."""

from collections.abc import Mapping

import pytest

from outreach.model.finding import Severity
from tests.checking.folders import play, playbook, rule, said_of, sample

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE
POLICY, PLAYBOOK = "policy.yaml", "playbook.yaml"
CHECK_IN = "templates/en/check_in.sms.txt"
ENGLISH = "This is {{ agency.name }} for {{ creditor.name }}. How are you? You can reply here or call us.\n"
SPANISH = "Somos {{ agency.name }} y escribimos por {{ creditor.name }}. ¿Cómo está? Puede responder a este correo.\n"
#: The finding stands where the sample was changed.
CHANGED = ""
WINDOW = '{{id: w, kind: contact_window, windows: [{{days: {days}, from: "{begins}", to: "{ends}"}}]}}'


def window(days: str, begins: str, ends: str) -> dict[str, str]:
    return rule(WINDOW.format(days=days, begins=begins, ends=ends))


def windows(**written: tuple[str, str, str]) -> dict[str, str]:
    """Return a policy of windows by their ids, the first in its third line."""
    each_on_its_line = (
        f'{{id: {name}, kind: contact_window, windows: [{{days: {days}, from: "{begins}", to: "{ends}"}}]}}'
        for name, (days, begins, ends) in written.items()
    )
    return rule("\n  - ".join(each_on_its_line))


def email(body: str, *, subject: str = "Subject: A question from us\n\n") -> dict[str, str]:
    return {"templates/en/check_in.email.txt": subject + body}


@pytest.mark.parametrize(
    ("changed", "severity", "file", "line", "message", "fix"),
    [
        # How YAML is written.
        pytest.param({POLICY: "policy: a\nrules:\n\t- x\n"}, ERROR, POLICY, 3, "a tab", "indent with spaces", id="a tab"),
        pytest.param({POLICY: "policy: a\nrules:\n  - {id: a, kind: hold}\n - {id: b, kind: hold}\n"}, ERROR, POLICY, 4, "indented otherwise than", "same column", id="another indent"),
        pytest.param({POLICY: "policy: [a\n"}, ERROR, POLICY, 2, "is not closed", "close it", id="a bracket that is not closed"),
        pytest.param({POLICY: 'policy: "a\n'}, ERROR, POLICY, 2, "is not closed", "close it", id="a quote that is not closed"),
        pytest.param({POLICY: "policy: a\nrules: &all []\n"}, ERROR, POLICY, 2, "anchors are not read", "write the value out", id="an anchor"),
        pytest.param({POLICY: "policy: a\npolicy: b\n"}, ERROR, POLICY, 2, "`policy` is given twice", "keep one", id="a key twice"),
        pytest.param({POLICY: ""}, ERROR, POLICY, 1, "is empty", "policy:", id="an empty policy"),
        pytest.param({POLICY: "- a\n"}, ERROR, POLICY, 1, "lines of `key: value`", "on a line of its own", id="a policy that is a list"),
        pytest.param({PLAYBOOK: ""}, ERROR, PLAYBOOK, 1, "is empty", "agency:", id="an empty playbook"),
        pytest.param({POLICY: "policy: a\nrules:\n"}, ERROR, POLICY, 2, "`rules` is empty", "in brackets", id="rules that are not there"),
        pytest.param({POLICY: "policy: a\nrules:\n  a: b\n"}, ERROR, POLICY, 2, "a list is needed", "in brackets", id="rules that are no list"),
        pytest.param({POLICY: "policy: on\n"}, ERROR, POLICY, 1, "a bare on", 'write "on"', id="a bare on"),
        pytest.param(playbook("wording: check_in", "wording: no"), ERROR, PLAYBOOK, CHANGED, "a bare no", 'write "no"', id="a bare no"),
        # Keys and words.
        pytest.param(rule("{id: a, kind: frequency_cap, limt: 1, within: 7d}"), ERROR, POLICY, 3, "unknown key `limt`", "did you mean `limit`?", id="a key misspelled"),
        pytest.param(rule("{id: a, kind: hold, jurisdictions: [US-TX]}"), ERROR, POLICY, 3, "unknown key `jurisdictions`", "", id="a key of something else"),
        pytest.param(rule("{id: a, kind: quota}"), ERROR, POLICY, 3, "a rule of no known kind", "`kind:` one of", id="a kind that is none"),
        pytest.param(rule("{id: a, kind: frequencycap, limit: 1, within: 7d}"), ERROR, POLICY, 3, "a rule of no known kind", "did you mean `kind:` `frequency_cap`?", id="a kind misspelled"),
        pytest.param(rule("{id: a, kind: hold, channels: [emial]}"), ERROR, POLICY, 3, "`emial` is not known here", "did you mean `email`?", id="a channel misspelled"),
        pytest.param(playbook("purpose: check_in", "purpose: chekin"), ERROR, PLAYBOOK, CHANGED, "`chekin` is not known here", "did you mean `check_in`?", id="a purpose misspelled"),
        pytest.param(playbook("on: debt.quiet", "on: debt.quite"), ERROR, PLAYBOOK, CHANGED, "`debt.quite` is not known here", "did you mean `debt.quiet`?", id="an occasion misspelled"),
        pytest.param(playbook("on: debt.quiet", "on: birthday"), ERROR, PLAYBOOK, CHANGED, "`birthday` is not known here", "write one of debt.placed", id="an occasion that is none"),
        pytest.param(playbook("channels: [email, sms]\n    expires: 10d", "channels: [voice, sms]\n    expires: 10d"), ERROR, PLAYBOOK, CHANGED, "only sms and email are sent", "name sms, email or both", id="a channel that nothing is sent by"),
        pytest.param(playbook("expires: 10d", "expire: 10d"), ERROR, PLAYBOOK, CHANGED, "unknown key `expire`", "did you mean `expires`?", id="a key of a play misspelled"),
        pytest.param(playbook("expires: 10d", "shadow: true"), ERROR, PLAYBOOK, CHANGED, "unknown key `shadow`", "dry_run", id="shadow on a play"),
        pytest.param(rule("{id: a, kind: hold}\n  - {id: a, kind: hold}"), ERROR, POLICY, 4, "two rules are called `a`", "its own id", id="two rules of one name"),
        pytest.param({PLAYBOOK: sample(PLAYBOOK) + "\n  check_in: {on: debt.quiet}\n"}, ERROR, PLAYBOOK, CHANGED, "`check_in` is given twice", "keep one", id="two plays of one name"),
        # Times, durations, numbers.
        pytest.param(window("mon-fri", "08:00", "25:00"), ERROR, POLICY, 3, "'25:00' is not a time of day", 'write "08:00"', id="an hour that is none"),
        pytest.param(window("mon-fri", "8:00", "20:00"), ERROR, POLICY, 3, "'8:00' is not a time of day", 'write "08:00"', id="an hour of one digit"),
        pytest.param(window("Friday", "08:00", "20:00"), ERROR, POLICY, 3, "'Friday' names no weekdays", 'write "mon-fri"', id="a day in full"),
        pytest.param(window("mon-fri", "08:00", "08:00"), ERROR, POLICY, 3, "equal ends", 'from "00:00" to "24:00"', id="a window with equal ends"),
        pytest.param({POLICY: rule('{id: w, kind: contact_window, windows: [{days: mon, from: 08:00, to: "20:00"}]}')[POLICY]}, ERROR, POLICY, 3, "a bare 08:00", 'write "08:00"', id="a bare time in the policy"),
        pytest.param(playbook('at: "11:00"', "at: 11:00"), ERROR, PLAYBOOK, CHANGED, "a bare 11:00", 'write "11:00"', id="a bare time in the playbook"),
        pytest.param(rule('{id: w, kind: contact_window, zone: Chicago, windows: [{days: mon-sat, from: "09:00", to: "19:00"}]}'), ERROR, POLICY, 3, "'Chicago' is no time zone", "did you mean `America/Chicago`?", id="a zone of a rule"),
        pytest.param(playbook("zone: America/Chicago", "zone: America/Chicag"), ERROR, PLAYBOOK, CHANGED, "'America/Chicag' is no time zone", "did you mean `America/Chicago`?", id="a zone of the playbook"),
        pytest.param(playbook("expires: 10d", "expires: 2 weeks"), ERROR, PLAYBOOK, CHANGED, "'2 weeks' is not a duration", 'write "7d"', id="a duration in weeks"),
        pytest.param(playbook("after: 10d", "after: 10"), ERROR, PLAYBOOK, CHANGED, "a unit is missing here", "write 10d for days", id="a duration without its unit"),
        pytest.param(playbook("after: 10d", 'after: "-10d"'), ERROR, PLAYBOOK, CHANGED, "debt.quiet is not known beforehand", "without `-`", id="before a silence"),
        pytest.param(playbook("at_most: 3", "at_most: 0"), ERROR, PLAYBOOK, CHANGED, "0 is out of range", "at least 1", id="at most nothing"),
        pytest.param(playbook('backoff: "1.5"', "backoff: 1.5"), ERROR, PLAYBOOK, CHANGED, "text is needed here", 'write "1.5"', id="a number without quotes"),
        pytest.param(rule("{id: a, kind: frequency_cap, limit: 0, within: 7d}"), ERROR, POLICY, 3, "a limit of 0 lets nothing go out", "`fact: always`", id="a cap of none"),
        pytest.param(rule('{id: a, kind: blackout_dates, days: ["12-26..12-24"]}'), ERROR, POLICY, 3, "ends before it begins", "", id="a range that is turned around"),
        # Names.
        pytest.param(rule("{id: a, kind: hold, creditors: [lakesid]}"), ERROR, POLICY, 3, "no creditor is called `lakesid`", "did you mean `lakeside`?", id="a creditor misspelled in a rule"),
        pytest.param(rule("{id: a, kind: hold, creditors: [Lakeside]}"), ERROR, POLICY, 3, "no creditor is called `Lakeside`", "did you mean `lakeside`?", id="a creditor in capitals"),
        pytest.param(rule("{id: a, kind: hold, plays: [chek_in]}"), ERROR, POLICY, 3, "no play is called `chek_in`", "did you mean `check_in`?", id="a play misspelled in a rule"),
        pytest.param(rule("{id: a, kind: hold, portfolios: [nowhere]}"), WARNING, POLICY, 3, "whether there is a portfolio `nowhere` cannot be known", "list your portfolios", id="a portfolio that cannot be known"),
        pytest.param({**rule("{id: a, kind: hold, portfolios: [clinc]}"), **playbook("zone:", "portfolios: {clinic: {}}\n\nzone:")}, ERROR, POLICY, 3, "no portfolio is called `clinc`", "did you mean `clinic`?", id="a portfolio misspelled in a rule"),
        pytest.param(playbook("expires: 10d", "conditions: {creditors: [nortwind]}\n    expires: 10d"), ERROR, PLAYBOOK, CHANGED, "no creditor is called `nortwind`", "did you mean `northwind`?", id="a creditor misspelled in a condition"),
        pytest.param(playbook("wording: check_in", "wording: chek_in"), ERROR, PLAYBOOK, CHANGED, "uses the wording `chek_in`, which has no", "did you mean `check_in`?", id="a wording misspelled"),
        pytest.param(playbook("    purpose: check_in\n    wording: check_in\n    channels: [email, sms]", "    purpose: check_in\n    wording: nothing_like_it\n    channels: [sms]"), ERROR, PLAYBOOK, CHANGED, "has no sms template", "add templates/en/nothing_like_it.sms.txt", id="a wording without a template"),
        pytest.param({POLICY: 'policy: a\nwaive: [{rule: house.weak, reason: r, decided_by: d, decided_on: "2026-11-01"}]\n'}, ERROR, POLICY, 2, "no pack has a rule `house.weak`", "did you mean `house.week`?", id="a rule to be waived misspelled"),
        pytest.param({POLICY: "policy: a\npacks: {drafts: [us-ro]}\n"}, ERROR, POLICY, 2, "no pack is called `us-ro`", "did you mean `us-or`?", id="a pack misspelled"),
        # Who writes.
        pytest.param(playbook("name: Northwind Energy", "name: Northwind Energy\n    email_from: not-an-email"), ERROR, PLAYBOOK, CHANGED, "'not-an-email' is no email address", "hello@", id="a sender that is no address"),
        pytest.param(playbook("name: Northwind Energy", "name: Northwind Energy\n    sms_sender: blah blah"), ERROR, PLAYBOOK, CHANGED, "'blah blah' is nothing that texts are sent from", "+12025550100", id="a sender that is no number"),
        pytest.param(playbook("name: Northwind Energy", "name: Northwind Energy\n    phone: call us"), ERROR, PLAYBOOK, CHANGED, "'call us' is no phone number", "+1 202 555 0100", id="a phone that is none"),
        pytest.param(playbook("https://pay.example.com/northwind", "http://pay.example.com/northwind"), ERROR, PLAYBOOK, CHANGED, "is no web address", "https://", id="a link that is not safe"),
        pytest.param(playbook("/northwind/{reference}", "/northwind/{account}"), ERROR, PLAYBOOK, CHANGED, "names something else than {reference}", "{reference}", id="a link that asks for what is not there"),
        # Weeks.
        pytest.param(window("fri", "08:00", "15:00"), WARNING, POLICY, 3, "closes mon-thu and sat: 7 of 69 hours a week are left", "`other_days: open`", id="a Friday that closes the week"),
        pytest.param(window("mon-fri", "20:00", "08:00"), ERROR, POLICY, 3, "runs overnight, 20:00 to 08:00", "did you swap `from` and `to`?", id="from and to swapped"),
        pytest.param(window("sun", "10:00", "12:00"), ERROR, POLICY, 3, "leaves no hour of the week that `house.hours` leave", "widen", id="a window where the house is closed"),
        pytest.param(window("mon", "08:00", "09:00"), WARNING, POLICY, 3, "leaves no common hour by email or sms or voice", "widen", id="a window too narrow for two zones"),
        # Rules.
        pytest.param(rule("{id: a, kind: frequency_cap, limit: 5, within: 7d}"), WARNING, POLICY, 3, "never binds: `house.week` is at least as strict", "tighten it", id="a cap that is looser than a pack's"),
        pytest.param(rule("{id: a, kind: channel_order, order: [sms, email]}\n  - {id: b, kind: channel_order, order: [email, sms]}"), WARNING, POLICY, 4, "`agency.b` says email, sms where `agency.a` says sms, email", "keep one", id="two orders against each other"),
        pytest.param(rule('{id: a, kind: blackout_dates, days: ["2026-12-31"]}'), NOTE, POLICY, 3, "ends on 2026-12-31", "add the years after", id="a day that comes once"),
        pytest.param(rule('{id: a, kind: hold, effective_from: "2027-01-01"}'), NOTE, POLICY, 3, "comes into force on 2027-01-01", "", id="a rule of next year"),
        pytest.param({POLICY: 'policy: a\nwaive: [{rule: us-federal.way_to_stop, reason: we do not like it, decided_by: X, decided_on: "2026-11-01"}]\n'}, WARNING, POLICY, 2, "`us-federal.way_to_stop` is a rule of law and is set aside", "lawyer", id="a rule of law that is waived"),
        pytest.param({POLICY: "policy: a\npacks: {drafts: [us-or]}\n"}, WARNING, POLICY, 2, "pack `us-or` is a draft", "lawyer", id="a draft that binds"),
        # Plays.
        pytest.param(playbook('at: "10:00"\n    purpose: reminder\n    wording: instalment_reminder\n    channels: [sms, email]\n    expires: 3d', 'at: "10:00"\n    purpose: reminder\n    wording: instalment_reminder\n    channels: [sms, email]\n    expires: 12h'), WARNING, PLAYBOOK, CHANGED, "`instalment_reminder` lapses 12h after it is due, and `house.spacing` may hold it for 2d", "`expires` be longer", id="a reminder that lapses before the house lets it go"),
        pytest.param(rule("{id: a, kind: cooldown, after: [payment], rest: 21d}"), WARNING, POLICY, 3, "`agency.a` keeps quiet for 21d after a payment", "rest for less long", id="a rest that outlasts plays"),
        pytest.param(playbook("at_most: 3", "at_most: 1"), WARNING, PLAYBOOK, CHANGED, "`check_in` never repeats", "2 or more", id="a repeat that does not repeat"),
        pytest.param(playbook('backoff: "1.5"', 'backoff: "0.5"'), WARNING, PLAYBOOK, CHANGED, "`check_in` asks ever more often", "patience", id="a repeat that grows impatient"),
        pytest.param(playbook("every: 14d", "every: 24h"), WARNING, PLAYBOOK, CHANGED, "a repeat of `check_in` goes out later than it says", "`every` be longer", id="a repeat that the house holds"),
        pytest.param(rule("{id: a, kind: frequency_cap, limit: 1, within: 60d, plays: [check_in]}"), WARNING, PLAYBOOK, "repeat: {every: 14d", "a repeat of `check_in` lapses before it may go", "or `expires`", id="a repeat that lapses"),
        pytest.param(playbook("channels: [email, sms]\n    expires: 10d", "channels: [sms]\n    fallback: 3d\n    expires: 10d"), WARNING, PLAYBOOK, CHANGED, "has one channel, and so none to fall back to", "add a channel", id="a fallback to nothing"),
        pytest.param(playbook("expires: 10d", "patience: 10d\n    expires: 10d"), WARNING, PLAYBOOK, CHANGED, "waits 10d for a better channel, and lapses after 10d", "longer than `patience`", id="patience beyond the end"),
        pytest.param(playbook("expires: 10d", "dry_run: true\n    expires: 10d"), NOTE, PLAYBOOK, CHANGED, "`check_in` is a dry run", "", id="a play in dry run"),
        pytest.param(play("again: {on: debt.quiet, after: 10d, purpose: check_in, wording: check_in, channels: [sms], expires: 10d}"), WARNING, PLAYBOOK, CHANGED, "`again` says at the same moment what `check_in` says", "take one of them out", id="two plays that say the same"),
        pytest.param(playbook("name: Northwind Energy", "name: Northwind Energy\n    messages_an_hour: 0"), ERROR, PLAYBOOK, CHANGED, "0 is out of range", "at least 1", id="no message an hour"),
        pytest.param(playbook("name: Northwind Energy", 'name: Northwind Energy\n    messages_an_hour: "200"'), ERROR, PLAYBOOK, CHANGED, "a whole number is needed here", "without quotes", id="messages an hour in quotes"),
        pytest.param(playbook("name: Northwind Energy", "name: Northwind Energy\n    messages_an_hour: 200"), NOTE, PLAYBOOK, CHANGED, "for `northwind` at most 200 messages begin an hour", "", id="an hourly cap"),
        # What people write who come from other systems, and in a hurry.
        pytest.param(playbook("    purpose: check_in\n", "   purpose: check_in\n"), ERROR, PLAYBOOK, CHANGED, "indented otherwise than", "same column", id="a key that is indented otherwise"),
        pytest.param(rule("{id: a, kind: hold, effective_from: 2027-01-01}"), ERROR, POLICY, 3, "a bare 2027-01-01", 'write "2027-01-01"', id="a bare date"),
        pytest.param(playbook("zone: America/Chicago", "zone: Central Time"), ERROR, PLAYBOOK, CHANGED, "'Central Time' is no time zone", "America/New_York", id="a zone by its English name"),
        pytest.param(playbook('backoff: "1.5"', 'backoff: "150%"'), ERROR, PLAYBOOK, CHANGED, "'150%' is no number", "write one such as", id="a percent sign"),
        pytest.param(window("wendesday", "09:00", "19:00"), ERROR, POLICY, 3, "'wendesday' names no weekdays", "mon-fri", id="a weekday misspelled"),
        pytest.param(playbook("expires: 10d", 'conditions: {minimum_balance: "1,000"}\n    expires: 10d'), ERROR, PLAYBOOK, CHANGED, "'1,000' is no number", '"140.00"', id="an amount with a comma"),
        pytest.param(playbook("expires: 10d", "conditions: {minimum_balance: $25}\n    expires: 10d"), ERROR, PLAYBOOK, CHANGED, "'$25' is no number", '"140.00"', id="an amount with its sign"),
        pytest.param({"templates/check_in.sms.txt": "Hi\n"}, ERROR, "templates/check_in.sms.txt", 1, "not a template's name", "en/introduction.sms.txt", id="a template outside of a language"),
        pytest.param({"templates/en/blocks/check_in.sms.txt": "Hi\n"}, ERROR, "templates/en/blocks/check_in.sms.txt", 1, "unknown block 'check_in'", "known are", id="a template among the blocks"),
        pytest.param(playbook('at: "11:00"', 'at: "11am"'), ERROR, PLAYBOOK, CHANGED, "'11am' is not a time of day", 'write "08:00"', id="an hour by halves of the day"),
        pytest.param(playbook("name: Northwind Energy", "name: #1 Energy"), ERROR, PLAYBOOK, CHANGED, "`name` is empty", "what follows a # is a note", id="a name that is a note"),
        pytest.param(playbook("name: Harbor Recovery", "name: Harbor: Recovery"), ERROR, PLAYBOOK, CHANGED, "not YAML", "put text with a colon in quotes", id="a name with a colon"),
        pytest.param(playbook("expires: 10d", "dry_run: yes\n    expires: 10d"), ERROR, PLAYBOOK, CHANGED, "a bare yes", "or true or false", id="yes for true"),
        pytest.param(playbook("  check_in:\n", "  check in:\n"), ERROR, PLAYBOOK, CHANGED, "`check in` is no name", "no spaces", id="a play with a space in its name"),
        pytest.param(playbook("expires: 10d", "expires:10d"), ERROR, PLAYBOOK, None, "a colon is missing", "write `key: value`", id="no space behind a colon"),
        pytest.param({POLICY: "policy: a\n---\npolicy: b\n"}, ERROR, POLICY, 2, "a second document begins", "one document per file", id="two documents"),
        pytest.param(playbook("channels: [email, sms]\n    expires: 10d", "channels: sms\n    expires: 10d"), ERROR, PLAYBOOK, CHANGED, "a list is needed here", "in brackets", id="one channel without brackets"),
        pytest.param(playbook("channels: [email, sms]\n    expires: 10d", "channels: [email, text]\n    expires: 10d"), ERROR, PLAYBOOK, CHANGED, "`text` is not known here", "did you mean `sms`?", id="text for sms"),
        pytest.param(rule('{id: a, kind: blackout_dates, days: ["02-30"]}'), ERROR, POLICY, 3, "'02-30' is no day", "12-25", id="the thirtieth of February"),
        pytest.param(playbook("expires: 10d", 'until: "2025-01-01"\n    expires: 10d'), WARNING, PLAYBOOK, CHANGED, "`check_in` is over since 2025-01-01", "a later `until`", id="a play that is over"),
        pytest.param({POLICY: "policy: a\nrules: [hold]\n"}, ERROR, POLICY, 2, "lines of `key: value` are needed here", "on a line of its own", id="a rule that is a word"),
        pytest.param({CHECK_IN: "Hi {person.given_name}, {{ agency.name }} for {{ creditor.name }}. Reply.\n"}, ERROR, CHECK_IN, 1, "`{person.given_name}` is sent as it stands", "{{ person.given_name }}", id="single braces"),
        pytest.param({CHECK_IN: "{{ agency.name }} for {{ creditor.name }}.\nHi [NAME]. Reply.\n"}, ERROR, CHECK_IN, 2, "`[NAME]` is sent as it stands", "write a fact", id="a placeholder of another system"),
        pytest.param({CHECK_IN: "<b>Hi</b>, {{ agency.name }} for {{ creditor.name }}. Reply.\n"}, ERROR, CHECK_IN, 1, "no markup in templates", "leave it out", id="markup"),
        pytest.param({CHECK_IN: "Hi 😀, {{ agency.name }} for {{ creditor.name }}. Reply.\n"}, WARNING, CHECK_IN, 1, "leaves a text 70 characters a segment", "leave it out", id="an emoji"),
        pytest.param({POLICY: "policy: “harbor”\n"}, ERROR, POLICY, 1, "curly quotes", 'straight ones: "harbor"', id="curly quotes"),
        pytest.param(rule('{id: w, kind: contact_window, windows: [{days: mon-fri, from: “09:00”, to: "19:00"}]}'), ERROR, POLICY, 3, "curly quotes", '"09:00"', id="curly quotes around an hour"),
        pytest.param({POLICY: rule("{id: a, kind: hold, creditors: [lakesid]}")[POLICY].replace("\n", "\r\n")}, ERROR, POLICY, 3, "no creditor is called `lakesid`", "did you mean `lakeside`?", id="a name misspelled in a file from Windows"),
        pytest.param({**rule("{id: a, kind: hold, creditors: [northwind]}"), **playbook("  northwind:", "  northwind_energy:")}, ERROR, POLICY, 3, "no creditor is called `northwind`", "did you mean `northwind_energy`?", id="a creditor renamed in one file alone"),
        pytest.param({"templates/es/check_in.sms.txt": "Hola {{ persona.nombre }}, {{ agency.name }} de parte de {{ creditor.name }}. Responda.\n"}, ERROR, "templates/es/check_in.sms.txt", 1, "unknown word 'persona'", "known are agency", id="a fact that was translated"),
        pytest.param({"templates/es/check_in.sms.txt": "Hola {{ person.nombre }}, {{ agency.name }} de parte de {{ creditor.name }}. Responda.\n"}, ERROR, "templates/es/check_in.sms.txt", 1, "unknown fact person.nombre", "person has given_name", id="half a fact that was translated"),
        pytest.param({CHECK_IN: "Subject: A question\n\nHi, {{ agency.name }} for {{ creditor.name }}. Reply.\n"}, ERROR, CHECK_IN, 1, "a text has no subject", "take the line out", id="an email copied into a text"),
        pytest.param({CHECK_IN: "Hi %NAME%, {{ agency.name }} for {{ creditor.name }}. Reply.\n"}, ERROR, CHECK_IN, 1, "`%NAME%` is sent as it stands", "write a fact", id="percent signs around a name"),
        pytest.param({CHECK_IN: "Hi <<name>>, {{ agency.name }} for {{ creditor.name }}. Reply.\n"}, ERROR, CHECK_IN, 1, "`<<name>>` is sent as it stands", "write a fact", id="angle brackets around a name"),
        pytest.param({CHECK_IN: "{{ agency.name }} for {{ creditor.name }}. Reply.\n{{ person.given_name }\n"}, ERROR, CHECK_IN, 2, "`{{` is not closed", "two braces", id="one brace too few"),
        pytest.param(rule('{id: a, kind: blackout_dates, days: ["12/24/2026"]}'), ERROR, POLICY, 3, "'12/24/2026' is no day", "2026-12-24", id="a day as Americans write it"),
        pytest.param(rule('{id: a, kind: blackout_dates, days: ["2025-12-24"]}'), WARNING, POLICY, 3, "`agency.a` has no day ahead", "add the next ones", id="a day that is past"),
        pytest.param(rule('{id: a, kind: hold, effective_until: "2025-12-31"}'), NOTE, POLICY, 3, "was last in force on 2025-12-31", "take the rule out", id="a rule that is over"),
        pytest.param({POLICY: 'policy: a\nwaive: [{rule: house.week, reason: r, decided_by: d, decided_on: "2025-11-01", until: "2025-12-31"}]\n'}, NOTE, POLICY, 2, "the waiver of `house.week` ended on 2025-12-31", "take it out", id="a waiver that is over"),
        pytest.param({POLICY: 'policy: a\nwaive: [{rule: house.week, decided_by: d, decided_on: "2026-11-01"}]\n'}, ERROR, POLICY, 2, "`reason` is missing", "add `reason:`", id="a waiver without a reason"),
        pytest.param(rule('{id: a, kind: hold, effective_from: "2027-03-01", effective_until: "2027-01-01"}'), ERROR, POLICY, 3, "the last day is before the first", "swap the two", id="a rule that ends before it begins"),
        pytest.param(rule("{id: a, kind: frequency_cap, limit: 1, within: 7}"), ERROR, POLICY, 3, "a unit is missing here", "write 7d for days", id="a span of a rule without its unit"),
        pytest.param(rule("{id: a, kind: frequency_cap, limit: 1, within: 1w}"), ERROR, POLICY, 3, "'1w' is not a duration", "calendar_month", id="a week as a unit"),
        pytest.param(rule('{id: a, kind: frequency_cap, limit: "1", within: 7d}'), ERROR, POLICY, 3, "a whole number is needed here", "without quotes", id="a limit in quotes"),
        pytest.param(playbook("expires: 10d", 'conditions: {minimum_balance: "-5"}\n    expires: 10d'), ERROR, PLAYBOOK, CHANGED, "nobody owes less than nothing", "leave the minus sign out", id="an amount below nothing"),
        pytest.param(playbook("expires: 10d", 'conditions: {minimum_balance: "500", maximum_balance: "100"}\n    expires: 10d'), ERROR, PLAYBOOK, CHANGED, "no balance is at least the minimum", "swap the two", id="two amounts that nobody owes"),
        pytest.param(rule("{kind: hold}"), ERROR, POLICY, 3, "`id` is missing", "add `id:`", id="a rule without an id"),
        pytest.param(rule("{id: a, limit: 1, within: 7d}"), ERROR, POLICY, 3, "`kind` is missing", "add `kind:`", id="a rule without a kind"),
        pytest.param(rule("{id: a, kind: hold, places: [UK]}"), ERROR, POLICY, 3, "'UK' is no place", "did you mean `GB`?", id="a country by another code"),
        pytest.param({POLICY: "policy: a\nplays: {}\n"}, ERROR, POLICY, 2, "`plays` stands in playbook.yaml", "move it to playbook.yaml", id="plays in the policy"),
        pytest.param({PLAYBOOK: sample(PLAYBOOK) + "\nrules:\n  - {id: a, kind: hold}\n"}, ERROR, PLAYBOOK, CHANGED, "`rules` stands in policy.yaml", "move it to policy.yaml", id="rules in the playbook"),
        pytest.param({"templates/ES/check_in.sms.txt": "Hola, {{ agency.name }} de parte de {{ creditor.name }}.\n"}, ERROR, "templates/ES/check_in.sms.txt", 1, "`ES` is no language's code", "name the folder `es`", id="a language in capitals"),
        pytest.param({"templates/en/check_in.sms.txt.txt": "Hi\n"}, ERROR, "templates/en/check_in.sms.txt.txt", 1, "not a template's name", "en/introduction.sms.txt", id="a file with two endings"),
        pytest.param({"templates/en/check_in (1).sms.txt": "Hi, {{ agency.name }} for {{ creditor.name }} here.\n"}, WARNING, "templates/en/check_in (1).sms.txt", 1, "no play uses the wording `check_in (1)`", "did you mean `check_in`?", id="a copy that the browser numbered"),
        pytest.param({POLICY: "policy: a\nrules:\n" + "".join(f"  - {{id: r{number}, kind: hold}}\n" for number in range(20_000))}, ERROR, POLICY, 1, "longer than 500,000 characters", "take out what is not needed", id="twenty thousand rules"),
        # Templates.
        pytest.param({"templates/es/check_in.sms.txt": f"Hi {{{{ person.given_name }}}}.\n{ENGLISH}"}, WARNING, "templates/es/check_in.sms.txt", 2, "is written in English: whoever reads Spanish gets this", "move it to templates/en/", id="English among the Spanish"),
        pytest.param({"templates/en/check_in.email.txt": f"Subject: Una pregunta\n\n{SPANISH}"}, WARNING, "templates/en/check_in.email.txt", 1, "is written in Spanish: whoever reads English gets this", "move it to templates/es/", id="Spanish among the English"),
        pytest.param({CHECK_IN: ENGLISH + "See http://www.example.com/help.\n"}, ERROR, CHECK_IN, 2, "`http://www.example.com/help", "write https://", id="a link in a template that is not safe"),
        pytest.param({CHECK_IN: ""}, ERROR, CHECK_IN, 1, "says nothing", "write what people are to read", id="an empty text"),
        pytest.param({CHECK_IN: "{# later #}\n"}, ERROR, CHECK_IN, 1, "says nothing", "write what people are to read", id="a text that is a note"),
        pytest.param({CHECK_IN: "Hi,\nwe {{ are here.\n"}, ERROR, CHECK_IN, 2, "`{{` is not closed", "write `{{ person.given_name }}`", id="braces that are not closed"),
        pytest.param({CHECK_IN: "{% if person.given_name %}Hi\n"}, ERROR, CHECK_IN, 1, "`{% if … %}` is not closed", "{% endif %}", id="an if that is not closed"),
        pytest.param({CHECK_IN: "Hi {{ person.given_nam }}\n"}, ERROR, CHECK_IN, 1, "unknown fact person.given_nam", "person has given_name", id="a fact misspelled"),
        pytest.param({CHECK_IN: "You owe {{ instalment.amount }}, says {{ agency.name }} for {{ creditor.name }}.\n"}, ERROR, CHECK_IN, 1, "`instalment.amount` is never known on debt.quiet", "{% if instalment.amount %}", id="a fact of another play"),
        pytest.param(email("Hello.\n", subject=""), ERROR, "templates/en/check_in.email.txt", 1, "no subject", "begin with `Subject: …`", id="an email without a subject"),
        pytest.param(email("Hello.\n", subject="Subject: {{ debt.balance }}\n\n"), ERROR, "templates/en/check_in.email.txt", 1, "the subject names debt.balance", "say it in the body", id="an amount in the subject"),
        pytest.param({"templates/en/chekin.sms.txt": "Hi, {{ agency.name }} for {{ creditor.name }} here.\n"}, WARNING, "templates/en/chekin.sms.txt", 1, "no play uses the wording `chekin`", "did you mean `check_in`?", id="a template nobody uses"),
        pytest.param({"templates/english/check_in.sms.txt": "Hi, {{ agency.name }} for {{ creditor.name }} here.\n"}, ERROR, "templates/english/check_in.sms.txt", 1, "`english` is no language's code", "name the folder `en`", id="a folder that is no language"),
        pytest.param({"templates/fr/introduction.sms.txt": "Bonjour, ici {{ agency.name }} pour {{ creditor.name }}.\n"}, WARNING, "templates/fr/introduction.sms.txt", 1, "`fr` has 1 of 35 texts", "write templates/fr/", id="half a language"),
        pytest.param({"templates/en/check_in.txt": "Hi\n"}, ERROR, "templates/en/check_in.txt", 1, "not a template's name", "en/introduction.sms.txt", id="a template of no channel"),
        pytest.param({CHECK_IN: "{{ agency.name }} for {{ creditor.name }}: " + "we would like to hear how you are. " * 12}, WARNING, CHECK_IN, 1, "segments with the longest names", "fewer words", id="a text that is too long"),
        pytest.param(playbook("language: en", "language: pl"), WARNING, PLAYBOOK, CHANGED, "nothing is written in `pl`", "templates/pl/", id="an agency's language that nobody wrote"),
    ],
)  # fmt: skip
def test_a_mistake_is_said_once_with_its_place_and_what_to_do(  # noqa: PLR0917 - a row of the table
    changed: Mapping[str, str], severity: Severity, file: str, line: int | str | None, message: str, fix: str
) -> None:
    (finding,) = said_of(changed)

    assert message in finding.message
    assert fix in finding.fix
    assert (finding.severity, finding.file) == (severity, file)
    if isinstance(line, int):
        assert finding.line == line
    elif line is not None:
        written = changed.get(file, sample(file)).splitlines()[finding.line - 1]
        assert line in written
        assert (written in sample(file).splitlines()) is (line != CHANGED)


def test_two_windows_with_no_hour_in_common_are_both_named() -> None:
    (found,) = said_of(windows(a=("mon-fri", "09:00", "11:00"), b=("mon-fri", "14:00", "16:00")))

    assert (found.line, found.severity) == (4, ERROR)
    assert "`agency.b` and `agency.a` of line 3 leave no hour of the week in common" in found.message
    assert found.fix == "widen one of the windows"


def test_two_windows_that_close_days_which_both_name_are_one_finding() -> None:
    two = windows(a=("mon-fri", "09:00", "11:00"), b=("thu-fri", "14:00", "16:00"))
    two[POLICY] = two[POLICY].replace("kind: contact_window", "kind: contact_window, other_days: open")

    (found,) = said_of(two)

    assert (found.line, found.severity) == (4, WARNING)
    assert "`agency.b` and `agency.a` of line 3 leave no hour of thu, fri in common" in found.message


def test_three_windows_that_only_together_leave_no_hour_are_one_finding() -> None:
    three = windows(a=("mon-tue", "09:00", "19:00"), b=("tue-wed", "09:00", "19:00"))
    days = ", ".join(f'{{days: {day}, from: "09:00", to: "19:00"}}' for day in ("mon", "wed"))
    three[POLICY] += f"  - {{id: c, kind: contact_window, windows: [{days}]}}\n"

    (found,) = said_of(three)

    assert (found.line, found.severity) == (5, ERROR)
    assert "`agency.c` and `agency.a` of line 3, `agency.b` of line 4" in found.message


def test_a_window_that_is_wrong_alone_is_not_held_against_another() -> None:
    found = said_of(windows(a=("mon-fri", "22:00", "23:00"), b=("mon-sat", "09:00", "19:00")))

    assert [finding.line for finding in found if finding.severity is not NOTE] == [3]


def test_how_windows_ends_lines_is_no_mistake() -> None:
    files = {file: sample(file).replace("\n", "\r\n") for file in (POLICY, PLAYBOOK, CHECK_IN)}

    assert said_of(files) == []


def test_words_of_both_languages_in_one_text_are_taken_for_neither() -> None:
    both = said_of({"templates/es/check_in.sms.txt": ENGLISH + SPANISH})

    assert not [finding for finding in both if "is written in" in finding.message]
