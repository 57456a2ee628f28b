# ruff: noqa: E501 - a line each
"""What staff change every week and what they do wrong, with the test that shows each: a list to tick."""

from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]

#: The changes that files can make, by what staff ask for, and the name of a test or of its row.
CHANGES = {
    "one creditor once a week": "one creditor once a week",
    "no text for a portfolio or creditor": "no text for a creditor",
    "closed on a range of days": "test_a_holiday_range_holds_through_its_last_day",
    "a reminder two days before at nine, and on the day": "test_a_reminder_before_the_day_and_one_on_the_day_fall_due_at_nine",
    "a sender for each creditor": "test_what_a_portfolio_says_comes_before_what_its_creditor_says",
    "a play on trial for one portfolio": "test_a_pilot_of_one_portfolio_is_planned_for_it_alone",
    "Fridays stricter": "a stricter Friday leaves Wednesday open",
    "a weekly cap on texts": "a cap on texts counts no email",
    "a rule for one state": "test_a_rule_binds_whoever_may_be_in_its_places",
    "a rule of the house waived for a time": "test_a_waiver_is_for_its_time_alone",
    "nothing to people who owe little": "test_conditions_ask_for_balance_age_and_kind_in_one_place",
    "another introduction for old debts": "test_conditions_ask_for_balance_age_and_kind_in_one_place",
    "email first for some": "test_email_comes_first_for_one_portfolio",
    "another language": "half a language",
    "other words for the way to stop": "test_true_and_kind_words_pass",
    "two check-ins at most": "test_a_check_in_stops_after_two",
    "several debts in one message": "test_debts_whose_messages_would_look_different_are_not_told_of_in_one",
    "no birthday wishes": "an occasion that is none",
    "consent for email in one country": "test_consent_is_asked_for_in_one_country_alone",
    "a phone and an address for complaints for each creditor": "test_what_a_portfolio_says_comes_before_what_its_creditor_says",
    "in force from January": "in force from January",
    "other words for a time": "test_other_words_are_used_for_a_time",
    "a reason in the agency's own words": "test_the_agencys_own_words_stand_in_the_explanation",
    "so many messages an hour": "an hourly cap",
}
#: The mistakes that were tried on the files, and the name of a test or of its row.
MISTAKES = {
    "a tab": "a tab",
    "another indent": "another indent",
    "an unknown key": "a key misspelled",
    "25:00": "an hour that is none",
    "equal ends": "a window with equal ends",
    "a bare time in the policy": "a bare time in the policy",
    "a bare time in the playbook": "a bare time in the playbook",
    "a bare time ends alike in both": "test_a_bare_time_ends_with_1_in_either_file",
    "a bare on": "a bare on",
    "a bare no": "a bare no",
    "a key twice": "a key twice",
    "an id twice": "two rules of one name",
    "a play twice": "two plays of one name",
    "a cap of none": "a cap of none",
    "a zone in a rule": "a zone of a rule",
    "a zone in the playbook": "a zone of the playbook",
    "a duration": "a duration in weeks",
    "a duration without its unit": "a duration without its unit",
    "a wording without a template": "a wording without a template",
    "a wording misspelled, with its own line": "a wording misspelled",
    "an undefined fact": "a fact misspelled",
    "an email without a subject": "an email without a subject",
    "an amount in the subject": "an amount in the subject",
    "UTF-16 and Latin-1": "test_files_that_are_not_utf_8_are_all_named",
    "curly quotes": "curly quotes",
    "an anchor": "an anchor",
    "a mark of an editor": "test_a_mark_that_editors_leave_is_no_part_of_a_file",
    "lines of Windows": "test_how_windows_ends_lines_is_no_mistake",
    "a link in place of a file": "test_a_file_that_is_a_link_is_read_where_it_leads",
    "windows that contradict each other": "test_two_windows_with_no_hour_in_common_are_both_named",
    "three windows against each other": "test_three_windows_that_only_together_leave_no_hour_are_one_finding",
    "a copy beside the file": "test_a_copy_beside_a_file_is_said_not_to_be_read",
    "English among the Spanish": "English among the Spanish",
    "Spanish among the English": "Spanish among the English",
    "a link that is not safe": "a link in a template that is not safe",
    "from and to swapped": "from and to swapped",
    "no playbook.yaml": "test_a_missing_playbook_is_said_and_so_is_one_under_another_name",
    "no templates": "test_without_templates_of_ones_own_the_shipped_ones_are_used",
    "an empty template": "an empty text",
    "a fact of another play": "a fact of another play",
    "a creditor misspelled in a condition": "a creditor misspelled in a condition",
    "a creditor misspelled in a rule": "a creditor misspelled in a rule",
    "a play misspelled in a rule": "a play misspelled in a rule",
    "a portfolio misspelled in a rule": "a portfolio misspelled in a rule",
    "a template nobody uses": "a template nobody uses",
    "a folder that is no language": "a folder that is no language",
    "two orders against each other": "two orders against each other",
    "braces that are not closed": "braces that are not closed",
    "an if that is not closed": "an if that is not closed",
    "an empty policy": "an empty policy",
    "a policy that is a list": "a policy that is a list",
    "an empty playbook": "an empty playbook",
    "a purpose misspelled": "a purpose misspelled",
    "a channel misspelled": "a channel misspelled",
    "a channel that nothing is sent by": "a channel that nothing is sent by",
    "an occasion misspelled": "an occasion misspelled",
    "policy.yml": "test_a_policy_under_another_name_is_said",
    "twenty thousand rules": "twenty thousand rules",
    "the file that is wrong is named": "test_what_is_wrong_in_one_file_is_counted_under_its_own_name",
    "a Friday that closes the week": "a Friday that closes the week",
    "an opt-out line that is empty": "no way to stop",
    "a word that is no stop": "a word that is no stop",
    "a sender that is no address": "a sender that is no address",
    "a sender that is no number": "a sender that is no number",
    "a rule of law waived": "a rule of law that is waived",
    "a repeat that lapses": "a repeat that lapses",
}


@pytest.mark.parametrize("named", [*CHANGES.items(), *MISTAKES.items()], ids=lambda named: named[0])
def test_each_has_a_test_of_that_name(named: tuple[str, str]) -> None:
    assert f'id="{named[1]}"' in _written() or f"def {named[1]}(" in _written()


@cache
def _written() -> str:
    folders = ("checking", "cli", "policy", "scenarios")
    files = [path for folder in folders for path in sorted((TESTS / folder).glob("test_*.py"))]
    return "".join(path.read_text(encoding="utf-8") for path in files if path != Path(__file__))
