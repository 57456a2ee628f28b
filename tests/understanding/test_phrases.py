"""Every rule of every language hears its own sentences, and leaves those that only look like it."""

import pytest

from outreach.model.words import Channel
from outreach.understanding.hearings import hearings
from outreach.understanding.phrasebook import PhraseRule, languages
from outreach.understanding.plain import sentences

RULES = [
    pytest.param(rule, id=f"{language.name}:{rule.kind}:{number}")
    for language in languages()
    for number, rule in enumerate(language.rules)
]


def test_there_are_rules_in_all_our_languages() -> None:
    assert {language.name for language in languages()} == {"en", "es", "fr", "pt", "vi", "zh"}
    assert len(RULES) > 60


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_hears_and_leaves_its_sentences(rule: PhraseRule) -> None:
    assert rule.hears
    assert rule.leaves
    assert [text for text in rule.hears if not hears(rule, text)] == []
    assert [text for text in rule.leaves if hears(rule, text)] == []


def hears(rule: PhraseRule, text: str) -> bool:
    """Say whether this rule itself finds something, whatever others find."""
    return any(hearing.rule is rule for hearing in hearings(sentences(text), channel=Channel.SMS))
