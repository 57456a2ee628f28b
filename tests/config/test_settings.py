"""Settings build the values that the rooms are handed: what is set arrives, what is not is as usual."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from foundation.settings import BadSettings, load
from outreach.config import DispatchConfig, HttpConfig
from outreach.sending.dispatching import Dispatching
from outreach.sending.obstacles import ObstacleLimits
from outreach.sending.volume import VolumeLimits
from preferences.config import Config as PreferencesConfig

USUAL = Dispatching()


def test_what_nobody_sets_is_as_usual() -> None:
    settings = DispatchConfig()

    assert settings.dispatching(longest_call=USUAL.longest_call) == USUAL
    assert settings.obstacle_limits == ObstacleLimits()
    assert settings.volume_limits == VolumeLimits()


def test_what_is_set_arrives() -> None:
    settings = DispatchConfig(
        batch=7,
        workers=3,
        lease=timedelta(minutes=9),
        margin=timedelta(seconds=8),
        spread=timedelta(minutes=5),
        input_lag_limit=timedelta(minutes=4),
        clock_skew_limit=timedelta(seconds=6),
        volume_least=11,
        volume_factor=2,
        dry_run=True,
        allowed=frozenset({"+13125550199"}),
    )

    assert settings.dispatching(longest_call=timedelta(seconds=12)) == Dispatching(
        batch=7,
        workers=3,
        lease=timedelta(minutes=9),
        longest_call=timedelta(seconds=12),
        margin=timedelta(seconds=8),
        spread=timedelta(minutes=5),
        dry_run=True,
        allowed=frozenset({"+13125550199"}),
    )
    assert settings.obstacle_limits == ObstacleLimits(
        input_lag=timedelta(minutes=4), clock_skew=timedelta(seconds=6)
    )
    assert settings.volume_limits == VolumeLimits(least=11, factor=2)


CENTER = {
    "PREFERENCES_DATABASE_URL": "postgresql://127.0.0.1/preferences",
    "PREFERENCES_KAFKA__BOOTSTRAP_SERVERS": "127.0.0.1:9092",
    "PREFERENCES_PUBLIC__URL": "https://choices.agency.example",
    "PREFERENCES_PUBLIC__LINK_KEY": "n" * 32,
}


def test_links_of_other_keys_work_where_they_are_named() -> None:
    config = load(PreferencesConfig, {**CENTER, "PREFERENCES_PUBLIC__OTHER_LINK_KEYS": f'["{"o" * 32}"]'})

    assert config.public is not None
    assert [key.get_secret_value() for key in config.public.other_link_keys] == ["o" * 32]


@pytest.mark.parametrize(
    "others", [f'["{"n" * 32}"]', f'["{"o" * 32}", "{"o" * 32}"]', '["short"]', "o" * 32]
)
def test_a_change_of_keys_that_is_none_is_refused_and_no_key_is_shown(others: str) -> None:
    with pytest.raises(BadSettings) as refused:
        load(PreferencesConfig, {**CENTER, "PREFERENCES_PUBLIC__OTHER_LINK_KEYS": others})

    (line,) = refused.value.lines
    assert line.startswith("PREFERENCES_PUBLIC")
    assert not {"n" * 32, "o" * 32, "short"} & set(line.split())


def http(**settings: object) -> HttpConfig:
    return HttpConfig.model_validate({"public_url": "https://outreach.agency.example", **settings})


def test_links_of_other_secrets_work_where_the_digests_keep_theirs() -> None:
    config = http(link_secret="n" * 16, other_link_secrets=["o" * 16], digest_secret="o" * 16)

    assert [secret.get_secret_value() for secret in config.other_link_secrets] == ["o" * 16]


@pytest.mark.parametrize(
    ("others", "digest", "why"),
    [
        (["n" * 16], "o" * 16, "none twice"),
        (["o" * 16, "o" * 16], "o" * 16, "none twice"),
        (["o" * 16], None, "needs digest_secret"),
        (["short"], "o" * 16, "at least 16"),
    ],
)
def test_a_change_of_secrets_that_would_lose_something_is_refused(
    others: list[str], digest: str | None, why: str
) -> None:
    with pytest.raises(ValidationError, match=why) as refused:
        http(link_secret="n" * 16, other_link_secrets=others, digest_secret=digest)

    assert "oooo" not in str(refused.value)
